/* When Raft may rest: see rest.c. */
#ifndef MUSTER_REST_H
#define MUSTER_REST_H

/* Somebody may be gone: Raft keeps its usual time for some seconds. From any thread. */
void rest_stir(void);

#endif
