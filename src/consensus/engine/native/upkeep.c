/*
 * When dqlite moves its write-ahead log into the database, when it writes a snapshot, and when memory goes back.
 *
 * The functions here are dqlite's and libraft's own, which it looks up by name: the program's are found first,
 * and call on. Where a library carries them inside, they are never called and all is as the library has it.
 * What it calls runs on the thread of the node.
 */
#define _GNU_SOURCE
#include "upkeep.h"

#include <dlfcn.h>
#include <dqlite.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define PAGE_BYTES 4096
/* With dqlite's own, the node stands still for some milliseconds while it moves them. */
#define THEIR_CHECKPOINT_PAGES 1000
#define CHECKPOINT_PAGES 256

#define MIB (1024UL * 1024UL)
#define MIN_SNAPSHOT_BYTES (4 * MIB)
#define MAX_SNAPSHOT_BYTES (24 * MIB)
#define MIN_TRAILING_BYTES (8 * MIB)
#define MIN_SHARE 60
#define MAX_SHARE 100
#define COMPRESSING_NICENESS 10
#define FIRST_ENTRY_BYTES (8 * 1024)
#define MIN_ENTRIES 64
#define MAX_ENTRIES 8192
/* How many applied entries lie between two looks at how big they are. */
#define LOOK_EVERY 32
/* Giving back takes some milliseconds, in which the node stands still. */
#define GIVE_BACK_SECONDS 5
#define GIVE_BACK_BYTES MIB
/* Stays at the end of the heap for the next entries. */
#define KEPT_END_BYTES (4 * MIB)

struct raft;
struct raft_apply;
struct raft_buffer {
	void *base;
	size_t len;
};
struct db;

int VfsApply(sqlite3_vfs *vfs, const char *file, unsigned n, unsigned long *numbers, void *pages);
int db__open_follower(struct db *db);
int raft_apply(struct raft *raft, struct raft_apply *request, const struct raft_buffer *buffers, unsigned n,
	       void (*done)(struct raft_apply *, int, void *));
void raft_set_snapshot_threshold(struct raft *raft, unsigned n);
void raft_set_snapshot_trailing(struct raft *raft, unsigned n);

static struct raft *node;
static bool has_applied;
static atomic_ulong applied_bytes;
/* Since the last checkpoint; what a restart found in the log is not among them. */
static unsigned pages_in_log;
static unsigned applied;
/* A moving average over some tens of entries. */
static unsigned long entry_bytes = FIRST_ENTRY_BYTES;

static void *find_next(const char *name, void **known)
{
	if (*known == NULL)
		*known = dlsym(RTLD_NEXT, name);
	return *known;
}

/* --- Snapshots ------------------------------------------------------------------------------------- */

static void set_threshold(struct raft *raft, unsigned n)
{
	static void *known;
	void (*next)(struct raft *, unsigned);

	*(void **)&next = find_next("raft_set_snapshot_threshold", &known);
	if (next != NULL)
		next(raft, n);
}

static void set_trailing(struct raft *raft, unsigned n)
{
	static void *known;
	void (*next)(struct raft *, unsigned);

	*(void **)&next = find_next("raft_set_snapshot_trailing", &known);
	if (next != NULL)
		next(raft, n);
}

static unsigned long clamp(unsigned long value, unsigned long least, unsigned long most)
{
	return value < least ? least : value > most ? most : value;
}

static unsigned entries_of(unsigned long bytes)
{
	return (unsigned)clamp(bytes / entry_bytes, MIN_ENTRIES, MAX_ENTRIES);
}

/*
 * All nodes apply the same entries, and would write their snapshots in the same moment: then nobody is left who
 * could answer quickly. In percent of what a node would wait otherwise.
 */
static unsigned draw_share(void)
{
	unsigned drawn = 0;

	if (getrandom(&drawn, sizeof drawn, 0) != sizeof drawn)
		drawn = (unsigned)getpid();
	return MIN_SHARE + drawn % (MAX_SHARE + 1 - MIN_SHARE);
}

/*
 * A snapshot writes the whole database, and until it is there all entries stay in memory and on disk. Counted in
 * entries, as libraft does it, a busy member with small entries would write its database once in two seconds, and
 * one with big entries keep hundreds of megabytes. So it is counted in bytes: twice the database is written to the
 * log, within limits. As much again stays after a snapshot, so that the one before it can still be used should it be
 * damaged; a member that was away for longer than that gets the whole database.
 */
static void plan_snapshots(unsigned long database_bytes)
{
	unsigned long between = clamp(2 * database_bytes, MIN_SNAPSHOT_BYTES, MAX_SNAPSHOT_BYTES);
	static unsigned share;

	if (share == 0)
		share = draw_share();
	between = between / 100 * share;

	set_threshold(node, entries_of(between));
	set_trailing(node, entries_of(between < MIN_TRAILING_BYTES ? MIN_TRAILING_BYTES : between));
}

/* dqlite passes on what the node was configured with, before it starts. */
void raft_set_snapshot_threshold(struct raft *raft, unsigned n)
{
	(void)n;
	node = raft;
	plan_snapshots(0);
}

void raft_set_snapshot_trailing(struct raft *raft, unsigned n)
{
	(void)n;
	node = raft;
	plan_snapshots(0);
}

static void look_at_sizes(sqlite3_vfs *vfs, const char *file)
{
	unsigned pages;

	if (node != NULL && dqlite_vfs_num_pages(vfs, file, &pages) == 0)
		plan_snapshots((unsigned long)pages * PAGE_BYTES);
}

unsigned long upkeep_applied_bytes(void)
{
	return atomic_load(&applied_bytes);
}

/*
 * A snapshot is compressed on a thread beside the node: a fifth of a second for each, which commits and watchers
 * felt on a machine with few cores. It goes behind them, with a tenth of their share where there is no core left.
 * Nobody but root may take a niceness back, and then it is not given either.
 */
static void be_nicer(int by)
{
	if (geteuid() == 0)
		setpriority(PRIO_PROCESS, (id_t)gettid(), getpriority(PRIO_PROCESS, (id_t)getpid()) + by);
}

size_t LZ4F_createCompressionContext(void **context, unsigned version);
size_t LZ4F_freeCompressionContext(void *context);

size_t LZ4F_createCompressionContext(void **context, unsigned version)
{
	static void *known;
	size_t (*next)(void **, unsigned);

	*(void **)&next = find_next("LZ4F_createCompressionContext", &known);
	be_nicer(COMPRESSING_NICENESS);
	return next(context, version);
}

size_t LZ4F_freeCompressionContext(void *context)
{
	static void *known;
	size_t (*next)(void *);

	*(void **)&next = find_next("LZ4F_freeCompressionContext", &known);
	be_nicer(0);
	return next(context);
}

/* --- Memory ------------------------------------------------------------------------------------------ */

/*
 * Entries that a snapshot has passed, and frames that went into the database, lie between pages that stay; and free()
 * gives back only what is at the end of the heap. A quarter of it stood empty when a load had gone.
 */
static void give_back(unsigned seconds)
{
	static unsigned long bytes_before;
	static time_t seconds_before;
	unsigned long bytes = atomic_load(&applied_bytes);
	struct timespec now;

	if (bytes - bytes_before < GIVE_BACK_BYTES)
		return;
	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	if (now.tv_sec - seconds_before < seconds)
		return;
	bytes_before = bytes;
	seconds_before = now.tv_sec;
	malloc_trim(KEPT_END_BYTES);
}

void upkeep_at_rest(void)
{
	give_back(0);
}

/* --- Checkpoints ------------------------------------------------------------------------------------ */

/*
 * The threshold has no setter; its place is known by what stands around it, and where that differs it stays as it is:
 * then dqlite looks more often than it checkpoints.
 */
struct config_head {
	dqlite_node_id id;
	char *address;
	unsigned heartbeat_timeout;
	unsigned page_size;
	unsigned checkpoint_threshold;
};

int config__init(struct config_head *config, dqlite_node_id id, const char *address);

int config__init(struct config_head *config, dqlite_node_id id, const char *address)
{
	static void *known;
	int (*next)(struct config_head *, dqlite_node_id, const char *);
	int rv;

	*(void **)&next = find_next("config__init", &known);
	rv = next == NULL ? 1 : next(config, id, address);
	if (rv == 0 && config->id == id && config->page_size == PAGE_BYTES &&
	    config->checkpoint_threshold == THEIR_CHECKPOINT_PAGES)
		config->checkpoint_threshold = CHECKPOINT_PAGES;
	return rv;
}

int VfsApply(sqlite3_vfs *vfs, const char *file, unsigned n, unsigned long *numbers, void *pages)
{
	static void *known;
	int (*next)(sqlite3_vfs *, const char *, unsigned, unsigned long *, void *);

	*(void **)&next = find_next("VfsApply", &known);
	has_applied = true;
	pages_in_log += n;
	atomic_fetch_add(&applied_bytes, (unsigned long)n * PAGE_BYTES);
	entry_bytes += ((unsigned long)n * PAGE_BYTES) / LOOK_EVERY;
	entry_bytes -= entry_bytes / LOOK_EVERY;
	if (++applied % LOOK_EVERY == 0)
		look_at_sizes(vfs, file);
	give_back(GIVE_BACK_SECONDS);
	return next(vfs, file, n, numbers, pages);
}

/*
 * After each entry that it applies, dqlite opens the database to see how long the write-ahead log is: five
 * statements, and on a follower SQLite reads the log as a whole and sums it up. The leader's client waits for
 * that, and a follower's next answer waits too. How long the log is can be counted. A file to which something was
 * applied exists, and then this is the only place where it is opened; where that fails, dqlite looks again next time.
 */
int db__open_follower(struct db *db)
{
	static void *known;
	int (*next)(struct db *);

	*(void **)&next = find_next("db__open_follower", &known);
	if (has_applied && pages_in_log < CHECKPOINT_PAGES)
		return SQLITE_BUSY;
	if (has_applied)
		pages_in_log = 0;
	return next(db);
}

#define COMMAND_FORMAT 1
#define COMMAND_CHECKPOINT 4

/*
 * Nodes before dqlite 1.11 had to be told to checkpoint: each time that it does so itself, the leader puts an
 * entry into the log that says nothing to any other, and for which the next statement waits.
 */
int raft_apply(struct raft *raft, struct raft_apply *request, const struct raft_buffer *buffers, unsigned n,
	       void (*done)(struct raft_apply *, int, void *))
{
	static void *known;
	int (*next)(struct raft *, struct raft_apply *, const struct raft_buffer *, unsigned,
		    void (*)(struct raft_apply *, int, void *));
	const unsigned char *head = n == 1 ? buffers[0].base : NULL;

	if (head != NULL && buffers[0].len > 2 && head[0] == COMMAND_FORMAT && head[1] == COMMAND_CHECKPOINT &&
	    dqlite_version_number() >= 11100)
		return 1;
	*(void **)&next = find_next("raft_apply", &known);
	return next(raft, request, buffers, n, done);
}
