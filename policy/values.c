/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * What values mean: numbers, words, device types, prefixes, interface names. Pure. A value that is
 * nearly right is refused together with the right one; none is corrected in silence, since the
 * reader of a policy must be able to trust what it says.
 */
#include "policy/values.h"

#include "policy/parse.h"
#include "policy/place.h"
#include "policy/suggest.h"

#include <arpa/inet.h>
#include <string.h>

/* Digits without a sign or leading zeros, at most `maximum`. */
static gboolean parse_digits(const char *text, guint maximum, guint *numberp)
{
    guint64 number = 0;

    if (!*text || (text[0] == '0' && text[1]))
        return FALSE;
    for (; *text; text++) {
        if (!g_ascii_isdigit(*text))
            return FALSE;
        number = number * 10 + (guint64)(*text - '0');
        if (number > maximum)
            return FALSE;
    }
    *numberp = (guint)number;
    return TRUE;
}

gboolean value_number(const Value *value, Key key, guint minimum, guint maximum, guint *numberp,
                      GError **error)
{
    const Item *item;
    guint number = 0;

    if (!value)
        return TRUE;
    item = value_item(value, 0);
    if (!parse_digits(item->text, maximum, &number) || number < minimum)
        return policy_fail(error, &item->place, "'%s=' takes a number from %u to %u, not '%s'",
                           key_text(key), minimum, maximum, item->text);
    *numberp = number;
    return TRUE;
}

gboolean value_choice(const Value *value, Key key, const char *const *words, guint *indexp,
                      GError **error)
{
    g_autofree char *all = NULL;
    const Item *item;

    if (!value)
        return TRUE;
    item = value_item(value, 0);
    for (guint i = 0; words[i]; i++) {
        if (g_str_equal(words[i], item->text)) {
            *indexp = i;
            return TRUE;
        }
    }
    all = g_strjoinv(" or ", (char **)words);
    return policy_fail(error, &item->place, "'%s=' takes %s, not '%s'", key_text(key), all,
                       item->text);
}

gboolean value_switch(const Value *value, Key key, gboolean *onp, GError **error)
{
    static const char *const words[] = {"off", "on", NULL};
    guint index = *onp ? 1 : 0;

    if (!value_choice(value, key, words, &index, error))
        return FALSE;
    *onp = index == 1;
    return TRUE;
}

gboolean value_types(const Value *value, guint *typesp, DeviceType *firstp, GError **error)
{
    static const char *const words[] = {"ipvtap", "macvtap", "ipvlan", "macvlan", NULL};
    guint types = 0;

    if (!value)
        return TRUE;
    for (guint i = 0; i < value->items->len; i++) {
        const Item *item = value_item(value, i);
        DeviceType type;

        if (!device_type_parse(item->text, &type)) {
            const char *meant = suggest(item->text, words);
            g_autofree char *hint = meant ? g_strdup_printf("did you mean '%s'? ", meant) : NULL;

            return policy_fail(error, &item->place,
                               "no type '%s'; %svalid are: ipvtap, macvtap, "
                               "ipvlan, macvlan",
                               item->text, hint ? hint : "");
        }
        if (types == 0 && firstp)
            *firstp = type;
        types |= type;
    }
    *typesp = types;
    return TRUE;
}

static guint address_bits(const PolicyPrefix *prefix)
{
    return prefix->family == AF_INET ? 32 : 128;
}

/* Zeroes the bits behind the prefix. TRUE when there were any. */
static gboolean clear_host_bits(PolicyPrefix *prefix)
{
    gboolean changed = FALSE;

    for (guint bit = prefix->length; bit < address_bits(prefix); bit++) {
        guint8 mask = (guint8)(0x80 >> (bit % 8));

        if (prefix->address[bit / 8] & mask) {
            prefix->address[bit / 8] &= (guint8)~mask;
            changed = TRUE;
        }
    }
    return changed;
}

static gboolean parse_prefix(const Item *item, PolicyPrefix *prefix, GError **error)
{
    static const guint8 mapped[12] = {[10] = 0xff, [11] = 0xff};
    g_auto(GStrv) parts = g_strsplit(item->text, "/", 2);
    guint length;

    *prefix = (PolicyPrefix){.family = strchr(parts[0], ':') ? AF_INET6 : AF_INET};
    if (inet_pton(prefix->family, parts[0], prefix->address) != 1)
        return policy_fail(error, &item->place,
                           "'%s' is no address or prefix, as 10.0.0.0/8 or fd00::/8 are",
                           item->text);
    length = address_bits(prefix);
    if (parts[1] && !parse_digits(parts[1], address_bits(prefix), &length))
        return policy_fail(error, &item->place, "the length of '%s' must be from 0 to %u bits",
                           item->text, address_bits(prefix));
    prefix->length = (guint8)length;
    if (prefix->family == AF_INET6 && memcmp(prefix->address, mapped, sizeof mapped) == 0)
        return policy_fail(error, &item->place,
                           "'%s' stands for IPv4 addresses; write them as such", item->text);
    if (clear_host_bits(prefix)) {
        char right[INET6_ADDRSTRLEN];

        inet_ntop(prefix->family, prefix->address, right, sizeof right);
        return policy_fail(error, &item->place, "'%s' has bits behind its prefix; write %s/%u",
                           item->text, right, length);
    }
    return TRUE;
}

gboolean value_prefixes(const Value *value, GArray *prefixes, GError **error)
{
    if (!value)
        return TRUE;
    for (guint i = 0; i < value->items->len; i++) {
        PolicyPrefix prefix;

        if (!parse_prefix(value_item(value, i), &prefix, error))
            return FALSE;
        g_array_append_val(prefixes, prefix);
    }
    return TRUE;
}

gboolean value_interface(const Item *item, GError **error)
{
    const char *name = item->text;

    if (strlen(name) >= DEVICE_IFNAME_SIZE)
        return policy_fail(error, &item->place, "'%s' is no interface: a name has at most %d bytes",
                           name, DEVICE_IFNAME_SIZE - 1);
    if (g_str_equal(name, ".") || g_str_equal(name, "..") || strpbrk(name, "/: \t"))
        return policy_fail(error, &item->place,
                           "'%s' is no interface: a name has no space, '/' or ':'", name);
    if (g_str_equal(name, "lo"))
        return policy_fail(error, &item->place,
                           "the loopback 'lo' cannot be a parent; name the interface to the LAN");
    return TRUE;
}
