#ifndef MUSTER_COMPLAIN_H
#define MUSTER_COMPLAIN_H

/* One plain sentence on standard error, which musterd writes into its log. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
