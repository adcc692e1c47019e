/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Network namespaces of a test's own, so that it may do as it likes to links and addresses.
 */
#pragma once

#include "netlink/ip-attribute.h"
#include "netlink/link.h"
#include "netlink/rtnl.h"

/* Moves the calling thread into a new netns (as an ordinary user: in a new user namespace too).
 * Where that is not permitted the test is marked as skipped, and false returned. */
bool netns_enter(void);

/* The fd of another new netns; the thread stays, or returns to, where it was. */
int netns_make(void);

/* Runs on in that netns; returns an fd of the one left. */
int netns_switch(int netns);

/* A socket that belongs to `netns`. */
Rtnl *netns_rtnl(int netns);

/* A pair of veth links, both up, under these names. */
void netns_add_veth(Rtnl *rtnl, const char *name, guint32 ifindex, const char *peer);

/* False, and the test marked as skipped, when the kernel has no links of this kind. `parent` is
 * the ifindex of a veth. */
bool netns_kind_usable(Rtnl *rtnl, const char *kind, guint32 parent);

/* All of this that most tests need: in a new netns, a socket, and a veth `up0` with the ifindex
 * NETNS_PARENT. NULL when the test is skipped. */
#define NETNS_PARENT 77
Rtnl *netns_world(void);

/* The same with a second netns for children of `up0`, as the tap room is, and a socket there too.
 * False when the test is skipped, also because the kernel has no links of this type. To be
 * deinitialized in any case. */
typedef struct {
    int room;
    Rtnl *host;
    Rtnl *inside;
} NetnsWorld;

bool netns_world_init(NetnsWorld *world, DeviceType type);
void netns_world_deinit(NetnsWorld *world);

/* A child of `up0` in the room: NETNS_CHILD, ontap1000003. */
#define NETNS_CHILD 1000003
LinkSpec netns_child(const NetnsWorld *world, DeviceType type);

/* Asserts that a request failed with this errno and, if given, these words. Clears the error. */
void netns_assert_failed(bool result, GError **errorp, int code, const char *words);

/* The text must be an address. */
IpAddress netns_ip(const char *text);
