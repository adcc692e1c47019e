/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The frame parsers: what they read from sample frames, and that a frame which is cut short or
 * lies about a length is never taken for a whole one.
 */
#include "frames.h"
#include "learner/frame.h"
#include "learner/inject.h"

#include <glib.h>
#include <string.h>

static IpAddress address(const char *text)
{
    IpAddress result;

    g_assert_true(ip_parse(text, &result));
    return result;
}

static void assert_address(const IpAddress *got, const char *text)
{
    char shown[IP_TEXT_SIZE];

    ip_format(got, shown);
    g_assert_cmpstr(shown, ==, text);
}

static ParseResult parse(Frame *frame, const TestFrame *test)
{
    /* In memory of its exact size, so that the sanitizer sees a byte too many. */
    g_autofree guint8 *copy = g_memdup2(test->data, test->size);

    return frame_parse(frame, copy, test->size);
}

/* Sample frames; the table of each test's cases is an index into these. */
enum {
    SAMPLE_ARP,
    SAMPLE_ARP_TAGGED,
    SAMPLE_DISCOVER,
    SAMPLE_OFFER,
    SAMPLE_ACK_OVERLOAD,
    SAMPLE_ACK_SPLIT,
    SAMPLE_ACK_IP_OPTIONS,
    SAMPLE_NS,
    SAMPLE_NS_HOP_BY_HOP,
    SAMPLE_NS_MANY_HEADERS,
    SAMPLE_NA,
    SAMPLE_RS,
    SAMPLE_RA,
    SAMPLE_SOLICIT,
    SAMPLE_REPLY,
    SAMPLE_REPLY_STATUS,
    SAMPLES,
};

static void sample(unsigned n, TestFrame *frame)
{
    FramesDhcp4 ack = {.type = 5,
                       .xid = 0x11223344,
                       .yiaddr = "10.0.0.9",
                       .server = "10.0.0.1",
                       .lease = 900,
                       .client_id = "guest"};
    FramesNd ns = {.type = 135, .ip_source = "::", .target = "fe80::10"};

    switch (n) {
    case SAMPLE_ARP:
    case SAMPLE_ARP_TAGGED:
        frames_arp(frame, frames_parent, 1, "10.0.0.9", "10.0.0.1");
        if (n == SAMPLE_ARP_TAGGED)
            frames_tag(frame, 0xe000);
        break;
    case SAMPLE_DISCOVER:
        frames_dhcp4(frame, &(FramesDhcp4){.type = 1, .xid = 7, .requested = "10.0.0.9"});
        break;
    case SAMPLE_OFFER:
        ack.type = 2;
        frames_dhcp4(frame, &ack);
        break;
    case SAMPLE_ACK_OVERLOAD:
        ack.overload_file = ack.overload_sname = true;
        frames_dhcp4(frame, &ack);
        break;
    case SAMPLE_ACK_SPLIT:
        ack.split_server = true;
        frames_dhcp4(frame, &ack);
        break;
    case SAMPLE_ACK_IP_OPTIONS:
        ack.ip_options = true;
        frames_dhcp4(frame, &ack);
        break;
    case SAMPLE_NS:
    case SAMPLE_NS_HOP_BY_HOP:
    case SAMPLE_NS_MANY_HEADERS:
        frames_nd(frame, &ns);
        if (n == SAMPLE_NS_MANY_HEADERS) {
            frames_extend(frame, 60, 2);
            frames_extend(frame, 43, 1);
        }
        if (n != SAMPLE_NS)
            frames_extend(frame, 0, 1);
        break;
    case SAMPLE_NA:
        frames_nd(frame, &(FramesNd){.type = 136, .target = "fe80::10", .link = frames_guest});
        break;
    case SAMPLE_RS:
        frames_nd(frame, &(FramesNd){.type = 133, .link = frames_guest});
        break;
    case SAMPLE_RA:
        frames_nd(
            frame,
            &(FramesNd){.type = 134, .prefix = "2001:db8::", .valid = 7, .link = frames_router});
        break;
    case SAMPLE_SOLICIT:
        frames_dhcp6(frame, &(FramesDhcp6){.type = 1, .xid = 0x123456, .rapid_commit = true});
        break;
    case SAMPLE_REPLY:
    case SAMPLE_REPLY_STATUS:
        frames_dhcp6(frame, &(FramesDhcp6){.type = 7,
                                           .xid = 0x123456,
                                           .addresses = {"2001:db8::9", "2001:db8::a"},
                                           .valid = 600,
                                           .status = n == SAMPLE_REPLY ? 0 : 4,
                                           .ia_status = n == SAMPLE_REPLY ? 0 : 2});
        break;
    }
}

static void test_arp(void)
{
    for (unsigned n = SAMPLE_ARP; n <= SAMPLE_ARP_TAGGED; n++) {
        TestFrame test;
        Frame frame;

        sample(n, &test);
        g_assert_cmpint(parse(&frame, &test), ==, PARSE_OK);
        g_assert_cmpint(frame.kind, ==, FRAME_ARP);
        g_assert_cmpint(frame.arp.operation, ==, ARP_REQUEST);
        g_assert_cmpmem(frame.arp.sender_hwaddr, 6, frames_parent, 6);
        assert_address(&frame.arp.sender, "10.0.0.9");
        assert_address(&frame.arp.target, "10.0.0.1");
    }
}

static void test_dhcp4(void)
{
    for (unsigned n = SAMPLE_OFFER; n <= SAMPLE_ACK_IP_OPTIONS; n++) {
        TestFrame test;
        Frame frame;
        const Dhcp4 *dhcp = &frame.dhcp4;

        sample(n, &test);
        g_assert_cmpint(parse(&frame, &test), ==, PARSE_OK);
        g_assert_cmpint(frame.kind, ==, FRAME_DHCP4);
        assert_address(&frame.source, "10.0.0.1");
        assert_address(&frame.destination, "255.255.255.255");
        g_assert_true(dhcp->from_server);
        g_assert_cmpuint(dhcp->type, ==, n == SAMPLE_OFFER ? DHCP4_OFFER : DHCP4_ACK);
        g_assert_cmphex(dhcp->xid, ==, 0x11223344);
        g_assert_true(dhcp->broadcast);
        g_assert_cmpmem(dhcp->chaddr, 6, frames_guest, 6);
        assert_address(&dhcp->yiaddr, "10.0.0.9");
        assert_address(&dhcp->server, "10.0.0.1");
        g_assert_true(dhcp->has_lease);
        g_assert_cmpuint(dhcp->lease, ==, 900);
        g_assert_cmpmem(dhcp->client_id.bytes, dhcp->client_id.size, "guest", 5);
        g_assert_cmpint(dhcp->requested.family, ==, AF_UNSPEC);
    }
}

/* An option in so many pieces that they are more than any option can be. */
static void test_dhcp4_pieces(void)
{
    TestFrame test;
    Dhcp4 dhcp;

    for (unsigned n = 0; n <= 2; n++) {
        sample(SAMPLE_DISCOVER, &test);
        test.size--; /* the end option */
        for (unsigned i = 0; i < n; i++) {
            test.data[test.size] = 61;
            test.data[test.size + 1] = 200;
            memset(test.data + test.size + 2, 'x', 200);
            test.size += 202;
        }
        g_assert_cmpint(dhcp4_parse(cursor_init(test.data + 42, test.size - 42), &dhcp), ==,
                        n < 2 ? PARSE_OK : PARSE_BAD);
        g_assert_cmpuint(dhcp.client_id.size, ==, n == 1 ? 200 : 0);
    }
}

static void test_nd(void)
{
    TestFrame test;
    Frame frame;

    for (unsigned n = SAMPLE_NS; n <= SAMPLE_NS_MANY_HEADERS; n++) {
        sample(n, &test);
        g_assert_cmpint(parse(&frame, &test), ==, PARSE_OK);
        g_assert_cmpint(frame.nd.type, ==, ND_NEIGHBOUR_SOLICITATION);
        assert_address(&frame.source, "::");
        assert_address(&frame.nd.target, "fe80::10");
        g_assert_false(frame.nd.has_link);
    }
    sample(SAMPLE_NA, &test);
    g_assert_cmpint(parse(&frame, &test), ==, PARSE_OK);
    g_assert_true(frame.nd.has_link);
    g_assert_cmpmem(frame.nd.link, 6, frames_guest, 6);

    sample(SAMPLE_RA, &test);
    g_assert_cmpint(parse(&frame, &test), ==, PARSE_OK);
    g_assert_cmpuint(frame.nd.router_lifetime, ==, 1800);
    g_assert_cmpuint(frame.nd.n_prefixes, ==, 1);
    assert_address(&frame.nd.prefixes[0].prefix, "2001:db8::");
    g_assert_cmpuint(frame.nd.prefixes[0].length, ==, 64);
    g_assert_cmpuint(frame.nd.prefixes[0].valid, ==, 7);
    g_assert_true(frame.nd.prefixes[0].autonomous);
}

static void test_dhcp6(void)
{
    TestFrame test;
    Frame frame;

    sample(SAMPLE_SOLICIT, &test);
    g_assert_cmpint(parse(&frame, &test), ==, PARSE_OK);
    g_assert_cmpuint(frame.dhcp6.type, ==, DHCP6_SOLICIT);
    g_assert_cmphex(frame.dhcp6.xid, ==, 0x123456);
    g_assert_true(frame.dhcp6.rapid_commit);
    g_assert_cmpmem(frame.dhcp6.client_id.bytes, frame.dhcp6.client_id.size, "client", 6);

    sample(SAMPLE_REPLY, &test);
    g_assert_cmpint(parse(&frame, &test), ==, PARSE_OK);
    g_assert_cmpuint(frame.dhcp6.n_addresses, ==, 2);
    assert_address(&frame.dhcp6.addresses[1].address, "2001:db8::a");
    g_assert_cmpuint(frame.dhcp6.addresses[1].valid, ==, 600);
    g_assert_true(frame.dhcp6.addresses[1].success);

    sample(SAMPLE_REPLY_STATUS, &test);
    g_assert_cmpint(parse(&frame, &test), ==, PARSE_OK);
    g_assert_cmpuint(frame.dhcp6.status, ==, DHCP6_STATUS_NOT_ON_LINK);
    g_assert_false(frame.dhcp6.addresses[0].success);
}

/* All frames here say themselves how long they are, but for ARP, whose end is fixed. */
static void test_truncated(void)
{
    for (unsigned n = 0; n < SAMPLES; n++) {
        TestFrame test;
        Frame frame;

        sample(n, &test);
        g_assert_cmpint(parse(&frame, &test), ==, PARSE_OK);
        while (test.size > 0) {
            test.size--;
            g_assert_cmpint(parse(&frame, &test), ==, PARSE_BAD);
        }
    }
}

/* Each byte in turn is set to each of some values: nothing crashes, and padding changes nothing. */
static void test_mangled(void)
{
    static const guint8 values[] = {0, 1, 2, 7, 0x2c, 0x7f, 0x80, 0xff};

    for (unsigned n = 0; n < SAMPLES; n++) {
        TestFrame test;
        Frame frame;

        sample(n, &test);
        for (size_t i = 0; i < test.size; i++) {
            guint8 kept = test.data[i];

            for (size_t j = 0; j < sizeof(values); j++) {
                test.data[i] = values[j];
                (void)parse(&frame, &test);
            }
            test.data[i] = kept;
        }
        memset(test.data + test.size, 0xff, 30);
        test.size += 30;
        g_assert_cmpint(parse(&frame, &test), ==, PARSE_OK);
    }
}

typedef struct {
    const char *name;
    unsigned sample;
    size_t at;
    guint8 value;
    ParseResult result;
} Lie;

/* Offsets: Ethernet 0, IPv4 14, UDP 34, DHCPv4 42 (options 282); IPv6 14, ICMPv6 54, DHCPv6 62. */
static const Lie lies[] = {
    {"provider-tag", SAMPLE_ARP, 12, 0x88, PARSE_OTHER},
    {"length-802.3", SAMPLE_ARP, 12, 0x01, PARSE_OTHER},
    {"vlan", SAMPLE_ARP_TAGGED, 15, 5, PARSE_OTHER},
    {"arp-hardware", SAMPLE_ARP, 15, 6, PARSE_OTHER},
    {"arp-hardware-size", SAMPLE_ARP, 18, 8, PARSE_BAD},
    {"arp-protocol-size", SAMPLE_ARP, 19, 0, PARSE_BAD},
    {"arp-operation", SAMPLE_ARP, 21, 3, PARSE_OTHER},
    {"ipv4-version", SAMPLE_OFFER, 14, 0x65, PARSE_BAD},
    {"ipv4-header-short", SAMPLE_OFFER, 14, 0x44, PARSE_BAD},
    {"ipv4-header-long", SAMPLE_OFFER, 14, 0x4f, PARSE_BAD},
    {"ipv4-size-long", SAMPLE_OFFER, 16, 0x40, PARSE_BAD},
    {"ipv4-more-fragments", SAMPLE_OFFER, 20, 0x20, PARSE_FRAGMENT},
    {"ipv4-fragment", SAMPLE_OFFER, 21, 0x01, PARSE_FRAGMENT},
    {"ipv4-dont-fragment", SAMPLE_OFFER, 20, 0x40, PARSE_OK},
    {"ipv4-tcp", SAMPLE_OFFER, 23, 6, PARSE_OTHER},
    {"ipv4-checksum", SAMPLE_OFFER, 24, 0xaa, PARSE_OK},
    {"udp-port", SAMPLE_OFFER, 37, 69, PARSE_OTHER},
    {"udp-to-server", SAMPLE_OFFER, 37, 67, PARSE_OTHER},
    {"udp-server-port", SAMPLE_OFFER, 34, 4, PARSE_OK},
    {"udp-size-long", SAMPLE_OFFER, 38, 0x40, PARSE_BAD},
    {"udp-size-short", SAMPLE_OFFER, 38, 0, PARSE_BAD},
    {"udp-checksum", SAMPLE_OFFER, 40, 0xaa, PARSE_OK},
    {"dhcp-op", SAMPLE_OFFER, 42, 3, PARSE_BAD},
    {"dhcp-op-direction", SAMPLE_OFFER, 42, 1, PARSE_OTHER},
    {"dhcp-hardware", SAMPLE_OFFER, 43, 6, PARSE_OTHER},
    {"dhcp-hardware-size", SAMPLE_OFFER, 44, 16, PARSE_BAD},
    {"dhcp-cookie", SAMPLE_OFFER, 278, 0, PARSE_OTHER},
    {"dhcp-type-absent", SAMPLE_OFFER, 282, 0xf0, PARSE_OTHER},
    {"dhcp-type-size", SAMPLE_OFFER, 283, 0, PARSE_BAD},
    {"dhcp-type-unknown", SAMPLE_OFFER, 284, 13, PARSE_OTHER},
    {"dhcp-option-long", SAMPLE_OFFER, 283, 200, PARSE_BAD},
    {"dhcp-lease-size", SAMPLE_OFFER, 286, 5, PARSE_BAD},
    {"dhcp-overload-value", SAMPLE_ACK_OVERLOAD, 287, 4, PARSE_BAD},
    {"dhcp-overload-size", SAMPLE_ACK_OVERLOAD, 286, 2, PARSE_BAD},
    {"ipv6-version", SAMPLE_NS, 14, 0x40, PARSE_BAD},
    {"ipv6-size-long", SAMPLE_NS, 19, 25, PARSE_BAD},
    {"ipv6-size-short", SAMPLE_NS, 19, 23, PARSE_BAD},
    {"ipv6-size-zero", SAMPLE_NS, 19, 0, PARSE_BAD},
    {"ipv6-next-fragment", SAMPLE_NS, 20, 44, PARSE_FRAGMENT},
    {"ipv6-next-hop-by-hop-late", SAMPLE_NS_HOP_BY_HOP, 54, 0, PARSE_BAD},
    {"ipv6-extension-long", SAMPLE_NS_HOP_BY_HOP, 55, 9, PARSE_BAD},
    {"ipv6-segments-left", SAMPLE_NS_MANY_HEADERS, 65, 1, PARSE_OTHER},
    {"nd-hop-limit", SAMPLE_NS, 21, 254, PARSE_BAD},
    {"nd-code", SAMPLE_NS, 55, 1, PARSE_BAD},
    {"nd-redirect", SAMPLE_NS, 54, 137, PARSE_OTHER},
    {"nd-echo", SAMPLE_NS, 54, 128, PARSE_OTHER},
    {"nd-checksum", SAMPLE_NS, 56, 0xaa, PARSE_OK},
    {"nd-target-multicast", SAMPLE_NA, 62, 0xff, PARSE_BAD},
    {"nd-not-solicited-node", SAMPLE_NS, 53, 0xaa, PARSE_BAD},
    {"nd-option-empty", SAMPLE_NA, 79, 0, PARSE_BAD},
    {"nd-option-long", SAMPLE_NA, 79, 2, PARSE_BAD},
    {"nd-prefix-length", SAMPLE_RA, 72, 129, PARSE_BAD},
    {"nd-prefix-size", SAMPLE_RA, 71, 5, PARSE_BAD},
    {"dhcp6-relay", SAMPLE_REPLY, 62, 13, PARSE_OTHER},
    {"dhcp6-direction", SAMPLE_REPLY, 62, 1, PARSE_OTHER},
    {"dhcp6-client-id-empty", SAMPLE_REPLY, 69, 0, PARSE_BAD},
    {"dhcp6-association-long", SAMPLE_REPLY, 79, 200, PARSE_BAD},
    {"dhcp6-association-short", SAMPLE_REPLY, 79, 11, PARSE_BAD},
    {"dhcp6-address-short", SAMPLE_REPLY, 95, 23, PARSE_BAD},
    {"dhcp6-address-long", SAMPLE_REPLY, 95, 90, PARSE_BAD},
    {"dhcp6-preferred-above-valid", SAMPLE_REPLY, 112, 1, PARSE_BAD},
};

static void test_lie(gconstpointer data)
{
    const Lie *lie = data;
    TestFrame test;
    Frame frame;

    sample(lie->sample, &test);
    g_assert_cmpuint(lie->at, <, test.size);
    g_assert_cmphex(test.data[lie->at], !=, lie->value);
    test.data[lie->at] = lie->value;
    g_assert_cmpint(parse(&frame, &test), ==, lie->result);
}

static void test_address(void)
{
    IpAddress a = address("2001:db8:1::1");

    g_assert_true(ip_in_prefix(&a, &(IpAddress){.family = AF_INET6}, 0));
    a = address("2001:db8:1:ff00::1");
    for (unsigned bits = 0; bits <= 128; bits++) {
        IpAddress b = address("2001:db8:1:ff80::1");

        g_assert_cmpint(ip_in_prefix(&a, &b, bits), ==, bits <= 56);
    }
}

/* The probes are right frames themselves. */
static void test_inject_probe(void)
{
    IpAddress v4 = address("10.0.0.9"), v6 = address("2001:db8::1:2:3");
    TestFrame test;
    Frame frame;

    test.size = inject_probe(test.data, frames_parent, &v4);
    g_assert_cmpint(parse(&frame, &test), ==, PARSE_OK);
    g_assert_cmpint(frame.kind, ==, FRAME_ARP);
    g_assert_true(address_unspecified(&frame.arp.sender));
    assert_address(&frame.arp.target, "10.0.0.9");
    g_assert_cmpmem(frame.ethernet.source, 6, frames_parent, 6);
    g_assert_cmpmem(frame.ethernet.destination, 6, frames_parent, 6);

    test.size = inject_probe(test.data, frames_parent, &v6);
    g_assert_cmpint(parse(&frame, &test), ==, PARSE_OK);
    g_assert_cmpint(frame.nd.type, ==, ND_NEIGHBOUR_SOLICITATION);
    g_assert_true(address_unspecified(&frame.source));
    assert_address(&frame.nd.target, "2001:db8::1:2:3");
    {
        TestFrame same;

        frames_nd(&same, &(FramesNd){.type = 135,
                                     .ip_source = "::",
                                     .target = "2001:db8::1:2:3",
                                     .destination = frames_parent});
        g_assert_cmpmem(test.data, test.size, same.data, same.size);
    }
}

/* Only the Ethernet header changes, and a checksum that was not made yet is made. */
static void test_inject_reply(void)
{
    TestFrame test, whole;
    guint8 out[1514];
    size_t size;

    sample(SAMPLE_ACK_IP_OPTIONS, &whole);
    test = whole;
    test.data[44] ^= 0x55; /* UDP's checksum, behind 24 bytes of IPv4 */
    frames_tag(&test, 0);
    test.size += 5; /* padding */
    size = inject_reply(out, sizeof(out), frames_parent, test.data, test.size);
    g_assert_cmpuint(size, ==, whole.size);
    g_assert_cmpmem(out, 6, frames_parent, 6);
    g_assert_cmpmem(out + 6, 6, frames_parent, 6);
    g_assert_cmpmem(out + 12, size - 12, whole.data + 12, whole.size - 12);
    g_assert_cmpuint(inject_reply(out, size - 1, frames_parent, test.data, test.size), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/learner/frames/arp", test_arp);
    g_test_add_func("/learner/frames/dhcp4", test_dhcp4);
    g_test_add_func("/learner/frames/dhcp4-pieces", test_dhcp4_pieces);
    g_test_add_func("/learner/frames/nd", test_nd);
    g_test_add_func("/learner/frames/dhcp6", test_dhcp6);
    g_test_add_func("/learner/frames/truncated", test_truncated);
    g_test_add_func("/learner/frames/mangled", test_mangled);
    for (size_t i = 0; i < G_N_ELEMENTS(lies); i++) {
        g_autofree char *path = g_strdup_printf("/learner/frames/lie/%s", lies[i].name);

        g_test_add_data_func(path, &lies[i], test_lie);
    }
    g_test_add_func("/learner/frames/address", test_address);
    g_test_add_func("/learner/frames/inject-probe", test_inject_probe);
    g_test_add_func("/learner/frames/inject-reply", test_inject_reply);
    return g_test_run();
}
