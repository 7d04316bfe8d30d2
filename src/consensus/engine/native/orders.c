/*
 * Lines on standard input say who the members are (members.c), and when one of them may be gone (rest.c); its end says
 * that musterd is gone or wants us to stop. Connections of other members come over the channel that Node opens to a
 * child process: one line of JSON each, with the socket beside it, and the next only after an answer. This is how two
 * Node processes hand over sockets; there is no other way for Node to give one away.
 */
#define _GNU_SOURCE
#include "orders.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "complain.h"
#include "members.h"
#include "raft-streams.h"
#include "rest.h"
#include "sockets.h"

#define READ_BYTES 4096
/* Thousands of members, or many times the largest hello. */
#define MAX_LINE_BYTES (1024 * 1024)

struct lines {
	char *bytes;
	size_t used;
};

/* A line of it, without its end; NULL when there is no whole one. Valid until the next call with `taken`. */
static char *next_line(struct lines *lines, size_t *taken)
{
	char *begin = lines->bytes + *taken;
	char *end = lines->used == *taken ? NULL : memchr(begin, '\n', lines->used - *taken);

	if (end == NULL) {
		memmove(lines->bytes, begin, lines->used - *taken);
		lines->used -= *taken;
		*taken = 0;
		return NULL;
	}
	*end = '\0';
	*taken = (size_t)(end + 1 - lines->bytes);
	return begin;
}

static char *make_room(struct lines *lines)
{
	char *grown = lines->used > MAX_LINE_BYTES ? NULL : realloc(lines->bytes, lines->used + READ_BYTES);

	if (grown == NULL)
		return NULL;
	lines->bytes = grown;
	return grown + lines->used;
}

/* --- Standard input ----------------------------------------------------------------------------------- */

static struct lines told;
static bool are_members_known;

/* False when it ended. */
static bool read_orders(void)
{
	char *room = make_room(&told);
	ssize_t n = room == NULL ? 0 : read(STDIN_FILENO, room, READ_BYTES);
	size_t taken = 0;
	char *line;

	if (n < 0 && errno == EINTR)
		return true;
	if (n <= 0)
		return false;
	told.used += (size_t)n;
	while ((line = next_line(&told, &taken)) != NULL) {
		bool is_list = strncmp(line, "members", 7) == 0;

		if (strcmp(line, "stir") == 0) {
			rest_stir();
			continue;
		}
		if (members_command(line) && is_list) {
			are_members_known = true;
			raft_streams_drop_strangers();
		}
	}
	return true;
}

bool orders_await_members(void)
{
	while (!are_members_known) {
		if (!read_orders())
			return false;
	}
	return true;
}

/* --- The channel of Node -------------------------------------------------------------------------------- */

static const char handover[] = "\"cmd\":\"NODE_HANDLE\"";
static const char hello_field[] = "\"hello\":\"";
static const char handover_answer[] = "{\"cmd\":\"NODE_HANDLE_ACK\"}\n";

static struct lines channel_lines;
static int handed_fd = -1;

static int open_channel(void)
{
	const char *number = getenv("NODE_CHANNEL_FD");
	int fd = number == NULL ? -1 : atoi(number);

	if (fd >= 0)
		fcntl(fd, F_SETFD, FD_CLOEXEC);
	return fd;
}

static void keep_handed_fd(struct msghdr *message)
{
	for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part != NULL; part = CMSG_NXTHDR(message, part)) {
		if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS)
			continue;
		if (handed_fd >= 0)
			close(handed_fd);
		memcpy(&handed_fd, CMSG_DATA(part), sizeof handed_fd);
	}
}

static void take_connection(char *line)
{
	char *hello = strstr(line, hello_field);
	size_t length = hello == NULL ? 0 : strcspn(hello += sizeof hello_field - 1, "\"");
	unsigned char *bytes = malloc(length + 4);
	int n = bytes == NULL ? -1 : EVP_DecodeBlock(bytes, (unsigned char *)hello, (int)length);

	/* The padding counts as bytes, and here it would be some of the stream's. */
	for (size_t i = length; n > 0 && i > 0 && hello[i - 1] == '='; i--)
		n--;
	if (n > 0 && handed_fd >= 0)
		raft_streams_accept(handed_fd, bytes, (size_t)n);
	else if (handed_fd >= 0)
		close(handed_fd);
	handed_fd = -1;
	free(bytes);
}

/* False when it ended: musterd still lives as long as standard input does. */
static bool read_channel(int fd)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr aligned;
	} control;
	char *room = make_room(&channel_lines);
	struct iovec part = {.iov_base = room, .iov_len = READ_BYTES};
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof control.bytes,
	};
	ssize_t n = room == NULL ? 0 : recvmsg(fd, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	size_t taken = 0;
	char *line;

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return true;
	if (n <= 0)
		return false;
	keep_handed_fd(&message);
	channel_lines.used += (size_t)n;
	while ((line = next_line(&channel_lines, &taken)) != NULL) {
		if (strstr(line, handover) == NULL)
			continue; /* what Node's servers ask about sockets that they gave away */
		take_connection(line);
		if (!write_all(fd, handover_answer, sizeof handover_answer - 1))
			return false;
	}
	return true;
}

void orders_follow(const sigset_t *signals)
{
	struct pollfd watched[3] = {
		{.fd = STDIN_FILENO, .events = POLLIN},
		{.fd = signalfd(-1, signals, SFD_CLOEXEC), .events = POLLIN},
		{.fd = open_channel(), .events = POLLIN},
	};
	for (;;) {
		if (poll(watched, 3, -1) < 0) {
			if (errno == EINTR)
				continue;
			return;
		}
		if (watched[1].revents != 0)
			return;
		if (watched[0].revents != 0 && !read_orders())
			return;
		if (watched[2].revents != 0 && !read_channel(watched[2].fd))
			watched[2].fd = -1;
	}
}
