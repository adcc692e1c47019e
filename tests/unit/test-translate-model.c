/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The model is written as plainly as it can be: it rewrites a copy of the frame and makes its
 * checksum anew.
 */
#include "test-translate-model.h"

#include <string.h>
#include <sys/socket.h>

#include <glib.h>

typedef struct {
    uint16_t type;
    size_t network; /* 0: not ARP or a sound IP header */
    size_t upper;   /* 0: none, or not all within `end` */
    size_t end;
    uint8_t protocol;
    bool fragment;
} View;

static uint16_t get16(const uint8_t *at)
{
    return at[0] << 8 | at[1];
}

static View look(const uint8_t *bytes, size_t size)
{
    View view = {.type = get16(bytes + 12)};
    size_t at = 14;

    for (int i = 0; i < 2 && (view.type == 0x8100 || view.type == 0x88a8); i++) {
        if (size < at + 4)
            return (View){0};
        view.type = get16(bytes + at + 2);
        at += 4;
    }
    if (view.type == 0x0806 && size >= at + 28)
        view.network = at;
    if (view.type == 0x0800 && size >= at + 20 && bytes[at] >> 4 == 4 && (bytes[at] & 15) >= 5) {
        view.network = at;
        view.end = MIN(size, at + get16(bytes + at + 2));
        view.protocol = bytes[at + 9];
        view.fragment = get16(bytes + at + 6) & 0x3fff;
        at += (bytes[at] & 15) * 4;
        if (!(get16(bytes + view.network + 6) & 0x1fff) && at + 8 <= view.end)
            view.upper = at;
    }
    if (view.type == 0x86dd && size >= at + 40 && bytes[at] >> 4 == 6) {
        view.network = at;
        view.end = MIN(size, at + 40 + get16(bytes + at + 4));
        view.protocol = bytes[at + 6];
        at += 40;
        for (int i = 0; at + 8 <= view.end && i < 8; i++) {
            uint8_t header = view.protocol;

            if (header != 0 && header != 43 && header != 44 && header != 51 && header != 60) {
                view.upper = at;
                break;
            }
            view.protocol = bytes[at];
            view.fragment |= header == 44;
            if (header == 44 && get16(bytes + at + 2) & 0xfff8)
                break;
            at += header == 44   ? 8
                  : header == 51 ? (bytes[at + 1] + 2) * 4
                                 : (bytes[at + 1] + 1) * 8;
        }
    }
    return view;
}

static void model_neighbor(uint8_t *bytes, const View *view)
{
    static const struct {
        uint8_t type, size, option;
    } messages[] = {{133, 8, 1}, {134, 16, 1}, {135, 24, 1}, {136, 24, 2}};

    for (size_t i = 0; i < G_N_ELEMENTS(messages); i++) {
        size_t at = view->upper + messages[i].size;

        if (bytes[view->upper] != messages[i].type)
            continue;
        for (int n = 0; n < 184 && at + 8 <= view->end && bytes[at + 1]; n++) {
            if (bytes[at] == messages[i].option && bytes[at + 1] == 1)
                memcpy(bytes + at + 2, PARENT, 6);
            at += bytes[at + 1] * 8;
        }
    }
}

static void model_egress(Frame *frame)
{
    uint8_t *bytes = frame->bytes;
    View view = look(bytes, frame->size);
    uint8_t *upper = bytes + view.upper;

    memcpy(bytes + 6, PARENT, 6);
    if (view.type == 0x0806 && view.network && bytes[view.network + 4] == 6)
        memcpy(bytes + view.network + 8, PARENT, 6);
    if (view.type == 0x0800 && view.upper && view.protocol == 17 && get16(upper) == 68 &&
        get16(upper + 2) == 67 && get16(upper + 4) >= 20 && view.upper + 20 <= view.end &&
        upper[8] == 1)
        upper[18] |= 0x80;
    if (view.type == 0x86dd && view.upper && view.protocol == 58 && !view.fragment)
        model_neighbor(bytes, &view);
}

/* Bound to the tap: those of these tests, and those of the learner's corpora. */
static const uint8_t bound4[][4] = {{192, 0, 2, 10}, {10, 0, 0, 1}, {10, 0, 0, 9}};
static const uint8_t bound6[][16] = {
    {0xfe, 0x80, [15] = 0x10},
    {0xfe, 0x80, [15] = 0x01},
    {0x20, 0x01, 0x0d, 0xb8, [15] = 0x09},
};

static bool is_bound4(const uint8_t *address)
{
    for (size_t i = 0; i < G_N_ELEMENTS(bound4); i++) {
        if (memcmp(address, bound4[i], 4) == 0)
            return true;
    }
    return false;
}

static bool is_bound6(const uint8_t *address)
{
    for (size_t i = 0; i < G_N_ELEMENTS(bound6); i++) {
        if (memcmp(address, bound6[i], 16) == 0)
            return true;
    }
    return false;
}

static bool forbidden4(const uint8_t *network, const uint8_t *upper, const View *view)
{
    bool any = memcmp(network + 12, ANY4, 4) == 0;

    if (!any && !is_bound4(network + 12))
        return true;
    if (view->upper && view->protocol == 17 && (get16(upper) == 67 || get16(upper + 2) == 68))
        return true;
    return any &&
           !(view->protocol == 2 || (view->protocol == 17 && view->upper && get16(upper) == 68));
}

static bool forbidden6(const uint8_t *network, const uint8_t *upper, const View *view)
{
    bool any = memcmp(network + 8, ANY6, 16) == 0;

    if (!any && !is_bound6(network + 8))
        return true;
    if (view->upper && view->protocol == 17 && (get16(upper) == 547 || get16(upper + 2) == 546))
        return true;
    if (view->upper && view->protocol == 58) {
        if (upper[0] == 134 || upper[0] == 137 || upper[0] == 130 ||
            (view->fragment && upper[0] >= 133 && upper[0] <= 137))
            return true;
        if (upper[0] == 136 && !is_bound6(upper + 8))
            return true;
    }
    return any && view->protocol != 58;
}

/* May never pass the guard, whatever else the frame is. */
static bool forbidden(const uint8_t *bytes, size_t size, uint32_t flags)
{
    View view = look(bytes, size);
    const uint8_t *network = bytes + view.network, *upper = bytes + view.upper;
    bool group = bytes[0] == 1 && bytes[1] == 0x80 && bytes[2] == 0xc2;
    bool own = flags & MACS_TRANSLATE; /* else the parent's MAC and no other */

    if (group || (bytes[6] & 1) || get16(bytes + 12) == 0x8100 || get16(bytes + 12) == 0x88a8 ||
        !view.network || (!own && memcmp(bytes + 6, PARENT, 6) != 0))
        return true;
    if (view.type == 0x0806)
        return (!own && memcmp(network + 8, PARENT, 6) != 0) ||
               (memcmp(network + 14, ANY4, 4) != 0 && !is_bound4(network + 14));
    return view.type == 0x0800 ? forbidden4(network, upper, &view)
                               : forbidden6(network, upper, &view);
}

static void model_ingress(Frame *frame, const uint8_t guest[6])
{
    View view = look(frame->bytes, frame->size);
    uint8_t *arp = frame->bytes + view.network;

    memcpy(frame->bytes, guest, 6);
    if (view.type == 0x0806 && view.network && arp[4] == 6 && arp[5] == 4 &&
        memcmp(arp + 18, PARENT, 6) == 0)
        memcpy(arp + 18, guest, 6);
}

static uint64_t sum_of(const __u64 *drops)
{
    uint64_t total = 0;

    for (unsigned i = 0; i < MACS_DROPS; i++)
        total += drops[i];
    return total;
}

static MacsState state_of(Judge *judge)
{
    TranslateTap tap;

    g_assert_true(translate_tap_read(judge->translate, 1, &tap, NULL));
    return tap.state;
}

void judge_init(Judge *judge, Translate *translate, uint32_t flags)
{
    *judge = (Judge){.translate = translate, .flags = flags};
    g_assert_true(translate_tap_add(translate, 1, PARENT, flags, &(TranslateLimits){0}, NULL));
    for (size_t i = 0; i < G_N_ELEMENTS(bound4); i++)
        g_assert_true(translate_binding_set(translate, 1, AF_INET, bound4[i], 0, NULL));
    for (size_t i = 0; i < G_N_ELEMENTS(bound6); i++)
        g_assert_true(translate_binding_set(translate, 1, AF_INET6, bound6[i], 0, NULL));
    judge->before = state_of(judge);
}

static void check_translated(const Frame *in, const Frame *out)
{
    Frame expected = *in;
    Checksum checksum;
    bool has = checksum_find(in->bytes, in->size, &checksum);
    bool right = has && checksum_is_right(in->bytes, &checksum);

    model_egress(&expected);
    g_assert_cmpuint(out->size, ==, expected.size);
    if (has) {
        g_assert_cmpint(checksum_is_right(out->bytes, &checksum), ==, right);
        memcpy(expected.bytes + checksum.field, out->bytes + checksum.field, 2);
    } else {
        /* A first fragment's checksum covers more than is here: the difference was applied. */
        View view = look(in->bytes, in->size);
        size_t field = view.upper + (view.protocol == 58 ? 2 : 6);

        if (view.upper && field + 2 <= in->size)
            memcpy(expected.bytes + field, out->bytes + field, 2);
    }
    g_assert_cmpmem(out->bytes, out->size, expected.bytes, expected.size);
}

/* Counts, and says whether the frame passed. */
static bool settle(Judge *judge, int verdict, const Frame *in, const Frame *out, MacsState *now)
{
    uint64_t drops;

    *now = state_of(judge);
    drops = sum_of(now->drops) - sum_of(judge->before.drops);
    g_assert_cmpuint(drops, ==, verdict == VERDICT_DROP);
    switch (verdict) {
    case VERDICT_PASS:
        judge->passed++;
        judge->changed += in->size != out->size || memcmp(in->bytes, out->bytes, in->size) != 0;
        return true;
    case VERDICT_DROP:
        judge->dropped++;
        break;
    case VERDICT_UNTESTED:
        judge->untested++;
        break;
    default:
        g_assert_not_reached(); /* a sum that became wrong, too */
    }
    /* What was dropped teaches nothing. */
    g_assert_cmpuint(now->guest, ==, judge->before.guest);
    g_assert_cmpuint(now->frames_out, ==, judge->before.frames_out);
    return false;
}

void judge_egress(Judge *judge, const Frame *in, RunKind kind)
{
    Frame out = *in;
    int verdict = run_frame_as(translate_egress_fd(judge->translate), &out, kind);
    MacsState now;

    if (settle(judge, verdict, in, &out, &now)) {
        g_assert_cmpuint(now.frames_out, ==, judge->before.frames_out + 1);
        if (judge->flags & MACS_TRANSLATE)
            check_translated(in, &out);
        else
            g_assert_cmpmem(out.bytes, out.size, in->bytes, in->size);
        if (judge->flags & MACS_GUARD)
            g_assert_false(forbidden(in->bytes, in->size, judge->flags));
    } else if (!(judge->flags & MACS_GUARD)) {
        g_assert_cmpint(verdict, !=, VERDICT_DROP);
    }
    judge->before = now;
}

void judge_ingress(Judge *judge, const Frame *in, RunKind kind)
{
    Frame out = *in, expected = *in;
    int verdict = run_frame_as(translate_ingress_fd(judge->translate), &out, kind);
    bool ours =
        (judge->flags & MACS_TRANSLATE) && judge->before.guest && memcmp(in->bytes, PARENT, 6) == 0;
    uint8_t guest[6];
    MacsState now;

    g_assert_cmpint(verdict, !=, VERDICT_DROP);
    if (settle(judge, verdict, in, &out, &now)) {
        macs_unpack(judge->before.guest, guest);
        if (ours)
            model_ingress(&expected, guest);
        g_assert_cmpuint(now.frames_in, ==, judge->before.frames_in + ours);
        g_assert_cmpmem(out.bytes, out.size, expected.bytes, expected.size);
    }
    judge->before = now;
}

void frame_mutate(Frame *frame)
{
    static const uint8_t interesting[] = {0, 1, 2, 6, 17, 43, 44, 51, 58, 60, 68, 0x7f, 0x80, 0xff};
    Checksum checksum;
    int changes = g_test_rand_int_range(0, 5);
    uint16_t type;

    for (int i = 0; i < changes; i++) {
        int at = g_test_rand_int_range(i % 2 ? 12 : 0, frame->size);

        frame->bytes[at] = g_test_rand_bit()
                               ? interesting[g_test_rand_int_range(0, G_N_ELEMENTS(interesting))]
                               : g_test_rand_int();
    }
    if (frame->size > 15 && g_test_rand_int_range(0, 6) == 0)
        frame->size = g_test_rand_int_range(15, frame->size + 1);
    if (g_test_rand_int_range(0, 6) == 0)
        frame_add(frame, frame->bytes + 14, MIN(frame->size - 14, 200));
    if (g_test_rand_int_range(0, 4) == 0 && checksum_find(frame->bytes, frame->size, &checksum))
        checksum_compute(frame->bytes, &checksum, frame->bytes + checksum.field);
    /* A test packet must not be one of 802.2, which the kernel's test run may refuse. */
    type = get16(frame->bytes + 12);
    if (type < 0x600)
        frame->bytes[12] = 8;
}
