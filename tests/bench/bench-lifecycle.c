/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * What a device costs from request to descriptor, and from the death of its holder to its end, with
 * few and with many devices standing; beside the bare kernel doing the same in the same run: one
 * netlink message to make, two to settle, the uevent, mknod, open, verify, lock, then a deletion in
 * groups. It is called with the functions that the daemon uses. So the ratio is what the daemon
 * adds: a process, a socket, a policy, the books. A last table has ontap-helper from fork to exit
 * beside qemu-bridge-helper, where that is installed.
 *
 *     bench-lifecycle ONTAPD ONTAP-LEARND ONTAP-HELPER [TYPE [STANDING…]]
 *
 * TYPE is macvtap, or ipvtap where the kernel has it. It needs root, and works in namespaces that
 * it makes itself.
 */
#include "daemon/kernel.h"
#include "daemon/node.h"
#include "helper/client.h"
#include "netlink/link.h"
#include "netlink/route.h"
#include "wire/fds.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define SAMPLES 128 /* devices of each kind, made in turn and ended together */
#define ROUNDS 2
#define HELPER_ROUNDS 50
#define PARENT 77 /* ifindex of up0 */
#define ALIAS "v=1 owner=0 network=lan name=ontap1000000 queues=1 addresses=8 mac=parent guard=off"
#define BRIDGE_HELPER "/usr/lib/qemu/qemu-bridge-helper"

typedef struct {
    char *folder, *socket;
    DeviceType type;
    Kernel bare;
    guint32 next; /* ifindex of the next bare device */
    int watch;
} Bench;

typedef struct {
    GArray *us; /* of double: each device's making */
    double end_s;
} Costs;

static pid_t daemon_pid;

/* It changes its user, and so a parent-death signal would be forgotten. */
static void end_daemon(void)
{
    if (daemon_pid > 0)
        kill(daemon_pid, SIGTERM);
}

static G_NORETURN void die(const char *what, const char *why)
{
    fprintf(stderr, "bench-lifecycle: %s: %s\n", what, why);
    exit(1);
}

/* `errorp` is NULL where errno tells why. */
static void must(gboolean ok, const char *what, GError **errorp)
{
    if (!ok)
        die(what, errorp != NULL ? (*errorp)->message : g_strerror(errno));
}

static double now_us(void)
{
    return (double)g_get_monotonic_time();
}

/* ── the world ──────────────────────────────────────────────────────────────────────────── */

static void run(const char *command)
{
    if (system(command) != 0)
        die("failed", command);
}

/* A tmpfs that ends with this process, a bpf file system of our own, and a parent for the devices.
 */
static void make_world(Bench *bench)
{
    bench->folder = g_strdup("/tmp/bench-lifecycle.XXXXXX");
    must(unshare(CLONE_NEWNS | CLONE_NEWNET) == 0, "cannot make namespaces (are you root?)", NULL);
    must(mount("", "/", "none", MS_REC | MS_PRIVATE, NULL) == 0, "cannot make / private", NULL);
    must(mount("bench", "/tmp", "tmpfs", 0, NULL) == 0, "cannot mount a tmpfs", NULL);
    must(g_mkdtemp(bench->folder) != NULL && chmod(bench->folder, 0755) == 0, "mkdtemp", NULL);
    mount("bpf", "/sys/fs/bpf", "bpf", 0, "mode=0700");
    run("ip link add up0 index 77 type veth peer name lan0 && ip link set lo up &&"
        " ip link set up0 up && ip link set lan0 up");
    bench->socket = g_build_filename(bench->folder, "socket", NULL);
}

/* In the daemon's own tap room, since the kernel's work grows with what is in there, too; but with
 * nodes of its own. */
static void open_bare_room(Bench *bench)
{
    g_autofree char *netns = g_build_filename(bench->folder, "room", "netns", NULL);
    g_autofree char *nodes = g_build_filename(bench->folder, "bare", NULL);
    g_autofree char *other = g_build_filename(bench->folder, "other", NULL);
    g_autoptr(GError) error = NULL;
    Kernel *bare = &bench->bare;

    *bare = (Kernel)KERNEL_INIT;
    must(rooms_prepare(other, nodes, 0, 0, &error) &&
             rooms_open(&bare->rooms, netns, nodes, &error) &&
             (bare->host = rtnl_new(&error)) != NULL &&
             rooms_enter_tap_netns(&bare->rooms, &error) &&
             (bare->room = rtnl_new(&error)) != NULL &&
             (bare->homes[PLACE_TAP_ROOM].uevents = uevents_new(&error)) != NULL,
         "bare room", &error);
    rooms_leave_tap_netns(&bare->rooms);
    bench->next = 2000000;
}

static int connect_to(const Bench *bench)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    g_strlcpy(address.sun_path, bench->socket, sizeof(address.sun_path));
    if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
        return fd;
    close(fd);
    return -1;
}

static void start_daemon(Bench *bench, const char *ontapd, const char *learner)
{
    g_autofree char *policy = g_build_filename(bench->folder, "policy", NULL);
    g_autofree char *netns = g_build_filename(bench->folder, "room", "netns", NULL);
    g_autofree char *run_dir = g_build_filename(bench->folder, "room", "run", NULL);
    g_autofree char *text =
        g_strdup_printf("network lan parent=up0 default types=%s mac=parent guard=off\n"
                        "allow user=root network=lan devices=10000\n",
                        device_type_text(bench->type));

    must(g_file_set_contents(policy, text, -1, NULL) && chmod(policy, 0644) == 0, policy, NULL);
    daemon_pid = fork();
    if (daemon_pid == 0) {
        close(STDERR_FILENO);
        open("/tmp/ontapd.log", O_WRONLY | O_CREAT, 0600);
        execl(ontapd, ontapd, "--policy", policy, "--netns", netns, "--run-dir", run_dir,
              "--socket", bench->socket, "--learner", learner, "--user", "nobody", NULL);
        _exit(127);
    }
    for (int tries = 0; (bench->watch = connect_to(bench)) < 0; tries++) {
        if (tries == 100)
            run("cat /tmp/ontapd.log; false");
        g_usleep(100000);
    }
    must(write(bench->watch, "watch\n", 6) == 6, "watch", NULL);
}

/* Waits until the daemon has told of that many devices that they were `made` or are `gone`. */
static void await(const Bench *bench, const char *event, guint n)
{
    static char text[1 << 16];
    static gsize used;

    while (n > 0) {
        ssize_t size = read(bench->watch, text + used, sizeof(text) - used);
        char *line = text, *end;

        if (size <= 0)
            die("watch", "the daemon has ended");
        used += (gsize)size;
        while ((end = memchr(line, '\n', used - (gsize)(line - text))) != NULL) {
            n -= g_str_has_prefix(line, event);
            line = end + 1;
        }
        used -= (gsize)(line - text);
        memmove(text, line, used);
    }
}

/* ── devices ────────────────────────────────────────────────────────────────────────────── */

static int make_bare(Bench *bench)
{
    Kernel *bare = &bench->bare;
    char name[IFNAMSIZ];
    const LinkSpec link = {
        .type = bench->type,
        .name = name,
        .ifindex = bench->next++,
        .parent = PARENT,
        .netns = bare->rooms.tap_netns,
    };
    const Route multicast = {
        .destination = {.family = AF_INET6, .bytes = {0xff}},
        .prefix_length = 8,
        .ifindex = link.ifindex,
        .table = RT_TABLE_LOCAL,
    };
    guint8 hwaddr[HWADDR_SIZE];
    g_autoptr(GError) error = NULL;
    dev_t number = 0;

    g_snprintf(name, sizeof(name), "bare%u", link.ifindex);
    must(link_create(bare->host, &link, &error) &&
             link_settle(bare->room, link.ifindex, ALIAS, &error) &&
             uevents_find_tap(bare->homes[PLACE_TAP_ROOM].uevents, link.ifindex, &number, &error),
         name, &error);
    route_delete(bare->room, &multicast, NULL);
    int fd = node_open(bare->rooms.nodes, link.ifindex, 0, number, name, hwaddr, &error);
    must(fd >= 0, name, &error);
    return fd;
}

static int make_by_daemon(Bench *bench)
{
    const Request request = {.kind = REQUEST_DEVICE, .queues = 1};
    char error[CLIENT_ERROR_SIZE];
    ClientDevice device;

    if (!client_request_device(&device, bench->socket, &request, error))
        die("request", error);
    return device.fds[0];
}

/* Hands the descriptor to a process of its own: the last close of a tap waits for RCU, and many by
 * one process would wait one after the other. */
static pid_t hold(int fd, pid_t group)
{
    pid_t pid = fork();

    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (;;)
            pause();
    }
    must(pid > 0 && setpgid(pid, group) == 0, "fork", NULL);
    close(fd);
    return group != 0 ? group : pid;
}

static void reap(guint n)
{
    while (n-- > 0)
        must(wait(NULL) > 0, "wait", NULL);
}

/* What the daemon's reclaim is to be compared with. */
static void delete_bare(Bench *bench, guint n)
{
    guint32 first = bench->next - n, ifindexes[LINK_BATCH_MAX];
    g_autoptr(GError) error = NULL;

    for (guint at = 0; at < n;) {
        guint size = MIN(n - at, LINK_BATCH_MAX);

        for (guint i = 0; i < size; i++) {
            ifindexes[i] = first + at + i;
            node_remove(bench->bare.rooms.nodes, ifindexes[i], 0);
        }
        must(link_delete_batch(bench->bare.room, ifindexes, size, 5, &error) == 0, "batch", &error);
        at += size;
    }
}

static void measure(Bench *bench, Costs *daemon, Costs *bare)
{
    pid_t daemon_group = 0, bare_group = 0;

    for (guint i = 0; i < SAMPLES; i++) {
        double start = now_us(), us;
        int fd = make_bare(bench);

        us = now_us() - start;
        g_array_append_val(bare->us, us);
        bare_group = hold(fd, bare_group);
        start = now_us();
        fd = make_by_daemon(bench);
        us = now_us() - start;
        g_array_append_val(daemon->us, us);
        daemon_group = hold(fd, daemon_group);
    }

    double start = now_us();
    killpg(bare_group, SIGKILL);
    reap(SAMPLES);
    delete_bare(bench, SAMPLES);
    bare->end_s += (now_us() - start) / 1e6;

    start = now_us();
    killpg(daemon_group, SIGKILL);
    reap(SAMPLES);
    await(bench, "gone ", SAMPLES);
    daemon->end_s += (now_us() - start) / 1e6;
}

/* A process that takes `n` devices and holds them until this one ends. */
static void stand(Bench *bench, guint n)
{
    if (fork() == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (guint i = 0; i < n; i++)
            make_by_daemon(bench);
        for (;;)
            pause();
    }
    await(bench, "made ", n);
    /* Reads away what the kernel said of all these, lest it has no room for what is to come. */
    dev_t number;
    uevents_find_tap(bench->bare.homes[PLACE_TAP_ROOM].uevents, G_MAXINT32, &number, NULL);
}

/* ── figures ────────────────────────────────────────────────────────────────────────────── */

static int compare(gconstpointer a, gconstpointer b)
{
    double one = *(const double *)a, other = *(const double *)b;

    return one < other ? -1 : one > other;
}

static double quantile(GArray *us, double q)
{
    g_array_sort(us, compare);
    return g_array_index(us, double, (guint)(q * (us->len - 1)));
}

static double rate(const GArray *us)
{
    double sum = 0;

    for (guint i = 0; i < us->len; i++)
        sum += g_array_index(us, double, i);
    return us->len / sum * 1e6;
}

static void at_standing(Bench *bench, guint standing)
{
    Costs daemon = {g_array_new(FALSE, FALSE, sizeof(double)), 0};
    Costs bare = {g_array_new(FALSE, FALSE, sizeof(double)), 0};

    measure(bench, &daemon, &bare); /* does not count: what was before is still being cleared up */
    g_array_set_size(daemon.us, 0);
    g_array_set_size(bare.us, 0);
    daemon.end_s = bare.end_s = 0;
    for (guint round = 0; round < ROUNDS; round++)
        measure(bench, &daemon, &bare);
    double ours = quantile(daemon.us, 0.5), its = quantile(bare.us, 0.5);
    printf("| %u | %.0f | %.0f | %.2f | %+.0f | %.0f | %.0f | %.0f | %.0f | %.0f | %.0f | %.2f |\n",
           standing, ours, its, ours / its, ours - its, quantile(daemon.us, 0.99),
           quantile(bare.us, 0.99), rate(daemon.us), rate(bare.us), ROUNDS * SAMPLES / daemon.end_s,
           ROUNDS * SAMPLES / bare.end_s, daemon.end_s / bare.end_s);
    fflush(stdout);
    g_array_unref(daemon.us);
    g_array_unref(bare.us);
}

/* ── the helper ─────────────────────────────────────────────────────────────────────────── */

/* From fork to the descriptor and the exit, as QEMU waits for it. */
static double run_helper(const char *helper, const char *bridge)
{
    int pair[2], fd;
    size_t n = 0;
    char byte, option[32], br[32];
    int status;

    must(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0, "socketpair", NULL);
    g_snprintf(option, sizeof(option), "--fd=%d", pair[1]);
    g_snprintf(br, sizeof(br), "--br=%s", bridge);
    double start = now_us();
    pid_t pid = vfork();
    if (pid == 0) {
        execl(helper, helper, "--use-vnet", option, br, NULL);
        _exit(127);
    }
    close(pair[1]);
    must(fds_receive(pair[0], &byte, 1, &fd, &n, 1) == 1 && n == 1, helper, NULL);
    must(waitpid(pid, &status, 0) == pid && status == 0, helper, NULL);
    double us = now_us() - start;
    close(pair[0]);
    close(fd);
    return us;
}

static gboolean bridge_is_ready(void)
{
    if (access(BRIDGE_HELPER, X_OK) != 0)
        return FALSE;
    run("mkdir -p /etc/qemu && mount -t tmpfs bench /etc/qemu &&"
        " echo 'allow br9' >/etc/qemu/bridge.conf &&"
        " ip link add br9 type bridge && ip link set br9 up");
    return TRUE;
}

static void helpers(const Bench *bench, const char *helper)
{
    g_autoptr(GArray) ours = g_array_new(FALSE, FALSE, sizeof(double));
    g_autoptr(GArray) its = g_array_new(FALSE, FALSE, sizeof(double));
    gboolean bridge = bridge_is_ready();

    g_setenv("ONTAP_SOCKET", bench->socket, TRUE);
    for (guint i = 0; i < HELPER_ROUNDS; i++) {
        double us = run_helper(helper, "br0");

        g_array_append_val(ours, us);
        await(bench, "gone ", 1);
        if (bridge) {
            us = run_helper(BRIDGE_HELPER, "br9");
            g_array_append_val(its, us);
        }
    }
    printf("fork to descriptor and exit, median (p99), us: ontap-helper %.0f (%.0f)",
           quantile(ours, 0.5), quantile(ours, 0.99));
    if (bridge)
        printf(", qemu-bridge-helper %.0f (%.0f), ratio %.2f", quantile(its, 0.5),
               quantile(its, 0.99), quantile(ours, 0.5) / quantile(its, 0.5));
    printf("\n\n");
}

static void raise_descriptor_limit(void)
{
    const struct rlimit limit = {16384, 16384};

    setrlimit(RLIMIT_NOFILE, &limit);
}

int main(int argc, char **argv)
{
    static const char *const usual[] = {"1", "100", "1000", "4000", NULL};
    Bench bench = {.type = DEVICE_MACVTAP};
    guint standing = 0;

    if (argc < 4 || (argc > 4 && !device_type_parse(argv[4], &bench.type)))
        die("usage", "bench-lifecycle ONTAPD ONTAP-LEARND ONTAP-HELPER [TYPE [STANDING...]]");
    raise_descriptor_limit();
    atexit(end_daemon);
    make_world(&bench);
    start_daemon(&bench, argv[1], argv[2]);
    open_bare_room(&bench);

    helpers(&bench, argv[3]);
    printf("%s, microseconds to make one; devices a second\n\n", device_type_text(bench.type));
    printf("| standing | ontapd median | kernel median | ratio | added | ontapd p99 | kernel p99 "
           "| ontapd made/s | kernel made/s | ontapd ended/s | kernel ended/s | ratio of ending |\n"
           "|---|---|---|---|---|---|---|---|---|---|---|---|\n");
    for (const char *const *word = argc > 5 ? (const char *const *)argv + 5 : usual; *word != NULL;
         word++) {
        guint wanted = (guint)atoi(*word);

        if (wanted > standing)
            stand(&bench, wanted - standing);
        standing = MAX(standing, wanted);
        at_standing(&bench, standing);
    }
    kernel_close(&bench.bare);
    return 0;
}
