/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * What the values of keys mean. Each function complains with the place of the value.
 */
#pragma once

#include "policy/tree.h"

#define POLICY_DEVICES_MAX                                                                         \
    65534                         /* what the kernel gives one parent (ipvlan's and macvlan's ids) \
                                   */
#define POLICY_ADDRESSES_MAX 1024 /* per device */

/* Decimal digits only, `minimum` to `maximum`. `value` may be NULL: *numberp stays as it is. */
gboolean value_number(const Value *value, Key key, guint minimum, guint maximum, guint *numberp,
                      GError **error);

/* One of the words. NULL: *indexp stays as it is. */
gboolean value_choice(const Value *value, Key key, const char *const *words, guint *indexp,
                      GError **error);
gboolean value_switch(const Value *value, Key key, gboolean *onp, GError **error);

/* A list of device types as a set, and the first one. NULL: both stay. `firstp` may be NULL. */
gboolean value_types(const Value *value, guint *typesp, DeviceType *firstp, GError **error);

/* Appends PolicyPrefixes to `prefixes`. */
gboolean value_prefixes(const Value *value, GArray *prefixes, GError **error);

/* An interface's name, as the kernel's dev_valid_name() has it (net/core/dev.c). */
gboolean value_interface(const Item *item, GError **error);
