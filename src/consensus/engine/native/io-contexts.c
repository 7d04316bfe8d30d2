/*
 * The contexts in which libraft writes its log asynchronously: one for each segment, made when the segment is opened
 * and destroyed when it is full. The kernel takes some 30 ms to destroy one, for which the node stands still, on all
 * members at the same entry. So they are kept and used again: each has one write at a time, and is idle by then.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <linux/aio_abi.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <sys/syscall.h>

/* A full segment, the next one, and one that a snapshot has closed before its time. */
#define MAX_KEPT 4
#define ARGUMENTS 6

long syscall(long number, ...);

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static aio_context_t kept[MAX_KEPT];
static int n_kept;

static bool keep(aio_context_t context)
{
	bool has_room;

	pthread_mutex_lock(&lock);
	has_room = n_kept < MAX_KEPT;
	if (has_room)
		kept[n_kept++] = context;
	pthread_mutex_unlock(&lock);
	return has_room;
}

static bool take(aio_context_t *context)
{
	bool has_one;

	pthread_mutex_lock(&lock);
	has_one = n_kept > 0;
	if (has_one)
		*context = kept[--n_kept];
	pthread_mutex_unlock(&lock);
	return has_one;
}

/* libraft has no other way to these calls than this function of libc, and finds the program's first. */
long syscall(long number, ...)
{
	static long (*volatile next)(long, ...);
	long a[ARGUMENTS];
	va_list list;

	va_start(list, number);
	for (int i = 0; i < ARGUMENTS; i++)
		a[i] = va_arg(list, long);
	va_end(list);
	/* Those for one write at a time are all alike. */
	if (number == SYS_io_setup && a[0] == 1 && take((aio_context_t *)a[1]))
		return 0;
	if (number == SYS_io_destroy && keep((aio_context_t)a[0]))
		return 0;
	if (next == NULL)
		*(void **)&next = dlsym(RTLD_NEXT, "syscall");
	return next(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
