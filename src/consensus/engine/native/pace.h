#ifndef MUSTER_PACE_H
#define MUSTER_PACE_H

#include <sys/types.h>

/* Writes zeros where nothing was written yet; as far as it comes. */
void write_zeros_slowly(int fd, off_t offset, off_t length);

/* From now on nothing waits: the node is about to stop. */
void pace_end(void);

#endif
