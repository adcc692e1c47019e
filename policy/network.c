/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * From a `network` statement to a PolicyNetwork: values, defaults, and what cannot go together in
 * one network. Pure.
 *
 * A key that could not be kept is an error and never ignored. Only an ipvtap passes through the
 * translating program and the learner. A macvtap has a MAC of its own and the kernel switches it by
 * that alone; an ipvlan belongs to services of root, who set its addresses. So on a network without
 * ipvtap, `only=` would be a promise that nobody keeps.
 */
#include "policy/network.h"

#include "policy/parse.h"
#include "policy/place.h"
#include "policy/values.h"

static gboolean check_family(const Statement *statement, const PolicyNetwork *network,
                             GError **error)
{
    if ((network->types & NETWORK_TYPES_IP) && (network->types & NETWORK_TYPES_MAC))
        return policy_fail(error, &statement->values[KEY_TYPES]->place,
                           "ipvtap and ipvlan cannot share a parent with macvtap and macvlan; make "
                           "it two networks with a parent each");
    return TRUE;
}

static gboolean check_needs_ipvtap(const Statement *statement, const PolicyNetwork *network,
                                   GError **error)
{
    static const Key learning[] = {KEY_ONLY, KEY_EXCEPT, KEY_STATIC};

    if (network->types & DEVICE_IPVTAP)
        return TRUE;
    if (network->mac == POLICY_MAC_TRANSLATE)
        return policy_fail(error, &statement->values[KEY_MAC]->place,
                           "'mac=translate' needs ipvtap among the types; %s has no use for it",
                           device_type_text(network->type));
    for (size_t i = 0; i < G_N_ELEMENTS(learning); i++) {
        const Value *value = statement->values[learning[i]];

        if (value)
            return policy_fail(
                error, &value->place,
                "'%s=' needs ipvtap among the types; no addresses are learned for %s",
                key_text(learning[i]), device_type_text(network->type));
    }
    return TRUE;
}

/* The kernel's private mode separates the host's door to the guests (daemon/host-link.h) from them
 * like any two of them; and a parent has none to its macvtaps. */
static gboolean check_host(const Statement *statement, const PolicyNetwork *network, GError **error)
{
    const Value *value = statement->values[KEY_HOST];

    if (!network->host)
        return TRUE;
    if (!(network->types & DEVICE_IPVTAP))
        return policy_fail(error, &value->place,
                           "'host=on' needs ipvtap among the types; a host cannot reach the %s "
                           "devices on its interface",
                           device_type_text(network->type));
    if (network->mode == POLICY_MODE_PRIVATE)
        return policy_fail(error, &value->place,
                           "'host=on' needs 'mode=bridge'; in private mode the kernel keeps the "
                           "host from its guests too");
    return TRUE;
}

/* mac= and guard=, whose defaults depend on what was read before. */
static gboolean build_translation(const Statement *statement, PolicyNetwork *network,
                                  GError **error)
{
    static const char *const macs[] = {"translate", "parent", NULL};
    guint mac = network->types & DEVICE_IPVTAP ? POLICY_MAC_TRANSLATE : POLICY_MAC_PARENT;

    if (!value_choice(statement->values[KEY_MAC], KEY_MAC, macs, &mac, error))
        return FALSE;
    network->mac = (PolicyMac)mac;
    network->guard = network->mac == POLICY_MAC_TRANSLATE;
    if (!value_switch(statement->values[KEY_GUARD], KEY_GUARD, &network->guard, error))
        return FALSE;
    if (!network->guard || network->mac == POLICY_MAC_TRANSLATE)
        return TRUE;
    if (network->types & DEVICE_IPVTAP)
        return policy_fail(
            error, &statement->values[KEY_GUARD]->place,
            "'guard=on' needs 'mac=translate': the guard is part of the program that "
            "translates");
    return policy_fail(error, &statement->values[KEY_GUARD]->place,
                       "'guard=on' needs ipvtap among the types: only there is a program that "
                       "guards");
}

PolicyNetwork *network_build(const Statement *statement, GError **error)
{
    static const char *const modes[] = {"bridge", "private", NULL};
    g_autoptr(PolicyNetwork) network = policy_network_new();
    const Value *parent = statement->values[KEY_PARENT];
    guint mode = POLICY_MODE_BRIDGE;

    network->place = statement->place;
    network->name = g_strdup(statement->argument->text);
    if (!device_name_valid(network->name)) {
        policy_fail(error, &statement->argument->place,
                    "'%s' cannot name a network; a name is " POLICY_NETWORK_NAME_HELP,
                    network->name);
        return NULL;
    }
    if (!parent) {
        policy_fail(error, &statement->place,
                    "network '%s' has no 'parent='; name the interface to the LAN", network->name);
        return NULL;
    }
    if (!value_interface(value_item(parent, 0), error))
        return NULL;
    network->parent = g_strdup(value_item(parent, 0)->text);
    network->is_default = statement->values[KEY_DEFAULT] != NULL;
    network->types = DEVICE_IPVTAP;
    network->type = DEVICE_IPVTAP;
    network->learn_static = TRUE;
    network->devices = G_MAXUINT;
    if (!value_types(statement->values[KEY_TYPES], &network->types, &network->type, error) ||
        !check_family(statement, network, error) ||
        !value_choice(statement->values[KEY_MODE], KEY_MODE, modes, &mode, error) ||
        !build_translation(statement, network, error) ||
        !check_needs_ipvtap(statement, network, error) ||
        !value_prefixes(statement->values[KEY_ONLY], network->only, error) ||
        !value_prefixes(statement->values[KEY_EXCEPT], network->except, error) ||
        !value_switch(statement->values[KEY_STATIC], KEY_STATIC, &network->learn_static, error) ||
        !value_switch(statement->values[KEY_HOST], KEY_HOST, &network->host, error) ||
        !value_number(statement->values[KEY_DEVICES], KEY_DEVICES, 1, POLICY_DEVICES_MAX,
                      &network->devices, error))
        return NULL;
    network->mode = (PolicyMode)mode;
    if (!check_host(statement, network, error))
        return NULL;
    return g_steal_pointer(&network);
}
