/*
 * muster-dqlite: one dqlite node in a process of its own, supervised by musterd.
 *
 * Compiled by scripts/setup from all files of this folder, with libdqlite and libssl.
 *
 * Why a process of its own: inside Node, libdqlite would bind to Node's libuv and share its thread
 * pool, and an abort of the library would take the API down.
 *
 * dqlite has no authentication, so it listens on a Unix socket of mode 0600 (--listen), where the peer's
 * uid is checked. Connections to other nodes are ours (raft-streams.c): TLS, with both keys pinned.
 *
 * musterd holds our standard input open: when it ends, we stop the node and exit (orders.c).
 * Standard output carries JSON lines about our state, standard error one plain sentence per failure.
 * Exit codes: 0 stopped as asked, 1 failed, 2 wrong usage, 3 the stop took too long, 4 directory in use.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <dqlite.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "complain.h"
#include "members.h"
#include "orders.h"
#include "pace.h"
#include "raft-streams.h"
#include "reserve.h"
#include "sockets.h"

enum { EXIT_USAGE = 2, EXIT_STOP_TIMEOUT = 3, EXIT_IN_USE = 4 };

/* A node writes a snapshot while it stops; longer than this and the disk is the problem. */
#define STOP_TIMEOUT_SECONDS 10
/* Of libuv, which has 4 by itself: each dial to a dead member holds one, and disk writes share them. */
#define WORKER_THREADS "16"
#define METADATA_BYTES 32
#define LOCK_POLL_MS 50
/* A commit allocates and frees some blocks of this order; given back each time, each page of them costs a
 * fault and is cleared anew. */
#define KEPT_BLOCK_BYTES (4 * 1024 * 1024)
#define KEPT_HEAP_BYTES (16 * 1024 * 1024)
#define MAX_NODES 128

struct options {
	const char *dir;
	const char *listen_path;
	const char *address;
	unsigned long long id;
	unsigned long long failure_domain;
	unsigned latency_ms;
	unsigned heartbeat_ms;
	unsigned snapshot_threshold;
	unsigned snapshot_trailing;
	unsigned lock_wait_ms;
	const char *reserve_path;
	unsigned long long reserve_bytes;
	bool awaits_members;
	char *nodes[MAX_NODES];
	int n_nodes;
};

void complain(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	flockfile(stderr);
	fputs("muster-dqlite: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	fflush(stderr);
	funlockfile(stderr);
	va_end(args);
}

static void set_cloexec(int fd)
{
	fcntl(fd, F_SETFD, fcntl(fd, F_GETFD) | FD_CLOEXEC);
}

/* --- Connections to other nodes -------------------------------------------------------------------- */

/* dqlite calls this on one of its worker threads and waits. Addresses are logical: "member:ID". */
static int dial_node(void *arg, const char *address, int *out)
{
	const char *colon = strrchr(address, ':');

	(void)arg;
	*out = raft_streams_dial(strtoull(colon == NULL ? address : colon + 1, NULL, 10));
	return *out < 0 ? 1 : 0;
}

/* --- The data directory ---------------------------------------------------------------------------- */

/* dqlite 1.11 takes no lock of its own: two nodes on one directory would destroy each other's log.
 * The kernel gives the lock back when the process ends, however it ends. A helper whose musterd was
 * killed may still be stopping in order, and is worth waiting for. */
static int lock_directory(const struct options *options)
{
	char path[4096];
	unsigned waited_ms = 0;
	int fd;

	snprintf(path, sizeof path, "%s/muster.lock", options->dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0) {
		complain("the database directory %s cannot be used: %s", options->dir, strerror(errno));
		return -1;
	}
	while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if (waited_ms >= options->lock_wait_ms) {
			complain("another process uses the database directory %s", options->dir);
			exit(EXIT_IN_USE);
		}
		usleep(LOCK_POLL_MS * 1000);
		waited_ms += LOCK_POLL_MS;
	}
	return fd;
}

static bool is_segment(const char *name)
{
	return strlen(name) == 33 && name[16] == '-' && strspn(name, "0123456789-") == 33;
}

/* libdqlite starts without complaint on a directory that it cannot use and fails later; so look first
 * at what can be told from outside: the format number at the head of each file. Metadata that is cut off
 * is what a power failure leaves; Raft falls back to the other copy. */
static bool check_file(const char *dir, const char *name, bool may_be_short)
{
	char path[4096];
	uint64_t format = 0;
	struct stat status;
	ssize_t n;
	int fd;

	snprintf(path, sizeof path, "%s/%s", dir, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &status) != 0) {
		complain("reading %s failed: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return false;
	}
	n = read(fd, &format, sizeof format);
	close(fd);
	if (may_be_short && status.st_size < METADATA_BYTES)
		return true;
	if (n != sizeof format || format != 1) {
		complain("%s is damaged: it does not begin with a known format number", path);
		return false;
	}
	return true;
}

static bool check_directory(const char *dir)
{
	struct dirent *entry;
	bool sound = true;
	DIR *stream = opendir(dir);

	if (stream == NULL) {
		complain("opening the database directory %s failed: %s", dir, strerror(errno));
		return false;
	}
	if (access(dir, R_OK | W_OK | X_OK) != 0) {
		complain("the database directory %s is not writable: %s", dir, strerror(errno));
		sound = false;
	}
	while (sound && (entry = readdir(stream)) != NULL) {
		bool metadata = strcmp(entry->d_name, "metadata1") == 0 || strcmp(entry->d_name, "metadata2") == 0;
		if (metadata || is_segment(entry->d_name))
			sound = check_file(dir, entry->d_name, metadata);
	}
	closedir(stream);
	return sound;
}

/* --- What the libraries ask of the system ----------------------------------------------------------- */

/*
 * dqlite listens on an abstract socket, where it accepts its own process only. Its clients live in
 * musterd, and piping them through threads of ours cost each commit three more wake-ups in a row. So the
 * two calls that it makes for this are answered here: the program's functions are found before those of
 * libc. The socket is bound to the private path, and a client of our own user counts as our process.
 */
static const char *listen_path;

/* The permissions come from the umask and not from a chmod after the fact, so there is no moment at
 * which another user could connect. No other thread makes files yet. */
static int bind_privately(int fd)
{
	struct sockaddr_un address;
	socklen_t length;
	mode_t old_mask;
	int rv;

	if (unix_address(&address, &length, listen_path) != 0)
		return -1;
	unlink(listen_path);
	old_mask = umask(0177);
	rv = (int)syscall(SYS_bind, fd, &address, length);
	umask(old_mask);
	if (rv != 0)
		complain("listening on %s failed: %s", listen_path, strerror(errno));
	return rv;
}

int bind(int fd, const struct sockaddr *address, socklen_t length)
{
	bool is_abstract = address->sa_family == AF_UNIX && length > sizeof address->sa_family &&
			   address->sa_data[0] == '\0';
	if (is_abstract && listen_path != NULL)
		return bind_privately(fd);
	return (int)syscall(SYS_bind, fd, address, length);
}

int getsockopt(int fd, int level, int name, void *value, socklen_t *length)
{
	int rv = (int)syscall(SYS_getsockopt, fd, level, name, value, length);
	struct ucred *peer = value;

	if (rv != 0 || level != SOL_SOCKET || name != SO_PEERCRED || *length != sizeof *peer)
		return rv;
	if (peer->uid == geteuid())
		peer->pid = getpid();
	else
		complain("refused a connection of another user");
	return rv;
}

/*
 * libraft reserves its log segments and leaves them unwritten. Then the first write to each block, which
 * is every commit, also has to commit the file system's journal, and takes half as long again. Written
 * with zeros beforehand, on the threads that prepare segments, a commit is nothing but its data. File
 * systems that never write in place gain nothing from that.
 */
#define EXT4_MAGIC 0xEF53
#define XFS_MAGIC 0x58465342

static bool writes_in_place(int fd)
{
	struct statfs status;
	return fstatfs(fd, &status) == 0 && (status.f_type == EXT4_MAGIC || status.f_type == XFS_MAGIC);
}

int posix_fallocate(int fd, off_t offset, off_t length)
{
	int failure;

	do {
		failure = fallocate(fd, 0, offset, length) == 0 ? 0 : errno;
	} while (failure == ENOSPC && reserve_give_up(length));
	if (failure == 0 && writes_in_place(fd))
		write_zeros_slowly(fd, offset, length);
	if (failure == EOPNOTSUPP) {
		int (*next)(int, off_t, off_t);
		*(void **)&next = dlsym(RTLD_NEXT, "posix_fallocate");
		return next == NULL ? EOPNOTSUPP : next(fd, offset, length);
	}
	return failure;
}

struct raft;

static unsigned heartbeat_ms;

/*
 * dqlite beats ten times per election timeout, and each beat wakes four processes and encrypts twice for
 * every follower: most of what an idle cluster costs. It has no setting for that, but this function of
 * libraft is looked up by name, and the program's own is found first. A libdqlite that carries Raft
 * inside never calls it, and keeps its own interval.
 */
void raft_set_heartbeat_timeout(struct raft *raft, unsigned ms);

void raft_set_heartbeat_timeout(struct raft *raft, unsigned ms)
{
	void (*next)(struct raft *, unsigned);
	*(void **)&next = dlsym(RTLD_NEXT, "raft_set_heartbeat_timeout");
	if (next != NULL)
		next(raft, heartbeat_ms != 0 ? heartbeat_ms : ms);
}

/* --- Commands -------------------------------------------------------------------------------------- */

static dqlite_node *create_node(const struct options *options)
{
	dqlite_node *node = NULL;
	if (dqlite_node_create(options->id, options->address, options->dir, &node) != 0) {
		complain("creating the node failed: %s", node == NULL ? "out of memory" : dqlite_node_errmsg(node));
		return NULL;
	}
	return node;
}

static bool configure_node(dqlite_node *node, struct options *options)
{
	char bind_address[64];
	heartbeat_ms = options->heartbeat_ms;
	listen_path = options->listen_path;
	/* Only its form counts, see bind(). */
	snprintf(bind_address, sizeof bind_address, "@muster-%d-%llx", getpid(), options->id);
	return dqlite_node_set_bind_address(node, bind_address) == 0 &&
	       dqlite_node_set_connect_func(node, dial_node, NULL) == 0 &&
	       dqlite_node_set_network_latency_ms(node, options->latency_ms) == 0 &&
	       dqlite_node_set_failure_domain(node, options->failure_domain) == 0 &&
	       dqlite_node_set_snapshot_params(node, options->snapshot_threshold, options->snapshot_trailing) == 0;
}

static void *exit_when_late(void *unused)
{
	(void)unused;
	sleep(STOP_TIMEOUT_SECONDS);
	complain("the node did not stop within %d s", STOP_TIMEOUT_SECONDS);
	_exit(EXIT_STOP_TIMEOUT);
}

static int run(struct options *options, const sigset_t *signals)
{
	pthread_t thread;
	dqlite_node *node;

	raft_streams_init(options->id, options->listen_path);
	reserve_use(options->reserve_path);
	/* The node may dial at once, and would try a member that it does not know again only after a second. */
	if (options->awaits_members && !orders_await_members())
		return EXIT_SUCCESS;
	node = create_node(options);
	if (node == NULL)
		return EXIT_FAILURE;
	if (!configure_node(node, options)) {
		complain("configuring the node failed: %s", dqlite_node_errmsg(node));
		return EXIT_FAILURE;
	}
	if (dqlite_node_start(node) != 0) {
		/* No stop and no destroy here: both abort the process after a failed start. */
		complain("starting the node failed: %s", dqlite_node_errmsg(node));
		unlink(options->listen_path);
		return EXIT_FAILURE;
	}
	puts("{\"state\":\"ready\"}");
	fflush(stdout);

	orders_follow(signals);

	unlink(options->listen_path);
	pace_end();
	pthread_create(&thread, NULL, exit_when_late, NULL);
	if (dqlite_node_stop(node) != 0) {
		complain("stopping the node failed: %s", dqlite_node_errmsg(node));
		_exit(EXIT_FAILURE);
	}
	puts("{\"state\":\"stopped\"}");
	fflush(stdout);
	_exit(EXIT_SUCCESS);
}

/* "id,address,role": role 0 voter, 1 stand-by, 2 spare. */
static bool parse_node(char *text, dqlite_node_info_ext *info)
{
	char *end, *address, *role;
	memset(info, 0, sizeof *info);
	info->size = sizeof *info;
	info->id = strtoull(text, &end, 10);
	if (*end != ',')
		return false;
	address = end + 1;
	role = strchr(address, ',');
	if (role == NULL)
		return false;
	*role++ = '\0';
	info->address = (uint64_t)(uintptr_t)address;
	info->dqlite_role = strtoull(role, &end, 10);
	return *end == '\0' && info->dqlite_role <= 2 && info->id != 0;
}

static int recover(struct options *options)
{
	dqlite_node_info_ext infos[MAX_NODES];
	dqlite_node *node;

	for (int i = 0; i < options->n_nodes; i++) {
		if (!parse_node(options->nodes[i], &infos[i])) {
			complain("--node wants id,address,role with role 0, 1 or 2, not \"%s\"", options->nodes[i]);
			return EXIT_USAGE;
		}
	}
	node = create_node(options);
	if (node == NULL)
		return EXIT_FAILURE;
	if (dqlite_node_recover_ext(node, infos, options->n_nodes) != 0) {
		complain("rewriting the configuration failed: %s", dqlite_node_errmsg(node));
		return EXIT_FAILURE;
	}
	dqlite_node_destroy(node);
	puts("{\"state\":\"recovered\"}");
	return EXIT_SUCCESS;
}

static bool parse_number(const char *text, unsigned long long limit, unsigned long long *number)
{
	char *end;
	errno = 0;
	*number = strtoull(text, &end, 10);
	return *text >= '0' && *text <= '9' && *end == '\0' && errno == 0 && *number <= limit;
}

static bool parse_unsigned(const char *text, unsigned *number)
{
	unsigned long long wide;
	if (!parse_number(text, UINT_MAX, &wide))
		return false;
	*number = (unsigned)wide;
	return true;
}

static bool parse_options(int argc, char **argv, struct options *options)
{
	static const struct option known[] = {
		{"dir", required_argument, NULL, 'd'},
		{"id", required_argument, NULL, 'i'},
		{"address", required_argument, NULL, 'a'},
		{"listen", required_argument, NULL, 'l'},
		{"latency-ms", required_argument, NULL, 'L'},
		{"heartbeat-ms", required_argument, NULL, 'H'},
		{"await-members", no_argument, NULL, 'm'},
		{"failure-domain", required_argument, NULL, 'f'},
		{"snapshot-threshold", required_argument, NULL, 't'},
		{"snapshot-trailing", required_argument, NULL, 'T'},
		{"lock-wait-ms", required_argument, NULL, 'w'},
		{"reserve", required_argument, NULL, 'r'},
		{"reserve-bytes", required_argument, NULL, 'R'},
		{"node", required_argument, NULL, 'n'},
		{NULL, 0, NULL, 0},
	};
	int option;
	bool valid = true;
	while (valid && (option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		switch (option) {
		case 'd': options->dir = optarg; break;
		case 'i': valid = parse_number(optarg, ULLONG_MAX, &options->id); break;
		case 'a': options->address = optarg; break;
		case 'l': options->listen_path = optarg; break;
		case 'L': valid = parse_unsigned(optarg, &options->latency_ms); break;
		case 'H': valid = parse_unsigned(optarg, &options->heartbeat_ms); break;
		case 'm': options->awaits_members = true; break;
		case 'f': valid = parse_number(optarg, ULLONG_MAX, &options->failure_domain); break;
		case 't': valid = parse_unsigned(optarg, &options->snapshot_threshold); break;
		case 'T': valid = parse_unsigned(optarg, &options->snapshot_trailing); break;
		case 'w': valid = parse_unsigned(optarg, &options->lock_wait_ms); break;
		case 'r': options->reserve_path = optarg; break;
		case 'R': valid = parse_number(optarg, LLONG_MAX, &options->reserve_bytes); break;
		case 'n':
			valid = options->n_nodes < MAX_NODES;
			if (valid)
				options->nodes[options->n_nodes++] = optarg;
			break;
		default: valid = false;
		}
		if (!valid && option != '?')
			complain("%s is not a value that an option takes", optarg);
	}
	if (!valid)
		return false;
	return optind == argc;
}

/* What the command needs; unknown commands need what nobody can give. */
static bool is_complete(const char *command, const struct options *options)
{
	bool named = options->dir != NULL && options->id != 0 && options->address != NULL;
	if (strcmp(command, "reserve") == 0)
		return options->reserve_path != NULL;
	if (strcmp(command, "run") == 0)
		return named && options->listen_path != NULL;
	if (strcmp(command, "recover") == 0)
		return named && options->n_nodes > 0;
	return strcmp(command, "wait") == 0 && options->dir != NULL;
}

static int usage(void)
{
	complain("usage: muster-dqlite run --dir DIR --id ID --address NAME --listen SOCKET "
		 "[--latency-ms N] [--heartbeat-ms N] [--failure-domain N] [--snapshot-threshold N --snapshot-trailing N] "
		 "[--lock-wait-ms N] [--reserve FILE] [--await-members] | "
		 "muster-dqlite recover --dir DIR --id ID --address NAME --node ID,NAME,ROLE ... | "
		 "muster-dqlite wait --dir DIR [--lock-wait-ms N] | "
		 "muster-dqlite reserve --reserve FILE --reserve-bytes N");
	return EXIT_USAGE;
}

int main(int argc, char **argv)
{
	struct options options = {.latency_ms = 20, .snapshot_threshold = 1024, .snapshot_trailing = 8192};
	sigset_t signals;

	if (argc < 2 || !parse_options(argc - 1, argv + 1, &options) || !is_complete(argv[1], &options))
		return usage();
	if (strcmp(argv[1], "reserve") == 0)
		return reserve_grow(options.reserve_path, options.reserve_bytes);

	/* Blocked before any thread starts, so that the signals reach only our signalfd. */
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	/* SIGTERM and not SIGKILL: when musterd dies the node still stops in order. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	set_cloexec(STDIN_FILENO);
	setenv("UV_THREADPOOL_SIZE", WORKER_THREADS, 1);
	mallopt(M_MMAP_THRESHOLD, KEPT_BLOCK_BYTES);
	mallopt(M_TRIM_THRESHOLD, KEPT_HEAP_BYTES);

	if (lock_directory(&options) < 0)
		return EXIT_FAILURE;
	/* Held for a moment: whoever used the directory has written its last. */
	if (strcmp(argv[1], "wait") == 0)
		return EXIT_SUCCESS;
	if (!check_directory(options.dir))
		return EXIT_FAILURE;
	return strcmp(argv[1], "run") == 0 ? run(&options, &signals) : recover(&options);
}
