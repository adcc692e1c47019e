/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The guard, frame by frame: what may leave, why the rest may not, and what the learner gets to see
 * of it. The tap has GUEST4 and GUEST6 bound, nothing else.
 */
#include <string.h>

#include <glib.h>

#include "test-translate-world.h"

#define PASSED MACS_DROPS

typedef void (*BuildFn)(Frame *frame);

typedef struct {
    const char *name;
    unsigned verdict; /* PASSED or a MacsDrop */
    bool claimed;
    BuildFn build;
    const uint8_t *from, *to;
    unsigned a, b;
} Case;

static const Case *now; /* the builders' arguments */

static void ethernet(Frame *frame, uint16_t type)
{
    frame_ethernet(frame, BROADCAST, GUEST, type);
}

static void build_arp(Frame *frame) /* a: operation */
{
    ethernet(frame, 0x0806);
    frame_arp(frame, now->a, GUEST, now->from, ANY6, now->to);
}

static void build_arp_hardware(Frame *frame)
{
    build_arp(frame);
    frame->bytes[15] = 6;
}

static void build_arp_short(Frame *frame)
{
    build_arp(frame);
    frame->size = 14 + 27;
}

static void build_udp4(Frame *frame) /* a, b: ports */
{
    ethernet(frame, 0x0800);
    frame_ipv4(frame, 17, now->from, now->to, 0, 0);
    frame_udp(frame, now->a, now->b);
    frame_bootp(frame, 300);
    frame_finish(frame);
}

static void build_udp4_options(Frame *frame)
{
    ethernet(frame, 0x0800);
    frame_ipv4(frame, 17, now->from, now->to, 40, 0);
    frame_udp(frame, now->a, now->b);
    frame_finish(frame);
}

static void build_udp4_fragment(Frame *frame)
{
    ethernet(frame, 0x0800);
    frame_ipv4(frame, 17, now->from, now->to, 0, 0x2000);
    frame_udp(frame, now->a, now->b);
    frame_bootp(frame, 300);
    frame_finish(frame);
}

/* The first fragment says too little, though Ethernet's padding holds more. */
static void build_udp4_tiny_fragment(Frame *frame)
{
    ethernet(frame, 0x0800);
    frame_ipv4(frame, 17, now->from, now->to, 0, 0x2000);
    frame_add(frame, ANY6, 4);
    frame_finish(frame);
    frame_add(frame, NODES6, 16);
}

static void build_ip4(Frame *frame) /* a: protocol, b: first byte */
{
    ethernet(frame, 0x0800);
    frame_ipv4(frame, now->a, now->from, now->to, 0, 0);
    frame_add(frame, (uint8_t[64]){now->b}, 64);
    frame_finish(frame);
}

static void build_ip4_version(Frame *frame)
{
    build_ip4(frame);
    frame->bytes[14] = 0x55;
}

static void build_ip4_later(Frame *frame)
{
    ethernet(frame, 0x0800);
    frame_ipv4(frame, now->a, now->from, now->to, 0, 3);
    frame_add(frame, (uint8_t[64]){now->b}, 64);
    frame_finish(frame);
}

static void build_icmp6(Frame *frame) /* a: type; the target is GUEST6, or OTHER6 with b */
{
    ethernet(frame, 0x86dd);
    frame_ipv6(frame, 58, now->from, now->to);
    frame_icmpv6(frame, now->a, now->b ? OTHER6 : GUEST6, 16);
    frame_finish(frame);
}

static void build_icmp6_hop_by_hop(Frame *frame)
{
    ethernet(frame, 0x86dd);
    frame_ipv6(frame, 0, now->from, now->to);
    frame_extension(frame, 58, 5);
    frame_icmpv6(frame, now->a, GUEST6, 16);
    frame_finish(frame);
}

static void build_icmp6_fragment(Frame *frame)
{
    ethernet(frame, 0x86dd);
    frame_ipv6(frame, 44, now->from, now->to);
    frame_extension(frame, 58, 0);
    frame_icmpv6(frame, now->a, GUEST6, 16);
    frame_finish(frame);
}

static void build_later_fragment(Frame *frame)
{
    ethernet(frame, 0x86dd);
    frame_ipv6(frame, 44, now->from, now->to);
    frame_extension(frame, 58, 1); /* the offset's high byte */
    frame_icmpv6(frame, now->a, GUEST6, 16);
    frame_finish(frame);
}

/* The chain goes on in the next fragment; what follows here is only padding. */
static void build_cut_chain(Frame *frame)
{
    ethernet(frame, 0x86dd);
    frame_ipv6(frame, 44, now->from, now->to);
    frame_extension(frame, 60, 0);
    frame_extension(frame, 58, 0);
    frame_finish(frame);
    frame_icmpv6(frame, 128, GUEST6, 16);
}

static void build_many_headers(Frame *frame)
{
    ethernet(frame, 0x86dd);
    frame_ipv6(frame, 60, now->from, now->to);
    for (int i = 0; i < 8; i++)
        frame_extension(frame, 60, 0);
    frame_extension(frame, 58, 0);
    frame_icmpv6(frame, now->a, GUEST6, 16);
    frame_finish(frame);
}

static void build_routing(Frame *frame) /* a: its type */
{
    ethernet(frame, 0x86dd);
    frame_ipv6(frame, 43, now->from, now->to);
    frame_extension(frame, 17, now->a);
    frame_udp(frame, 1000, 1000);
    frame_finish(frame);
}

static void build_udp6(Frame *frame)
{
    ethernet(frame, 0x86dd);
    frame_ipv6(frame, 17, now->from, now->to);
    frame_udp(frame, now->a, now->b);
    frame_finish(frame);
}

static void build_type(Frame *frame) /* a: Ethernet type */
{
    ethernet(frame, now->a);
    frame_add(frame, (uint8_t[46]){0x42, 0x42, 3}, 46);
}

static void build_tagged(Frame *frame) /* a: the tag's type */
{
    ethernet(frame, now->a);
    frame_tag(frame, 0, 0x0800);
    frame_ipv4(frame, 6, GUEST4, OTHER4, 0, 0);
    frame_add(frame, (uint8_t[64]){0}, 64);
    frame_finish(frame);
}

static void build_to(Frame *frame) /* to: the Ethernet destination */
{
    build_ip4(frame);
    memcpy(frame->bytes, (uint8_t[]){0x01, 0x80, 0xc2, 0, 0, now->b}, 6);
}

static void build_from_mac(Frame *frame) /* b: the first byte of the source */
{
    build_ip4(frame);
    memcpy(frame->bytes + 6, (uint8_t[6]){now->b}, 6);
}

static const Case cases[] = {
    /* ARP */
    {"arp/request", PASSED, false, build_arp, GUEST4, OTHER4, 1},
    {"arp/reply", PASSED, false, build_arp, GUEST4, OTHER4, 2},
    {"arp/probe", PASSED, false, build_arp, ANY4, OTHER4, 1},
    {"arp/probe-reply", MACS_DROP_ARP, false, build_arp, ANY4, OTHER4, 2},
    {"arp/unbound", MACS_DROP_ARP, true, build_arp, OTHER4, GUEST4, 1},
    {"arp/unbound-reply", MACS_DROP_ARP, true, build_arp, OTHER4, GUEST4, 2},
    {"arp/rarp-operation", MACS_DROP_MALFORMED, false, build_arp, GUEST4, GUEST4, 3},
    {"arp/hardware", MACS_DROP_MALFORMED, false, build_arp_hardware, GUEST4, OTHER4, 1},
    {"arp/short", MACS_DROP_TRUNCATED, false, build_arp_short, GUEST4, OTHER4, 1},
    /* IPv4 */
    {"ipv4/bound", PASSED, false, build_ip4, GUEST4, OTHER4, 6},
    {"ipv4/unbound", MACS_DROP_SOURCE, false, build_ip4, OTHER4, GUEST4, 6},
    {"ipv4/broadcast-source", MACS_DROP_SOURCE, false, build_ip4, ALL4, GUEST4, 6},
    {"ipv4/no-source", MACS_DROP_SOURCE, false, build_ip4, ANY4, OTHER4, 6},
    {"ipv4/version", MACS_DROP_MALFORMED, false, build_ip4_version, GUEST4, OTHER4, 6},
    {"ipv4/later-fragment", PASSED, false, build_ip4_later, GUEST4, OTHER4, 17},
    {"ipv4/later-fragment-unbound", MACS_DROP_SOURCE, false, build_ip4_later, OTHER4, OTHER4, 17},
    {"ipv4/later-fragment-no-source", MACS_DROP_SOURCE, false, build_ip4_later, ANY4, ALL4, 17},
    {"ipv4/tiny-fragment", MACS_DROP_FRAGMENT, false, build_udp4_tiny_fragment, GUEST4, OTHER4},
    {"ipv4/echo", PASSED, false, build_ip4, GUEST4, OTHER4, 1, 8},
    {"ipv4/redirect", MACS_DROP_ROUTER, false, build_ip4, GUEST4, OTHER4, 1, 5},
    {"ipv4/router-advertisement", MACS_DROP_ROUTER, false, build_ip4, GUEST4, ALL4, 1, 9},
    {"igmp/report", PASSED, false, build_ip4, GUEST4, OTHER4, 2, 0x22},
    {"igmp/report-no-source", PASSED, false, build_ip4, ANY4, OTHER4, 2, 0x22},
    {"igmp/query", MACS_DROP_ROUTER, false, build_ip4, GUEST4, OTHER4, 2, 0x11},
    /* DHCP */
    {"dhcp/discover", PASSED, false, build_udp4, ANY4, ALL4, 68, 67},
    {"dhcp/discover-unicast", MACS_DROP_SOURCE, false, build_udp4, ANY4, OTHER4, 68, 67},
    {"dhcp/discover-fragment", MACS_DROP_SOURCE, false, build_udp4_fragment, ANY4, ALL4, 68, 67},
    {"dhcp/renew", PASSED, false, build_udp4, GUEST4, OTHER4, 68, 67},
    {"dhcp/renew-unbound", MACS_DROP_SOURCE, true, build_udp4, OTHER4, OTHER4, 68, 67},
    {"dhcp/server", MACS_DROP_DHCP_SERVER, false, build_udp4, GUEST4, ALL4, 67, 68},
    {"dhcp/server-options", MACS_DROP_DHCP_SERVER, false, build_udp4_options, GUEST4, ALL4, 67, 68},
    {"dhcp/server-port", MACS_DROP_DHCP_SERVER, false, build_udp4, GUEST4, ALL4, 4000, 68},
    {"dhcp/server-fragment", MACS_DROP_DHCP_SERVER, false, build_udp4_fragment, GUEST4, ALL4, 67,
     4000},
    {"dhcp/relay", MACS_DROP_DHCP_SERVER, false, build_udp4, GUEST4, OTHER4, 67, 67},
    {"dhcpv6/solicit", PASSED, false, build_udp6, GUEST6, NODES6, 546, 547},
    {"dhcpv6/unbound", MACS_DROP_SOURCE, false, build_udp6, OTHER6, NODES6, 546, 547},
    {"dhcpv6/no-source", MACS_DROP_SOURCE, false, build_udp6, ANY6, NODES6, 546, 547},
    {"dhcpv6/server", MACS_DROP_DHCP_SERVER, false, build_udp6, GUEST6, OTHER6, 547, 546},
    {"dhcpv6/server-port", MACS_DROP_DHCP_SERVER, false, build_udp6, GUEST6, OTHER6, 4000, 546},
    /* IPv6 */
    {"ipv6/udp", PASSED, false, build_udp6, GUEST6, OTHER6, 5353, 5353},
    {"ipv6/unbound", MACS_DROP_SOURCE, false, build_udp6, OTHER6, GUEST6, 5353, 5353},
    {"ipv6/no-source", MACS_DROP_SOURCE, false, build_udp6, ANY6, OTHER6, 5353, 5353},
    {"ipv6/echo-no-source", MACS_DROP_SOURCE, false, build_icmp6, ANY6, OTHER6, 128},
    {"ipv6/routing-0", MACS_DROP_ROUTING, false, build_routing, GUEST6, OTHER6, 0},
    {"ipv6/routing-4", PASSED, false, build_routing, GUEST6, OTHER6, 4},
    {"ipv6/many-headers", MACS_DROP_MALFORMED, false, build_many_headers, GUEST6, OTHER6, 128},
    {"ipv6/later-fragment", PASSED, false, build_later_fragment, GUEST6, OTHER6, 128},
    {"ipv6/later-fragment-unbound", MACS_DROP_SOURCE, false, build_later_fragment, OTHER6, OTHER6,
     128},
    {"ipv6/cut-chain", MACS_DROP_FRAGMENT, false, build_cut_chain, GUEST6, OTHER6},
    {"ipv6/echo-fragment", PASSED, false, build_icmp6_fragment, GUEST6, OTHER6, 128},
    /* neighbor discovery and MLD */
    {"nd/probe", PASSED, false, build_icmp6, ANY6, NODES6, 135, 1},
    {"nd/probe-fragment", MACS_DROP_FRAGMENT, false, build_icmp6_fragment, ANY6, NODES6, 135},
    {"nd/solicitation", PASSED, false, build_icmp6, GUEST6, NODES6, 135, 1},
    {"nd/solicitation-unbound", MACS_DROP_NEIGHBOR, true, build_icmp6, OTHER6, NODES6, 135},
    {"nd/advertisement", PASSED, false, build_icmp6, GUEST6, NODES6, 136},
    {"nd/advertisement-unbound", MACS_DROP_NEIGHBOR, true, build_icmp6, OTHER6, NODES6, 136},
    {"nd/advertisement-target", MACS_DROP_NEIGHBOR, true, build_icmp6, GUEST6, NODES6, 136, 1},
    {"nd/advertisement-no-source", MACS_DROP_SOURCE, false, build_icmp6, ANY6, NODES6, 136},
    {"nd/advertisement-fragment", MACS_DROP_FRAGMENT, false, build_icmp6_fragment, GUEST6, NODES6,
     136},
    {"nd/router-solicitation", PASSED, false, build_icmp6, GUEST6, NODES6, 133},
    {"nd/router-solicitation-no-source", PASSED, false, build_icmp6, ANY6, NODES6, 133},
    {"nd/router-solicitation-unbound", MACS_DROP_NEIGHBOR, true, build_icmp6, OTHER6, NODES6, 133},
    {"nd/router-advertisement", MACS_DROP_ROUTER, false, build_icmp6, GUEST6, NODES6, 134},
    {"nd/router-advertisement-hop-by-hop", MACS_DROP_ROUTER, false, build_icmp6_hop_by_hop, GUEST6,
     NODES6, 134},
    {"nd/router-advertisement-fragment", MACS_DROP_ROUTER, false, build_icmp6_fragment, GUEST6,
     NODES6, 134},
    {"nd/redirect", MACS_DROP_ROUTER, false, build_icmp6, GUEST6, NODES6, 137},
    {"mld/report", PASSED, false, build_icmp6_hop_by_hop, GUEST6, NODES6, 143},
    {"mld/report-no-source", PASSED, false, build_icmp6_hop_by_hop, ANY6, NODES6, 143},
    {"mld/query", MACS_DROP_ROUTER, false, build_icmp6_hop_by_hop, GUEST6, NODES6, 130},
    /* the rest */
    {"ethernet/eapol", MACS_DROP_ETHERTYPE, false, build_type, NULL, NULL, 0x888e},
    {"ethernet/lldp", MACS_DROP_ETHERTYPE, false, build_type, NULL, NULL, 0x88cc},
    {"ethernet/rarp", MACS_DROP_ETHERTYPE, false, build_type, NULL, NULL, 0x8035},
    {"ethernet/llc", MACS_DROP_ETHERTYPE, false, build_type, NULL, NULL, 46},
    {"ethernet/bridge-group", MACS_DROP_LINK_LOCAL, false, build_to, GUEST4, OTHER4, 6, 0},
    {"ethernet/lldp-group", MACS_DROP_LINK_LOCAL, false, build_to, GUEST4, OTHER4, 6, 14},
    {"ethernet/vlan", MACS_DROP_VLAN, false, build_tagged, NULL, NULL, 0x8100},
    {"ethernet/service-vlan", MACS_DROP_VLAN, false, build_tagged, NULL, NULL, 0x88a8},
    {"ethernet/no-source", MACS_DROP_SOURCE_MAC, false, build_from_mac, GUEST4, OTHER4, 6, 0},
    {"ethernet/group-source", MACS_DROP_SOURCE_MAC, false, build_from_mac, GUEST4, OTHER4, 6, 3},
};

static void expect(Translate *translate, unsigned verdict, bool claimed)
{
    TranslateTap tap;

    g_assert_true(translate_tap_read(translate, 1, &tap, NULL));
    for (unsigned i = 0; i < MACS_DROPS; i++)
        g_assert_cmpuint(tap.state.drops[i], ==, i == verdict);
    g_assert_cmpuint(tap.state.frames_out, ==, verdict == PASSED);
    g_assert_cmpuint(tap.state.claims, ==, claimed);
}

static void test_case(gconstpointer data)
{
    Translate *translate = world_guarded(MACS_TRANSLATE | MACS_GUARD, &TRANSLATE_LIMITS_DEFAULT);
    g_autoptr(TranslateClaims) claims = NULL;
    g_autofree MacsClaim *claim = g_new0(MacsClaim, 1);
    Frame frame = {0}, sent;
    TranslateTap tap;

    if (!translate)
        return;
    claims = world_claims(translate);
    now = data;
    now->build(&frame);
    sent = frame;
    g_assert_cmpint(run_frame(translate_egress_fd(translate), &frame), ==,
                    now->verdict == PASSED ? VERDICT_PASS : VERDICT_DROP);
    expect(translate, now->verdict, now->claimed);

    /* What may not leave teaches nothing either. */
    g_assert_true(translate_tap_read(translate, 1, &tap, NULL));
    g_assert_cmpmem(tap.guest_mac, 6, now->verdict == PASSED ? GUEST : ANY6, 6);

    g_assert_cmpuint(translate_claims_consume(claims, 10, keep_claim, claim), ==, now->claimed);
    if (now->claimed) {
        g_assert_cmpuint(claim->ifindex, ==, 1);
        g_assert_cmpuint(claim->size, ==, sent.size);
        g_assert_cmpmem(claim->bytes, MIN(sent.size, MACS_CLAIM_BYTES), sent.bytes,
                        MIN(sent.size, MACS_CLAIM_BYTES));
    }
    world_free(translate);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = g_strdup_printf("/translate/guard/%s", cases[i].name);

        g_test_add_data_func(path, &cases[i], test_case);
    }
    return g_test_run();
}
