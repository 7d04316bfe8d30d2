#ifndef MUSTER_SOCKETS_H
#define MUSTER_SOCKETS_H

#include <stdbool.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>

/* Of a Unix socket by its path; "@name" is an abstract one. */
int unix_address(struct sockaddr_un *address, socklen_t *length, const char *path);
int connect_unix(const char *path);
bool write_all(int fd, const char *data, ssize_t length);

#endif
