/*
 * A stream carries data one way only: from the member that dialed. Each has a thread of its own, so that
 * none waits for another, and nothing of musterd is on its way.
 *
 * When the other member is cut off, TCP goes on trying for many minutes, and after the network is back it
 * waits up to two minutes before its next try; Raft itself only notices a failed write. So whoever accepts
 * a stream answers with a byte now and then, and whoever dialed gives up a stream that stays without an
 * answer: dqlite dials again.
 */
#define _GNU_SOURCE
#include "raft-streams.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "complain.h"
#include "members.h"
#include "rest.h"
#include "sockets.h"

/* dqlite waits in a thread of its own. */
#define DIAL_LIMIT_MS 2000
#define HANDSHAKE_LIMIT_MS 10000
#define MAX_HANDSHAKES 64
#define ACKNOWLEDGE_EVERY_MS 250
/* Ten heartbeats without an answer; longer than a pause of the other side. */
#define STALL_LIMIT_MS 3000
/* A peer that stopped without a word is noticed by the kernel after this and ten probes a second apart. */
#define KEEP_ALIVE_SECONDS 5
#define CHUNK_BYTES (64 * 1024)
#define STACK_BYTES (256 * 1024)
#define NAME_BYTES 80

static const unsigned char acknowledgement = 6; /* ASCII "ACK"; only that something comes counts */

enum phase { SHAKING_HANDS, ACCEPTED, DIALED };

struct stream {
	enum phase phase;
	int tcp;
	int plain;
	SSL *ssl;
	char key[KEY_HEX_BYTES];
	/* What was read of an accepted connection before it came to us. */
	BIO *hello;
	/* Of an accepted one: when we last acknowledged, and whether something came since. */
	long long answered_ms;
	bool is_behind;
	struct stream *next;
};

static unsigned long long self_id;
static const char *engine_path;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
/* The newest first. */
static struct stream *streams;

void raft_streams_init(unsigned long long self, const char *engine)
{
	self_id = self;
	engine_path = engine;
}

static long long now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* --- The open streams ----------------------------------------------------------------------------- */

static struct stream *stream_create(int tcp, SSL *ssl)
{
	struct stream *stream = calloc(1, sizeof *stream);
	if (stream == NULL)
		return NULL;
	stream->tcp = tcp;
	stream->plain = -1;
	stream->ssl = ssl;
	return stream;
}

/* Its thread notices and cleans up; nobody else closes what it may be using. */
static void hang_up(const struct stream *stream)
{
	shutdown(stream->tcp, SHUT_RDWR);
}

/* A full waiting room lets the one go that waited longest: an honest member is through in milliseconds. */
static void enter(struct stream *stream)
{
	struct stream *oldest = NULL;
	size_t waiting = 0;

	pthread_mutex_lock(&lock);
	for (struct stream *one = streams; one != NULL; one = one->next) {
		if (one->phase != SHAKING_HANDS)
			continue;
		oldest = one;
		waiting++;
	}
	if (oldest != NULL && waiting >= MAX_HANDSHAKES)
		hang_up(oldest);
	stream->next = streams;
	streams = stream;
	pthread_mutex_unlock(&lock);
}

/* A member opens a stream only after it gave up the one before, of which we may not have heard. */
static void establish(struct stream *stream, enum phase phase, const char *key)
{
	pthread_mutex_lock(&lock);
	for (struct stream *one = streams; one != NULL; one = one->next) {
		if (one->phase == phase && strcmp(one->key, key) == 0)
			hang_up(one);
	}
	stream->phase = phase;
	strcpy(stream->key, key);
	pthread_mutex_unlock(&lock);
}

static void finish(struct stream *stream)
{
	pthread_mutex_lock(&lock);
	for (struct stream **at = &streams; *at != NULL; at = &(*at)->next) {
		if (*at == stream) {
			*at = stream->next;
			break;
		}
	}
	pthread_mutex_unlock(&lock);
	SSL_free(stream->ssl);
	BIO_free(stream->hello);
	close(stream->tcp);
	if (stream->plain >= 0)
		close(stream->plain);
	free(stream);
	ERR_clear_error();
}

void raft_streams_drop_strangers(void)
{
	struct member ignored;

	pthread_mutex_lock(&lock);
	for (struct stream *one = streams; one != NULL; one = one->next) {
		if (one->phase != SHAKING_HANDS && !member_by_key(one->key, &ignored))
			hang_up(one);
	}
	pthread_mutex_unlock(&lock);
}

static bool start_thread(void *(*run)(void *), struct stream *stream)
{
	pthread_attr_t attributes;
	pthread_t thread;
	int rv;

	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	rv = pthread_create(&thread, &attributes, run, stream);
	pthread_attr_destroy(&attributes);
	return rv == 0;
}

/* --- TLS on a socket that does not block ------------------------------------------------------------ */

static bool wait_until(int fd, short events, long long deadline_ms)
{
	struct pollfd watched = {.fd = fd, .events = events};
	for (;;) {
		long long left = deadline_ms - now_ms();
		int rv = left <= 0 ? 0 : poll(&watched, 1, (int)left);
		if (rv < 0 && errno == EINTR)
			continue;
		return rv > 0;
	}
}

/* After a call of OpenSSL that did not succeed: whether it is worth repeating. */
static bool wait_for_tls(struct stream *stream, int rv, long long deadline_ms)
{
	switch (SSL_get_error(stream->ssl, rv)) {
	case SSL_ERROR_WANT_READ:
		/* What came along is read; from here on the socket speaks. */
		if (stream->hello != NULL && BIO_pending(stream->hello) == 0) {
			BIO *wire = SSL_get_wbio(stream->ssl);
			BIO_up_ref(wire);
			SSL_set0_rbio(stream->ssl, wire);
			BIO_free(stream->hello);
			stream->hello = NULL;
		}
		return wait_until(stream->tcp, POLLIN, deadline_ms);
	case SSL_ERROR_WANT_WRITE:
		return wait_until(stream->tcp, POLLOUT, deadline_ms);
	default:
		return false;
	}
}

static bool shake_hands(struct stream *stream, long long deadline_ms)
{
	for (;;) {
		int rv;
		ERR_clear_error();
		rv = SSL_do_handshake(stream->ssl);
		if (rv == 1)
			return true;
		if (!wait_for_tls(stream, rv, deadline_ms))
			return false;
	}
}

static bool send_all(struct stream *stream, const unsigned char *bytes, int length)
{
	long long deadline_ms = now_ms() + STALL_LIMIT_MS;
	for (;;) {
		int rv;
		ERR_clear_error();
		rv = SSL_write(stream->ssl, bytes, length);
		if (rv > 0)
			return true;
		if (!wait_for_tls(stream, rv, deadline_ms))
			return false;
	}
}

enum reading { GOT_DATA, NOTHING_YET, STREAM_ENDED };

static enum reading receive(struct stream *stream, unsigned char *bytes, int size, int *length)
{
	int rv;
	ERR_clear_error();
	rv = SSL_read(stream->ssl, bytes, size);
	if (rv > 0) {
		*length = rv;
		return GOT_DATA;
	}
	return SSL_get_error(stream->ssl, rv) == SSL_ERROR_WANT_READ ? NOTHING_YET : STREAM_ENDED;
}

static void tune_connection(int tcp)
{
	int yes = 1, idle = KEEP_ALIVE_SECONDS, interval = 1, count = 10;
	setsockopt(tcp, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
	setsockopt(tcp, SOL_SOCKET, SO_KEEPALIVE, &yes, sizeof yes);
	setsockopt(tcp, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
	setsockopt(tcp, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
	setsockopt(tcp, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof count);
}

/* --- Streams that we dialed -------------------------------------------------------------------------- */

static int connect_to(const struct addrinfo *address, long long deadline_ms)
{
	int failure = 0;
	socklen_t size = sizeof failure;
	int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -1;
	if (connect(fd, address->ai_addr, address->ai_addrlen) == 0)
		return fd;
	if (errno == EINPROGRESS && wait_until(fd, POLLOUT, deadline_ms) &&
	    getsockopt(fd, SOL_SOCKET, SO_ERROR, &failure, &size) == 0 && failure == 0)
		return fd;
	close(fd);
	return -1;
}

static int connect_to_member(const struct member *member, long long deadline_ms)
{
	struct addrinfo wanted = {.ai_socktype = SOCK_STREAM};
	struct addrinfo *found;
	int fd = -1;

	if (getaddrinfo(member->host, member->port, &wanted, &found) != 0)
		return -1;
	for (struct addrinfo *one = found; one != NULL && fd < 0; one = one->ai_next)
		fd = connect_to(one, deadline_ms);
	freeaddrinfo(found);
	return fd;
}

/* Both ids are in the name, because the key alone does not tell them: a member whose database began anew
 * has the same key and another id, and what an earlier one of either side still says must not reach the log. */
static void format_name(char name[NAME_BYTES], unsigned long long from, unsigned long long to)
{
	snprintf(name, NAME_BYTES, "to-%llu.from-%llu.muster", to, from);
}

static bool is_member(struct stream *stream, const struct member *member)
{
	char key[KEY_HEX_BYTES];

	if (presented_key(stream->ssl, key) && strcmp(key, member->key) == 0 && speaks_raft(stream->ssl))
		return true;
	complain("another key than that of %s answers at %s port %s", member->name, member->host, member->port);
	return false;
}

/* Leads dqlite's bytes to the other member, for as long as that acknowledges. */
static void *carry(void *arg)
{
	struct stream *stream = arg;
	struct pollfd watched[2] = {{.fd = stream->plain, .events = POLLIN}, {.fd = stream->tcp, .events = POLLIN}};
	unsigned char *chunk = malloc(CHUNK_BYTES);
	long long unanswered_ms = 0;

	while (chunk != NULL) {
		int wait_ms = unanswered_ms == 0 ? -1 : (int)(unanswered_ms + STALL_LIMIT_MS - now_ms());
		int rv = unanswered_ms != 0 && wait_ms <= 0 ? 0 : poll(watched, 2, wait_ms);
		if (rv < 0 && errno == EINTR)
			continue;
		if (rv <= 0) {
			complain("a Raft stream hangs and is opened anew");
			break;
		}
		if (watched[1].revents != 0) {
			enum reading reading;
			int length;
			while ((reading = receive(stream, chunk, CHUNK_BYTES, &length)) == GOT_DATA)
				unanswered_ms = 0;
			if (reading == STREAM_ENDED)
				break;
		}
		if (watched[0].revents != 0) {
			ssize_t n = read(stream->plain, chunk, CHUNK_BYTES);
			if (n < 0 && errno == EINTR)
				continue;
			if (n <= 0 || !send_all(stream, chunk, (int)n))
				break;
			if (unanswered_ms == 0)
				unanswered_ms = now_ms();
		}
	}
	free(chunk);
	finish(stream);
	return NULL;
}

static struct stream *open_stream(const struct member *member, long long deadline_ms)
{
	char name[NAME_BYTES];
	struct stream *stream;
	SSL *ssl;
	int tcp = connect_to_member(member, deadline_ms);

	if (tcp < 0)
		return NULL;
	tune_connection(tcp);
	format_name(name, self_id, member->id);
	ssl = members_new_session(false);
	stream = ssl == NULL ? NULL : stream_create(tcp, ssl);
	if (stream == NULL) {
		SSL_free(ssl);
		close(tcp);
		return NULL;
	}
	enter(stream);
	if (SSL_set_fd(ssl, tcp) != 1 || SSL_set_tlsext_host_name(ssl, name) != 1 ||
	    !shake_hands(stream, deadline_ms) || !is_member(stream, member)) {
		finish(stream);
		return NULL;
	}
	return stream;
}

int raft_streams_dial(unsigned long long id)
{
	struct member member;
	struct stream *stream;
	int pair[2];

	if (!member_by_id(id, &member))
		return -1;
	stream = open_stream(&member, now_ms() + DIAL_LIMIT_MS);
	if (stream == NULL)
		return -1;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
		finish(stream);
		return -1;
	}
	stream->plain = pair[0];
	establish(stream, DIALED, member.key);
	if (!start_thread(carry, stream)) {
		finish(stream);
		close(pair[1]);
		return -1;
	}
	return pair[1];
}

/* --- Streams that others dialed ---------------------------------------------------------------------- */

static bool is_welcome(struct stream *stream)
{
	char key[KEY_HEX_BYTES], expected[NAME_BYTES];
	const char *name = SSL_get_servername(stream->ssl, TLSEXT_NAMETYPE_host_name);
	struct member member;

	if (!presented_key(stream->ssl, key) || !member_by_key(key, &member)) {
		complain("refused a Raft connection: its key belongs to no member");
		return false;
	}
	format_name(expected, member.id, self_id);
	if (name == NULL || strcmp(name, expected) != 0) {
		complain("refused a Raft connection of an earlier life of %s, or to one of this member", member.name);
		return false;
	}
	establish(stream, ACCEPTED, key);
	return true;
}

/* The first bytes at once, then once an interval. Answers the time to wait; -1 when there is nothing to say. */
static int acknowledge(struct stream *stream)
{
	long long left_ms = stream->answered_ms + ACKNOWLEDGE_EVERY_MS - now_ms();

	if (!stream->is_behind)
		return -1;
	if (left_ms > 0)
		return (int)left_ms;
	/* When this fails the stream has ended, and reading shows it. */
	send_all(stream, &acknowledgement, 1);
	stream->answered_ms = now_ms();
	stream->is_behind = false;
	return -1;
}

/* Leads what has come to dqlite. False when either side ended. */
static bool deliver(struct stream *stream, unsigned char *chunk)
{
	enum reading reading;
	int length;

	while ((reading = receive(stream, chunk, CHUNK_BYTES, &length)) == GOT_DATA) {
		if (!write_all(stream->plain, (const char *)chunk, length))
			return false;
		stream->is_behind = true;
		acknowledge(stream);
	}
	return reading == NOTHING_YET;
}

static void deliver_until_end(struct stream *stream)
{
	struct pollfd watched[2] = {{.fd = stream->tcp, .events = POLLIN}, {.fd = stream->plain, .events = POLLIN}};
	unsigned char *chunk = malloc(CHUNK_BYTES);

	while (chunk != NULL) {
		int rv = poll(watched, 2, acknowledge(stream));
		if (rv < 0 && errno != EINTR)
			break;
		if (rv <= 0)
			continue;
		/* dqlite never writes here: the node has closed it, and the other member has to hear of that. */
		if (watched[1].revents != 0 || !deliver(stream, chunk))
			break;
	}
	free(chunk);
}

static void *serve(void *arg)
{
	struct stream *stream = arg;

	if (shake_hands(stream, now_ms() + HANDSHAKE_LIMIT_MS) && is_welcome(stream)) {
		stream->plain = connect_unix(engine_path);
		if (stream->plain >= 0)
			deliver_until_end(stream);
		rest_stir();
	}
	finish(stream);
	return NULL;
}

void raft_streams_accept(int fd, const unsigned char *hello, size_t length)
{
	SSL *ssl = members_new_session(true);
	BIO *wire = BIO_new_socket(fd, BIO_NOCLOSE);
	BIO *read_already = BIO_new(BIO_s_mem());
	struct stream *stream = ssl == NULL ? NULL : stream_create(fd, ssl);

	if (stream == NULL || wire == NULL || read_already == NULL ||
	    BIO_write(read_already, hello, (int)length) != (int)length) {
		SSL_free(ssl);
		BIO_free(wire);
		BIO_free(read_already);
		free(stream);
		close(fd);
		return;
	}
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	tune_connection(fd);
	BIO_set_mem_eof_return(read_already, -1);
	BIO_up_ref(read_already);
	stream->hello = read_already;
	SSL_set_bio(ssl, read_already, wire);
	enter(stream);
	if (!start_thread(serve, stream))
		finish(stream);
}
