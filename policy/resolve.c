/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * From names to ids, once, when a policy is loaded: the daemon has no user database in its sandbox.
 *
 * An unknown name under `deny` rejects the policy, since somebody would not be denied who should
 * be. Under `allow` it fails closed: at boot a directory server may be down, and then its users
 * wait rather than the whole machine.
 */
#include "policy/resolve.h"

#include "policy/names.h"
#include "policy/place.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>

#define ENTRY_SIZE_MAX (1 << 20) /* bytes; a group with very many members */

static gboolean system_user(gpointer data, const char *name, uid_t *uidp)
{
    struct passwd entry, *found = NULL;
    g_autofree char *buffer = NULL;
    int result = ERANGE;

    for (size_t size = 1024; result == ERANGE && size <= ENTRY_SIZE_MAX; size *= 4) {
        g_free(buffer);
        buffer = g_malloc(size);
        result = getpwnam_r(name, &entry, buffer, size, &found);
    }
    if (result != 0 || !found)
        return FALSE;
    *uidp = entry.pw_uid;
    return TRUE;
}

static gboolean system_group(gpointer data, const char *name, gid_t *gidp)
{
    struct group entry, *found = NULL;
    g_autofree char *buffer = NULL;
    int result = ERANGE;

    for (size_t size = 1024; result == ERANGE && size <= ENTRY_SIZE_MAX; size *= 4) {
        g_free(buffer);
        buffer = g_malloc(size);
        result = getgrnam_r(name, &entry, buffer, size, &found);
    }
    if (result != 0 || !found)
        return FALSE;
    *gidp = entry.gr_gid;
    return TRUE;
}

const NameSource name_source_system = {.user = system_user, .group = system_group};

static gboolean all_digits(const char *text)
{
    for (; g_ascii_isdigit(*text); text++)
        ;
    return *text == '\0';
}

static gboolean parse_id(const char *text, guint32 *idp)
{
    guint64 id;

    if ((text[0] == '0' && text[1]) ||
        !g_ascii_string_to_unsigned(text, 10, 0, G_MAXUINT32 - 1, &id, NULL))
        return FALSE;
    *idp = (guint32)id;
    return TRUE;
}

gboolean resolve_user(const NameSource *names, const char *text, uid_t *uidp)
{
    return all_digits(text) ? parse_id(text, uidp) : names->user(names->data, text, uidp);
}

gboolean resolve_group(const NameSource *names, const char *text, gid_t *gidp)
{
    return all_digits(text) ? parse_id(text, gidp) : names->group(names->data, text, gidp);
}

static gboolean tell_unknown(const PolicyRule *rule, const char *what, const Item *item,
                             PolicyLoadFlags flags, GPtrArray *warnings, GError **error)
{
    if (all_digits(item->text))
        return policy_fail(error, &item->place, "'%s' is no id; ids go from 0 to %u", item->text,
                           G_MAXUINT32 - 1);
    if (!rule->allow)
        return policy_fail(error, &item->place,
                           "no %s '%s'; a deny must name whom it denies, or it denies nobody", what,
                           item->text);
    if (flags & POLICY_LOAD_STRICT)
        return policy_fail(error, &item->place, "no %s '%s'", what, item->text);
    policy_warn(warnings, &item->place, "no %s '%s'; the name matches nobody", what, item->text);
    return TRUE;
}

static gboolean resolve_users(PolicyRule *rule, GHashTable *known, const Value *value,
                              const NameSource *names, PolicyLoadFlags flags, GPtrArray *warnings,
                              GError **error)
{
    rule->users = g_array_new(FALSE, FALSE, sizeof(uid_t));
    for (guint i = 0; i < value->items->len; i++) {
        const Item *item = value_item(value, i);
        uid_t uid;

        if (resolve_user(names, item->text, &uid)) {
            g_array_append_val(rule->users, uid);
            if (!all_digits(item->text))
                names_add(known, uid, item->text);
        } else if (!tell_unknown(rule, "user", item, flags, warnings, error)) {
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean resolve_groups(PolicyRule *rule, const Value *value, const NameSource *names,
                               PolicyLoadFlags flags, GPtrArray *warnings, GError **error)
{
    rule->groups = g_array_new(FALSE, FALSE, sizeof(gid_t));
    for (guint i = 0; i < value->items->len; i++) {
        const Item *item = value_item(value, i);
        gid_t gid;

        if (resolve_group(names, item->text, &gid))
            g_array_append_val(rule->groups, gid);
        else if (!tell_unknown(rule, "group", item, flags, warnings, error))
            return FALSE;
    }
    return TRUE;
}

gboolean resolve_rule(PolicyRule *rule, GHashTable *known, const NameSource *names,
                      PolicyLoadFlags flags, GPtrArray *warnings, GError **error)
{
    const Value *users = rule->statement->values[KEY_USER];
    const Value *groups = rule->statement->values[KEY_GROUP];

    return (!users || resolve_users(rule, known, users, names, flags, warnings, error)) &&
           (!groups || resolve_groups(rule, groups, names, flags, warnings, error));
}
