/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Which device uses which MAC on which parent, and who of several has used it longest. A device has
 * one at a time; a MAC may have many devices. Every question is answered in constant time.
 */
#pragma once

#include "wire/device.h"

#include <glib.h>

typedef struct {
    guint32 parent; /* ifindex */
    guint8 mac[HWADDR_SIZE];
} MacKey;

gboolean mac_key_equal(gconstpointer a, gconstpointer b); /* of const MacKey * */

typedef struct MacTable MacTable;

MacTable *mac_table_new(void);
void mac_table_free(MacTable *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MacTable, mac_table_free)

/* From now on the device uses this MAC and no other. FALSE when it did already. */
gboolean mac_table_set(MacTable *table, guint32 ifindex, guint32 parent,
                       const guint8 mac[static HWADDR_SIZE]);
void mac_table_remove(MacTable *table, guint32 ifindex);

/* What the device uses; NULL when nothing is known. Valid until the next change. */
const MacKey *mac_table_find(const MacTable *table, guint32 ifindex);

/* The device that has used the MAC longest; 0 when none does. */
guint32 mac_table_first(const MacTable *table, const MacKey *key);
