/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * From names to ids.
 */
#pragma once

#include "policy/internal.h"

/* A user database. Tests have one of their own. */
typedef struct {
    gboolean (*user)(gpointer data, const char *name, uid_t *uidp);
    gboolean (*group)(gpointer data, const char *name, gid_t *gidp);
    gpointer data;
} NameSource;

/* The system's: getpwnam_r(3), getgrnam_r(3). */
extern const NameSource name_source_system;

/* Digits are an id, and never looked up as a name. All ones is nobody's id. */
gboolean resolve_user(const NameSource *names, const char *text, uid_t *uidp);
gboolean resolve_group(const NameSource *names, const char *text, gid_t *gidp);

/* Fills users and groups of a rule. An unknown name is an error under deny, and under allow with
 * POLICY_LOAD_STRICT; else a warning, and it matches nobody. The names of users that were found are
 * added to `known` (policy/names.h). */
gboolean resolve_rule(PolicyRule *rule, GHashTable *known, const NameSource *names,
                      PolicyLoadFlags flags, GPtrArray *warnings, GError **error);
