/* SPDX-License-Identifier: MIT */
/* Who holds a socket: texts of /proc, and real sockets of ours, shared, left, orphaned.
 */
#include "unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "../../lib/diag/survey.h"

struct text_row {
	const char *name, *text, *want;
};

static const struct text_row link_rows[] = {
	{ "a socket", "socket:[4711]", "4711" },
	{ "the largest number", "socket:[4294967295]", "4294967295" },
	{ "a larger one", "socket:[4294967296]", "-" },
	{ "no number", "socket:[]", "-" },
	{ "no end", "socket:[12", "-" },
	{ "a word", "socket:[1x]", "-" },
	{ "cut in its head", "socket:", "-" },
	{ "nothing", "", "-" },
	{ "a pipe", "pipe:[12]", "-" },
	{ "a file of that name", "/tmp/socket:[12]", "-" },
};

static void test_link(void **state)
{
	const struct text_row *row = *state;
	cleanup_free char *copy = exact_copy(row->text, strlen(row->text));
	struct notes n = { 0 };
	uint32_t inode;

	if (parse_socket_link(span(copy, strlen(row->text)), &inode))
		note(&n, "%u", inode);
	else
		note(&n, "-");
	assert_string_equal(n.text, row->want);
}

static const struct text_row ring_rows[] = {
	{ "files and sockets",
	  "SqMask:\t0x7\nUserFiles:\t3\n    0: socket:[12]\n    2: /tmp/x\n    3: "
	  "socket:[13]\nUserBufs:\t0\n",
	  "12 13 all" },
	{ "none", "UserFiles:\t0\nUserBufs:\t0\n", "all" },
	{ "names only, of an older kernel",
	  "UserFiles:\t2\n    0: TCP\n    1: socket:[5]\n", "5 some" },
	{ "its lock was taken", "SqMask:\t0x7\n", "some" },
	{ "empty", "", "some" },
	{ "a number that is none", "UserFiles:\t1\n    x: socket:[5]\n", "all" },
	{ "another list", "UserFiles:\t1\nPollList:\n    0: socket:[5]\n", "all" },
};

static void note_inode(void *arg, uint32_t inode)
{
	note(arg, "%u ", inode);
}

static void test_ring(void **state)
{
	const struct text_row *row = *state;
	cleanup_free char *copy = exact_copy(row->text, strlen(row->text));
	struct notes n = { 0 };
	bool all = parse_ring(span(copy, strlen(row->text)), note_inode, &n);

	note(&n, all ? "all" : "some");
	assert_string_equal(n.text, row->want);
}

#define STAT_TAIL                                                                         \
	" S 1 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 9 10 11 12 13 14 15 16 17 18 19 " \
	"20 21 22 0 0 17 "

static const struct text_row stat_rows[] = {
	{ "plain", "812 (nginx)" STAT_TAIL "3 0 0\n", "nginx 3" },
	{ "brackets in the name", "7 (a) R (b)" STAT_TAIL "0 0\n", "a) R (b 0" },
	{ "an empty name", "7 ()" STAT_TAIL "12 0\n", " 12" },
	{ "cut before the processor", "812 (nginx)" STAT_TAIL, "-" },
	{ "no name", "812 nginx S", "-" },
	{ "the brackets the wrong way", "7 )x(" STAT_TAIL "1\n", "-" },
	{ "a processor that is none", "812 (nginx)" STAT_TAIL "x\n", "-" },
};

static void test_stat(void **state)
{
	const struct text_row *row = *state;
	cleanup_free char *copy = exact_copy(row->text, strlen(row->text));
	struct notes n = { 0 };
	struct stat_line s;

	if (parse_stat(span(copy, strlen(row->text)), &s))
		note(&n, "%.*s %d", (int)s.comm.len, s.comm.p, s.cpu);
	else
		note(&n, "-");
	assert_string_equal(n.text, row->want);
}

static const struct text_row cgroup_rows[] = {
	{ "a service", "0::/system.slice/nginx.service\n",
	  "/system.slice/nginx.service nginx.service" },
	{ "below a service", "0::/system.slice/nginx.service/inner\n",
	  "/system.slice/nginx.service/inner nginx.service" },
	{ "of a user",
	  "0::/user.slice/user-1000.slice/user@1000.service/app.slice/x.service\n",
	  "/user.slice/user-1000.slice/user@1000.service/app.slice/x.service x.service" },
	{ "a container", "0::/machine.slice/docker-0123.scope\n",
	  "/machine.slice/docker-0123.scope docker-0123.scope" },
	{ "the root", "0::/\n", " " },
	{ "version 1",
	  "12:cpu,cpuacct:/x\n1:name=systemd:/system.slice/a.service\n0::/\n",
	  "/system.slice/a.service a.service" },
	{ "both", "1:name=systemd:/a.service\n0::/b.service\n", "/a.service a.service" },
	{ "no unit", "0::/foo/bar\n", "/foo/bar " },
	{ "a name that is only an ending", "0::/.service\n", "/.service " },
	{ "half a line", "0:", " " },
	{ "nothing", "", " " },
};

static void test_cgroup(void **state)
{
	const struct text_row *row = *state;
	cleanup_free char *copy = exact_copy(row->text, strlen(row->text));
	struct cgroup_path c = parse_cgroup(span(copy, strlen(row->text)));
	struct notes n = { 0 };

	note(&n, "%.*s %.*s", (int)c.path.len, c.path.p ? c.path.p : "", (int)c.unit.len,
	     c.unit.p ? c.unit.p : "");
	assert_string_equal(n.text, row->want);
}

static uint32_t inode_of(int fd)
{
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	return (uint32_t)st.st_ino;
}

/* A child that does nothing until its pipe is closed. */
struct child {
	pid_t pid;
	int end;
};

static struct child start_child(void)
{
	struct child c;
	int ends[2];
	char byte;

	assert_int_equal(pipe(ends), 0);
	c.pid = fork();
	assert_true(c.pid >= 0);
	if (!c.pid) {
		close(ends[1]);
		while (read(ends[0], &byte, 1) > 0)
			;
		_exit(0);
	}
	close(ends[0]);
	c.end = ends[1];
	return c;
}

static void end_child(const struct child *c)
{
	close(c->end);
	assert_int_equal(waitpid(c->pid, NULL, 0), c->pid);
}

/* The pids that have the inode open. */
static bool has(struct owners *o, uint32_t inode, uint32_t pid, size_t n_wanted)
{
	size_t n;
	const struct owner_ref *r = owners_find(o, inode, &n);

	assert_int_equal(n, n_wanted);
	for (size_t i = 0; i < n; i++)
		if (owners_get(o, r[i].owner)->pid == pid)
			return true;
	return false;
}

static const struct thread_row {
	const char *name;
	unsigned threads;
} thread_rows[] = { { "one", 1 },
		    { "three", 3 },
		    { "more than there are", 1000 },
		    { "as many as pay", 0 } };

static void test_shared(void **state)
{
	const struct thread_row *row = *state;
	cleanup_close int shared = socket(AF_INET, SOCK_STREAM, 0);
	cleanup_close int again = dup(shared);
	struct child c = start_child();
	cleanup_close int own = socket(AF_UNIX, SOCK_STREAM, 0);
	cleanup_owners struct owners *o = NULL;
	size_t n;

	assert_true(again >= 0);
	assert_int_equal(owners_read(row->threads, &o), 0);
	assert_true(has(o, inode_of(shared), (uint32_t)getpid(), 2));
	assert_true(has(o, inode_of(shared), (uint32_t)c.pid, 2));
	assert_true(has(o, inode_of(own), (uint32_t)getpid(), 1));
	assert_null(owners_find(o, 0, &n));
	assert_null(owners_find(o, UINT32_MAX, &n));
	assert_int_equal(n, 0);
	end_child(&c);
}

/* Under valgrind it is another one. */
static void own_name(char out[32])
{
	FILE *f = fopen("/proc/self/comm", "r");

	assert_non_null(f);
	assert_non_null(fgets(out, 32, f));
	out[strcspn(out, "\n")] = '\0';
	fclose(f);
}

/* One that ends between the walk and the look at it. */
static void test_ended(void **state)
{
	cleanup_close int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct child c = start_child();
	cleanup_owners struct owners *o = NULL;
	const struct owner_ref *r;
	bool ended = false, ours = false;
	char name[32];
	size_t n;

	(void)state;
	own_name(name);
	assert_int_equal(owners_read(1, &o), 0);
	end_child(&c);
	r = owners_find(o, inode_of(fd), &n);
	assert_int_equal(n, 2);
	for (size_t i = 0; i < n; i++) {
		const struct owner *p = owners_look(o, r[i].owner);

		if (p->pid == (uint32_t)c.pid)
			ended = p->ended && !*p->comm && !*p->unit && p->cpu < 0;
		else
			ours = !p->ended && !strcmp(p->comm, name) && p->cpu >= 0;
		assert_ptr_equal(p, owners_look(o, r[i].owner));
	}
	assert_true(ended);
	assert_true(ours);
}

/* What the survey says of the sockets of one port: "side kind reason". */
struct told {
	struct notes notes;
	uint16_t port;
};

static int tell(const struct socket_view *v, void *arg)
{
	struct told *t = arg;

	if (v->s->local.port == t->port)
		note(&t->notes, "server %d %s,", v->owner.kind, v->owner.reason);
	return 0;
}

static int listen_here(struct sockaddr_in *a)
{
	socklen_t len = sizeof(*a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	*a = (struct sockaddr_in){ .sin_family = AF_INET };
	a->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)a, len), 0);
	assert_int_equal(listen(fd, 4), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)a, &len), 0);
	return fd;
}

static bool survey(struct told *t, const struct survey_query *q)
{
	struct survey s;
	int err = survey_open(&s, q);

	t->notes = (struct notes){ 0 };
	if (!err)
		err = survey_run(&s, tell, t);
	survey_close(&s);
	if (err == -ENOENT)
		return false; /* no sock_diag in this kernel */
	assert_int_equal(err, 0);
	return true;
}

static void expect_told(struct told *t, const struct survey_query *q,
			enum owner_kind kind, const char *reason)
{
	struct notes want = { 0 };

	note(&want, "server %d %s,", kind, reason);
	survey(t, q);
	assert_string_equal(t->notes.text, want.text);
}

static void test_survey(void **state)
{
	struct sockaddr_in a;
	cleanup_close int listener = listen_here(&a);
	cleanup_close int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct told t = { .port = ntohs(a.sin_port) };
	struct survey_query q = {
		.all = true, .owners = true, .port = t.port, .sees_all = true
	};
	cleanup_close int server = -1;

	(void)state;
	assert_int_equal(connect(client, (struct sockaddr *)&a, sizeof(a)), 0);
	if (!survey(&t, &q))
		skip();
	expect_told(&t, &q, OWNER_NONE, "not-accepted");
	server = accept(listener, NULL, NULL);
	expect_told(&t, &q, OWNER_PROCESS, "");
	q.owners = false;
	expect_told(&t, &q, OWNER_NOT_ASKED, "");
	q.owners = true;
	q.pid = (uint32_t)getpid();
	expect_told(&t, &q, OWNER_PROCESS, "");
	q.pid = 1;
	survey(&t, &q);
	assert_string_equal(t.notes.text, "");
	q.pid = 0;
	q.all = false; /* it is on no kTLS */
	survey(&t, &q);
	assert_string_equal(t.notes.text, "");
	q.all = true;
	close(server);
	server = -1;
	expect_told(&t, &q, OWNER_NONE, "closed");
}

int main(void)
{
	static const struct unit_set sets[] = {
		UNIT_ROWS("link", link_rows, test_link),
		UNIT_ROWS("ring", ring_rows, test_ring),
		UNIT_ROWS("stat", stat_rows, test_stat),
		UNIT_ROWS("cgroup", cgroup_rows, test_cgroup),
		UNIT_ROWS("threads", thread_rows, test_shared),
		UNIT_ONE("ended meanwhile", test_ended),
		UNIT_ONE("survey", test_survey),
	};

	return unit_run("owners", sets, ARRAY_SIZE(sets));
}
