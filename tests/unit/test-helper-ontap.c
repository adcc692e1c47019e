/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The contract of ontap with its command, tested on the program itself: what is inherited, under
 * which numbers, what the environment says, and the exit statuses.
 *
 * Argument: the path of ontap.
 */
#include "helper/options.h"
#include "helper/ucspi.h"
#include "tests/unit/test-helper-daemon.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static const char *ontap_path;

/* Runs `ontap ARGUMENTS` and checks status, output and error. */
static void run_ontap(Daemon *daemon, Start start, char **environment, const char *const *arguments,
                      int status, const char *out, const char *err)
{
    g_auto(GStrv) argv = make_argv(daemon, ontap_path, arguments);
    g_autofree char *got_out = NULL;
    g_autofree char *got_err = NULL;
    int got = run(start, argv, environment, &got_out, &got_err);

    g_test_message("status %d, output: %s, error: %s", got, got_out, got_err);
    g_assert_cmpint(got, ==, status);
    if (out)
        g_assert_cmpstr(got_out, ==, out);
    if (err)
        g_assert_cmpstr(got_err, ==, err);
    if (status == 125) {
        g_assert_true(g_str_has_prefix(got_err, "ontap: "));
        g_assert_true(strchr(got_err, '\n') == got_err + strlen(got_err) - 1);
    }
}

static void test_ontap(void)
{
    g_autoptr(Daemon) daemon = daemon_start((Script){.reply = OK_REPLY(2), .n_fds_end = 2});
    g_autofree char *out =
        g_strdup_printf("3:4 3 4 none 02:00:00:00:00:07 ontap1000003 1000003 1500 lan vm1\n"
                        "%" G_GUINT64_FORMAT "\n%" G_GUINT64_FORMAT "\n",
                        inode(daemon->fds[0]), inode(daemon->fds[1]));
    char *stale[] = {(char *)"ONTAP_FD2=9", (char *)"ONTAP_FDS=7:8:9", NULL};

    run_ontap(daemon, (Start){0}, stale,
              ARGUMENTS("-N", "lan", "-t", "ipvtap", "-q2", "--name=vm1", "@", "--", "sh", "-c",
                        "echo $ONTAP_FDS $ONTAP_FD0 $ONTAP_FD1 ${ONTAP_FD2-none} $ONTAP_HWADDR "
                        "$ONTAP_IFNAME $ONTAP_IFINDEX $ONTAP_MTU $ONTAP_NETWORK $ONTAP_NAME; "
                        "stat -Lc %i /proc/self/fd/3 /proc/self/fd/4"),
              0, out, "");
    g_assert_cmpstr(daemon->request, ==, "type=ipvtap network=lan name=vm1 queues=2\n");
}

/* Descriptors of the caller's stay where they are, also around closed standard ones. */
static void test_ontap_descriptors(void)
{
    static const struct {
        int as;
        bool closed;
        const char *fds;
    } cases[] = {
        {3, false, "4:5"},
        {4, false, "3:5"},
        {5, false, "3:4"},
        {4, true, "3:5"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Daemon) daemon = daemon_start((Script){.reply = OK_REPLY(2), .n_fds_end = 2});
        g_autofree char *ours = g_strdup_printf("%" G_GUINT64_FORMAT, inode(daemon->fds[7]));
        g_autofree char *test = g_strdup_printf(
            "test $ONTAP_FDS = %s && test \"$(stat -Lc %%i /proc/self/fd/%d)\" = %s", cases[i].fds,
            cases[i].as, ours);
        Start start = {.keep = daemon->fds[7], .as = cases[i].as, .closed = cases[i].closed};

        g_test_message("case %zu: %s", i, test);
        run_ontap(daemon, start, NULL, ARGUMENTS("@", "-q", "2", "--", "sh", "-c", test), 0, NULL,
                  NULL);
    }
}

/* As many queues as the policy allows: whatever came between the two numbers is taken. */
static void test_ontap_range(void)
{
    static const struct {
        const char *queues;
        const char *reply;
        unsigned n_fds;
        int status;
        const char *request;
        const char *out;
    } cases[] = {
        {"1-4", OK_REPLY(2), 2, 0, "queues=4 queues-least=1\n", "3:4\n"},
        {"2-2", OK_REPLY(2), 2, 0, "queues=2 queues-least=2\n", "3:4\n"},
        {"2-4", OK_REPLY(1), 1, 125, "queues=4 queues-least=2\n", ""},
        {"1-2", OK_REPLY(3), 3, 125, "queues=2 queues-least=1\n", ""},
        {"1-4", OK_REPLY(2), 1, 125, "queues=4 queues-least=1\n", ""},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Daemon) daemon =
            daemon_start((Script){.reply = cases[i].reply, .n_fds_end = cases[i].n_fds});

        g_test_message("case %zu", i);
        run_ontap(daemon, (Start){0}, NULL,
                  ARGUMENTS("@", "-q", cases[i].queues, "--", "sh", "-c", "echo $ONTAP_FDS"),
                  cases[i].status, cases[i].out, NULL);
        g_assert_cmpstr(daemon->request, ==, cases[i].request);
    }
}

/* Each has its descriptors and its variables, the first also those without a number. */
static void test_ontap_and(void)
{
    g_autoptr(Daemon) daemon =
        daemon_start((Script){.reply = OK_REPLY(2), .n_fds_end = 2, .clients = 2});
    g_autofree char *out = g_strdup_printf(
        "3:4 2\n3:4 3 4 none lan vm1\n5:6 5 6 none lan vm1\nnone none none /elsewhere\n"
        "%" G_GUINT64_FORMAT "\n%" G_GUINT64_FORMAT "\n%" G_GUINT64_FORMAT "\n%" G_GUINT64_FORMAT
        "\n",
        inode(daemon->fds[0]), inode(daemon->fds[1]), inode(daemon->fds[2]), inode(daemon->fds[3]));
    char *stale[] = {
        (char *)"ONTAP2_FD2=9", (char *)"ONTAP3_FDS=7:8:9",        (char *)"ONTAP3_NAME=a",
        (char *)"ONTAP_FD2=9",  (char *)"ONTAP_SOCKET=/elsewhere", NULL};

    run_ontap(daemon, (Start){0}, stale,
              ARGUMENTS("-q2", "-n", "a", "@", "--and", "-N", "lab", "-q1-2", "--", "sh", "-c",
                        "echo $ONTAP_FDS $ONTAP_DEVICES; "
                        "echo $ONTAP1_FDS $ONTAP1_FD0 $ONTAP1_FD1 ${ONTAP1_FD2-none} "
                        "$ONTAP1_NETWORK $ONTAP1_NAME; "
                        "echo $ONTAP2_FDS $ONTAP2_FD0 $ONTAP2_FD1 ${ONTAP2_FD2-none} "
                        "$ONTAP2_NETWORK $ONTAP2_NAME; "
                        "echo ${ONTAP3_FDS-none} ${ONTAP3_NAME-none} ${ONTAP_FD2-none} "
                        "$ONTAP_SOCKET; "
                        "stat -Lc %i /proc/self/fd/3 /proc/self/fd/4 /proc/self/fd/5 "
                        "/proc/self/fd/6"),
              0, out, "");
    g_assert_cmpstr(daemon->request, ==, "name=a queues=2\nnetwork=lab queues=2 queues-least=1\n");
}

static void test_ontap_too_many(void)
{
    const char *arguments[OPTIONS_DEVICES_MAX + 3] = {"@"};
    g_autoptr(Daemon) daemon = daemon_start((Script){.reply = OK_REPLY(1), .n_fds_end = 1});

    for (size_t i = 1; i <= OPTIONS_DEVICES_MAX; i++)
        arguments[i] = "--and";
    arguments[OPTIONS_DEVICES_MAX + 1] = "echo";
    run_ontap(daemon, (Start){0}, NULL, arguments, 125, "",
              "ontap: one command can have at most 8 devices\n");
    g_assert_cmpstr(daemon->request, ==, "");
}

/* A MAC that the device itself need not have is told; a device that has to have it must take it,
 * which a memfd cannot. */
static void test_ontap_mac(void)
{
    static const char own[] =
        "ok ifname=ontap1000003 ifindex=1000003 hwaddr=02:00:00:00:00:07 mtu=1500 queues=1 "
        "network=lan name=vm1 stable-hwaddr=02:00:00:00:00:09\n";
    static const struct {
        const char *reply;
        const char *arguments[8];
        int status;
        const char *out;
        const char *err;
    } cases[] = {
        {OK_REPLY(1),
         {"@", "--mac=02:00:00:AA:00:01", "sh", "-c", "echo $ONTAP_HWADDR"},
         0,
         "02:00:00:aa:00:01\n",
         ""},
        {own, {"@", "sh", "-c", "echo $ONTAP_HWADDR"}, 0, "02:00:00:00:00:07\n", ""},
        {own,
         {"@", "-n", "vm1", "echo"},
         125,
         "",
         "ontap: cannot give the device vm1 the MAC 02:00:00:00:00:09: Inappropriate ioctl for "
         "device\n"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Daemon) daemon = daemon_start((Script){.reply = cases[i].reply, .n_fds_end = 1});

        g_test_message("case %zu", i);
        run_ontap(daemon, (Start){0}, NULL, cases[i].arguments, cases[i].status, cases[i].out,
                  cases[i].err);
    }
}

static int connect_to(const Daemon *daemon)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    g_strlcpy(address.sun_path, daemon->path, sizeof(address.sun_path));
    g_assert_cmpint(connect(fd, (struct sockaddr *)&address, sizeof(address)), ==, 0);
    return fd;
}

/* Over a connection that somebody else made, which the command does not inherit. */
static void test_ontap_ucspi(void)
{
    g_autoptr(Daemon) daemon = daemon_start((Script){.reply = OK_REPLY(1), .n_fds_end = 1});
    int client = connect_to(daemon);
    g_autofree char *line =
        g_strdup_printf("exec %s --ucspi -N lan -- sh -c 'echo $ONTAP_FDS; test -e /proc/self/fd/6 "
                        "|| test -e /proc/self/fd/7 || echo closed' 7>&6",
                        ontap_path);
    char *argv[] = {(char *)"/bin/sh", (char *)"-c", line, NULL};
    g_autofree char *out = NULL;
    g_autofree char *err = NULL;

    g_assert_cmpint(run((Start){.keep = client, .as = UCSPI_INPUT}, argv, NULL, &out, &err), ==, 0);
    g_assert_cmpstr(out, ==, "3\nclosed\n");
    g_assert_cmpstr(err, ==, "");
    g_assert_cmpstr(daemon->request, ==, "network=lan\n");
    close(client);
}

/* Descriptors that no descriptor can come through. */
static void test_ontap_ucspi_unfit(void)
{
    static const struct {
        const char *redirection;
        int unfit;
    } cases[] = {
        {"6<&- 7>&-", 6},
        {"6</dev/null 7>&8", 6},
        {"6<&8 7>/dev/null", 7},
        {"6<&8 7>&-", 7},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Daemon) daemon = daemon_start((Script){.reply = OK_REPLY(1), .n_fds_end = 1});
        int client = connect_to(daemon);
        g_autofree char *line =
            g_strdup_printf("exec %s --ucspi echo %s", ontap_path, cases[i].redirection);
        g_autofree char *want = g_strdup_printf(
            "ontap: --ucspi: descriptor %d is not a UNIX stream socket; ", cases[i].unfit);
        char *argv[] = {(char *)"/bin/sh", (char *)"-c", line, NULL};
        g_autofree char *out = NULL;
        g_autofree char *err = NULL;

        g_assert_cmpint(run((Start){.keep = client, .as = 8}, argv, NULL, &out, &err), ==, 125);
        g_assert_true(g_str_has_prefix(err, want));
        close(client);
    }
}

static void test_ontap_statuses(void)
{
    static const struct {
        const char *arguments[8];
        const char *reply;
        int status;
        const char *err;
    } cases[] = {
        {{"@", "--", "sh", "-c", "exit 7"}, OK_REPLY(1), 7, ""},
        {{"@", "sh", "-c", "exit 7"}, OK_REPLY(1), 7, ""},
        {{"@", "--", "no-such-command"},
         OK_REPLY(1),
         127,
         "ontap: cannot run no-such-command: No such file or directory\n"},
        {{"@", "--", "/"}, OK_REPLY(1), 126, "ontap: cannot run /: Permission denied\n"},
        {{"@", "--", "echo"},
         "error denied no rule allows it\n",
         125,
         "ontap: denied: no rule allows it\n"},
        {{"@", "-q", "2", "--", "echo"}, OK_REPLY(1), 125, NULL},
        {{"@"}, OK_REPLY(1), 125, NULL},
        {{"@", "--"}, OK_REPLY(1), 125, NULL},
        {{"@", "-x", "echo"}, OK_REPLY(1), 125, "ontap: unknown option -x (see ontap --help)\n"},
        {{"@", "--colour", "echo"},
         OK_REPLY(1),
         125,
         "ontap: unknown option --colour (see ontap --help)\n"},
        {{"@", "--help=me", "echo"}, OK_REPLY(1), 125, NULL},
        {{"@", "-N"}, OK_REPLY(1), 125, "ontap: option -N needs a value (see ontap --help)\n"},
        {{"@", "-N", "", "echo"}, OK_REPLY(1), 125, NULL},
        {{"@", "-n", "a/b", "echo"}, OK_REPLY(1), 125, NULL},
        {{"@", "-t", "tap", "echo"},
         OK_REPLY(1),
         125,
         "ontap: \"tap\" is not a type of device: ipvtap, macvtap, ipvlan or macvlan\n"},
        {{"@", "-q", "0", "echo"}, OK_REPLY(1), 125, NULL},
        {{"@", "-q", "4-2", "echo"}, OK_REPLY(1), 125, NULL},
        {{"@", "-q", "-2", "echo"}, OK_REPLY(1), 125, NULL},
        {{"@", "-q", "1-", "echo"}, OK_REPLY(1), 125, NULL},
        {{"@", "-q", "0-2", "echo"}, OK_REPLY(1), 125, NULL},
        {{"@", "-q", "65", "echo"},
         OK_REPLY(1),
         125,
         "ontap: the number of queues is 1 to 64, or LEAST-MOST such as 1-4, not \"65\"\n"},
        {{"@", "--mac=01:00:00:00:00:01", "echo"},
         OK_REPLY(1),
         125,
         "ontap: \"01:00:00:00:00:01\" is not a MAC for a device: six bytes such as "
         "02:00:00:12:34:56, the first one even\n"},
        {{"@", "--mac=00:00:00:00:00:00", "echo"}, OK_REPLY(1), 125, NULL},
        {{"@", "--mac=02:00:00:00:00", "echo"}, OK_REPLY(1), 125, NULL},
        {{"@", "--mac"},
         OK_REPLY(1),
         125,
         "ontap: option --mac needs a value (see ontap --help)\n"},
        {{"@", "--and"}, OK_REPLY(1), 125, NULL},
        {{"@", "--and", "-q", "0", "echo"}, OK_REPLY(1), 125, NULL},
        {{"@", "--ucspi", "echo"}, OK_REPLY(1), 125, NULL},
        {{"--ucspi", "--and", "echo"},
         OK_REPLY(1),
         125,
         "ontap: --ucspi and --and: a connection to ontapd is for one device (see ontap --help)\n"},
        {{"@", "--hostname=a", "echo"}, OK_REPLY(1), 125, NULL},
        {{"@", "--netns", "--hostname=", "echo"}, OK_REPLY(1), 125, NULL},
        {{"@", "--netns", "--hostname=-a", "echo"}, OK_REPLY(1), 125, NULL},
        {{"@", "--netns", "--hostname=a b", "echo"}, OK_REPLY(1), 125, NULL},
        {{"@", "--netns", "-q2", "echo"}, OK_REPLY(1), 125, NULL},
        {{"@", "--netns", "--and", "-q2-3", "echo"}, OK_REPLY(1), 125, NULL},
        {{"@", "--netns", "-t", "ipvlan", "echo"}, OK_REPLY(1), 125, NULL},
        {{"--socket", "/nonexistent", "echo"},
         OK_REPLY(1),
         125,
         "ontap: cannot connect to ontapd at /nonexistent: No such file or directory (start it: "
         "systemctl start ontapd)\n"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        bool ok = g_str_has_prefix(cases[i].reply, "ok");
        Script script = {.reply = cases[i].reply, .n_fds_end = ok};
        g_autoptr(Daemon) daemon = daemon_start(script);

        run_ontap(daemon, (Start){0}, NULL, cases[i].arguments, cases[i].status, "", cases[i].err);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_assert_cmpint(argc, ==, 2);
    ontap_path = argv[1];
    g_test_add_func("/ontap/command", test_ontap);
    g_test_add_func("/ontap/descriptors", test_ontap_descriptors);
    g_test_add_func("/ontap/range", test_ontap_range);
    g_test_add_func("/ontap/and", test_ontap_and);
    g_test_add_func("/ontap/too-many", test_ontap_too_many);
    g_test_add_func("/ontap/mac", test_ontap_mac);
    g_test_add_func("/ontap/ucspi", test_ontap_ucspi);
    g_test_add_func("/ontap/ucspi/unfit", test_ontap_ucspi_unfit);
    g_test_add_func("/ontap/statuses", test_ontap_statuses);
    return g_test_run();
}
