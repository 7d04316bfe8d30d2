#ifndef MUSTER_RESERVE_H
#define MUSTER_RESERVE_H

#include <stdbool.h>
#include <sys/types.h>

/* From now on the file at this path is what is given up when the disk is full. */
void reserve_use(const char *path);

/* Makes so much room where a call has just failed for want of it. False when there is none left to give. */
bool reserve_give_up(off_t bytes);

/* The command: makes the file at least so large. */
int reserve_grow(const char *path, unsigned long long bytes);

#endif
