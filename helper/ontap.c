/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Runs a command that inherits a device: one descriptor a queue, and what it needs to know about
 * them in its environment. That is how a QEMU gets several queues (fds=), one that may not start
 * helpers (-sandbox spawn=deny), and any other program that takes a tap by number.
 *
 * Like env(1), it becomes the command: same process, same signals, same descriptors. The device's
 * come at the lowest numbers from 3 on that the caller left free. Nothing stays behind, and the
 * device lives as long as somebody holds one of its descriptors.
 */
#include "config.h"
#include "helper/client.h"
#include "helper/program.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PROGRAM "ontap"

/* Those of env(1) and its kin. */
enum {
    STATUS_FAILURE = 125,
    STATUS_CANNOT_RUN = 126,
    STATUS_NOT_FOUND = 127,
};

static const char usage[] =
    "Usage: ontap [-N NETWORK] [-t TYPE] [-q QUEUES] [-n NAME] -- COMMAND…\n"
    "Run COMMAND with a network device from ontapd as inherited descriptors.\n"
    "\n"
    "  -N, --network=NETWORK  the network; the default one otherwise\n"
    "  -t, --type=TYPE        ipvtap or macvtap; the network's first otherwise\n"
    "  -q, --queues=N         how many queues, one descriptor each (1 to 64; default 1);\n"
    "                         LEAST-MOST: as many as the policy allows\n"
    "  -n, --name=NAME        the device's name; ontapd chooses one otherwise\n"
    "      --socket=PATH      where ontapd listens; beats $ONTAP_SOCKET\n"
    "  -h, --help\n"
    "      --version\n"
    "\n"
    "COMMAND finds ONTAP_FDS (as 3:4), ONTAP_FD0…, ONTAP_HWADDR, ONTAP_IFNAME,\n"
    "ONTAP_IFINDEX, ONTAP_MTU, ONTAP_NETWORK and ONTAP_NAME in its environment:\n"
    "  ontap -q 2 -- sh -c 'exec qemu-system-x86_64 … -netdev tap,id=n0,fds=$ONTAP_FDS \\\n"
    "      -device virtio-net-pci,netdev=n0,mq=on,vectors=6,mac=$ONTAP_HWADDR'\n"
    "\n"
    "See ontap(1).\n";

enum {
    OPTION_SOCKET = 256,
    OPTION_VERSION,
};

static const struct option long_options[] = {
    {"network", required_argument, NULL, 'N'},          {"type", required_argument, NULL, 't'},
    {"queues", required_argument, NULL, 'q'},           {"name", required_argument, NULL, 'n'},
    {"socket", required_argument, NULL, OPTION_SOCKET}, {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, OPTION_VERSION},     {0},
};

static bool take_type(DeviceType *typep, const char *value)
{
    if (device_type_parse(value, typep))
        return true;
    program_error(PROGRAM, "\"%.80s\" is not a type of device: ipvtap, macvtap, ipvlan or macvlan",
                  value);
    return false;
}

/* N, or LEAST-MOST. */
static bool take_queues(Request *request, const char *value)
{
    const char *hyphen = strchr(value, '-');
    const char *most_text = hyphen ? hyphen + 1 : value;
    char least_text[24] = "1";
    uint64_t least, most;

    if (hyphen)
        snprintf(least_text, sizeof(least_text), "%.*s", (int)(hyphen - value), value);
    if (!line_parse_u64(most_text, &most) || most < 1 || most > DEVICE_QUEUES_MAX ||
        !line_parse_u64(least_text, &least) || least < 1 || least > most) {
        program_error(PROGRAM,
                      "the number of queues is 1 to %d, or LEAST-MOST such as 1-4, not \"%.80s\"",
                      DEVICE_QUEUES_MAX, value);
        return false;
    }
    request->queues = (unsigned)most;
    request->queues_least = hyphen ? (unsigned)least : 0;
    return true;
}

/* True to go on; else the program ends with *statusp. */
static bool parse_options(int argc, char **argv, Request *request, const char **socketp,
                          int *statusp)
{
    bool ok = true;
    int option;

    *statusp = STATUS_FAILURE;
    while (ok && (option = getopt_long(argc, argv, "+:N:t:q:n:h", long_options, NULL)) != -1) {
        switch (option) {
        case 'N':
            ok = program_take_name(request->network, PROGRAM, "network", optarg);
            break;
        case 't':
            ok = take_type(&request->type, optarg);
            break;
        case 'q':
            ok = take_queues(request, optarg);
            break;
        case 'n':
            ok = program_take_name(request->name, PROGRAM, "device", optarg);
            break;
        case OPTION_SOCKET:
            *socketp = optarg;
            break;
        case 'h':
            *statusp = program_print(usage) ? EXIT_SUCCESS : STATUS_FAILURE;
            return false;
        case OPTION_VERSION:
            *statusp = program_print("ontap " ONTAP_VERSION "\n") ? EXIT_SUCCESS : STATUS_FAILURE;
            return false;
        case ':':
            program_error(PROGRAM, "option %.80s needs a value (see ontap --help)",
                          argv[optind - 1]);
            return false;
        default:
            if (optopt > 0 && optopt < OPTION_SOCKET)
                program_error(PROGRAM, "unknown option -%c (see ontap --help)", optopt);
            else
                program_error(PROGRAM, "unknown option %.80s (see ontap --help)", argv[optind - 1]);
            return false;
        }
    }
    if (ok && optind == argc) {
        program_error(PROGRAM, "no command given: ontap [OPTIONS] -- COMMAND… (see ontap --help)");
        ok = false;
    }
    return ok;
}

/* Moves `*fdp` down to the lowest free number from 3 on, if that is lower, and lets the command
 * inherit it. */
static bool settle_fd(int *fdp)
{
    int settled = fcntl(*fdp, F_DUPFD, STDERR_FILENO + 1);

    if (settled >= 0 && settled < *fdp) {
        close(*fdp);
        *fdp = settled;
        return true;
    }
    if (settled >= 0)
        close(settled);
    return fcntl(*fdp, F_SETFD, 0) == 0;
}

static bool set_number(const char *name, unsigned long value)
{
    char text[24];

    snprintf(text, sizeof(text), "%lu", value);
    return setenv(name, text, 1) == 0;
}

static bool set_environment(const ClientDevice *device)
{
    const Reply *reply = &device->reply;
    char hwaddr[HWADDR_TEXT_SIZE];
    char list[DEVICE_QUEUES_MAX * sizeof(":2147483647")];
    char name[24];
    size_t used = 0;

    for (size_t i = 0; i < DEVICE_QUEUES_MAX; i++) {
        snprintf(name, sizeof(name), "ONTAP_FD%zu", i);
        if (i >= device->n_fds) {
            unsetenv(name); /* of another ontap, around us */
            continue;
        }
        if (!set_number(name, (unsigned long)device->fds[i]))
            return false;
        used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%d", i > 0 ? ":" : "",
                                 device->fds[i]);
    }
    hwaddr_format(reply->hwaddr, hwaddr);
    return setenv("ONTAP_FDS", list, 1) == 0 && setenv("ONTAP_HWADDR", hwaddr, 1) == 0 &&
           setenv("ONTAP_IFNAME", reply->ifname, 1) == 0 &&
           set_number("ONTAP_IFINDEX", reply->ifindex) && set_number("ONTAP_MTU", reply->mtu) &&
           setenv("ONTAP_NETWORK", reply->network, 1) == 0 &&
           setenv("ONTAP_NAME", reply->name, 1) == 0;
}

int main(int argc, char **argv)
{
    Request request = {.kind = REQUEST_DEVICE, .queues = 1};
    char error[CLIENT_ERROR_SIZE];
    const char *socket_option = NULL;
    ClientDevice device;
    int status;

    program_hold_stdio();
    if (!program_unprivileged(PROGRAM))
        return STATUS_FAILURE;
    if (!parse_options(argc, argv, &request, &socket_option, &status))
        return status;
    if (!client_request_device(&device, connection_path(socket_option), &request, error)) {
        program_error(PROGRAM, "%s", error);
        return STATUS_FAILURE;
    }
    for (size_t i = 0; i < device.n_fds; i++) {
        if (!settle_fd(&device.fds[i])) {
            program_error(PROGRAM, "cannot pass descriptor %d on: %s", device.fds[i],
                          strerror(errno));
            return STATUS_FAILURE;
        }
    }
    if (!set_environment(&device)) {
        program_error(PROGRAM, "cannot set the environment: %s", strerror(errno));
        return STATUS_FAILURE;
    }

    execvp(argv[optind], argv + optind);
    status = errno == ENOENT ? STATUS_NOT_FOUND : STATUS_CANNOT_RUN;
    program_error(PROGRAM, "cannot run %.200s: %s", argv[optind], strerror(errno));
    return status;
}
