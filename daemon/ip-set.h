/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * IP addresses as keys of GLib's hash tables.
 */
#pragma once

#include "wire/ip.h"

#include <glib.h>

guint ip_hash(gconstpointer ip);
gboolean ip_hash_equal(gconstpointer a, gconstpointer b);

/* A set of IpAddress, which it owns (g_free). */
GHashTable *ip_set_new(void);
