/*
 * A node at rest beats seldom.
 *
 * Heartbeats tell followers that their leader lives, and each of them wakes a handful of threads on three machines. While
 * nothing is written that is most of what a cluster costs, and others tell the same: a stream whose end was killed
 * closes, and the members themselves ping one another, and say when a ping is overdue. So a node to which nothing
 * happened for some seconds gets its ticks seldom, on which a leader beats, and a follower that still hears
 * them gets none, so that its election waits. Whatever happens wakes it: an entry, a vote, a stream that
 * ends, a word of musterd. A follower that was left without any of these notices by itself, only later.
 *
 * musterd need not ask who leads either: it is told of each change, on standard output.
 *
 * This changes when Raft looks at the clock, and nothing of what it does then. raft_init is libraft's, which dqlite
 * looks up by name; a library that carries Raft inside never calls ours and beats as it always has.
 */
#define _GNU_SOURCE
#include "rest.h"

#include <dlfcn.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "upkeep.h"

static atomic_bool is_stirred;

void rest_stir(void)
{
	atomic_store(&is_stirred, true);
}

#if __has_include(<raft.h>)
#include <raft.h>

#define BEAT_MS 500
/* More than two of these beats: a leader that was paused for one of them is still the leader. */
#define SILENCE_LIMIT_MS 1500
/* Followers are at rest first, and wait longer: otherwise those would vote whose leader beats seldom already. */
#define AWAKE_MS 5000
#define AWAKE_AFTER_HEARING_MS 4000

static struct raft *node;
static int (*state_of)(struct raft *);
static void (*leader_of)(struct raft *, raft_id *, const char **);
static int (*their_start)(struct raft_io *, unsigned, raft_io_tick_cb, raft_io_recv_cb);
static int (*their_send)(struct raft_io *, struct raft_io_send *, const struct raft_message *, raft_io_send_cb);
static raft_io_tick_cb their_tick;
static raft_io_recv_cb their_receive;

/* In the time of the node. */
static raft_time awake_until;
static raft_time ticked_at;
static raft_time heard_at;

static raft_id told_leader;
static bool has_told;

static void keep_awake(struct raft_io *io, raft_time ms)
{
	raft_time until = io->time(io) + ms;

	if (until > awake_until)
		awake_until = until;
}

/* Beats and their answers; with anything else something happens. */
static bool is_routine(const struct raft_message *message)
{
	return message->type == RAFT_IO_APPEND_ENTRIES_RESULT ||
	       (message->type == RAFT_IO_APPEND_ENTRIES && message->append_entries.n_entries == 0);
}

static bool comes_from_leader(const struct raft_message *message)
{
	return message->type == RAFT_IO_APPEND_ENTRIES || message->type == RAFT_IO_INSTALL_SNAPSHOT;
}

static void tell_leader(void)
{
	raft_id leader = 0;
	const char *address;

	leader_of(node, &leader, &address);
	if (has_told && leader == told_leader)
		return;
	has_told = true;
	told_leader = leader;
	printf("{\"leader\":\"%llu\"}\n", leader);
	fflush(stdout);
}

static int send_and_note(struct raft_io *io, struct raft_io_send *request, const struct raft_message *message,
			 raft_io_send_cb done)
{
	if (!is_routine(message))
		keep_awake(io, AWAKE_MS);
	return their_send(io, request, message, done);
}

static void note_and_receive(struct raft_io *io, struct raft_message *message)
{
	if (comes_from_leader(message))
		heard_at = io->time(io);
	if (!is_routine(message))
		keep_awake(io, comes_from_leader(message) ? AWAKE_AFTER_HEARING_MS : AWAKE_MS);
	their_receive(io, message);
	tell_leader();
}

static bool is_tick_due(raft_time now)
{
	if (now < awake_until)
		return true;
	switch (state_of(node)) {
	case RAFT_LEADER: return now - ticked_at >= BEAT_MS;
	case RAFT_FOLLOWER: return now - heard_at >= SILENCE_LIMIT_MS;
	default: return true;
	}
}

static void tick_when_due(struct raft_io *io)
{
	raft_time now = io->time(io);

	if (atomic_exchange(&is_stirred, false))
		keep_awake(io, AWAKE_MS);
	if (now >= awake_until)
		upkeep_at_rest();
	if (!is_tick_due(now))
		return;
	ticked_at = now;
	their_tick(io);
	tell_leader();
}

static int start_with_rests(struct raft_io *io, unsigned ms, raft_io_tick_cb tick, raft_io_recv_cb receive)
{
	their_tick = tick;
	their_receive = receive;
	return their_start(io, ms, tick_when_due, note_and_receive);
}

int raft_init(struct raft *raft, struct raft_io *io, struct raft_fsm *fsm, raft_id id, const char *address)
{
	int (*next)(struct raft *, struct raft_io *, struct raft_fsm *, raft_id, const char *);

	*(void **)&next = dlsym(RTLD_NEXT, "raft_init");
	*(void **)&state_of = dlsym(RTLD_NEXT, "raft_state");
	*(void **)&leader_of = dlsym(RTLD_NEXT, "raft_leader");
	if (state_of != NULL && leader_of != NULL && (io->version == 1 || io->version == 2)) {
		node = raft;
		their_start = io->start;
		their_send = io->send;
		io->start = start_with_rests;
		io->send = send_and_note;
	}
	return next == NULL ? 1 : next(raft, io, fsm, id, address);
}
#endif
