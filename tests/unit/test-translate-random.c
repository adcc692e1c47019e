/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * A few hundred thousand frames that nobody would send, each held against the model.
 *
 * They are good ones with bytes changed, cut and repeated, and one in four has its checksum made
 * right again, so that mutations reach the depths.
 */
#include <string.h>

#include <glib.h>

#include "test-translate-model.h"

#define FRAMES 150000 /* of each mode */

static void seed_frame(Frame *frame, unsigned which)
{
    static const uint8_t types[] = {133, 134, 135, 136, 137, 143, 128};
    const uint8_t *from4 = which & 64 ? OTHER4 : which & 128 ? ANY4 : GUEST4;
    const uint8_t *from6 = which & 64 ? OTHER6 : which & 128 ? ANY6 : GUEST6;
    bool tag = which & 256;
    uint16_t type = which % 4 == 0 ? 0x0806 : which % 4 == 1 ? 0x0800 : 0x86dd;

    frame_ethernet(frame, which & 16 ? BROADCAST : OTHER, GUEST, tag ? 0x8100 : type);
    if (tag)
        frame_tag(frame, 1, type);
    switch (which % 4) {
    case 0:
        frame_arp(frame, which & 4 ? 1 : 2, GUEST, from4, ANY6, OTHER4);
        return;
    case 1:
        frame_ipv4(frame, 17, from4, ALL4, which & 8 ? 12 : 0, 0);
        frame_udp(frame, which & 32 ? 67 : 68, which & 32 ? 68 : 67);
        frame_bootp(frame, 12 + which % 60);
        break;
    case 2:
        frame_ipv6(frame, which & 8 ? 0 : 58, from6, NODES6);
        if (which & 8)
            frame_extension(frame, which & 32 ? 44 : 58, 1);
        if ((which & 40) == 40)
            frame_extension(frame, 58, 0);
        frame_icmpv6(frame, types[which / 512 % G_N_ELEMENTS(types)], GUEST6, 16);
        frame_other_option(frame, 1);
        frame_link_option(frame, 1, GUEST);
        frame_link_option(frame, 2, GUEST);
        break;
    default:
        frame_ipv6(frame, 17, from6, NODES6);
        frame_udp(frame, which & 32 ? 547 : 546, which & 32 ? 546 : 547);
        frame_add(frame, NODES6, 16);
    }
    frame_finish(frame);
}

static void test_egress(gconstpointer data)
{
    uint32_t flags = GPOINTER_TO_UINT(data);
    Translate *translate = world_new();
    Judge judge;

    if (!translate)
        return;
    judge_init(&judge, translate, flags);
    for (unsigned i = 0; i < FRAMES; i++) {
        Frame frame = {0};

        seed_frame(&frame, g_test_rand_int());
        frame_mutate(&frame);
        judge_egress(&judge, &frame, i % 2 ? RUN_PLAIN : RUN_SEGMENTS);
    }
    g_test_message("%u passed, %u changed, %u dropped, %u not tested", judge.passed, judge.changed,
                   judge.dropped, judge.untested);
    g_assert_cmpuint(judge.passed, >, FRAMES / 20);
    g_assert_cmpuint(judge.changed, >, FRAMES / 20);
    g_assert_cmpuint(judge.untested, <, FRAMES / 10);
    if (flags & MACS_GUARD)
        g_assert_cmpuint(judge.dropped, >, FRAMES / 20);
    world_free(translate);
}

/* To a guest that has spoken; three of four name the parent, as they should. */
static void test_ingress(void)
{
    Translate *translate = world_new();
    Frame frame = {0};
    Judge judge;

    if (!translate)
        return;
    judge_init(&judge, translate, MACS_TRANSLATE);
    frame_ethernet(&frame, BROADCAST, GUEST, 0x0806);
    frame_arp(&frame, 1, GUEST, GUEST4, ANY6, OTHER4);
    judge_egress(&judge, &frame, RUN_PLAIN);
    for (unsigned i = 0; i < FRAMES; i++) {
        seed_frame(&frame, g_test_rand_int());
        if (i % 4 != 0) {
            memcpy(frame.bytes, PARENT, 6);
            if (frame.size == frame.network + 28) /* ARP */
                memcpy(frame.bytes + frame.network + 18, PARENT, 6);
        }
        frame_mutate(&frame);
        judge_ingress(&judge, &frame, i % 2 ? RUN_PLAIN : RUN_SUMMED);
    }
    g_test_message("%u passed, %u changed, %u not tested", judge.passed, judge.changed,
                   judge.untested);
    g_assert_cmpuint(judge.changed, >, FRAMES / 20);
    world_free(translate);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_data_func("/translate/random/translate", GUINT_TO_POINTER(MACS_TRANSLATE),
                         test_egress);
    g_test_add_data_func("/translate/random/guard", GUINT_TO_POINTER(MACS_TRANSLATE | MACS_GUARD),
                         test_egress);
    g_test_add_func("/translate/random/ingress", test_ingress);
    return g_test_run();
}
