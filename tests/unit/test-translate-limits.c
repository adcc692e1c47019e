/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * What a guest may do only so often, or only for so long: group frames, frames that the learner
 * reads, claims, addresses that run out; and the guard on a tap that translates nothing.
 */
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include <glib.h>

#include "test-translate-world.h"

static void build_arp(Frame *frame, const uint8_t to[6], const uint8_t sender[4])
{
    frame_ethernet(frame, to, GUEST, 0x0806);
    frame_arp(frame, 1, GUEST, sender, ANY6, OTHER4);
}

/* Bindings are the tap's own, run out, and can be taken back. */
static void test_bindings(void)
{
    Translate *translate = world_guarded(MACS_GUARD | MACS_TRANSLATE, &(TranslateLimits){0});
    const struct {
        uint32_t ifindex;
        int64_t seconds;
        int verdict;
    } steps[] = {
        {1, 3600, VERDICT_PASS},
        {1, -1, VERDICT_DROP},
        {1, 60, VERDICT_PASS},
        {2, 3600, VERDICT_DROP},
    };
    Frame frame = {0};

    if (!translate)
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(steps); i++) {
        g_assert_true(translate_binding_remove(translate, 1, AF_INET, GUEST4, NULL));
        g_assert_true(translate_binding_set(translate, steps[i].ifindex, AF_INET, GUEST4,
                                            translate_expiry_in(0) + steps[i].seconds * 1000000000,
                                            NULL));
        build_arp(&frame, BROADCAST, GUEST4);
        g_assert_cmpint(run_frame(translate_egress_fd(translate), &frame), ==, steps[i].verdict);
    }
    g_assert_true(translate_binding_set(translate, 1, AF_INET, GUEST4,
                                        translate_expiry_in(0) + 200000000, NULL));
    build_arp(&frame, BROADCAST, GUEST4);
    g_assert_cmpint(run_frame(translate_egress_fd(translate), &frame), ==, VERDICT_PASS);
    g_usleep(250000);
    build_arp(&frame, BROADCAST, GUEST4);
    g_assert_cmpint(run_frame(translate_egress_fd(translate), &frame), ==, VERDICT_DROP);
    world_free(translate);
}

/* How many of `n` such ARP requests pass. */
static unsigned passes(Translate *translate, const uint8_t to[6], const uint8_t sender[4],
                       unsigned n)
{
    unsigned passed = 0;
    Frame frame = {0};

    for (unsigned i = 0; i < n; i++) {
        build_arp(&frame, to, sender);
        passed += run_frame(translate_egress_fd(translate), &frame) == VERDICT_PASS;
    }
    return passed;
}

static void test_flood(void)
{
    Translate *translate = world_guarded(MACS_GUARD | MACS_TRANSLATE,
                                         &(TranslateLimits){.flood_rate = 10, .flood_burst = 5});
    TranslateTap tap;
    unsigned passed;
    int64_t start = g_get_monotonic_time();

    if (!translate)
        return;
    passed = passes(translate, BROADCAST, GUEST4, 100);
    /* The burst, and one more for each 100 ms that the loop took on a busy machine. */
    g_assert_cmpuint(passed, >=, 5);
    g_assert_cmpuint(passed, <=, 6 + (g_get_monotonic_time() - start) / 100000);
    g_assert_true(translate_tap_read(translate, 1, &tap, NULL));
    g_assert_cmpuint(tap.state.drops[MACS_DROP_FLOOD], ==, 100 - passed);
    /* Unicast has no part in it. */
    g_assert_cmpuint(passes(translate, OTHER, GUEST4, 1), ==, 1);
    g_usleep(350000);
    passed = passes(translate, BROADCAST, GUEST4, 3);
    g_assert_cmpuint(passed, >=, 3);
    world_free(translate);
}

static void build_control(Frame *frame, unsigned kind)
{
    bool ipv6 = kind > 1;

    if (kind == 0) {
        build_arp(frame, OTHER, GUEST4);
        return;
    }
    frame_ethernet(frame, OTHER, GUEST, ipv6 ? 0x86dd : 0x0800);
    if (ipv6)
        frame_ipv6(frame, kind == 2 ? 17 : 58, GUEST6, OTHER6);
    else
        frame_ipv4(frame, 17, GUEST4, OTHER4, 0, 0);
    if (kind == 1) {
        frame_udp(frame, 68, 67);
        frame_bootp(frame, 300);
    } else if (kind == 2) {
        frame_udp(frame, 546, 547);
    } else {
        frame_icmpv6(frame, kind == 3 ? 133 : kind == 4 ? 135 : 136, GUEST6, 16);
    }
    frame_finish(frame);
}
#define CONTROL_KINDS 6

static void build_udp(Frame *frame, const uint8_t to[6])
{
    frame_ethernet(frame, to, GUEST, 0x0800);
    frame_ipv4(frame, 17, GUEST4, OTHER4, 0, 0);
    frame_udp(frame, 53, 53);
    frame_finish(frame);
}

/* All that the learner reads is one rate, unicast too; the guard has no part in it; and what is not
 * for the learner has none of that rate. */
static void test_control(gconstpointer data)
{
    uint32_t flags = GPOINTER_TO_UINT(data);
    const unsigned all = 20 * CONTROL_KINDS;
    Translate *translate =
        world_guarded(flags, &(TranslateLimits){.control_rate = 10, .control_burst = 5});
    int64_t start = g_get_monotonic_time();
    unsigned passed = 0;
    TranslateTap tap;
    Frame frame = {0};

    if (!translate)
        return;
    for (unsigned i = 0; i < all; i++) {
        build_control(&frame, i % CONTROL_KINDS);
        passed += run_frame(translate_egress_fd(translate), &frame) == VERDICT_PASS;
        build_udp(&frame, i % 2 ? OTHER : BROADCAST);
        g_assert_cmpint(run_frame(translate_egress_fd(translate), &frame), ==, VERDICT_PASS);
    }
    g_assert_cmpuint(passed, >=, 5);
    g_assert_cmpuint(passed, <=, 6 + (g_get_monotonic_time() - start) / 100000);
    g_assert_true(translate_tap_read(translate, 1, &tap, NULL));
    g_assert_cmpuint(tap.state.drops[MACS_DROP_CONTROL], ==, all - passed);
    g_assert_cmpuint(tap.state.frames_out, ==, all + passed);
    g_usleep(350000);
    for (unsigned i = 0; i < 3; i++) {
        build_control(&frame, i);
        g_assert_cmpint(run_frame(translate_egress_fd(translate), &frame), ==, VERDICT_PASS);
    }
    world_free(translate);
}

/* What the guard drops costs nothing of the rate, and what is over the rate teaches nothing. */
static void test_control_order(void)
{
    Translate *translate =
        world_guarded(MACS_GUARD | MACS_TRANSLATE,
                      &(TranslateLimits){.control_rate = 1, .control_burst = 1, .claim_rate = 1});
    TranslateTap tap;
    Frame frame = {0};

    if (!translate)
        return;
    g_assert_cmpuint(passes(translate, OTHER, OTHER4, 50), ==, 0);
    g_assert_cmpuint(passes(translate, OTHER, GUEST4, 1), ==, 1);
    build_arp(&frame, OTHER, GUEST4);
    memcpy(frame.bytes + 6, OTHER, 6);
    g_assert_cmpint(run_frame(translate_egress_fd(translate), &frame), ==, VERDICT_DROP);
    g_assert_true(translate_tap_read(translate, 1, &tap, NULL));
    g_assert_cmpmem(tap.guest_mac, 6, GUEST, 6);
    g_assert_cmpuint(tap.state.drops[MACS_DROP_ARP], ==, 50);
    g_assert_cmpuint(tap.state.drops[MACS_DROP_CONTROL], ==, 1);
    world_free(translate);
}

/* One guest gets its share of the ring and no more; without a reader nothing breaks. */
static void test_claims_limited(void)
{
    Translate *translate = world_guarded(MACS_GUARD | MACS_TRANSLATE,
                                         &(TranslateLimits){.claim_rate = 1, .claim_burst = 7});
    g_autoptr(TranslateClaims) claims = NULL;
    g_autofree MacsClaim *claim = g_new0(MacsClaim, 1);
    struct pollfd readable = {.events = POLLIN};
    TranslateTap tap;
    unsigned n, batch, total = 0;

    if (!translate)
        return;
    claims = world_claims(translate);
    readable.fd = translate_claims_fd(translate);
    g_assert_cmpint(poll(&readable, 1, 0), ==, 0);
    g_assert_cmpuint(passes(translate, BROADCAST, OTHER4, 50), ==, 0);
    g_assert_cmpint(poll(&readable, 1, 0), ==, 1);
    n = translate_claims_consume(claims, 100, keep_claim, claim);
    g_assert_cmpuint(n, >=, 7);
    g_assert_cmpuint(n, <=, 9);
    g_assert_cmpuint(claim->time, <=, translate_expiry_in(0));
    g_assert_cmpint(poll(&readable, 1, 0), ==, 0);
    g_assert_true(translate_tap_read(translate, 1, &tap, NULL));
    g_assert_cmpuint(tap.state.claims, ==, n);
    g_assert_cmpuint(tap.state.claims_lost, ==, 50 - n);

    /* Over the end of the ring several times, then fuller than it can be. */
    g_assert_true(translate_tap_add(translate, 1, PARENT, MACS_GUARD | MACS_TRANSLATE,
                                    &(TranslateLimits){0}, NULL));
    for (unsigned i = 0; i < 3000; i += 100) {
        passes(translate, BROADCAST, OTHER4, 100);
        g_assert_cmpuint(translate_claims_consume(claims, 99, keep_claim, claim), ==, 99);
        g_assert_cmpint(poll(&readable, 1, 0), ==, 1);
        g_assert_cmpuint(translate_claims_consume(claims, 99, keep_claim, claim), ==, 1);
    }
    passes(translate, BROADCAST, OTHER4, 2000);
    while ((batch = translate_claims_consume(claims, 64, keep_claim, claim)) > 0)
        total += batch;
    g_assert_cmpuint(total, >=, MACS_CLAIMS_SIZE / (sizeof(MacsClaim) + 8) - 1);
    g_assert_cmpuint(total, <, 2000);
    world_free(translate);
}

/* Guard without translation: the guest must use the parent's MAC. */
static void test_guard_alone(void)
{
    Translate *translate = world_guarded(MACS_GUARD, &TRANSLATE_LIMITS_DEFAULT);
    Frame frame = {0};
    TranslateTap tap;

    if (!translate)
        return;
    g_assert_cmpuint(passes(translate, BROADCAST, GUEST4, 1), ==, 0);
    build_arp(&frame, BROADCAST, GUEST4);
    memcpy(frame.bytes + 6, PARENT, 6);
    g_assert_cmpint(run_frame(translate_egress_fd(translate), &frame), ==, VERDICT_DROP);
    g_assert_true(translate_tap_read(translate, 1, &tap, NULL));
    g_assert_cmpuint(tap.state.drops[MACS_DROP_SOURCE_MAC], ==, 2);
    memcpy(frame.bytes + 22, PARENT, 6);
    g_assert_cmpint(run_frame(translate_egress_fd(translate), &frame), ==, VERDICT_PASS);
    g_assert_true(translate_tap_read(translate, 1, &tap, NULL));
    g_assert_cmpmem(tap.guest_mac, 6, ANY6, 6);
    world_free(translate);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/translate/limits/bindings", test_bindings);
    g_test_add_func("/translate/limits/flood", test_flood);
    g_test_add_data_func("/translate/limits/control/guard",
                         GUINT_TO_POINTER(MACS_TRANSLATE | MACS_GUARD), test_control);
    g_test_add_data_func("/translate/limits/control/no-guard", GUINT_TO_POINTER(MACS_TRANSLATE),
                         test_control);
    g_test_add_func("/translate/limits/control/order", test_control_order);
    g_test_add_func("/translate/limits/claims", test_claims_limited);
    g_test_add_func("/translate/limits/guard-alone", test_guard_alone);
    return g_test_run();
}
