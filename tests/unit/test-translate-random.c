/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * A few hundred thousand frames that nobody would send, each held against a model.
 *
 * The model is written as plainly as it can be, from the RFCs and not from the program: it rewrites
 * a copy of the frame and makes its checksum anew. What the program lets through must equal it
 * byte for byte (where the checksum was wrong before, but for the checksum, which must still be
 * wrong); what it does not must be counted once; and with the guard on, nothing may pass that the
 * list of forbidden things names. The frames are good ones with bytes changed, cut and repeated,
 * and one in four has its checksum made right again, so that mutations reach the depths.
 */
#include <string.h>
#include <sys/socket.h>

#include <glib.h>

#include "test-translate-frames.h"

#define FRAMES 150000 /* each of them twice, with and without the guard */

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
        for (int n = 0; n < 64 && at + 8 <= view->end && bytes[at + 1]; n++) {
            if (bytes[at] == messages[i].option && bytes[at + 1] == 1)
                memcpy(bytes + at + 2, PARENT, 6);
            at += bytes[at + 1] * 8;
        }
    }
}

static void model(Frame *frame)
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

/* May never pass the guard, whatever else the frame is. */
static bool forbidden(const uint8_t *bytes, size_t size)
{
    View view = look(bytes, size);
    const uint8_t *network = bytes + view.network, *upper = bytes + view.upper;
    bool group = bytes[0] == 1 && bytes[1] == 0x80 && bytes[2] == 0xc2;

    if (group || (bytes[6] & 1) || get16(bytes + 12) == 0x8100 || get16(bytes + 12) == 0x88a8 ||
        !view.network)
        return true;
    if (view.type == 0x0806)
        return memcmp(network + 14, GUEST4, 4) != 0 && memcmp(network + 14, ANY4, 4) != 0;
    if (view.type == 0x0800) {
        if (memcmp(network + 12, GUEST4, 4) != 0 && memcmp(network + 12, ANY4, 4) != 0)
            return true;
        if (view.upper && view.protocol == 17 && (get16(upper) == 67 || get16(upper + 2) == 68))
            return true;
        return memcmp(network + 12, ANY4, 4) == 0 &&
               !(view.protocol == 2 || (view.protocol == 17 && view.upper && get16(upper) == 68));
    }
    if (memcmp(network + 8, GUEST6, 16) != 0 && memcmp(network + 8, ANY6, 16) != 0)
        return true;
    if (view.upper && view.protocol == 17 && (get16(upper) == 547 || get16(upper + 2) == 546))
        return true;
    if (view.upper && view.protocol == 58) {
        if (upper[0] == 134 || upper[0] == 137 || upper[0] == 130 ||
            (view.fragment && upper[0] >= 133 && upper[0] <= 137))
            return true;
        if (upper[0] == 136 && memcmp(upper + 8, GUEST6, 16) != 0)
            return true;
    }
    return memcmp(network + 8, ANY6, 16) == 0 && view.protocol != 58;
}

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

static void mutate(Frame *frame)
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
    if (g_test_rand_int_range(0, 6) == 0)
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

static uint64_t drops(Translate *translate)
{
    uint64_t total = 0;
    TranslateTap tap;

    g_assert_true(translate_tap_read(translate, 1, &tap, NULL));
    for (unsigned i = 0; i < MACS_DROPS; i++)
        total += tap.state.drops[i];
    return total;
}

static void check_passed(const Frame *in, const Frame *out)
{
    Frame expected = *in;
    Checksum checksum;
    bool has = checksum_find(in->bytes, in->size, &checksum);
    bool right = has && checksum_is_right(in->bytes, &checksum);

    model(&expected);
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

static void run_all(bool guard)
{
    Translate *translate = world_new();
    unsigned passed = 0, dropped = 0, untested = 0;

    if (!translate)
        return;
    g_assert_true(translate_tap_add(translate, 1, PARENT, MACS_TRANSLATE | (guard ? MACS_GUARD : 0),
                                    &(TranslateLimits){0}, NULL));
    g_assert_true(translate_binding_set(translate, 1, AF_INET, GUEST4, 0, NULL));
    g_assert_true(translate_binding_set(translate, 1, AF_INET6, GUEST6, 0, NULL));
    for (unsigned i = 0; i < FRAMES; i++) {
        uint64_t before = dropped;
        Frame in = {0}, out;

        seed_frame(&in, g_test_rand_int());
        mutate(&in);
        out = in;
        switch (run_frame(translate_egress_fd(translate), &out)) {
        case VERDICT_PASS:
            passed++;
            check_passed(&in, &out);
            g_assert_false(guard && forbidden(in.bytes, in.size));
            break;
        case VERDICT_DROP:
            dropped++;
            g_assert_cmpuint(drops(translate), ==, before + 1);
            break;
        case VERDICT_UNTESTED:
            untested++;
            break;
        default:
            g_assert_not_reached();
        }
    }
    g_test_message("%u passed, %u dropped, %u not tested", passed, dropped, untested);
    g_assert_cmpuint(passed, >, FRAMES / 20);
    g_assert_cmpuint(untested, <, FRAMES / 10);
    if (guard)
        g_assert_cmpuint(dropped, >, FRAMES / 20);
    else
        g_assert_cmpuint(dropped, ==, 0);
    g_assert_cmpuint(drops(translate), ==, dropped);
    world_free(translate);
}

static void test_translate(void)
{
    run_all(false);
}

static void test_guard(void)
{
    run_all(true);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/translate/random/translate", test_translate);
    g_test_add_func("/translate/random/guard", test_guard);
    return g_test_run();
}
