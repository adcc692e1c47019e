/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The programs frame by frame: what goes in, and what must come out.
 *
 * Each rewriting case is one frame built twice, as the guest sends it and as the LAN must see it,
 * checksums made by the test's own code.
 */
#include <string.h>

#include <glib.h>

#include "test-translate-world.h"

/* `mac` is the guest's in what is sent and the parent's in what must arrive; `broadcast` is 0 or
 * 0x80, the DHCP flag that must have been set. */
typedef void (*BuildFn)(Frame *frame, const uint8_t mac[6], uint8_t broadcast);

static void set_broadcast(Frame *frame, size_t bootp, uint8_t broadcast)
{
    frame->bytes[bootp + 10] |= broadcast;
}

static void build_arp(Frame *frame, const uint8_t mac[6], uint8_t broadcast)
{
    frame_ethernet(frame, BROADCAST, mac, 0x0806);
    frame_arp(frame, 1, mac, GUEST4, ANY6, OTHER4);
}

static void build_arp_tagged(Frame *frame, const uint8_t mac[6], uint8_t broadcast)
{
    frame_ethernet(frame, BROADCAST, mac, 0x88a8);
    frame_tag(frame, 7, 0x8100);
    frame_tag(frame, 9, 0x0806);
    frame_arp(frame, 2, mac, GUEST4, OTHER, OTHER4);
}

static void build_arp_short(Frame *frame, const uint8_t mac[6], uint8_t broadcast)
{
    frame_ethernet(frame, BROADCAST, mac, 0x0806);
    frame_arp(frame, 1, GUEST, GUEST4, ANY6, OTHER4);
    frame->size--;
}

static void build_arp_other_hardware(Frame *frame, const uint8_t mac[6], uint8_t broadcast)
{
    frame_ethernet(frame, BROADCAST, mac, 0x0806);
    frame_arp(frame, 1, GUEST, GUEST4, ANY6, OTHER4);
    frame->bytes[14 + 4] = 8;
}

static void dhcp(Frame *frame, const uint8_t mac[6], uint8_t broadcast, size_t options,
                 uint16_t fragment, size_t size)
{
    size_t bootp;

    frame_ipv4(frame, 17, ANY4, ALL4, options, fragment);
    frame_udp(frame, 68, 67);
    bootp = frame->size;
    frame_bootp(frame, size);
    set_broadcast(frame, bootp, broadcast);
    frame_finish(frame);
}

static void build_dhcp(Frame *frame, const uint8_t mac[6], uint8_t broadcast)
{
    frame_ethernet(frame, BROADCAST, mac, 0x0800);
    dhcp(frame, mac, broadcast, 0, 0, 300);
}

static void build_dhcp_odd_size(Frame *frame, const uint8_t mac[6], uint8_t broadcast)
{
    frame_ethernet(frame, BROADCAST, mac, 0x0800);
    dhcp(frame, mac, broadcast, 0, 0, 301);
}

static void build_dhcp_options(Frame *frame, const uint8_t mac[6], uint8_t broadcast)
{
    frame_ethernet(frame, BROADCAST, mac, 0x0800);
    dhcp(frame, mac, broadcast, 40, 0, 300);
}

static void build_dhcp_tagged(Frame *frame, const uint8_t mac[6], uint8_t broadcast)
{
    frame_ethernet(frame, BROADCAST, mac, 0x8100);
    frame_tag(frame, 5, 0x0800);
    dhcp(frame, mac, broadcast, 4, 0, 300);
}

static void build_dhcp_no_checksum(Frame *frame, const uint8_t mac[6], uint8_t broadcast)
{
    build_dhcp(frame, mac, broadcast);
    memset(frame->bytes + 14 + 20 + 6, 0, 2);
}

/* The sum comes out as zero, which UDP writes as 0xffff. */
static void build_dhcp_checksum_zero(Frame *frame, const uint8_t mac[6], uint8_t broadcast)
{
    const size_t udp = 14 + 20, pad = udp + 8 + 100;
    uint16_t rest;
    Checksum checksum;

    build_dhcp(frame, mac, 0x80);
    checksum_find(frame->bytes, frame->size, &checksum);
    memcpy(&rest, frame->bytes + udp + 6, 2);
    memcpy(frame->bytes + pad, &rest, 2);
    frame->bytes[udp + 8 + 10] &= ~(0x80 ^ broadcast);
    frame_finish(frame);
    if (broadcast)
        g_assert_cmpmem(frame->bytes + udp + 6, 2, BROADCAST, 2);
}

/* Only the flags and what is before them. */
static void build_dhcp_shortest(Frame *frame, const uint8_t mac[6], uint8_t broadcast)
{
    frame_ethernet(frame, BROADCAST, mac, 0x0800);
    dhcp(frame, mac, broadcast, 0, 0, 12);
}

static void build_dhcp_cut(Frame *frame, const uint8_t mac[6], uint8_t broadcast)
{
    frame_ethernet(frame, BROADCAST, mac, 0x0800);
    dhcp(frame, mac, 0, 0, 0, 11);
}

/* The message ends in the IP packet; the flags would be in what Ethernet added behind it. */
static void build_dhcp_behind_the_end(Frame *frame, const uint8_t mac[6], uint8_t broadcast)
{
    build_dhcp_cut(frame, mac, broadcast);
    frame_add(frame, ANY6, 12);
}

static void build_dhcp_reply(Frame *frame, const uint8_t mac[6], uint8_t broadcast)
{
    build_dhcp(frame, mac, 0);
    frame->bytes[14 + 20 + 8] = 2;
    frame_finish(frame);
}

static void build_dhcp_later_fragment(Frame *frame, const uint8_t mac[6], uint8_t broadcast)
{
    frame_ethernet(frame, BROADCAST, mac, 0x0800);
    dhcp(frame, mac, 0, 0, 0x0010, 300);
}

static void build_tcp(Frame *frame, const uint8_t mac[6], uint8_t broadcast)
{
    frame_ethernet(frame, OTHER, mac, 0x0800);
    frame_ipv4(frame, 6, GUEST4, OTHER4, 0, 0);
    frame_add(frame, (uint8_t[1000]){0, 68, 0, 67, 1}, 1000);
    frame_finish(frame);
}

static void neighbor(Frame *frame, uint8_t type, const uint8_t mac[6])
{
    frame_icmpv6(frame, type, GUEST6, 16);
    frame_link_option(frame, type == 136 ? 2 : 1, mac);
    frame_finish(frame);
}

static void build_ns(Frame *frame, const uint8_t mac[6], uint8_t broadcast)
{
    frame_ethernet(frame, OTHER, mac, 0x86dd);
    frame_ipv6(frame, 58, GUEST6, OTHER6);
    neighbor(frame, 135, mac);
}

static void build_na(Frame *frame, const uint8_t mac[6], uint8_t broadcast)
{
    frame_ethernet(frame, OTHER, mac, 0x86dd);
    frame_ipv6(frame, 58, GUEST6, OTHER6);
    neighbor(frame, 136, mac);
}

static void build_na_tagged(Frame *frame, const uint8_t mac[6], uint8_t broadcast)
{
    frame_ethernet(frame, OTHER, mac, 0x8100);
    frame_tag(frame, 5, 0x86dd);
    frame_ipv6(frame, 58, GUEST6, OTHER6);
    neighbor(frame, 136, mac);
}

static void build_ns_hop_by_hop(Frame *frame, const uint8_t mac[6], uint8_t broadcast)
{
    frame_ethernet(frame, OTHER, mac, 0x86dd);
    frame_ipv6(frame, 0, GUEST6, OTHER6);
    frame_extension(frame, 60, 1);
    frame_extension(frame, 58, 1);
    neighbor(frame, 135, mac);
}

static void build_ns_padded(Frame *frame, const uint8_t mac[6], uint8_t broadcast)
{
    build_ns(frame, mac, broadcast);
    frame_link_option(frame, 1, GUEST); /* behind the end of the packet */
}

static void build_rs(Frame *frame, const uint8_t mac[6], uint8_t broadcast)
{
    frame_ethernet(frame, BROADCAST, mac, 0x86dd);
    frame_ipv6(frame, 58, GUEST6, NODES6);
    frame_icmpv6(frame, 133, NULL, 0);
    frame_link_option(frame, 1, mac);
    frame_finish(frame);
}

static void build_ra(Frame *frame, const uint8_t mac[6], uint8_t broadcast)
{
    frame_ethernet(frame, BROADCAST, mac, 0x86dd);
    frame_ipv6(frame, 58, GUEST6, NODES6);
    frame_icmpv6(frame, 134, ANY6, 8);
    frame_other_option(frame, 4);
    frame_link_option(frame, 1, mac);
    frame_finish(frame);
}

/* First, last, twice, and between others. */
static void build_ns_options(Frame *frame, const uint8_t mac[6], uint8_t broadcast)
{
    frame_ethernet(frame, OTHER, mac, 0x86dd);
    frame_ipv6(frame, 58, GUEST6, OTHER6);
    frame_icmpv6(frame, 135, OTHER6, 16);
    frame_link_option(frame, 1, mac);
    frame_link_option(frame, 2, GUEST);
    for (int i = 1; i < 30; i++)
        frame_other_option(frame, i % 3 + 1);
    frame_link_option(frame, 1, mac);
    frame_other_option(frame, 1);
    frame_finish(frame);
}

static void build_ns_last_of_184(Frame *frame, const uint8_t mac[6], uint8_t broadcast)
{
    frame_ethernet(frame, OTHER, mac, 0x86dd);
    frame_ipv6(frame, 58, GUEST6, OTHER6);
    frame_icmpv6(frame, 135, OTHER6, 16);
    for (int i = 1; i < 184; i++)
        frame_other_option(frame, 1);
    frame_link_option(frame, 1, mac);
    frame_finish(frame);
}

/* An option without length ends the list, as it does for every receiver (RFC 4861 4.6). */
static void build_ns_zero_option(Frame *frame, const uint8_t mac[6], uint8_t broadcast)
{
    frame_ethernet(frame, OTHER, mac, 0x86dd);
    frame_ipv6(frame, 58, GUEST6, OTHER6);
    frame_icmpv6(frame, 135, OTHER6, 16);
    frame_add(frame, ANY6, 8);
    frame_link_option(frame, 1, GUEST);
    frame_finish(frame);
}

static void build_redirect(Frame *frame, const uint8_t mac[6], uint8_t broadcast)
{
    frame_ethernet(frame, OTHER, mac, 0x86dd);
    frame_ipv6(frame, 58, GUEST6, OTHER6);
    frame_icmpv6(frame, 137, (uint8_t[32]){0}, 32);
    frame_link_option(frame, 2, GUEST);
    frame_finish(frame);
}

static void build_ns_fragment(Frame *frame, const uint8_t mac[6], uint8_t broadcast)
{
    frame_ethernet(frame, OTHER, mac, 0x86dd);
    frame_ipv6(frame, 44, GUEST6, OTHER6);
    frame_extension(frame, 58, 0);
    neighbor(frame, 135, GUEST);
}

static void build_llc(Frame *frame, const uint8_t mac[6], uint8_t broadcast)
{
    frame_ethernet(frame, OTHER, mac, 46);
    frame_add(frame, (uint8_t[46]){0x42, 0x42, 3}, 46);
}

static const struct {
    const char *name;
    BuildFn build;
} rewrites[] = {
    {"arp", build_arp},
    {"arp/two-tags", build_arp_tagged},
    {"arp/short", build_arp_short},
    {"arp/other-hardware", build_arp_other_hardware},
    {"dhcp", build_dhcp},
    {"dhcp/odd-size", build_dhcp_odd_size},
    {"dhcp/ip-options", build_dhcp_options},
    {"dhcp/tag", build_dhcp_tagged},
    {"dhcp/no-checksum", build_dhcp_no_checksum},
    {"dhcp/checksum-becomes-zero", build_dhcp_checksum_zero},
    {"dhcp/shortest", build_dhcp_shortest},
    {"dhcp/cut", build_dhcp_cut},
    {"dhcp/behind-the-end", build_dhcp_behind_the_end},
    {"dhcp/reply", build_dhcp_reply},
    {"dhcp/later-fragment", build_dhcp_later_fragment},
    {"tcp", build_tcp},
    {"ns", build_ns},
    {"ns/hop-by-hop", build_ns_hop_by_hop},
    {"ns/padded", build_ns_padded},
    {"ns/options", build_ns_options},
    {"ns/last-of-184", build_ns_last_of_184},
    {"ns/zero-option", build_ns_zero_option},
    {"ns/fragment", build_ns_fragment},
    {"na", build_na},
    {"na/tag", build_na_tagged},
    {"rs", build_rs},
    {"ra", build_ra},
    {"redirect", build_redirect},
    {"llc", build_llc},
};

static void test_rewrite(gconstpointer data)
{
    BuildFn build = rewrites[GPOINTER_TO_UINT(data)].build;
    Translate *translate = world_new();
    Frame frame = {0}, expected = {0};
    TranslateTap tap;

    if (!translate)
        return;
    build(&frame, GUEST, 0);
    build(&expected, PARENT, 0x80);
    g_assert_cmpint(run_frame(translate_egress_fd(translate), &frame), ==, VERDICT_PASS);
    g_assert_cmpmem(frame.bytes, frame.size, expected.bytes, expected.size);
    g_assert_true(translate_tap_read(translate, 1, &tap, NULL));
    g_assert_cmpmem(tap.guest_mac, 6, GUEST, 6);
    g_assert_cmpuint(tap.state.frames_out, ==, 1);
    world_free(translate);
}

/* A wrong checksum must not be made right on the way. */
static void test_wrong_stays_wrong(void)
{
    Translate *translate = world_new();
    Checksum checksum;
    Frame frame = {0};

    if (!translate)
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(rewrites); i++) {
        rewrites[i].build(&frame, GUEST, 0);
        if (!checksum_find(frame.bytes, frame.size, &checksum) ||
            strstr(rewrites[i].name, "no-checksum"))
            continue;
        frame.bytes[checksum.field] ^= 0x11;
        g_assert_cmpint(run_frame(translate_egress_fd(translate), &frame), ==, VERDICT_PASS);
        g_assert_false(checksum_is_right(frame.bytes, &checksum));
    }
    world_free(translate);
}

static void expect_guest(Translate *translate, const uint8_t mac[6], uint64_t changes)
{
    TranslateTap tap;

    g_assert_true(translate_tap_read(translate, 1, &tap, NULL));
    g_assert_cmpmem(tap.guest_mac, 6, mac, 6);
    g_assert_cmpuint(tap.state.guest_changes, ==, changes);
}

static void test_learn(void)
{
    Translate *translate = world_new();
    const struct {
        const uint8_t *from, *learned;
        uint64_t changes;
    } steps[] = {
        {PARENT, ANY6, 0}, {BROADCAST, ANY6, 0}, {ANY6, ANY6, 0},
        {GUEST, GUEST, 1}, {GUEST, GUEST, 1},    {PARENT, GUEST, 1},
        {OTHER, OTHER, 2}, {ANY6, OTHER, 2},     {GUEST, GUEST, 3},
    };
    Frame frame = {0};

    if (!translate)
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(steps); i++) {
        build_tcp(&frame, steps[i].from, 0);
        g_assert_cmpint(run_frame(translate_egress_fd(translate), &frame), ==, VERDICT_PASS);
        expect_guest(translate, steps[i].learned, steps[i].changes);
    }
    world_free(translate);
}

static void keep_ifindex(uint32_t ifindex, void *data)
{
    g_array_append_val((GArray *)data, ifindex);
}

/* A guest that changes its MAC with each frame is told of three times, and then no more for a
 * while; what it told last is not forgotten. */
static void test_told(void)
{
    Translate *translate = world_new();
    g_autoptr(GArray) told = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    g_autoptr(TranslateLearned) learned = NULL;
    Frame frame = {0};
    TranslateTap tap;

    if (!translate)
        return;
    learned = translate_learned_new(translate, keep_ifindex, told, NULL);
    g_assert_nonnull(learned);
    translate_learned_read(learned); /* what other tests rang */
    g_array_set_size(told, 0);
    build_tcp(&frame, PARENT, 0);
    run_frame(translate_egress_fd(translate), &frame);
    translate_learned_read(learned);
    g_assert_cmpuint(told->len, ==, 0);
    for (unsigned i = 0; i < 1000; i++) {
        build_tcp(&frame, i % 2 ? GUEST : OTHER, 0);
        g_assert_cmpint(run_frame(translate_egress_fd(translate), &frame), ==, VERDICT_PASS);
    }
    translate_learned_read(learned);
    g_assert_cmpuint(told->len, >=, 3);
    g_assert_cmpuint(told->len, <, 10);
    g_assert_cmpuint(g_array_index(told, uint32_t, 0), ==, 1);
    g_assert_true(translate_tap_read(translate, 1, &tap, NULL));
    g_assert_cmpuint(tap.state.guest_changes, ==, 1000);
    world_free(translate);
}

static void note_tap(uint32_t ifindex, const TranslateTap *tap, void *data)
{
    g_assert_cmpuint(ifindex, ==, 1);
    *(TranslateTap *)data = *tap;
}

static void test_note(void)
{
    Translate *translate = world_new();
    TranslateTap tap = {0};

    if (!translate)
        return;
    g_assert_true(translate_tap_note_filter(translate, 1, 77, GUEST, NULL));
    g_assert_true(translate_tap_foreach(translate, note_tap, &tap, NULL));
    g_assert_cmpuint(tap.filter_parent, ==, 77);
    g_assert_cmpmem(tap.filter_mac, 6, GUEST, 6);
    g_assert_true(translate_tap_note_filter(translate, 1, 77, NULL, NULL));
    g_assert_true(translate_tap_foreach(translate, note_tap, &tap, NULL));
    g_assert_cmpmem(tap.filter_mac, 6, ANY6, 6);
    g_assert_false(translate_tap_note_filter(translate, 4711, 77, GUEST, NULL));
    world_free(translate);
}

static void test_ingress(void)
{
    Translate *translate = world_new();
    const struct {
        const uint8_t *to, *target;   /* as they come in */
        const uint8_t *to2, *target2; /* as the guest must see them */
        bool tagged;
    } cases[] = {
        {PARENT, PARENT, GUEST, GUEST, false},
        {PARENT, PARENT, GUEST, GUEST, true},
        {PARENT, ANY6, GUEST, ANY6, false},
        {PARENT, OTHER, GUEST, OTHER, false},
        {BROADCAST, PARENT, BROADCAST, PARENT, false},
        {GUEST, GUEST, GUEST, GUEST, false},
        {OTHER, PARENT, OTHER, PARENT, false},
    };
    Frame frame = {0}, expected = {0};

    if (!translate)
        return;
    for (int learned = 0; learned < 2; learned++) {
        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
            for (int side = 0; side < 2; side++) {
                Frame *target = side ? &expected : &frame;

                frame_ethernet(target, side && learned ? cases[i].to2 : cases[i].to, OTHER,
                               cases[i].tagged ? 0x8100 : 0x0806);
                if (cases[i].tagged)
                    frame_tag(target, 3, 0x0806);
                frame_arp(target, 2, OTHER, OTHER4,
                          side && learned ? cases[i].target2 : cases[i].target, GUEST4);
            }
            g_assert_cmpint(run_frame(translate_ingress_fd(translate), &frame), ==, VERDICT_PASS);
            g_assert_cmpmem(frame.bytes, frame.size, expected.bytes, expected.size);
        }
        build_tcp(&frame, GUEST, 0);
        run_frame(translate_egress_fd(translate), &frame);
    }
    world_free(translate);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(rewrites); i++) {
        g_autofree char *path = g_strdup_printf("/translate/egress/%s", rewrites[i].name);

        g_test_add_data_func(path, GUINT_TO_POINTER(i), test_rewrite);
    }
    g_test_add_func("/translate/egress/wrong-stays-wrong", test_wrong_stays_wrong);
    g_test_add_func("/translate/learn", test_learn);
    g_test_add_func("/translate/told", test_told);
    g_test_add_func("/translate/note", test_note);
    g_test_add_func("/translate/ingress", test_ingress);
    return g_test_run();
}
