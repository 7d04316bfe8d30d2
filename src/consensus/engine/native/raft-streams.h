/* The streams on which Raft speaks between members: TLS on the outside, sockets of dqlite on the inside. */
#ifndef MUSTER_RAFT_STREAMS_H
#define MUSTER_RAFT_STREAMS_H

#include <stdbool.h>
#include <stddef.h>

/* To be called once, before any other. `engine` is the socket on which dqlite listens. */
void raft_streams_init(unsigned long long self, const char *engine);

/* Opens a stream to the member; what is written to the answer reaches its node. -1 when that failed. */
int raft_streams_dial(unsigned long long id);

/* Takes over a connection, of which `hello` was read already. */
void raft_streams_accept(int fd, const unsigned char *hello, size_t length);

/* Ends the streams with all who are no members any more. */
void raft_streams_drop_strangers(void);

#endif
