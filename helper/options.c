/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The command line. Options before the first --and are about the first device, those between the
 * first and the second --and about the second, and so on; those about the command may stand
 * anywhere among them. Everything is checked before the daemon is asked, so that no device is made
 * for a command that cannot run.
 */
#include "helper/options.h"
#include "config.h"
#include "helper/program.h"
#include "wire/line.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "Usage: ontap [DEVICE] [--and DEVICE]… [--netns [--hostname=NAME]] -- COMMAND…\n"
    "DEVICE: [-N NETWORK] [-t TYPE] [-q QUEUES] [-n NAME] [--mac=MAC]\n"
    "Run COMMAND with network devices from ontapd: as inherited descriptors or, with\n"
    "--netns, as network cards in a network namespace of its own.\n"
    "\n"
    "  -N, --network=NETWORK  the network; the default one otherwise\n"
    "  -t, --type=TYPE        ipvtap or macvtap, for root ipvlan or macvlan; the network's\n"
    "                         first otherwise\n"
    "  -q, --queues=N         how many queues, one descriptor each (1 to 64; default 1);\n"
    "                         LEAST-MOST: as many as the policy allows\n"
    "  -n, --name=NAME        the device's name; ontapd chooses one otherwise\n"
    "      --mac=MAC          the device's MAC; one that stays the same otherwise,\n"
    "                         where the network leaves the choice\n"
    "      --and              what follows is about one more device\n"
    "      --netns            a new user and network namespace, with eth0 (eth1…)\n"
    "      --hostname=NAME    and a host name of its own, with --netns\n"
    "      --ucspi            speak to ontapd over descriptors 6 and 7\n"
    "      --socket=PATH      where ontapd listens; beats $ONTAP_SOCKET\n"
    "  -h, --help\n"
    "      --version\n"
    "\n"
    "COMMAND finds ONTAP_FDS (as 3:4), ONTAP_FD0…, ONTAP_HWADDR, ONTAP_IFNAME,\n"
    "ONTAP_IFINDEX, ONTAP_MTU, ONTAP_NETWORK and ONTAP_NAME of the first device in its\n"
    "environment, ONTAP_DEVICES, and ONTAP1_FDS, ONTAP2_FDS… of each:\n"
    "  ontap -q 2 -- sh -c 'exec qemu-system-x86_64 … -netdev tap,id=n0,fds=$ONTAP_FDS \\\n"
    "      -device virtio-net-pci,netdev=n0,mq=on,vectors=6,mac=$ONTAP_HWADDR'\n"
    "  ontap --netns -- sh -c 'udhcpc && exec httpd -f -p 80'\n"
    "\n" SERVICE_USAGE "See ontap(1).\n";

enum {
    OPTION_SOCKET = 256,
    OPTION_VERSION,
    OPTION_MAC,
    OPTION_AND,
    OPTION_NETNS,
    OPTION_HOSTNAME,
    OPTION_UCSPI,
};

static const struct option long_options[] = {
    {"network", required_argument, NULL, 'N'},
    {"type", required_argument, NULL, 't'},
    {"queues", required_argument, NULL, 'q'},
    {"name", required_argument, NULL, 'n'},
    {"mac", required_argument, NULL, OPTION_MAC},
    {"and", no_argument, NULL, OPTION_AND},
    {"netns", no_argument, NULL, OPTION_NETNS},
    {"hostname", required_argument, NULL, OPTION_HOSTNAME},
    {"ucspi", no_argument, NULL, OPTION_UCSPI},
    {"socket", required_argument, NULL, OPTION_SOCKET},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, OPTION_VERSION},
    SERVICE_LONG_OPTIONS,
    {0},
};

static bool refuse(const char *text)
{
    program_error(ONTAP_PROGRAM, "%s (see ontap --help)", text);
    return false;
}

static bool take_type(Wish *wish, const char *value)
{
    if (device_type_parse(value, &wish->request.type))
        return true;
    program_error(ONTAP_PROGRAM,
                  "\"%.80s\" is not a type of device: ipvtap, macvtap, ipvlan or macvlan", value);
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
        program_error(ONTAP_PROGRAM,
                      "the number of queues is 1 to %d, or LEAST-MOST such as 1-4, not \"%.80s\"",
                      DEVICE_QUEUES_MAX, value);
        return false;
    }
    request->queues = (unsigned)most;
    request->queues_least = hyphen ? (unsigned)least : 0;
    return true;
}

/* What the kernel takes for a device's own: is_valid_ether_addr(), linux/etherdevice.h. */
static bool take_hwaddr(Wish *wish, const char *value)
{
    static const uint8_t zero[HWADDR_SIZE];

    wish->has_hwaddr = hwaddr_parse(value, wish->hwaddr) && (wish->hwaddr[0] & 1) == 0 &&
                       memcmp(wish->hwaddr, zero, HWADDR_SIZE) != 0;
    if (!wish->has_hwaddr)
        program_error(ONTAP_PROGRAM,
                      "\"%.80s\" is not a MAC for a device: six bytes such as "
                      "02:00:00:12:34:56, the first one even",
                      value);
    return wish->has_hwaddr;
}

static bool take_hostname(Options *options, const char *value)
{
    size_t size = strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-");

    options->hostname = value;
    if (size > 0 && size <= HOSTNAME_MAX && !value[size] && *value != '-' && *value != '.')
        return true;
    program_error(ONTAP_PROGRAM,
                  "\"%.80s\" is not a host name: at most %d letters, digits, hyphens and dots, "
                  "a letter or digit first",
                  value, HOSTNAME_MAX);
    return false;
}

static bool add_wish(Options *options)
{
    if (options->n_wishes == OPTIONS_DEVICES_MAX) {
        program_error(ONTAP_PROGRAM, "one command can have at most %d devices",
                      OPTIONS_DEVICES_MAX);
        return false;
    }
    options->wishes[options->n_wishes++] = (Wish){.request = {.kind = REQUEST_DEVICE, .queues = 1}};
    return true;
}

static bool take_option(Options *options, int option, const char *value)
{
    Wish *wish = &options->wishes[options->n_wishes - 1];

    if (option >= SERVICE_OPTION_USER)
        return service_take_option(&options->service, ONTAP_PROGRAM, option, value);
    switch (option) {
    case 'N':
        return program_take_name(wish->request.network, ONTAP_PROGRAM, "network", value);
    case 't':
        return take_type(wish, value);
    case 'q':
        return take_queues(&wish->request, value);
    case 'n':
        return program_take_name(wish->request.name, ONTAP_PROGRAM, "device", value);
    case OPTION_MAC:
        return take_hwaddr(wish, value);
    case OPTION_AND:
        return add_wish(options);
    case OPTION_NETNS:
        options->netns = true;
        return true;
    case OPTION_HOSTNAME:
        return take_hostname(options, value);
    case OPTION_UCSPI:
        options->ucspi = true;
        return true;
    default:
        options->socket = value;
        return true;
    }
}

static bool refuse_option(char **argv, int option)
{
    if (option == ':')
        program_error(ONTAP_PROGRAM, "option %.80s needs a value (see ontap --help)",
                      argv[optind - 1]);
    else if (optopt > 0 && optopt < OPTION_SOCKET)
        program_error(ONTAP_PROGRAM, "unknown option -%c (see ontap --help)", optopt);
    else
        program_error(ONTAP_PROGRAM, "unknown option %.80s (see ontap --help)", argv[optind - 1]);
    return false;
}

bool options_are_service(const Options *options)
{
    return service_type(options->wishes[0].request.type);
}

static bool check_service(const Options *options)
{
    if (options->n_wishes > 1)
        return refuse("--and is not for -t ipvlan and -t macvlan");
    if (options->netns || options->hostname || options->ucspi || options->wishes[0].has_hwaddr)
        return refuse(
            "--netns, --hostname, --ucspi and --mac are not for -t ipvlan and -t macvlan");
    return true; /* the rest is for service_enter() */
}

/* What only shows when all of it is known. */
static bool check(const Options *options)
{
    if (options_are_service(options))
        return check_service(options);
    if (options->service.given) {
        program_error(ONTAP_PROGRAM, "%s is for -t ipvlan and -t macvlan only",
                      options->service.given);
        return false;
    }
    if (!*options->command)
        return refuse("no command given: ontap [OPTIONS] -- COMMAND…");
    if (options->hostname && !options->netns)
        return refuse("--hostname is for --netns: the command is on this host otherwise");
    if (options->ucspi && options->socket)
        return refuse("--ucspi and --socket: descriptors 6 and 7 are connected already");
    if (options->ucspi && options->n_wishes > 1)
        return refuse("--ucspi and --and: a connection to ontapd is for one device");
    for (size_t i = 0; options->netns && i < options->n_wishes; i++) {
        const Request *request = &options->wishes[i].request;

        if (request->queues > 1 && request->queues_least != 1)
            return refuse("--netns and -q: one process carries the frames, by one queue");
        if (request->type & (DEVICE_IPVLAN | DEVICE_MACVLAN))
            return refuse("--netns carries the frames of an ipvtap or macvtap, not of this type");
    }
    return true;
}

bool options_parse(Options *options, int argc, char **argv, int *statusp)
{
    int option;

    *options = (Options){0};
    *statusp = STATUS_FAILURE;
    if (!add_wish(options))
        return false;
    while ((option = getopt_long(argc, argv, "+:N:t:q:n:h", long_options, NULL)) != -1) {
        if (option == 'h' || option == OPTION_VERSION) {
            if (program_print(option == 'h' ? usage : ONTAP_PROGRAM " " ONTAP_VERSION "\n"))
                *statusp = EXIT_SUCCESS;
            return false;
        }
        if (option == ':' || option == '?' ? !refuse_option(argv, option)
                                           : !take_option(options, option, optarg))
            return false;
    }
    options->command = argv + optind;
    return check(options);
}
