/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The daemon's hold on the eBPF programs of translate/, which give a guest a MAC of its own and
 * guard what it may send. Where eBPF is not to be had there is no Translator (NULL), and guests
 * must use their parent's MAC; all functions but translator_open() then do nothing and succeed.
 */
#pragma once

#include "daemon/device.h"
#include "netlink/rtnl.h"
#include "wire/ip.h"
#include "wire/line.h"

typedef struct Translator Translator;

/* The guest of that device uses another MAC; translator_guest_mac() says which. */
typedef void (*TranslatorLearned)(guint32 ifindex, gpointer data);

/* Finds or loads the programs of the tap room `netns`, mounting the bpf file system where nobody
 * has. Each room has maps of its own. Needs root. */
Translator *translator_open(int netns, GError **error);
void translator_free(Translator *translator);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Translator, translator_free)

/* The ring of dropped claims, for the learner; -1 when there is none. */
int translator_claims_fd(const Translator *translator);

/* Puts the programs on a device whose alias asks for them, before anybody holds it. Doing it again
 * keeps what was learned, and exchanges the programs without a gap. */
gboolean translator_add(Translator *translator, Rtnl *room, const Device *device, GError **error);
/* The device has gone. Its addresses are unset one by one. */
void translator_remove(Translator *translator, guint32 ifindex);
/* The parent, and so the device, has another MAC: `device` has the new one. */
void translator_follow(Translator *translator, const Device *device);

gboolean translator_set(Translator *translator, guint32 ifindex, const IpAddress *ip,
                        guint32 valid_s, GError **error);
void translator_unset(Translator *translator, guint32 ifindex, const IpAddress *ip);

/* After the devices of an earlier daemon have been added: forgets all others. */
typedef bool (*TranslatorAlive)(guint32 ifindex, void *data);
void translator_sweep(Translator *translator, TranslatorAlive alive, gpointer data);

/* Calls the function from the default main context, a few times a device and then every four
 * seconds at most. Needs root. */
gboolean translator_watch(Translator *translator, TranslatorLearned learned, gpointer data,
                          GError **error);
/* FALSE when it has said nothing yet, or is not translated. */
gboolean translator_guest_mac(Translator *translator, guint32 ifindex,
                              guint8 mac[static HWADDR_SIZE]);

/* A note of a device's that outlives the daemon: which MAC is in the unicast filter of interface
 * `parent` for its sake; NULL: none. FALSE when it could not be written. */
gboolean translator_note_filter(Translator *translator, guint32 ifindex, guint32 parent,
                                const guint8 *mac);
/* All notes, also of devices that are gone. */
typedef void (*TranslatorNote)(guint32 ifindex, guint32 parent,
                               const guint8 mac[static HWADDR_SIZE], gpointer data);
void translator_notes(Translator *translator, TranslatorNote note, gpointer data);

/* Writes what the programs have seen of a device: the guest's MAC, frames, and drops by reason.
 * FALSE when nothing is known. */
gboolean translator_describe(Translator *translator, guint32 ifindex, LineWriter *writer);
