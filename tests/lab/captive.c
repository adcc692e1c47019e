/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * What a process that was taken over could do from inside the sandbox.
 *
 *     captive PROCESS [--trace ATTEMPT]       PROCESS: daemon, supervisor, worker
 *
 * Each attempt is made by a process of its own, which enters the very sandbox of the real one, by
 * the same functions, and then makes one system call that an attacker would like. A line each says
 * how that went: `killed`, the errno, or `allowed`. With --trace one attempt is made the way that
 * the real process would run with --trace. Needs root, and the users of a lab test.
 */
#include "daemon/kernel.h"
#include "daemon/sandbox.h"
#include "learner/confine.h"
#include "learner/supervisor.h"
#include "netlink/link.h"
#include "netlink/route.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define NETNS "/run/netns/captive"
#define RUN_DIR "/run/captive"
#define FAILED 255
#define LOOPBACK 1 /* its ifindex, in every netns */

static Kernel kernel;
static int channel = -1, packets = -1; /* what the learner has */

/* ── ways out: each as the system call returns ────────────────────────────────────────────── */

static long open_shadow(void)
{
    return syscall(SYS_openat, AT_FDCWD, "/etc/shadow", O_RDONLY);
}

/* By a call that the daemon may make. */
static long climb_out(void)
{
    return syscall(SYS_openat, kernel.rooms.nodes, "../../../etc",
                   O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static long climb_out_writing(void)
{
    return syscall(SYS_openat, kernel.rooms.nodes, "../../../x", O_RDWR | O_CREAT, 0600);
}

static long make_node(mode_t mode, dev_t number)
{
    long result = syscall(SYS_mknodat, kernel.rooms.nodes, "1.0", mode, (unsigned)number);

    if (result == 0)
        syscall(SYS_unlinkat, kernel.rooms.nodes, "1.0", 0);
    return result;
}

static long disk_node(void)
{
    return make_node(S_IFBLK | 0600, makedev(8, 0));
}

static long memory_node(void)
{
    return make_node(S_IFCHR | 0600, makedev(1, 1));
}

static long public_node(void)
{
    return make_node(S_IFCHR | 0666, makedev(8, 0));
}

static long look_at_dev(void)
{
    struct stat node;

    return syscall(SYS_newfstatat, kernel.dev, "null", &node, 0);
}

static long climb_out_of_dev(void)
{
    struct stat file;

    return syscall(SYS_newfstatat, kernel.dev, "../etc/passwd", &file, 0);
}

static long open_in_dev(void)
{
    return syscall(SYS_openat, kernel.dev, "null", O_RDWR | O_CLOEXEC);
}

static long make_in_dev(void)
{
    return syscall(SYS_mknodat, kernel.dev, "captive", S_IFCHR | 0600, (unsigned)makedev(1, 3));
}

static long remove_in_dev(void)
{
    return syscall(SYS_unlinkat, kernel.dev, "captive", 0);
}

static long execute(void)
{
    char *arguments[] = {(char *)"sh", NULL};

    return syscall(SYS_execve, "/bin/sh", arguments, arguments + 1);
}

static long trace(void)
{
    return syscall(SYS_ptrace, PTRACE_ATTACH, getppid(), 0, 0);
}

static long read_memory(void)
{
    return syscall(SYS_process_vm_readv, getppid(), NULL, 0, NULL, 0, 0);
}

static long signal_parent(void)
{
    return syscall(SYS_kill, getppid(), SIGTERM);
}

static long signal_thread(void)
{
    return syscall(SYS_tgkill, getppid(), getppid(), SIGKILL);
}

static long enter_netns(void)
{
    return syscall(SYS_setns, kernel.rooms.tap_netns, CLONE_NEWNET);
}

static long make_namespace(void)
{
    return syscall(SYS_unshare, CLONE_NEWUSER);
}

static long fork_into_namespace(void)
{
    long pid = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);

    if (pid == 0)
        _exit(0);
    return pid;
}

static long fork_unseen(void)
{
    return syscall(SYS_clone3, NULL, 0);
}

static long plain_fork(void)
{
    pid_t pid = fork();

    if (pid == 0)
        _exit(0);
    return pid;
}

static gpointer do_nothing(gpointer data)
{
    return data;
}

static long start_thread(void)
{
    return g_thread_join(g_thread_new("idle", do_nothing, &channel)) == &channel ? 0 : -1;
}

static long mount_something(void)
{
    return syscall(SYS_mount, "", "/", "tmpfs", 0, NULL);
}

static long change_root(void)
{
    return syscall(SYS_chroot, "/run");
}

static long change_mode(void)
{
    return syscall(SYS_fchmodat, AT_FDCWD, "/run/captive/dev", 0777);
}

static long become_root(void)
{
    return syscall(SYS_setresuid, 0, 0, 0);
}

static long raise_capabilities(void)
{
    return syscall(SYS_capset, NULL, NULL);
}

static long inet_socket(void)
{
    return syscall(SYS_socket, AF_INET, SOCK_STREAM, 0);
}

static long unix_socket(void)
{
    return syscall(SYS_socket, AF_UNIX, SOCK_STREAM, 0);
}

static long packet_socket(void)
{
    return syscall(SYS_socket, AF_PACKET, SOCK_RAW, 0);
}

static long netfilter_socket(void)
{
    return syscall(SYS_socket, AF_NETLINK, SOCK_RAW, 12 /* NETLINK_NETFILTER */);
}

static long call_somebody(void)
{
    const struct sockaddr_un address = {AF_UNIX, "/run/dbus/system_bus_socket"};

    return syscall(SYS_connect, channel, &address, sizeof(address));
}

static long load_program(void)
{
    return syscall(SYS_bpf, BPF_PROG_LOAD, NULL, 0);
}

static long make_map(void)
{
    return syscall(SYS_bpf, BPF_MAP_CREATE, NULL, 0);
}

static long executable_memory(void)
{
    return (long)syscall(SYS_mmap, NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
                         MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static long executable_later(void)
{
    return syscall(SYS_mprotect, 0, 4096, PROT_READ | PROT_EXEC);
}

static long load_module(void)
{
    return syscall(SYS_init_module, NULL, 0, "");
}

static long io_ring(void)
{
    return syscall(SYS_io_uring_setup, 1, NULL);
}

static long open_by_handle(void)
{
    return syscall(SYS_open_by_handle_at, -1, NULL, 0);
}

static long type_into_terminal(void)
{
    return syscall(SYS_ioctl, 0, 0x5412 /* TIOCSTI */, "x");
}

static long loosen_filter(void)
{
    return syscall(SYS_setsockopt, packets, SOL_SOCKET, SO_DETACH_FILTER, NULL, 0);
}

static long send_frame(void)
{
    static const char frame[60];
    const struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_ifindex = LOOPBACK};

    return syscall(SYS_sendto, packets, frame, sizeof(frame), 0, &address, sizeof(address));
}

static long write_frame(void)
{
    static const char frame[60];

    return syscall(SYS_write, packets, frame, sizeof(frame));
}

static long receive_descriptors(void)
{
    struct msghdr message = {0};

    return syscall(SYS_recvmsg, channel, &message, MSG_DONTWAIT);
}

static long speak_to_daemon(void)
{
    return syscall(SYS_sendto, channel, "x", 1, MSG_NOSIGNAL, NULL, 0);
}

/* ── what CAP_NET_ADMIN allows over the daemon's own rtnetlink socket ──────────────────────── */

static long as_call(bool done, const GError *error)
{
    errno = error == NULL ? 0 : error->code;
    return done ? 0 : -1;
}

static long change_link(void)
{
    g_autoptr(GError) error = NULL;
    bool done = link_set_group(kernel.host, LOOPBACK, 77, &error);

    link_set_group(kernel.host, LOOPBACK, 0, NULL);
    return as_call(done, error);
}

static long add_route(void)
{
    const IpAddress victim = {.family = AF_INET, .bytes = {198, 51, 100, 1}};
    const IpAddress source = {.family = AF_INET, .bytes = {127, 0, 0, 1}};
    const Route route = route_to_host(&victim, LOOPBACK, &source);
    g_autoptr(GError) error = NULL;
    bool done = route_add(kernel.host, &route, &error);

    route_delete(kernel.host, &route, NULL);
    return as_call(done, error);
}

enum {
    DAEMON = 1 << 0,
    SUPERVISOR = 1 << 1,
    WORKER = 1 << 2,
    LEARNER = SUPERVISOR | WORKER,
    ALL = DAEMON | LEARNER,
};

static const struct {
    const char *name;
    guint where; /* where it makes sense */
    long (*call)(void);
} attempts[] = {
    {"open /etc/shadow", ALL, open_shadow},
    {"list /etc by way of the node room", DAEMON, climb_out},
    {"make a file by way of the node room", DAEMON, climb_out_writing},
    {"look at a node in /dev", DAEMON, look_at_dev},
    {"look at /etc/passwd by way of /dev", DAEMON, climb_out_of_dev},
    {"open a node in /dev", DAEMON, open_in_dev},
    {"make a node in /dev", DAEMON, make_in_dev},
    {"remove a node in /dev", DAEMON, remove_in_dev},
    {"mknod of a disk", ALL, disk_node},
    {"mknod of /dev/mem", ALL, memory_node},
    {"mknod for everybody", DAEMON, public_node},
    {"execve", ALL, execute},
    {"fork", ALL, plain_fork},
    {"fork into a user namespace", ALL, fork_into_namespace},
    {"clone3", ALL, fork_unseen},
    {"a thread", DAEMON, start_thread},
    {"ptrace", ALL, trace},
    {"read another process's memory", ALL, read_memory},
    {"kill", ALL, signal_parent},
    {"tgkill", ALL, signal_thread},
    {"setns", ALL, enter_netns},
    {"unshare", ALL, make_namespace},
    {"mount", ALL, mount_something},
    {"chroot", ALL, change_root},
    {"chmod", ALL, change_mode},
    {"setresuid", ALL, become_root},
    {"capset", ALL, raise_capabilities},
    {"socket inet", ALL, inet_socket},
    {"socket unix", ALL, unix_socket},
    {"socket packet", ALL, packet_socket},
    {"socket netfilter", ALL, netfilter_socket},
    {"connect", ALL, call_somebody},
    {"bpf program load", ALL, load_program},
    {"bpf map create", ALL, make_map},
    {"mmap executable", ALL, executable_memory},
    {"mprotect executable", ALL, executable_later},
    {"init_module", ALL, load_module},
    {"io_uring_setup", ALL, io_ring},
    {"open_by_handle_at", ALL, open_by_handle},
    {"ioctl TIOCSTI", ALL, type_into_terminal},
    {"detach a socket's filter", ALL, loosen_filter},
    {"send a frame", LEARNER, send_frame},
    {"write a frame", LEARNER, write_frame},
    {"receive descriptors", LEARNER, receive_descriptors},
    {"speak to the daemon", LEARNER, speak_to_daemon},
    {"change a link of the host", DAEMON, change_link},
    {"add a route to the host", DAEMON, add_route},
};

static void die(const GError *error)
{
    fprintf(stderr, "captive: %s\n", error->message);
    _exit(FAILED);
}

static void enter_daemon(gboolean trace)
{
    g_autoptr(GError) error = NULL;
    Identity identity;

    if (!identity_find(&identity, "ontap", &error) ||
        !kernel_open(&kernel, NETNS, RUN_DIR, &error) ||
        !sandbox_close(&kernel.rooms, &identity, trace, &error))
        die(error);
}

static void enter_learner(gboolean worker, gboolean trace)
{
    g_autoptr(GError) error = NULL;
    Identity identity;
    int pair[2];

    if (trace)
        g_setenv("ONTAP_TRACE", "1", TRUE);
    if (!identity_find(&identity, "ontap-learn", &error))
        die(error);
    packets = socket(AF_PACKET, SOCK_RAW, 0);
    if (packets < 0 || socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) < 0)
        _exit(FAILED);
    channel = pair[0];

    g_autoptr(Calls) outer = supervisor_calls(channel);
    g_autoptr(Calls) inner = worker_calls(channel);
    if (!confine(identity.uid, identity.gid, &error) || !confine_calls(outer, &error) ||
        (worker && !confine_calls(inner, &error)))
        die(error);
}

static void make_attempt(guint process, gsize i, gboolean trace)
{
    if (process == DAEMON)
        enter_daemon(trace);
    else
        enter_learner(process == WORKER, trace);
    errno = 0;
    _exit(attempts[i].call() >= 0 ? 0 : errno);
}

static void print_outcome(const char *name, int status)
{
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
        printf("%-36s killed\n", name);
    else if (WIFSIGNALED(status))
        printf("%-36s signal %d\n", name, WTERMSIG(status));
    else if (WEXITSTATUS(status) == FAILED)
        printf("%-36s could not be tried\n", name);
    else if (WEXITSTATUS(status) == 0)
        printf("%-36s allowed\n", name);
    else
        printf("%-36s %s\n", name, strerrorname_np(WEXITSTATUS(status)));
}

static void attempt_all(guint process)
{
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    for (gsize i = 0; i < G_N_ELEMENTS(attempts); i++) {
        int status;

        if ((attempts[i].where & process) == 0)
            continue;
        fflush(stdout);
        pid_t pid = fork();
        if (pid == 0)
            make_attempt(process, i, FALSE);
        if (pid > 0 && waitpid(pid, &status, 0) == pid)
            print_outcome(attempts[i].name, status);
        /* What it has forked holds the rooms as well. */
        while (waitpid(-1, NULL, 0) > 0)
            ;
    }
}

static guint process_by_name(const char *name)
{
    static const char *const names[] = {"daemon", "supervisor", "worker"};

    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        if (g_str_equal(name, names[i]))
            return 1u << i;
    return 0;
}

int main(int argc, char **argv)
{
    guint process = argc >= 2 ? process_by_name(argv[1]) : 0;
    g_autoptr(GError) error = NULL;

    if (process == 0 || !rooms_prepare(NETNS, RUN_DIR, 0, 0, &error)) {
        fprintf(stderr, "captive: %s\n", error != NULL ? error->message : "which process?");
        return FAILED;
    }
    if (argc == 2)
        attempt_all(process);
    for (gsize i = 0; argc == 4 && i < G_N_ELEMENTS(attempts); i++)
        if (g_str_equal(attempts[i].name, argv[3]))
            make_attempt(process, i, TRUE);
    return 0;
}
