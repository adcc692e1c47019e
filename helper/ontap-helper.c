/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The program behind QEMU's `-netdev tap,helper=` and libvirt's `bridge_helper`: asks ontapd for a
 * device with one queue and hands its descriptor to the process that started it.
 *
 * The contract is that of net_bridge_run_helper() in QEMU's net/tap.c. The caller gives one end of
 * a UNIX socket pair as --fd=N, waits for our exit, and then reads one byte with one descriptor.
 * Exit status 0 without a descriptor sent makes QEMU use its standard input as the network, so 0
 * is returned in one place only, right after the descriptor went out. Every failure is one line on
 * standard error, nothing on N, and status 1.
 *
 * It runs in whatever QEMU left behind: SIGCHLD blocked, standard descriptors closed, no
 * environment, no_new_privs. It has no privilege and wants none; who may have a device is for the
 * daemon to say, by the credentials of our connection.
 */
#include "config.h"
#include "helper/client.h"
#include "helper/program.h"
#include "wire/fds.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define PROGRAM "ontap-helper"

static const char usage[] =
    "Usage: ontap-helper [--use-vnet] --fd=N [--br=NETWORK] [--network=NETWORK]\n"
    "                    [--name=NAME] [--socket=PATH]\n"
    "Get a network device from ontapd and hand it to QEMU, which calls this program:\n"
    "  qemu-system-x86_64 -nic tap,model=virtio,helper=/usr/bin/ontap-helper\n"
    "\n"
    "  --fd=N             the UNIX socket that the descriptor is sent over\n"
    "  --br=NETWORK       the network, as QEMU passes its br= option\n"
    "  --network=NETWORK  the network; beats --br\n"
    "  --name=NAME        the device's name; ontapd chooses one otherwise\n"
    "  --socket=PATH      where ontapd listens; beats $ONTAP_SOCKET\n"
    "  --use-vnet         accepted; devices always carry the virtio header\n"
    "  --help, --version\n"
    "\n"
    "See ontap-helper(1).\n";

typedef struct {
    const char *fd;
    const char *bridge;
    const char *network;
    const char *name;
    const char *socket;
    bool help;
    bool version;
} Options;

/* The last one wins, as with getopt. */
static bool parse_options(Options *options, int argc, char **argv)
{
    const struct {
        const char *prefix;
        const char **valuep;
    } valued[] = {
        {"--fd=", &options->fd},           {"--br=", &options->bridge},
        {"--network=", &options->network}, {"--name=", &options->name},
        {"--socket=", &options->socket},
    };

    for (int i = 1; i < argc; i++) {
        const char **valuep = NULL;

        for (size_t k = 0; k < sizeof(valued) / sizeof(valued[0]); k++) {
            size_t size = strlen(valued[k].prefix);

            if (strncmp(argv[i], valued[k].prefix, size) == 0) {
                valuep = valued[k].valuep;
                *valuep = argv[i] + size;
            }
        }
        if (valuep || strcmp(argv[i], "--use-vnet") == 0)
            continue;
        if (strcmp(argv[i], "--help") == 0) {
            options->help = true;
        } else if (strcmp(argv[i], "--version") == 0) {
            options->version = true;
        } else {
            program_error(PROGRAM, "unknown argument \"%.80s\" (see ontap-helper --help)", argv[i]);
            return false;
        }
    }
    return true;
}

static bool make_request(Request *request, const Options *options)
{
    const char *network = options->network ? options->network : options->bridge;

    *request = (Request){.kind = REQUEST_DEVICE, .queues = 1};
    return (!network || program_take_name(request->network, PROGRAM, "network", network)) &&
           (!options->name || program_take_name(request->name, PROGRAM, "device", options->name));
}

/* The socket to QEMU, which may be any open descriptor. Should it be one of the standard three, it
 * is moved, so that our own messages do not go there. */
static int open_caller(const char *text)
{
    struct stat status;
    uint64_t number;
    int domain = -1;
    socklen_t size = sizeof(domain);
    int fd;

    if (!text) {
        program_error(PROGRAM,
                      "--fd=N is missing; QEMU starts this program, as in -nic "
                      "tap,model=virtio,helper=/usr/bin/ontap-helper (see ontap-helper --help)");
        return -1;
    }
    if (!line_parse_u64(text, &number) || number > INT_MAX) {
        program_error(PROGRAM, "--fd= takes the number of a descriptor, not \"%.80s\"", text);
        return -1;
    }
    fd = (int)number;
    if (fstat(fd, &status) < 0 || !S_ISSOCK(status.st_mode) ||
        getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) < 0 || domain != AF_UNIX) {
        program_error(PROGRAM, "descriptor %d (from --fd=) is not an open UNIX socket", fd);
        return -1;
    }
    if (fd <= STDERR_FILENO) {
        int moved = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);

        close(fd);
        program_hold_stdio();
        fd = moved;
        if (fd < 0)
            program_error(PROGRAM, "cannot move descriptor %s", text);
    }
    return fd;
}

/* QEMU may be gone by now, and whoever reads our standard error too: both are errors to report,
 * not signals to die of. The blocked signals are QEMU's business and not ours. */
static void reset_signals(void)
{
    sigset_t none;

    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_IGN);
}

static bool hand_over(int caller, const ClientDevice *device)
{
    ssize_t sent = fds_send(caller, "", 1, device->fds, 1);

    if (sent < 0)
        program_error(PROGRAM, "cannot hand the device to the caller: %s", strerror((int)-sent));
    return sent == 1;
}

int main(int argc, char **argv)
{
    char error[CLIENT_ERROR_SIZE];
    ClientDevice device;
    Options options = {0};
    Request request;
    int caller;

    program_hold_stdio();
    reset_signals();

    if (!program_unprivileged(PROGRAM) || !parse_options(&options, argc, argv))
        return EXIT_FAILURE;
    if (options.help)
        return program_print(usage) ? EXIT_SUCCESS : EXIT_FAILURE;
    if (options.version)
        return program_print("ontap-helper " ONTAP_VERSION "\n") ? EXIT_SUCCESS : EXIT_FAILURE;

    caller = open_caller(options.fd);
    if (caller < 0 || !make_request(&request, &options))
        return EXIT_FAILURE;
    if (!client_request_device(&device, connection_path(options.socket), &request, error)) {
        program_error(PROGRAM, "%s", error);
        return EXIT_FAILURE;
    }
    return hand_over(caller, &device) ? EXIT_SUCCESS : EXIT_FAILURE;
}
