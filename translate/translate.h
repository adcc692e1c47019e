/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * User space's end of the programs in macs.bpf.c, which give each guest a MAC of its own and guard
 * what it may send.
 *
 * Everything lives in a folder of a bpf file system (/sys/fs/bpf/ontap-INODE), not in the daemon:
 *
 *     ROOT/LAYOUT/taps bindings claims learned    the maps, LAYOUT is MACS_LAYOUT
 *     ROOT/LAYOUT/egress-HASH ingress-HASH        the programs, HASH of their build
 *
 * so running guests lose nothing, neither a packet nor their learned MAC, when the daemon dies. A
 * new daemon of the same build finds all of it. One of another build loads its programs over the
 * same maps; after translate_open() the caller attaches the programs anew to every tap, which
 * replaces atomically. One with another layout starts with empty maps: the caller fills taps and
 * bindings, guests' MACs are learned again from their next frame, and until the attach the old
 * programs run on with the old maps.
 *
 * translate_open() loads and pins, so it belongs before the sandbox: root, or CAP_BPF and
 * CAP_NET_ADMIN. All functions on an open Translate use nothing but element commands of bpf(2) on
 * descriptors that are there already: they work behind a system call filter that allows no others,
 * and need CAP_BPF up to Linux 5.18 (where unprivileged eBPF is off) and no capability later.
 *
 * One thread, one daemon: there is no lock around read-modify-write.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <glib.h>

#include "translate/macs.h"

#define TRANSLATE_ROOT "/sys/fs/bpf/ontap"

#define TRANSLATE_ERROR translate_error_quark()
GQuark translate_error_quark(void);

typedef enum {
    TRANSLATE_ERROR_UNSUPPORTED, /* this kernel has no bpf(2), or lacks a piece the programs use */
    TRANSLATE_ERROR_DENIED,      /* it has, but not for us */
    TRANSLATE_ERROR_FAILED,      /* anything else; the message says what */
} TranslateError;

typedef struct Translate Translate;

/* Finds or loads programs and maps below `root`, which is made if only it is missing. */
Translate *translate_open(const char *root, GError **error);
void translate_free(Translate *translate);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Translate, translate_free)

/* Gives the folder and what is pinned in it to the user that the daemon will be, so that it can
 * open them without root. */
bool translate_chown(const char *root, uid_t uid, gid_t gid, GError **error);

/* To attach with tc, direct action; owned by `translate`. */
int translate_egress_fd(const Translate *translate);
int translate_ingress_fd(const Translate *translate);
/* To be handed to translate_claims_new() in the process that learns; owned by `translate`. */
int translate_claims_fd(const Translate *translate);

typedef struct {
    uint32_t flood_rate;   /* broadcast and multicast frames a second to the LAN; 0: no limit */
    uint32_t flood_burst;  /* that many at once */
    uint32_t control_rate; /* ARP, DHCP and neighbor discovery, unicast too; holds without guard */
    uint32_t control_burst;
    uint32_t claim_rate; /* copies a second into the ring; 0: no limit */
    uint32_t claim_burst;
} TranslateLimits;

/* What an ordinary guest never reaches, and what leaves room for ten siblings in the backlog of
 * 1,000 frames that the kernel has for all of them. A guest with a thousand neighbors asks each
 * about twice a minute and is asked as often: some 70 control frames a second. */
#define TRANSLATE_LIMITS_DEFAULT                                                                   \
    ((TranslateLimits){.flood_rate = 100,                                                          \
                       .flood_burst = 100,                                                         \
                       .control_rate = 200,                                                        \
                       .control_burst = 200,                                                       \
                       .claim_rate = 10,                                                           \
                       .claim_burst = 20})

/* Adds a tap, or changes one that is there and keeps what was learned and counted; where nothing
 * changes, nothing is written. `flags` are
 * MACS_TRANSLATE, MACS_GUARD and MACS_HOST. Until this, nothing leaves a tap that the programs are
 * on. */
bool translate_tap_add(Translate *translate, uint32_t ifindex, const uint8_t parent_mac[6],
                       uint32_t flags, const TranslateLimits *limits, GError **error);
bool translate_tap_set_parent_mac(Translate *translate, uint32_t ifindex,
                                  const uint8_t parent_mac[6], GError **error);
/* No error if it is not there. Its bindings are the caller's to remove, one by one: it knows them,
 * and a walk through everybody's for each guest that leaves would grow with their number. */
bool translate_tap_remove(Translate *translate, uint32_t ifindex, GError **error);

typedef struct {
    uint8_t guest_mac[6];   /* zero until learned */
    uint8_t filter_mac[6];  /* zero: none is noted */
    uint32_t filter_parent; /* ifindex */
    MacsState state;        /* `guest` included, for the counters */
} TranslateTap;

bool translate_tap_read(Translate *translate, uint32_t ifindex, TranslateTap *tapp, GError **error);
/* What unknown taps tried to send: MACS_DROP_UNKNOWN_TAP of ifindex 0. */

/* Every tap that has an entry, also of devices that are gone. */
typedef void (*TranslateTapFn)(uint32_t ifindex, const TranslateTap *tap, void *data);
bool translate_tap_foreach(Translate *translate, TranslateTapFn function, void *data,
                           GError **error);

/* Notes, where it outlives the daemon, that the unicast filter of interface `parent` has `mac` for
 * the sake of this tap; NULL: nothing any more. */
bool translate_tap_note_filter(Translate *translate, uint32_t ifindex, uint32_t parent,
                               const uint8_t *mac, GError **error);

/* The ring that names taps whose guest's MAC is another (`learned` in macs.h). Its memory and its
 * epoll descriptor are had when it is made; reading needs neither privilege nor bpf(2). It must not
 * outlive `translate`. One reader at a time. */
typedef struct TranslateLearned TranslateLearned;
typedef void (*TranslateLearnedFn)(uint32_t ifindex, void *data);

TranslateLearned *translate_learned_new(const Translate *translate, TranslateLearnedFn function,
                                        void *data, GError **error);
void translate_learned_free(TranslateLearned *learned);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TranslateLearned, translate_learned_free)
/* To poll for reading; owned by `learned`. */
int translate_learned_fd(const TranslateLearned *learned);
/* Calls the function for all that is there. */
void translate_learned_read(TranslateLearned *learned);

/* A word for `list` and for logs, as in "drop-arp=3". Never NULL. */
const char *translate_drop_name(MacsDrop drop);

/* `address` has 4 bytes for AF_INET, 16 for AF_INET6. `expiry` as in MacsBinding. Setting again
 * changes the expiry. */
bool translate_binding_set(Translate *translate, uint32_t ifindex, int family, const void *address,
                           uint64_t expiry, GError **error);
/* No error if it is not there. */
bool translate_binding_remove(Translate *translate, uint32_t ifindex, int family,
                              const void *address, GError **error);
/* CLOCK_BOOTTIME now + seconds, for `expiry`. Never 0. */
uint64_t translate_expiry_in(uint32_t seconds);

/* Removes every tap and binding whose tap is not `alive`: what earlier daemons left behind.
 * For the start, after the taps that live have been found. */
typedef bool (*TranslateAliveFn)(uint32_t ifindex, void *data);
bool translate_sweep(Translate *translate, TranslateAliveFn alive, void *data, GError **error);
