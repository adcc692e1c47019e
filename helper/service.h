/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * What `ontap -t ipvlan` and `-t macvlan` do for root: a service with an address of its own on the
 * LAN, in a network namespace of its own, as a user of its own with the capabilities it needs.
 */
#pragma once

#include "helper/service-link.h"
#include "helper/service-user.h"
#include "wire/request.h"

#include <getopt.h>
#include <stdbool.h>

typedef struct {
    const char *given; /* an option of ours that was given, for errors; NULL: none was */
    const char *user;  /* NULL: not given */
    Capabilities capabilities;
    const char *setup; /* a command for sh, run as root before the service; NULL: none */
    bool here;         /* in the network namespace that we are in */
    ServiceAddresses addresses;
} ServiceOptions;

enum {
    SERVICE_OPTION_USER = 512,
    SERVICE_OPTION_CAP,
    SERVICE_OPTION_ADDRESS,
    SERVICE_OPTION_GATEWAY,
    SERVICE_OPTION_SETUP,
    SERVICE_OPTION_HERE,
    SERVICE_OPTION_END,
};

/* For the table of getopt_long(3), whose values from SERVICE_OPTION_USER on are ours. */
#define SERVICE_LONG_OPTIONS                                                                       \
    {"user", required_argument, NULL, SERVICE_OPTION_USER},                                        \
        {"cap", required_argument, NULL, SERVICE_OPTION_CAP},                                      \
        {"address", required_argument, NULL, SERVICE_OPTION_ADDRESS},                              \
        {"gateway", required_argument, NULL, SERVICE_OPTION_GATEWAY},                              \
        {"setup", required_argument, NULL, SERVICE_OPTION_SETUP},                                  \
    {                                                                                              \
        "here", no_argument, NULL, SERVICE_OPTION_HERE                                             \
    }

#define SERVICE_USAGE                                                                              \
    "For root, with -t ipvlan or -t macvlan: run COMMAND in a network namespace of its own.\n"     \
    "      --user=USER        as whom COMMAND runs\n"                                              \
    "      --cap=+NAME        a capability that it keeps, such as +net_bind_service\n"             \
    "      --address=ADDRESS/LENGTH, --gateway=ADDRESS\n"                                          \
    "                         of the device; IPv6 comes by itself where routers advertise\n"       \
    "      --setup=COMMAND    for sh, run as root in there first, for example a DHCP client\n"     \
    "      --here             in the network namespace where ontap runs; COMMAND may be\n"         \
    "                         left out\n"                                                          \
    "\n"

/* Whether devices of this type have no descriptors and are put into a namespace. */
bool service_type(DeviceType type);

/* Takes one of our options. False, with an error written, when its value is none. */
bool service_take_option(ServiceOptions *options, const char *program, int option,
                         const char *value);

typedef struct {
    char stays[DEVICE_IFNAME_SIZE]; /* a device that is there even if nobody uses it, or empty */
} ServiceResult;

/* Gets the device, then becomes the user that `command` is to run as: the caller executes it. With
 * an empty one the device is all there is. On false an error was written. */
bool service_enter(ServiceResult *result, const char *program, const ServiceOptions *options,
                   const Request *request, const char *socket_path, char **command);
