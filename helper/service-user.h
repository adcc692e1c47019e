/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Becoming an ordinary user with a few capabilities and no way to more.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A set: bit N is capability N of linux/capability.h. */
typedef struct {
    uint64_t bits;
} Capabilities;

/* Adds those of a list such as `+net_bind_service,+net_raw`. False, with an error written, when one
 * is unknown, or leads to CAP_NET_ADMIN. */
bool capabilities_take(Capabilities *capabilities, const char *program, const char *list);

typedef struct {
    uid_t uid;
    gid_t gid;
    gid_t *groups; /* lives as long as the process */
    size_t n_groups;
    char *name, *home, *shell;
} ServiceUser;

/* By name or number, with all groups. Of a number without a name only the number is known. */
bool service_user_find(ServiceUser *user, const char *program, const char *name);

/* From here on the process and all that it starts is that user, with these capabilities and no
 * others ever: they are in its ambient set, so that programs inherit them. Sets USER, LOGNAME, HOME
 * and SHELL. False, with an error written, when something of it failed: then run nothing. */
bool service_user_become(const ServiceUser *user, const char *program,
                         const Capabilities *capabilities);
