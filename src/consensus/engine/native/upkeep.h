#ifndef MUSTER_UPKEEP_H
#define MUSTER_UPKEEP_H

/* About as much as went through the log since the start. */
unsigned long upkeep_applied_bytes(void);

/* Nothing happens any more: what was needed until now can go. On the thread of the node. */
void upkeep_at_rest(void);

#endif
