/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 */
#include "daemon/users.h"

#include <pwd.h>
#include <stdio.h>

struct Users {
    GHashTable *names; /* uid -> char * */
};

Users *users_load(const char *file)
{
    Users *users = g_new0(Users, 1);
    users->names = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, g_free);

    /* Without the file every user is a number: nothing depends on it. */
    FILE *stream = fopen(file, "re");
    if (stream == NULL)
        return users;
    const struct passwd *entry;
    while ((entry = fgetpwent(stream)) != NULL) {
        gpointer key = GUINT_TO_POINTER(entry->pw_uid);

        /* The first of several names, as getpwuid(3) would say. */
        if (!g_hash_table_contains(users->names, key))
            g_hash_table_insert(users->names, key, g_strdup(entry->pw_name));
    }
    fclose(stream);
    return users;
}

void users_free(Users *users)
{
    g_hash_table_unref(users->names);
    g_free(users);
}

const char *users_text(const Users *users, uid_t uid, char text[static USERS_TEXT_SIZE])
{
    const char *name = g_hash_table_lookup(users->names, GUINT_TO_POINTER(uid));

    if (name != NULL)
        g_strlcpy(text, name, USERS_TEXT_SIZE);
    else
        g_snprintf(text, USERS_TEXT_SIZE, "uid %u", uid);
    return text;
}
