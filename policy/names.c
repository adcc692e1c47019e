/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Nothing is decided by a name. They are collected when a policy is loaded, since the daemon can
 * ask nobody once it is in its sandbox, and a directory server must not hold up a request.
 */
#include "policy/names.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>

GHashTable *names_new(void)
{
    return g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, g_free);
}

static gboolean can_be_shown(const char *name)
{
    const char *byte = name;

    while ((guchar)*byte >= 0x20 && *byte != 0x7f)
        byte++;
    return *name && *byte == '\0' && byte - name < NAMES_SIZE_MAX;
}

void names_add(GHashTable *names, uid_t uid, const char *name)
{
    gpointer key = GUINT_TO_POINTER(uid);

    if (can_be_shown(name) && g_hash_table_size(names) < NAMES_MAX &&
        !g_hash_table_contains(names, key))
        g_hash_table_insert(names, key, g_strdup(name));
}

void names_add_file(GHashTable *names, const char *file)
{
    FILE *stream = fopen(file, "re");
    const struct passwd *entry;

    if (!stream)
        return;
    while ((entry = fgetpwent(stream)))
        names_add(names, entry->pw_uid, entry->pw_name);
    fclose(stream);
}
