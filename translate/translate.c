/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The entries of the maps: taps and bindings. Nothing here makes or opens anything, so
 * all of it works after the sandbox has closed.
 */
#include "translate/translate.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <bpf/bpf.h>

#include "translate/load.h"

#define SECOND 1000000000ull /* ns */

int translate_egress_fd(const Translate *translate)
{
    return translate->egress;
}

int translate_ingress_fd(const Translate *translate)
{
    return translate->ingress;
}

int translate_claims_fd(const Translate *translate)
{
    return translate->claims;
}

static MacsLimit limit_of(uint32_t rate, uint32_t burst)
{
    MacsLimit limit = {0};

    if (rate == 0)
        return limit;
    limit.interval = SECOND / rate;
    if (limit.interval == 0)
        limit.interval = 1;
    /* The first of a burst starts the clock, so it needs no time of its own. */
    limit.burst = burst > 1 ? (burst - 1) * limit.interval : 0;
    return limit;
}

static bool put(int map, const void *key, const void *value, const char *what, GError **error)
{
    int result = bpf_map_update_elem(map, key, value, BPF_ANY);

    if (result < 0)
        translate_set_error(error, result, what);
    return result == 0;
}

static bool take_away(int map, const void *key, const char *what, GError **error)
{
    int result = bpf_map_delete_elem(map, key);

    if (result == 0 || result == -ENOENT)
        return true;
    translate_set_error(error, result, what);
    return false;
}

/* Reads what is there, or what a new one starts with. */
static bool find(Translate *translate, uint32_t ifindex, MacsTap *tap, bool *knownp, GError **error)
{
    int result = bpf_map_lookup_elem(translate->taps, &ifindex, tap);

    *knownp = result == 0;
    if (result == -ENOENT)
        *tap = (MacsTap){0};
    else if (result < 0)
        translate_set_error(error, result, "read a device in the eBPF maps");
    return result == 0 || result == -ENOENT;
}

bool translate_tap_add(Translate *translate, uint32_t ifindex, const uint8_t parent_mac[6],
                       uint32_t flags, const TranslateLimits *limits, GError **error)
{
    MacsTap tap, before;
    bool known;

    g_assert(ifindex > 0);
    if (!find(translate, ifindex, &tap, &known, error))
        return false;
    before = tap;
    tap.parent = macs_pack(parent_mac);
    tap.flags = flags;
    tap.flood = limit_of(limits->flood_rate, limits->flood_burst);
    tap.control = limit_of(limits->control_rate, limits->control_burst);
    tap.claim = limit_of(limits->claim_rate, limits->claim_burst);
    return (known && memcmp(&tap, &before, sizeof(tap)) == 0) ||
           put(translate->taps, &ifindex, &tap, "add a device to the eBPF maps", error);
}

bool translate_tap_set_parent_mac(Translate *translate, uint32_t ifindex,
                                  const uint8_t parent_mac[6], GError **error)
{
    MacsTap tap;
    int result = bpf_map_lookup_elem(translate->taps, &ifindex, &tap);

    if (result < 0) {
        translate_set_error(error, result, "find a device in the eBPF maps");
        return false;
    }
    tap.parent = macs_pack(parent_mac);
    return put(translate->taps, &ifindex, &tap, "change a device in the eBPF maps", error);
}

bool translate_tap_remove(Translate *translate, uint32_t ifindex, GError **error)
{
    g_assert(ifindex > 0);
    return take_away(translate->taps, &ifindex, "remove a device from the eBPF maps", error);
}

static void tap_of(const MacsTap *tap, TranslateTap *tapp)
{
    tapp->state = tap->state;
    macs_unpack(tap->state.guest, tapp->guest_mac);
    macs_unpack(tap->filter, tapp->filter_mac);
    tapp->filter_parent = tap->filter_parent;
}

bool translate_tap_read(Translate *translate, uint32_t ifindex, TranslateTap *tapp, GError **error)
{
    MacsTap tap;
    int result = bpf_map_lookup_elem(translate->taps, &ifindex, &tap);

    if (result < 0) {
        translate_set_error(error, result, "read a device in the eBPF maps");
        return false;
    }
    tap_of(&tap, tapp);
    return true;
}

bool translate_tap_note_filter(Translate *translate, uint32_t ifindex, uint32_t parent,
                               const uint8_t *mac, GError **error)
{
    MacsTap tap;
    int result = bpf_map_lookup_elem(translate->taps, &ifindex, &tap);

    if (result < 0) {
        translate_set_error(error, result, "find a device in the eBPF maps");
        return false;
    }
    tap.filter = mac ? macs_pack(mac) : 0;
    tap.filter_parent = mac ? parent : 0;
    return put(translate->taps, &ifindex, &tap, "change a device in the eBPF maps", error);
}

bool translate_tap_foreach(Translate *translate, TranslateTapFn function, void *data,
                           GError **error)
{
    uint32_t last, next;
    bool have_last = false;
    int result;

    while ((result = bpf_map_get_next_key(translate->taps, have_last ? &last : NULL, &next)) == 0) {
        TranslateTap tap;

        if (next != 0 && translate_tap_read(translate, next, &tap, NULL))
            function(next, &tap, data);
        last = next;
        have_last = true;
    }
    if (result == -ENOENT)
        return true;
    translate_set_error(error, result, "walk the eBPF maps");
    return false;
}

const char *translate_drop_name(MacsDrop drop)
{
    static const char *const names[MACS_DROPS] = {
        [MACS_DROP_UNKNOWN_TAP] = "unknown-tap",
        [MACS_DROP_NO_MEMORY] = "no-memory",
        [MACS_DROP_TRUNCATED] = "truncated",
        [MACS_DROP_MALFORMED] = "malformed",
        [MACS_DROP_SOURCE_MAC] = "source-mac",
        [MACS_DROP_LINK_LOCAL] = "link-local",
        [MACS_DROP_VLAN] = "vlan",
        [MACS_DROP_ETHERTYPE] = "ethertype",
        [MACS_DROP_ARP] = "arp",
        [MACS_DROP_SOURCE] = "source",
        [MACS_DROP_NEIGHBOR] = "neighbor",
        [MACS_DROP_FRAGMENT] = "fragment",
        [MACS_DROP_ROUTER] = "router",
        [MACS_DROP_DHCP_SERVER] = "dhcp-server",
        [MACS_DROP_ROUTING] = "routing",
        [MACS_DROP_FLOOD] = "flood",
        [MACS_DROP_CONTROL] = "control-rate",
    };

    g_assert(drop < MACS_DROPS);
    return names[drop];
}

static MacsBindingKey binding_key(uint32_t ifindex, int family, const void *address)
{
    MacsBindingKey key = {.ifindex = ifindex, .family = family};

    g_assert(family == AF_INET || family == AF_INET6);
    memcpy(key.address, address, family == AF_INET ? 4 : 16);
    return key;
}

bool translate_binding_set(Translate *translate, uint32_t ifindex, int family, const void *address,
                           uint64_t expiry, GError **error)
{
    MacsBindingKey key = binding_key(ifindex, family, address);

    return put(translate->bindings, &key, &(MacsBinding){.expiry = expiry},
               "add an address to the eBPF maps", error);
}

bool translate_binding_remove(Translate *translate, uint32_t ifindex, int family,
                              const void *address, GError **error)
{
    MacsBindingKey key = binding_key(ifindex, family, address);

    return take_away(translate->bindings, &key, "remove an address from the eBPF maps", error);
}

uint64_t translate_expiry_in(uint32_t seconds)
{
    struct timespec now;

    clock_gettime(CLOCK_BOOTTIME, &now);
    return (now.tv_sec + (uint64_t)seconds) * SECOND + now.tv_nsec;
}

/* All maps' keys begin with the ifindex. The walk goes on from a key that is still there, since
 * from one that was deleted the kernel starts again. */
static bool sweep_map(int map, size_t key_size, TranslateAliveFn alive, void *data, GError **error)
{
    g_autofree char *last = g_malloc(key_size);
    g_autofree char *next = g_malloc(key_size);
    bool have_last = false;
    uint32_t ifindex;
    int result;

    while ((result = bpf_map_get_next_key(map, have_last ? last : NULL, next)) == 0) {
        memcpy(&ifindex, next, sizeof(ifindex));
        if (ifindex == 0 || alive(ifindex, data)) {
            memcpy(last, next, key_size);
            have_last = true;
        } else if (!take_away(map, next, "clean the eBPF maps", error)) {
            return false;
        }
    }
    if (result != -ENOENT) {
        translate_set_error(error, result, "walk the eBPF maps");
        return false;
    }
    return true;
}

bool translate_sweep(Translate *translate, TranslateAliveFn alive, void *data, GError **error)
{
    return sweep_map(translate->taps, sizeof(uint32_t), alive, data, error) &&
           sweep_map(translate->bindings, sizeof(MacsBindingKey), alive, data, error);
}
