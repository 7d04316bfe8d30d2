/*
 * Room that is set aside while there is plenty, in a file of blocks that are never written.
 *
 * libraft stops for good when it cannot set aside its next log segment, or write a snapshot. So the reserve is
 * given up here, within the call that found the disk full, and not when somebody looks at the disk the next time:
 * whatever else fills the disk has no time to take that too. musterd fills it up again when there is room.
 */
#define _GNU_SOURCE
#include "reserve.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "complain.h"

#define MEBIBYTE (1024 * 1024)
/* A file system also needs some blocks to keep account of those that it gives away. */
#define MARGIN_BYTES (64 * 1024)

static const char *reserve_path;

void reserve_use(const char *path)
{
	reserve_path = path;
}

/* Locked for as long as it is open: segments are prepared by several threads, and the command is another process. */
static int open_locked(const char *path, int flags, off_t *size)
{
	struct stat status;
	int fd = open(path, O_WRONLY | O_CLOEXEC | flags, 0600);

	if (fd >= 0 && flock(fd, LOCK_EX) == 0 && fstat(fd, &status) == 0) {
		*size = status.st_size;
		return fd;
	}
	if (fd >= 0)
		close(fd);
	return -1;
}

bool reserve_give_up(off_t bytes)
{
	off_t size = 0, left;
	int fd = reserve_path == NULL ? -1 : open_locked(reserve_path, 0, &size);
	bool given;

	if (fd < 0)
		return false;
	left = size > bytes + MARGIN_BYTES ? size - bytes - MARGIN_BYTES : 0;
	given = size > 0 && ftruncate(fd, left) == 0;
	close(fd);
	if (!given)
		return false;
	/* Whoever lets writes in should look at the disk before the next one. */
	puts("{\"state\":\"full\"}");
	fflush(stdout);
	complain("the disk is full: %lld KiB of the room that is set aside are used, and %lld MiB of it are left",
		 (long long)(size - left) / 1024, (long long)left / MEBIBYTE);
	return true;
}

int reserve_grow(const char *path, unsigned long long bytes)
{
	off_t size = 0;
	int fd = open_locked(path, O_CREAT, &size);
	int failure = 0;

	if (fd < 0) {
		complain("opening %s failed: %s", path, strerror(errno));
		return EXIT_FAILURE;
	}
	/* Not posix_fallocate, which writes zeros where this is not supported: compressed, they take no room. */
	if ((off_t)bytes > size && fallocate(fd, 0, size, (off_t)bytes - size) != 0) {
		failure = errno;
		complain("setting %llu MiB aside failed: %s", bytes / MEBIBYTE, strerror(failure));
		/* What was allocated before the disk was full lies behind the end. */
		if (ftruncate(fd, size) != 0)
			complain("giving it back failed: %s", strerror(errno));
	}
	close(fd);
	return failure == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* As libuv has it on Unix. */
struct uv_buffer {
	char *base;
	size_t length;
};

/*
 * With this libraft writes snapshots and whatever else is no log segment. Written again as a whole, from the offset
 * that it asks for, when a part of it found no room.
 */
int uv_fs_write(void *loop, void *request, int fd, const struct uv_buffer *buffers, unsigned n_buffers, int64_t offset,
		void (*done)(void *));

int uv_fs_write(void *loop, void *request, int fd, const struct uv_buffer *buffers, unsigned n_buffers, int64_t offset,
		void (*done)(void *))
{
	int (*next)(void *, void *, int, const struct uv_buffer *, unsigned, int64_t, void (*)(void *));
	off_t total = 0;
	int rv;

	*(void **)&next = dlsym(RTLD_NEXT, "uv_fs_write");
	if (next == NULL)
		return -ENOSYS;
	for (unsigned i = 0; i < n_buffers; i++)
		total += (off_t)buffers[i].length;
	do {
		rv = next(loop, request, fd, buffers, n_buffers, offset, done);
		/* Less than asked for is written where the disk was full in the middle. */
	} while (done == NULL && offset >= 0 && (rv == -ENOSPC || (rv >= 0 && rv < total)) && reserve_give_up(total));
	return rv;
}
