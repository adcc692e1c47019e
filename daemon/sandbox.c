/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The order is what makes it hold.
 *
 *  1. A root directory that is empty but for the node room. The descriptor of the node room that
 *     was open before leads out of it (openat(fd, "../..")), so the room is opened anew in there.
 *  2. Another user, two capabilities, no way to get more (identity.c).
 *  3. Not dumpable: no process of the same user can trace this one or read its memory.
 *  4. The list of system calls, last, since what comes before it needs others.
 *
 * What CAP_NET_ADMIN can do over a netlink socket no filter of system calls sees: a daemon that was
 * taken over can reconfigure the host's network. docs/SECURITY.md says it to the administrator.
 */
#include "daemon/sandbox.h"

#include "daemon/log.h"
#include "sandbox/root.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/if_tun.h>
#include <linux/nsfs.h>
#include <linux/sockios.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FIRST_INHERITED 3 /* also SD_LISTEN_FDS_START */
#define DEVICES_FILE "/proc/devices"

#ifndef SO_PASSRIGHTS
#define SO_PASSRIGHTS 83
#endif

/* What the C library's fork() and thread creation ask for. A new process gets a copy of the
 * sandbox; no flag makes a namespace. */
#define FORK_FLAGS (CLONE_CHILD_CLEARTID | CLONE_CHILD_SETTID | SIGCHLD)
#define THREAD_FLAGS                                                                               \
    (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM |            \
     CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID)

#define WHEN(argument) .n = 1, .arguments = {argument}
#define WHEN2(one, other) .n = 2, .arguments = {one, other}

static const Call fixed[] = {
    /* The main loop, and descriptors. */
    CALL(poll, "the main loop"),
    CALL(ppoll, "the main loop, on machines without poll"),
    CALL(read, "events, locks"),
    CALL(write, "log, watchdog, waking the main loop"),
    CALL(close, "descriptors"),
    CALL(lseek, "the list of locks is read from its start"),
    CALL(fstat, "a node's number"),
    CALL(newfstatat, "a node's inode, the number of one in /dev"),
    CALL(getdents64, "the nodes of an earlier run"),
    CALL(fcntl, "the queue's lock", WHEN(CALL_IS(1, F_OFD_SETLK))),
    CALL(fcntl, "the list of locks", WHEN(CALL_IS(1, F_DUPFD_CLOEXEC))),
    CALL(fcntl, "fdopen(3)", WHEN(CALL_IS(1, F_GETFL))),
    CALL(fcntl, "fdopen(3)", WHEN(CALL_IS(1, F_SETFD))),

    /* Clients, rtnetlink, the learner: all on sockets that are there, or that were accepted. */
    CALL(accept4, "clients"),
    CALL(recvfrom, "clients, the learner"),
    CALL(recvmsg, "clients, netlink"),
    CALL(sendto, "clients, netlink, the learner, frames for a guest"),
    CALL(sendmsg, "descriptors to clients, the journal, systemd"),
    CALL(shutdown, "clients that are left"),
    CALL(bind, "a spare packet socket begins to listen"),
    CALL(getsockopt, "who a client is", WHEN2(CALL_IS(1, SOL_SOCKET), CALL_IS(2, SO_PEERCRED))),
    CALL(getsockopt, "his groups", WHEN2(CALL_IS(1, SOL_SOCKET), CALL_IS(2, SO_PEERGROUPS))),
    CALL(setsockopt, "no descriptors", WHEN2(CALL_IS(1, SOL_SOCKET), CALL_IS(2, SO_PASSRIGHTS))),
    CALL(setsockopt, "nothing urgent", WHEN2(CALL_IS(1, SOL_SOCKET), CALL_IS(2, SO_OOBINLINE))),

    /* Devices. What a node may be, and where, is below. */
    CALL(ioctl, "the name of a tap", WHEN(CALL_IS(1, TUNGETIFF))),
    CALL(ioctl, "its MAC", WHEN(CALL_IS(1, SIOCGIFHWADDR))),
    CALL(ioctl, "what a client has not read", WHEN(CALL_IS(1, SIOCOUTQ))),
    CALL(ioctl, "where root asks from", WHEN(CALL_IS(1, SIOCGSKNS))),
    CALL(ioctl, "whose that namespace is", WHEN(CALL_IS(1, NS_GET_USERNS))),
    CALL(ioctl, "the same, to tell", WHEN(CALL_IS(1, NS_GET_OWNER_UID))),
    CALL(inotify_init1, "the end of queues"),
    CALL(inotify_add_watch, "the end of a queue"),
    CALL(inotify_rm_watch, "a queue that nobody got"),
    CALL(bpf, "a tap's entry", WHEN(CALL_IS(0, BPF_MAP_LOOKUP_ELEM))),
    CALL(bpf, "a tap's entry", WHEN(CALL_IS(0, BPF_MAP_UPDATE_ELEM))),
    CALL(bpf, "a tap's entry", WHEN(CALL_IS(0, BPF_MAP_DELETE_ELEM))),
    CALL(bpf, "entries of taps that have gone", WHEN(CALL_IS(0, BPF_MAP_GET_NEXT_KEY))),

    /* The child that closes a poisoned socket (client-socket.c), and the thread that deletes. */
    CALL(pipe2, "the child that closes a client's socket"),
    CALL(clone, "the same", .n = 1, .arguments = {{CALL_CLONE_FLAGS, SCMP_CMP_EQ, FORK_FLAGS, 0}}),
    CALL(clone, "a thread", .n = 1,
         .arguments = {{CALL_CLONE_FLAGS, SCMP_CMP_EQ, THREAD_FLAGS, 0}}),
    /* Its flags lie in memory, where no filter sees them: the C library falls back to clone. */
    CALL(clone3, "instead of clone", .error = ENOSYS),
    CALL(rt_sigaction, "the C library's own signals, with the first thread"),
    CALL(set_robust_list, "a child, a thread"),
    CALL(rseq, "a thread"),
    CALL(prctl, "the name of a thread", WHEN(CALL_IS(0, PR_SET_NAME))),
    CALL(mprotect, "the stack of a thread", WHEN(CALL_HAS(2, 4 /* PROT_EXEC */, 0))),
    CALL(madvise, "the stack of a thread"),
    CALL(exit, "the end of a thread"),
    CALL(getrandom, "the number of a device; the C library's allocator, in a thread"),
};

/* A driver gets its major when it is loaded. 0: it is not. Lines read `246 macvtap`. */
static guint major_of(char *const *devices, const char *driver)
{
    for (; *devices != NULL; devices++) {
        char *end;
        guint64 number = g_ascii_strtoull(*devices, &end, 10);
        if (*end == ' ' && g_str_equal(end + 1, driver))
            return (guint)number;
    }
    return 0;
}

/* Nodes of taps, for nobody but their owner, in the node room. mknodat(2) takes a device number
 * with the major in bits 8 to 19 (include/linux/kdev_t.h, new_decode_dev). */
static void add_nodes(Calls *calls, int nodes)
{
    static const char *const drivers[] = {"ipvtap", "macvtap"};
    g_autofree char *text = NULL;

    if (!g_file_get_contents(DEVICES_FILE, &text, NULL, NULL))
        return;
    g_auto(GStrv) devices = g_strsplit(text, "\n", -1);
    for (char **line = devices; *line != NULL; line++)
        g_strchug(*line);
    for (gsize i = 0; i < G_N_ELEMENTS(drivers); i++) {
        guint major = major_of(devices, drivers[i]);
        const Call node = CALL(mknodat, drivers[i], .n = 3,
                               .arguments = {CALL_IS(0, nodes), CALL_HAS(2, 0xffff, S_IFCHR | 0600),
                                             CALL_HAS(3, 0xfff00, major << 8)});
        if (major != 0)
            calls_add_one(calls, &node);
    }
}

Calls *sandbox_calls(int nodes)
{
    /* Whatever else is to be opened is not there, which in an empty root is the truth: libraries
     * look for files at odd moments, and that need not end the daemon. */
    const Call in_node_room[] = {
        CALL(openat, "a node",
             WHEN2(CALL_IS(0, nodes), CALL_IS(2, O_RDWR | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC))),
        CALL(openat, "the node room, to list it",
             WHEN2(CALL_IS(0, nodes), CALL_IS(2, O_RDONLY | O_DIRECTORY | O_CLOEXEC))),
        CALL(openat, "anything else", .error = ENOENT, .n = 1,
             .arguments = {{0, SCMP_CMP_NE, (scmp_datum_t)nodes, 0}}),
        CALL(unlinkat, "a node", WHEN2(CALL_IS(0, nodes), CALL_IS(2, 0))),
    };
    Calls *calls = calls_new();

    calls_add(calls, fixed, G_N_ELEMENTS(fixed));
    calls_add(calls, in_node_room, G_N_ELEMENTS(in_node_room));
    add_nodes(calls, nodes);
    return calls;
}

void sandbox_shut_inherited(void)
{
    const char *passed = g_getenv("LISTEN_FDS");
    unsigned first = FIRST_INHERITED;

    if (passed != NULL)
        first += (unsigned)MIN(g_ascii_strtoull(passed, NULL, 10), 64);
    /* Linux before 5.9 has no such call. */
    if (syscall(SYS_close_range, first, ~0U, 0) < 0)
        for (int fd = (int)first; fd < (int)sysconf(_SC_OPEN_MAX); fd++)
            close(fd);
}

/* GLib converts the C library's messages, and loads for that what it needs when it is first asked:
 * now, while there is a file system. */
static void warm_up(void)
{
    log_trace("the sandbox closes; %s", g_strerror(0));
}

static gboolean hide(GError **error)
{
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0)
        return TRUE;
    g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno),
                "cannot keep other processes from tracing this one: %s", g_strerror(errno));
    return FALSE;
}

gboolean sandbox_close(Rooms *rooms, const Identity *identity, gboolean trace, GError **error)
{
    g_autoptr(Calls) calls = sandbox_calls(rooms->nodes);

    warm_up();
    return root_empty(rooms->nodes_path, error) && rooms_reopen_nodes(rooms, error) &&
           identity_assume(identity, error) && hide(error) && calls_enforce(calls, trace, error);
}
