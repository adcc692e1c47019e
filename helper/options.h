/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * What the user of ontap wants, as read from the command line.
 */
#pragma once

#include "helper/service.h"
#include "wire/request.h"

#include <stdbool.h>
#include <stddef.h>

#define ONTAP_PROGRAM "ontap"
#define OPTIONS_DEVICES_MAX 8 /* of one command */
#define HOSTNAME_MAX 64       /* bytes: __NEW_UTS_LEN, linux/utsname.h */

/* Those of env(1) and its kin. */
enum {
    STATUS_FAILURE = 125,
    STATUS_CANNOT_RUN = 126,
    STATUS_NOT_FOUND = 127,
};

/* One device that is asked for. */
typedef struct {
    Request request;
    bool has_hwaddr;
    uint8_t hwaddr[HWADDR_SIZE]; /* the MAC that it is to have, when has_hwaddr */
} Wish;

typedef struct {
    Wish wishes[OPTIONS_DEVICES_MAX];
    size_t n_wishes;    /* at least 1 */
    const char *socket; /* NULL: not given */
    bool ucspi;
    bool netns;
    const char *hostname; /* NULL: that of the host */
    ServiceOptions service;
    char **command;
} Options;

/* Whether a service of root's is to run, on a device without descriptors. */
bool options_are_service(const Options *options);

/* True to go on. Else the program ends with *statusp: an error was written, or what --help and
 * --version print. */
bool options_parse(Options *options, int argc, char **argv, int *statusp);
