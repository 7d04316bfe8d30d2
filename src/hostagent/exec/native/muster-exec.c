/*
 * muster-exec: starts commands for musterd.
 *
 *   cc -O2 -Wall -Wextra -Werror -o build/muster-exec src/hostagent/exec/native/muster-exec.c
 *
 * Why a process of its own: a spawn stops the caller for as long as the caller is big, and musterd is.
 * Why in C: another Node would take 45 MB to wait for work.
 *
 * Requests come on standard input, answers go to standard output, both as frames: a length of four bytes,
 * then as many bytes. Numbers are little-endian. `command-broker.ts` is the other end.
 *
 *   run     'r' id:4 timeout-ms:4 output-limit:4 input-kind:1 input-length:4 input argument\0 argument\0 ...
 *   kill    'k' id:4
 *   answer  id:4 ending:1 value:4 output-length:4 output end-of-stderr
 *
 * When standard input ends, musterd is gone: every command that still runs is killed, and we exit.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* A daemon that a command left behind may hold the pipes open; its output is not the command's. */
#define PIPES_GRACE_MS 200
#define STDERR_TAIL_BYTES 4096
#define READ_BYTES 65536
#define MAX_FRAME_BYTES (256u * 1024 * 1024)
#define RUN_HEADER_BYTES 18

enum input_kind { INPUT_NONE, INPUT_TEXT, INPUT_FILE };

/* The values are the protocol's. */
enum ending { EXITED, SIGNALLED, TIMED_OUT, TOO_MUCH_OUTPUT, KILLED, NOT_STARTED, NO_INPUT };

struct buffer {
	char *bytes;
	size_t length;
	size_t capacity;
};

struct command {
	struct command *next;
	uint32_t id;
	pid_t pid;
	bool has_ended;
	/* Why it was killed goes before how it then ended. */
	bool is_forced;
	enum ending ending;
	int32_t value;
	int64_t deadline_ms;
	uint32_t output_limit;
	int in, out, err;
	struct buffer input, output, tail;
	size_t input_sent;
};

/* Nothing of musterd's own environment reaches a command, and a locale would change what its parsers read. */
static char *environment[] = {
	"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LC_ALL=C", NULL,
};

static struct command *commands;
static sigset_t original_signals;

static void fail(const char *doing)
{
	fprintf(stderr, "muster-exec: %s: %s\n", doing, strerror(errno));
	exit(EXIT_FAILURE);
}

static int64_t now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* --- Bytes --------------------------------------------------------------------------------------- */

static void append(struct buffer *buffer, const void *bytes, size_t length)
{
	if (buffer->length + length > buffer->capacity) {
		size_t wanted = buffer->capacity * 2;
		if (wanted < buffer->length + length)
			wanted = buffer->length + length;
		buffer->bytes = realloc(buffer->bytes, wanted);
		if (buffer->bytes == NULL)
			fail("growing a buffer");
		buffer->capacity = wanted;
	}
	if (length > 0)
		memcpy(buffer->bytes + buffer->length, bytes, length);
	buffer->length += length;
}

static void keep_last(struct buffer *buffer, size_t limit)
{
	if (buffer->length <= limit)
		return;
	memmove(buffer->bytes, buffer->bytes + buffer->length - limit, limit);
	buffer->length = limit;
}

static void drop_first(struct buffer *buffer, size_t length)
{
	memmove(buffer->bytes, buffer->bytes + length, buffer->length - length);
	buffer->length -= length;
}

static void release(struct buffer *buffer)
{
	free(buffer->bytes);
	memset(buffer, 0, sizeof *buffer);
}

static uint32_t read_number(const char *bytes)
{
	const unsigned char *b = (const unsigned char *)bytes;
	return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

static void append_number(struct buffer *buffer, uint32_t number)
{
	unsigned char b[4] = {number & 255, number >> 8 & 255, number >> 16 & 255, number >> 24};
	append(buffer, b, sizeof b);
}

static void close_once(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* --- Answers ------------------------------------------------------------------------------------- */

static void write_all(const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t written = write(STDOUT_FILENO, bytes, length);
		if (written < 0 && errno == EINTR)
			continue;
		/* musterd is gone; the end of standard input, which follows, ends us in order. */
		if (written < 0)
			return;
		bytes += written;
		length -= (size_t)written;
	}
}

static void answer(const struct command *command)
{
	struct buffer frame = {0};
	unsigned char ending = (unsigned char)command->ending;
	append_number(&frame, (uint32_t)(13 + command->output.length + command->tail.length));
	append_number(&frame, command->id);
	append(&frame, &ending, 1);
	append_number(&frame, (uint32_t)command->value);
	append_number(&frame, (uint32_t)command->output.length);
	append(&frame, command->output.bytes, command->output.length);
	append(&frame, command->tail.bytes, command->tail.length);
	write_all(frame.bytes, frame.length);
	release(&frame);
}

/* Answers, and forgets the command. */
static void finish(struct command *command)
{
	struct command **link = &commands;
	answer(command);
	while (*link != command)
		link = &(*link)->next;
	*link = command->next;
	close_once(&command->in);
	close_once(&command->out);
	close_once(&command->err);
	release(&command->input);
	release(&command->output);
	release(&command->tail);
	free(command);
}

/* --- Commands ------------------------------------------------------------------------------------ */

static void force_end(struct command *command, enum ending ending)
{
	if (!command->is_forced) {
		command->is_forced = true;
		command->ending = ending;
		command->value = 0;
	}
	/* The whole group: a pipeline or a helper of the command dies with it. */
	if (!command->has_ended && command->pid > 0)
		kill(-command->pid, SIGKILL);
}

static void not_started(struct command *command, enum ending ending, int error)
{
	command->ending = ending;
	command->value = error;
	finish(command);
}

/* Our end of a pipe goes to `ours`, the command's end is the answer; -1 when there are no descriptors left. */
static int open_pipe(int *ours, bool we_read)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	*ours = ends[we_read ? 0 : 1];
	fcntl(*ours, F_SETFL, O_NONBLOCK);
	return ends[we_read ? 1 : 0];
}

static int spawn(struct command *command, char **arguments, const int descriptors[3])
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t defaults;
	int error;
	posix_spawn_file_actions_init(&actions);
	for (int fd = 0; fd < 3; fd++)
		posix_spawn_file_actions_adddup2(&actions, descriptors[fd], fd);
	posix_spawnattr_init(&attributes);
	sigfillset(&defaults);
	posix_spawnattr_setsigdefault(&attributes, &defaults);
	posix_spawnattr_setsigmask(&attributes, &original_signals);
	/* A session of its own, and so a process group that can be killed as a whole. */
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
	error = posix_spawnp(&command->pid, arguments[0], &actions, &attributes, arguments, environment);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return error;
}

static void start(struct command *command, enum input_kind kind, char **arguments)
{
	int descriptors[3];
	int error;
	if (kind == INPUT_TEXT)
		descriptors[0] = open_pipe(&command->in, false);
	else
		/* The input of a file is its name, with the NUL at its end. */
		descriptors[0] = open(kind == INPUT_FILE ? command->input.bytes : "/dev/null", O_RDONLY | O_CLOEXEC);
	if (descriptors[0] < 0) {
		not_started(command, NO_INPUT, errno);
		return;
	}
	descriptors[1] = open_pipe(&command->out, true);
	descriptors[2] = descriptors[1] < 0 ? -1 : open_pipe(&command->err, true);
	error = descriptors[2] < 0 ? errno : spawn(command, arguments, descriptors);
	for (int i = 0; i < 3; i++)
		if (descriptors[i] >= 0)
			close(descriptors[i]);
	if (error != 0) {
		command->pid = 0;
		not_started(command, NOT_STARTED, error);
	}
}

/* False when the frame is not what the protocol says. */
static bool handle_run(const char *frame, size_t length)
{
	struct command *command;
	char **arguments;
	size_t n = 0;
	uint32_t input_length;
	const char *rest, *end = frame + length;
	if (length < RUN_HEADER_BYTES || end[-1] != '\0')
		return false;
	input_length = read_number(frame + 14);
	if (input_length > length - RUN_HEADER_BYTES)
		return false;
	rest = frame + RUN_HEADER_BYTES + input_length;
	for (const char *at = rest; at < end; at++)
		n += *at == '\0';
	command = calloc(1, sizeof *command);
	arguments = calloc(n + 1, sizeof *arguments);
	if (command == NULL || arguments == NULL || n == 0)
		return false;
	for (size_t i = 0; i < n; i++, rest += strlen(rest) + 1)
		arguments[i] = (char *)rest;

	command->id = read_number(frame + 1);
	command->deadline_ms = now_ms() + read_number(frame + 5);
	command->output_limit = read_number(frame + 9);
	command->in = command->out = command->err = -1;
	append(&command->input, frame + RUN_HEADER_BYTES, input_length);
	append(&command->input, "", 1);
	command->input.length -= 1;
	command->next = commands;
	commands = command;
	start(command, (enum input_kind)frame[13], arguments);
	free(arguments);
	return true;
}

static void handle_kill(uint32_t id)
{
	for (struct command *command = commands; command != NULL; command = command->next)
		if (command->id == id)
			force_end(command, KILLED);
}

static void end_all(void)
{
	for (struct command *command = commands; command != NULL; command = command->next)
		force_end(command, KILLED);
	exit(EXIT_SUCCESS);
}

static void read_requests(struct buffer *requests)
{
	char chunk[READ_BYTES];
	size_t done = 0;
	ssize_t length = read(STDIN_FILENO, chunk, sizeof chunk);
	if (length < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (length <= 0)
		end_all();
	append(requests, chunk, (size_t)length);
	while (requests->length - done >= 4) {
		uint32_t frame_length = read_number(requests->bytes + done);
		const char *frame = requests->bytes + done + 4;
		bool valid = frame_length >= 5 && frame_length <= MAX_FRAME_BYTES;
		if (valid && requests->length - done - 4 < frame_length)
			break;
		if (valid && frame[0] == 'k')
			handle_kill(read_number(frame + 1));
		else if (!valid || frame[0] != 'r' || !handle_run(frame, frame_length)) {
			fprintf(stderr, "muster-exec: a request that is none\n");
			end_all();
		}
		done += 4 + frame_length;
	}
	drop_first(requests, done);
}

static void reap(int signal_fd)
{
	struct signalfd_siginfo ignored[16];
	int status;
	pid_t pid;
	while (read(signal_fd, ignored, sizeof ignored) > 0)
		;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (struct command *command = commands; command != NULL; command = command->next) {
			if (command->pid != pid || command->has_ended)
				continue;
			command->has_ended = true;
			command->deadline_ms = now_ms() + PIPES_GRACE_MS;
			if (command->is_forced)
				continue;
			command->ending = WIFEXITED(status) ? EXITED : SIGNALLED;
			command->value = WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status);
		}
	}
}

static void read_output(struct command *command, int *fd)
{
	char chunk[READ_BYTES];
	ssize_t length = read(*fd, chunk, sizeof chunk);
	if (length < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (length <= 0)
		close_once(fd);
	else if (fd == &command->err) {
		append(&command->tail, chunk, (size_t)length);
		keep_last(&command->tail, STDERR_TAIL_BYTES);
	} else if (command->output.length + (size_t)length > command->output_limit)
		force_end(command, TOO_MUCH_OUTPUT);
	else
		append(&command->output, chunk, (size_t)length);
}

static void write_input(struct command *command)
{
	size_t left = command->input.length - command->input_sent;
	ssize_t written = write(command->in, command->input.bytes + command->input_sent, left);
	if (written < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	/* A command that does not read its input to the end is its own business; its exit code tells. */
	if (written < 0 || (size_t)written == left)
		close_once(&command->in);
	else
		command->input_sent += (size_t)written;
}

/* --- The loop ------------------------------------------------------------------------------------ */

static void settle(void)
{
	struct command *next;
	for (struct command *command = commands; command != NULL; command = next) {
		bool is_due = now_ms() >= command->deadline_ms;
		next = command->next;
		if (command->has_ended && (is_due || (command->out < 0 && command->err < 0)))
			finish(command);
		else if (is_due && !command->has_ended) {
			force_end(command, TIMED_OUT);
			/* Killed already; its end is announced by SIGCHLD. */
			command->deadline_ms = INT64_MAX;
		}
	}
}

static int next_timeout(void)
{
	int64_t due_ms = INT64_MAX;
	for (struct command *command = commands; command != NULL; command = command->next)
		if (command->deadline_ms < due_ms)
			due_ms = command->deadline_ms;
	if (due_ms == INT64_MAX)
		return -1;
	due_ms -= now_ms();
	return due_ms <= 0 ? 0 : due_ms > 3600000 ? 3600000 : (int)due_ms;
}

static void serve(int signal_fd)
{
	struct buffer requests = {0};
	struct pollfd *watched = NULL;
	for (;;) {
		size_t n = 2;
		size_t at = 2;
		struct command *next;
		for (struct command *command = commands; command != NULL; command = command->next)
			n += 3;
		watched = reallocarray(watched, n, sizeof *watched);
		if (watched == NULL)
			fail("growing the list of descriptors");
		watched[0] = (struct pollfd){.fd = STDIN_FILENO, .events = POLLIN};
		watched[1] = (struct pollfd){.fd = signal_fd, .events = POLLIN};
		for (struct command *command = commands; command != NULL; command = command->next) {
			/* poll skips a descriptor of -1. */
			watched[at++] = (struct pollfd){.fd = command->in, .events = POLLOUT};
			watched[at++] = (struct pollfd){.fd = command->out, .events = POLLIN};
			watched[at++] = (struct pollfd){.fd = command->err, .events = POLLIN};
		}
		if (poll(watched, n, next_timeout()) < 0 && errno != EINTR)
			fail("waiting");
		at = 2;
		for (struct command *command = commands; command != NULL; command = next) {
			next = command->next;
			if (watched[at++].revents != 0)
				write_input(command);
			if (watched[at++].revents != 0)
				read_output(command, &command->out);
			if (watched[at++].revents != 0)
				read_output(command, &command->err);
		}
		if (watched[1].revents != 0)
			reap(signal_fd);
		settle();
		/* Last: new commands are not in the list that was waited for. */
		if (watched[0].revents != 0)
			read_requests(&requests);
	}
}

int main(void)
{
	sigset_t signals;
	int signal_fd;
	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	sigprocmask(SIG_BLOCK, &signals, &original_signals);
	signal(SIGPIPE, SIG_IGN);
	signal_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signal_fd < 0)
		fail("asking for signals");
	/* posix_spawnp searches the PATH of this process. */
	environ = environment;
	if (chdir("/") < 0)
		fail("entering /");
	serve(signal_fd);
}
