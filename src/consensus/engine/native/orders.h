/* What musterd tells this process while it runs. */
#ifndef MUSTER_ORDERS_H
#define MUSTER_ORDERS_H

#include <signal.h>
#include <stdbool.h>

/* Reads the first lines of standard input, up to the list of members. False when it ended before. */
bool orders_await_members(void);

/* Follows orders until standard input ends, or one of the signals comes. */
void orders_follow(const sigset_t *signals);

#endif
