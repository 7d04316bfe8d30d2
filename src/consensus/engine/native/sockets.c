#include "sockets.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

int unix_address(struct sockaddr_un *address, socklen_t *length, const char *path)
{
	size_t n = strlen(path);
	memset(address, 0, sizeof *address);
	address->sun_family = AF_UNIX;
	if (n >= sizeof address->sun_path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(address->sun_path, path, n);
	*length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n + 1);
	/* dqlite names its abstract socket "@name"; in the kernel that is a leading NUL and no end mark. */
	if (path[0] == '@') {
		address->sun_path[0] = '\0';
		*length -= 1;
	}
	return 0;
}

int connect_unix(const char *path)
{
	struct sockaddr_un address;
	socklen_t length;
	int fd;

	if (unix_address(&address, &length, path) != 0)
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	if (connect(fd, (struct sockaddr *)&address, length) != 0) {
		int saved = errno;
		close(fd);
		errno = saved;
		return -1;
	}
	return fd;
}

bool write_all(int fd, const char *data, ssize_t length)
{
	while (length > 0) {
		ssize_t n = send(fd, data, (size_t)length, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		data += n;
		length -= n;
	}
	return true;
}
