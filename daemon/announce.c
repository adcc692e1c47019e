/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 */
#include "daemon/announce.h"

#include "daemon/inject.h"
#include "daemon/log.h"

#include <net/if_arp.h>
#include <netinet/icmp6.h>
#include <netinet/if_ether.h>
#include <netinet/ip6.h>
#include <string.h>

#define FRAMES_A_TURN 10
#define TURN_MS 50

typedef struct {
    guint32 parent;
    guint32 ifindex;
    IpAddress ip;
} Announcement;

struct Announcer {
    Service *service;
    GQueue waiting; /* of Announcement */
    guint source;   /* 0 when nothing waits */
};

Announcer *announcer_new(Service *service)
{
    Announcer *announcer = g_new0(Announcer, 1);

    announcer->service = service;
    g_queue_init(&announcer->waiting);
    return announcer;
}

void announcer_free(Announcer *announcer)
{
    if (announcer->source != 0)
        g_source_remove(announcer->source);
    g_queue_clear_full(&announcer->waiting, g_free);
    g_free(announcer);
}

static gsize arp_frame(const IpAddress *ip, const guint8 hwaddr[static HWADDR_SIZE], guint8 *frame)
{
    struct ether_header ethernet = {.ether_type = htons(ETHERTYPE_ARP)};
    struct ether_arp arp = {
        .ea_hdr = {htons(ARPHRD_ETHER), htons(ETHERTYPE_IP), HWADDR_SIZE, 4, htons(ARPOP_REQUEST)},
    };

    memset(ethernet.ether_dhost, 0xff, HWADDR_SIZE);
    memcpy(ethernet.ether_shost, hwaddr, HWADDR_SIZE);
    memcpy(arp.arp_sha, hwaddr, HWADDR_SIZE);
    memcpy(arp.arp_spa, ip->bytes, 4);
    memcpy(arp.arp_tpa, ip->bytes, 4);
    memcpy(frame, &ethernet, sizeof(ethernet));
    memcpy(frame + sizeof(ethernet), &arp, sizeof(arp));
    return sizeof(ethernet) + sizeof(arp);
}

/* Of the pseudo header (RFC 8200 8.1) and what follows. */
static guint16 icmp6_checksum(const struct ip6_hdr *ip, const void *message, gsize size)
{
    const struct {
        struct in6_addr source, destination;
        guint32 size, protocol;
    } pseudo = {ip->ip6_src, ip->ip6_dst, htonl((guint32)size), htonl(IPPROTO_ICMPV6)};
    guint8 bytes[sizeof(pseudo) + ANNOUNCE_FRAME_MAX];
    guint32 sum = 0;

    memcpy(bytes, &pseudo, sizeof(pseudo));
    memcpy(bytes + sizeof(pseudo), message, size);
    for (gsize i = 0; i < sizeof(pseudo) + size; i += 2)
        sum += (guint32)(bytes[i] << 8 | bytes[i + 1]);
    while (sum >> 16 != 0)
        sum = (sum & 0xffff) + (sum >> 16);
    return htons((guint16)~sum);
}

static gsize advertisement_frame(const IpAddress *ip, const guint8 hwaddr[static HWADDR_SIZE],
                                 guint8 *frame)
{
    static const guint8 all_nodes_mac[HWADDR_SIZE] = {0x33, 0x33, 0, 0, 0, 1};
    static const guint8 all_nodes[16] = {0xff, 2, [15] = 1};
    struct {
        struct nd_neighbor_advert advert;
        guint8 type, units, mac[HWADDR_SIZE];
    } message = {.type = ND_OPT_TARGET_LINKADDR, .units = 1};
    struct ether_header ethernet = {.ether_type = htons(ETHERTYPE_IPV6)};
    struct ip6_hdr header = {.ip6_flow = htonl(6u << 28)};

    message.advert.nd_na_type = ND_NEIGHBOR_ADVERT;
    message.advert.nd_na_flags_reserved = ND_NA_FLAG_OVERRIDE;
    memcpy(&message.advert.nd_na_target, ip->bytes, 16);
    memcpy(message.mac, hwaddr, HWADDR_SIZE);
    header.ip6_plen = htons(sizeof(message));
    header.ip6_nxt = IPPROTO_ICMPV6;
    header.ip6_hlim = 255;
    memcpy(&header.ip6_src, ip->bytes, 16);
    memcpy(&header.ip6_dst, all_nodes, 16);
    message.advert.nd_na_cksum = icmp6_checksum(&header, &message, sizeof(message));
    memcpy(ethernet.ether_dhost, all_nodes_mac, HWADDR_SIZE);
    memcpy(ethernet.ether_shost, hwaddr, HWADDR_SIZE);
    memcpy(frame, &ethernet, sizeof(ethernet));
    memcpy(frame + sizeof(ethernet), &header, sizeof(header));
    memcpy(frame + sizeof(ethernet) + sizeof(header), &message, sizeof(message));
    return sizeof(ethernet) + sizeof(header) + sizeof(message);
}

gsize announce_frame(const IpAddress *ip, const guint8 hwaddr[static HWADDR_SIZE],
                     guint8 frame[static ANNOUNCE_FRAME_MAX])
{
    return ip->family == AF_INET ? arp_frame(ip, hwaddr, frame)
                                 : advertisement_frame(ip, hwaddr, frame);
}

static void announce(const Announcer *announcer, const Announcement *announcement)
{
    const Service *service = announcer->service;
    const Device *device = registry_find(keeper_registry(service->keeper), announcement->ifindex);
    const Bound *bound = bound_find(service->bound, announcement->parent, &announcement->ip);
    guint8 frame[ANNOUNCE_FRAME_MAX];
    g_autoptr(GError) error = NULL;

    if (device == NULL || bound == NULL || bound->ifindex != device->ifindex)
        return;
    gsize size = announce_frame(&announcement->ip, device->hwaddr, frame);
    if (!inject_to_all(kernel_home(&service->kernel, device->ifindex)->inject, device->ifindex,
                       frame, size, &error))
        log_debug("%s: %s", device->ifname, error->message);
}

static gboolean on_turn(gpointer data)
{
    Announcer *announcer = data;

    for (guint i = 0; i < FRAMES_A_TURN && !g_queue_is_empty(&announcer->waiting); i++) {
        g_autofree Announcement *announcement = g_queue_pop_head(&announcer->waiting);
        announce(announcer, announcement);
    }
    if (!g_queue_is_empty(&announcer->waiting))
        return G_SOURCE_CONTINUE;
    announcer->source = 0;
    return G_SOURCE_REMOVE;
}

static void forget_parent(Announcer *announcer, guint32 parent)
{
    for (GList *link = announcer->waiting.head, *next; link != NULL; link = next) {
        next = link->next;
        if (((Announcement *)link->data)->parent != parent)
            continue;
        g_free(link->data);
        g_queue_delete_link(&announcer->waiting, link);
    }
}

static void queue_device(Announcer *announcer, const Device *device)
{
    g_autoptr(GPtrArray) bounds = bound_list(announcer->service->bound, device->ifindex);

    for (guint i = 0; i < bounds->len; i++) {
        const Bound *bound = g_ptr_array_index(bounds, i);
        const Announcement announcement = {device->parent, device->ifindex, bound->ip};
        g_queue_push_tail(&announcer->waiting, g_memdup2(&announcement, sizeof(announcement)));
    }
}

void announcer_start(Announcer *announcer, guint32 parent)
{
    g_autoptr(GPtrArray) devices = registry_list(keeper_registry(announcer->service->keeper));

    forget_parent(announcer, parent);
    for (guint i = 0; i < devices->len; i++) {
        const Device *device = g_ptr_array_index(devices, i);
        if (device->parent == parent && !device->ended)
            queue_device(announcer, device);
    }
    if (announcer->source == 0 && on_turn(announcer))
        announcer->source = g_timeout_add(TURN_MS, on_turn, announcer);
}
