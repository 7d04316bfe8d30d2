/*
 * Big files are given to the disk in small pieces with a pause after each: a commit waits for the disk too, behind
 * everything that was handed over before it, and on a disk that serves several members behind all of theirs.
 */
#define _GNU_SOURCE
#include "pace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "upkeep.h"

/* As much as a disk takes in a fraction of a millisecond. */
#define PIECE_BYTES (64 * 1024)
/* With the long one a segment of the log is there after a second and a half, with the short one after a tenth. */
#define PAUSE_US 10000
#define SHORT_PAUSE_US 500
/* However big a file is, the pauses must not add up to more than a moment: who stops waits for its snapshot. */
#define MAX_PIECES 512
#define NOTHING_WRITTEN_US 100
#define FIRST_SEGMENTS 3

static atomic_bool is_ending;

void pace_end(void)
{
	atomic_store(&is_ending, true);
}

static long long now_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* The kernel reports a failed write once, here or in the sync that follows: so whoever syncs has to hear of it. */
static int write_out_slowly(int fd, off_t length)
{
	off_t piece = length / MAX_PIECES < PIECE_BYTES ? PIECE_BYTES : length / MAX_PIECES;

	for (off_t offset = 0; offset < length; offset += piece) {
		long long started_us = now_us();
		if (sync_file_range(fd, offset, piece, SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER) != 0)
			return errno == EIO || errno == ENOSPC ? -1 : 0;
		if (now_us() - started_us > NOTHING_WRITTEN_US && !atomic_load(&is_ending))
			usleep(SHORT_PAUSE_US);
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

/*
 * libraft prepares two segments ahead, one after the other: there is time while one is filled, as long as the zeros
 * are twice as fast as the log. The first append after a start waits for the first segment, and a node that has just
 * started is not done before it has all three.
 */
static void pause_within(off_t done, unsigned long log_bytes, bool is_starting)
{
	if (!is_starting && !atomic_load(&is_ending))
		usleep(2 * log_bytes < (unsigned long)done ? PAUSE_US : SHORT_PAUSE_US);
}

/* The same file without libraft's flag that makes each write wait for the disk, and past the page cache. */
static int reopen_directly(int fd)
{
	char path[32];
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	return open(path, O_WRONLY | O_DIRECT | O_CLOEXEC);
}

/* It is reserved all the same where this fails, and what is wrong with the disk shows in the next write. */
void write_zeros_slowly(int fd, off_t offset, off_t length)
{
	static int segments;
	bool is_starting = segments < FIRST_SEGMENTS;
	unsigned long before = upkeep_applied_bytes();
	char *zeros = NULL;
	off_t done = 0;
	int direct = reopen_directly(fd);

	if (direct < 0)
		return;
	if (posix_memalign((void **)&zeros, 4096, PIECE_BYTES) == 0)
		memset(zeros, 0, PIECE_BYTES);
	while (zeros != NULL && done < length) {
		size_t size = length - done < PIECE_BYTES ? (size_t)(length - done) : PIECE_BYTES;
		ssize_t n = pwrite(direct, zeros, size, offset + done);
		if (n <= 0)
			break;
		done += n;
		pause_within(done, upkeep_applied_bytes() - before, is_starting);
	}
	/* Now, and not with the first entry: until then the file system takes the blocks for unwritten ones. */
	fdatasync(direct);
	close(direct);
	free(zeros);
	if (length > PIECE_BYTES)
		segments++;
}
