/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The policy: which networks there are and who may have which devices on them.
 * docs/ontap-policy.5.scd is the reference of the language.
 *
 * A Policy is immutable and numeric: names of users and groups were resolved when it was loaded.
 * Deciding needs no file, no name service and no allocation that can fail.
 */
#pragma once

#include "wire/device.h"

#include <glib.h>
#include <sys/types.h>

typedef struct Policy Policy;

typedef enum {
    POLICY_MODE_BRIDGE,  /* guests of one parent reach each other */
    POLICY_MODE_PRIVATE, /* they do not */
} PolicyMode;

typedef enum {
    POLICY_MAC_TRANSLATE, /* a guest has any MAC it likes; an eBPF program translates */
    POLICY_MAC_PARENT,    /* a guest must use its parent's MAC */
} PolicyMac;

/* Where a statement stands; `file` belongs to the Policy. Lines and columns start at 1. */
typedef struct {
    const char *file;
    unsigned line;
    unsigned column;
} PolicyPlace;

typedef struct {
    int family;         /* AF_INET or AF_INET6 */
    guint8 address[16]; /* network byte order, the first 4 bytes for AF_INET; host bits are 0 */
    guint8 length;      /* bits */
} PolicyPrefix;

typedef struct {
    PolicyPlace place;
    char *name;
    char *parent; /* the interface's name */
    gboolean is_default;
    guint types;     /* set of DeviceType */
    DeviceType type; /* the first of types=, for callers who name none */
    PolicyMode mode;
    PolicyMac mac;
    gboolean guard;
    gboolean learn_static; /* static= */
    gboolean host;
    guint devices;  /* at once, all users together; G_MAXUINT when not limited */
    GArray *only;   /* of PolicyPrefix; empty: every address */
    GArray *except; /* of PolicyPrefix */
} PolicyNetwork;

#define POLICY_DEVICES_DEFAULT 4
#define POLICY_QUEUES_DEFAULT 8
#define POLICY_ADDRESSES_DEFAULT 8

typedef struct {
    guint devices;   /* at once, per user and network */
    guint queues;    /* per device, at most DEVICE_QUEUES_MAX */
    guint addresses; /* per device */
} PolicyLimits;

/* Who asks: the credentials of a socket (SO_PEERCRED, SO_PEERGROUPS). */
typedef struct {
    uid_t uid;
    gid_t gid;
    const gid_t *groups; /* the caller's, may be NULL when n_groups is 0 */
    size_t n_groups;
} PolicySubject;

typedef struct {
    gboolean allowed;
    uid_t owner;              /* the subject's uid, or of whom it is a subordinate uid */
    const PolicyPlace *place; /* of what decided, lives in the Policy; NULL when no rule matched */
    PolicyLimits limits;      /* when allowed */
    gboolean by_group;        /* a deny that named a group: advisory */
} PolicyDecision;

#define POLICY_ERROR (policy_error_quark())
GQuark policy_error_quark(void);
typedef enum {
    POLICY_ERROR_FILE,   /* cannot be read, is not root's, or others may write it */
    POLICY_ERROR_SYNTAX, /* FILE:LINE:COLUMN: … */
} PolicyError;

typedef enum {
    POLICY_LOAD_DEFAULT = 0,
    POLICY_LOAD_STRICT = 1 << 0,    /* an unknown name under allow is an error, not a warning */
    POLICY_LOAD_ANY_OWNER = 1 << 1, /* do not ask who owns the file: for checking a draft */
} PolicyLoadFlags;

/* Loads the policy with all it includes. Resolves names with the system's user database and reads
 * /etc/subuid. `warnings` (nullable, of char *, owned by the caller) gets lines for the
 * administrator. One error anywhere and NULL is returned: there is no half of a policy. */
Policy *policy_load(const char *file, PolicyLoadFlags flags, GPtrArray *warnings, GError **error);
Policy *policy_ref(Policy *policy);
void policy_unref(Policy *policy);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Policy, policy_unref)

/* Where it was loaded from: the first file, which includes the others. */
const char *policy_file(const Policy *policy);
/* For messages; NULL when no name is known. */
const char *policy_user_name(const Policy *policy, uid_t uid);

size_t policy_n_rules(const Policy *policy);
size_t policy_n_networks(const Policy *policy);
const PolicyNetwork *policy_network(const Policy *policy, size_t index);
const PolicyNetwork *policy_network_by_name(const Policy *policy, const char *name);
/* For a request that names no network (""), or `br0` where no network has that name: the default
 * one, NULL when there is none. Any other name: as policy_network_by_name(). */
const PolicyNetwork *policy_network_for_request(const Policy *policy, const char *name);

/* The first rule that matches decides. `user=` is met by the subject's own uid and by its owner's
 * (policy_owner()). A type that the network does not have is denied before any rule is asked, and
 * the place is that of the network. `type` is one DeviceType. */
void policy_decide(const Policy *policy, const PolicySubject *subject, const PolicyNetwork *network,
                   DeviceType type, PolicyDecision *decision);

/* For a user whose groups are not known: TRUE when some groups could make policy_decide() allow it. */
gboolean policy_could_allow(const Policy *policy, uid_t uid, const PolicyNetwork *network,
                            DeviceType type);

/* Whose uid this counts as: the owner of the /etc/subuid range it lies in, else itself. Ranges of
 * root's do not count: nobody becomes root here by being in a container of root's. */
uid_t policy_owner(const Policy *policy, uid_t uid);
