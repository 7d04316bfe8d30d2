/*
 * Big files are given to the disk in small pieces with a pause after each: a commit waits for the disk too, behind
 * everything that was handed over before it, and on a disk that serves several members behind all of theirs.
 */
#define _GNU_SOURCE
#include "pace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* As much as a disk takes in about half a millisecond; 8 MiB are there after a tenth of a second. */
#define PIECE_BYTES (128 * 1024)
#define PAUSE_US 1000
/* However big a file is, the pauses must not add up to more than a moment: who stops waits for its snapshot. */
#define MAX_PIECES 512

/* The kernel reports a failed write once, here or in the sync that follows: so whoever syncs has to hear of it. */
static int write_out_slowly(int fd, off_t length)
{
	off_t piece = length / MAX_PIECES < PIECE_BYTES ? PIECE_BYTES : length / MAX_PIECES;

	for (off_t offset = 0; offset < length; offset += piece) {
		if (sync_file_range(fd, offset, piece, SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER) != 0)
			return errno == EIO || errno == ENOSPC ? -1 : 0;
		usleep(PAUSE_US);
	}
	return 0;
}

/* libuv looks this up by name, and finds the program's before that of libc. libraft calls it for snapshots, on a
 * thread for that. */
int fsync(int fd)
{
	struct stat status;

	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 2 * PIECE_BYTES &&
	    write_out_slowly(fd, status.st_size) != 0)
		return -1;
	return (int)syscall(SYS_fsync, fd);
}

void write_zeros_slowly(int fd, off_t offset, off_t length)
{
	char *zeros = NULL;
	off_t end = offset + length;
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || posix_memalign((void **)&zeros, 4096, PIECE_BYTES) != 0)
		return;
	memset(zeros, 0, PIECE_BYTES);
	/* Past the page cache, which the log's own writes avoid too. */
	fcntl(fd, F_SETFL, flags | O_DIRECT);
	while (offset < end) {
		size_t size = end - offset < PIECE_BYTES ? (size_t)(end - offset) : PIECE_BYTES;
		ssize_t n = pwrite(fd, zeros, size, offset);
		if (n <= 0)
			break; /* It is reserved all the same, and what is wrong with the disk shows in the next write. */
		offset += n;
		usleep(PAUSE_US);
	}
	fcntl(fd, F_SETFL, flags);
	free(zeros);
}
