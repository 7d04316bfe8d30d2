#ifndef MUSTER_UPKEEP_H
#define MUSTER_UPKEEP_H

/* About as much as went through the log since the start. */
unsigned long upkeep_applied_bytes(void);

#endif
