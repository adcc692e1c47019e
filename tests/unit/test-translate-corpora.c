/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The corpora that the learner is fuzzed with, run through the programs: `test-translate-corpora
 * FOLDER`, where FOLDER holds learner-frame, learner-feed and the rest.
 *
 * The learner and the programs read the same frames and must agree about them; what fuzzing found
 * for one is worth trying on the other. Each frame is run as it is, in every mode, behind no tag,
 * one and two, with all that a test run can say of a frame, out and in, and then with bytes
 * changed. The model is the judge. And what the learner's socket filter takes is held against the
 * rate that is there to protect the learner.
 */
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <glib.h>

#include "learner/filter.h"
#include "test-translate-model.h"

#define MUTATIONS 100 /* of each frame in each mode */
#define FRAMES_LEAST 100

static const char *corpus;
static GArray *frames; /* of Frame */

static const uint8_t CORPUS_PARENT[6] = {0x02, 0, 0, 0, 0, 0x01}; /* `frames_parent` */

static void keep(const void *head, size_t head_size, const void *bytes, size_t size)
{
    Frame frame = {0};

    if (head_size + size < 14 || head_size + size > FRAME_MAX - 256)
        return;
    frame_add(&frame, head, head_size);
    frame_add(&frame, bytes, size);
    g_array_append_val(frames, frame);
}

static void keep_frame(const uint8_t *bytes, size_t size)
{
    keep(NULL, 0, bytes, size);
}

static void keep_behind(uint16_t type, const uint8_t *bytes, size_t size)
{
    Frame head = {0};

    frame_ethernet(&head, BROADCAST, CORPUS_PARENT, type);
    keep(head.bytes, head.size, bytes, size);
}

static void keep_arp(const uint8_t *bytes, size_t size)
{
    keep_behind(0x0806, bytes, size);
}

static void keep_ipv4(const uint8_t *bytes, size_t size)
{
    keep_behind(0x0800, bytes, size);
}

static void keep_ipv6(const uint8_t *bytes, size_t size)
{
    keep_behind(0x86dd, bytes, size);
}

/* The records of fuzz-learner-feed.c; those of frames have a size of two bytes. */
static void keep_feed(const uint8_t *bytes, size_t size)
{
    while (size >= 3) {
        uint8_t operation = bytes[0] % 8;
        size_t skip = 3;

        if (operation < 4) {
            size_t n = MIN((size_t)(bytes[1] << 8 | bytes[2]), size - 3);

            keep_frame(bytes + 3, n);
            skip += n;
        } else if (operation == 6) {
            skip = bytes[1] & 0x80 ? 11 : 23;
        } else if (operation == 7) {
            skip = 1;
        }
        if (skip > size)
            return;
        bytes += skip;
        size -= skip;
    }
}

static const struct {
    const char *name;
    void (*keep)(const uint8_t *bytes, size_t size);
} folders[] = {
    {"learner-frame", keep_frame}, {"learner-ethernet", keep_frame}, {"learner-feed", keep_feed},
    {"learner-arp", keep_arp},     {"learner-ipv4", keep_ipv4},      {"learner-ipv6", keep_ipv6},
};

static void read_corpora(void)
{
    frames = g_array_new(FALSE, FALSE, sizeof(Frame));
    for (size_t i = 0; i < G_N_ELEMENTS(folders); i++) {
        g_autofree char *folder = g_build_filename(corpus, folders[i].name, NULL);
        g_autoptr(GError) error = NULL;
        g_autoptr(GDir) dir = g_dir_open(folder, 0, &error);
        const char *name;

        g_assert_no_error(error);
        while ((name = g_dir_read_name(dir))) {
            g_autofree char *path = g_build_filename(folder, name, NULL);
            g_autofree char *bytes = NULL;
            size_t size;

            g_assert_true(g_file_get_contents(path, &bytes, &size, NULL));
            folders[i].keep((const uint8_t *)bytes, size);
        }
    }
}

/* Puts `mac` wherever the corpora's parent is, and makes a checksum right that was. */
static void adopt(Frame *frame, const uint8_t mac[6])
{
    Checksum checksum;
    bool right = checksum_find(frame->bytes, frame->size, &checksum) &&
                 checksum_is_right(frame->bytes, &checksum);
    uint8_t *at = frame->bytes;

    while ((at = memmem(at, frame->bytes + frame->size - at, CORPUS_PARENT, 6)))
        memcpy(at, mac, 6);
    if (right && (checksum.protocol != 17 || frame->bytes[checksum.field] ||
                  frame->bytes[checksum.field + 1]))
        checksum_compute(frame->bytes, &checksum, frame->bytes + checksum.field);
}

static void tag(Frame *frame, uint16_t type, uint16_t id)
{
    uint8_t bytes[4] = {type >> 8, type, id >> 8, id};

    memmove(frame->bytes + 16, frame->bytes + 12, frame->size - 12);
    memcpy(frame->bytes + 12, bytes, 4);
    frame->size += 4;
}

/* Every way to dress the frame that there is, one for each `variant`. */
#define VARIANTS 6
static Frame dressed(const Frame *frame, unsigned variant)
{
    Frame result = *frame;

    adopt(&result, variant & 1 ? GUEST : PARENT);
    if (variant / 2 >= 1)
        tag(&result, 0x8100, variant & 1 ? 0 : 5);
    if (variant / 2 >= 2)
        tag(&result, 0x88a8, 7);
    return result;
}

static void judge(Judge *court, const Frame *frame, bool ingress, RunKind kind)
{
    (ingress ? judge_ingress : judge_egress)(court, frame, kind);
}

static void run_all(Judge *court, bool ingress)
{
    for (guint i = 0; i < frames->len; i++) {
        for (unsigned variant = 0; variant < VARIANTS; variant++) {
            Frame frame = dressed(&g_array_index(frames, Frame, i), variant);

            if (ingress)
                memcpy(frame.bytes, PARENT, 6); /* else most would be nobody's business */
            judge(court, &frame, ingress, RUN_PLAIN);
            judge(court, &frame, ingress, RUN_SEGMENTS);
            if (ingress)
                judge(court, &frame, ingress, RUN_SUMMED);
        }
        for (unsigned n = 0; n < MUTATIONS; n++) {
            Frame frame = dressed(&g_array_index(frames, Frame, i), n % VARIANTS);

            frame_mutate(&frame);
            judge(court, &frame, ingress, ingress && n % 2 ? RUN_SUMMED : RUN_PLAIN);
        }
    }
    g_test_message("%u frames: %u passed, %u changed, %u dropped, %u not tested", frames->len,
                   court->passed, court->changed, court->dropped, court->untested);
}

static void test_egress(gconstpointer data)
{
    uint32_t flags = GPOINTER_TO_UINT(data);
    Translate *translate = world_new();
    Judge court;

    if (!translate)
        return;
    judge_init(&court, translate, flags);
    run_all(&court, false);
    g_assert_cmpuint(court.passed, >, frames->len / 2);
    g_assert_cmpuint(court.untested, <, court.passed + court.dropped);
    if (flags & MACS_GUARD)
        g_assert_cmpuint(court.dropped, >, frames->len);
    if (flags & MACS_TRANSLATE)
        g_assert_cmpuint(court.changed, >, frames->len / 2);
    else
        g_assert_cmpuint(court.changed, ==, 0);
    world_free(translate);
}

static void test_ingress(gconstpointer data)
{
    uint32_t flags = GPOINTER_TO_UINT(data);
    Translate *translate = world_new();
    Frame frame = {0};
    Judge court;

    if (!translate)
        return;
    judge_init(&court, translate, flags);
    run_all(&court, true);
    g_assert_cmpuint(court.changed, ==, 0); /* nobody has spoken yet */
    frame_ethernet(&frame, BROADCAST, GUEST, 0x0806);
    frame_arp(&frame, 1, GUEST, GUEST4, ANY6, OTHER4);
    judge_egress(&court, &frame, RUN_PLAIN);
    run_all(&court, true);
    if (flags & MACS_TRANSLATE)
        g_assert_cmpuint(court.changed, >, frames->len / 2);
    else
        g_assert_cmpuint(court.changed, ==, 0);
    world_free(translate);
}

/* The learner's filter for taps on a UNIX socket. There nothing is outgoing and nothing has a tag
 * beside it, so the loads of these become constants. */
static void open_filter(int pair[2])
{
    struct sock_fprog program;
    Filter filter;

    filter_tap(&filter);
    for (guint i = 0; i < filter.n; i++) {
        struct sock_filter *code = &filter.code[i];

        if (BPF_CLASS(code->code) != BPF_LD || BPF_MODE(code->code) != BPF_ABS ||
            code->k < (guint32)SKF_AD_OFF)
            continue;
        *code = (struct sock_filter)BPF_STMT(
            BPF_LD | BPF_IMM,
            code->k == (guint32)(SKF_AD_OFF + SKF_AD_PKTTYPE) ? PACKET_OUTGOING : 0);
    }
    program = filter_program(&filter);
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), ==, 0);
    g_assert_cmpint(setsockopt(pair[1], SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)),
                    ==, 0);
}

static bool learner_takes(const int pair[2], const Frame *frame)
{
    Frame got;

    (void)!write(pair[0], frame->bytes, frame->size);
    return read(pair[1], got.bytes, sizeof(got.bytes)) == (ssize_t)frame->size;
}

/* Whatever the learner takes has paid for it, or was dropped, however it is dressed. */
static void test_control(void)
{
    Translate *translate = world_new();
    const TranslateLimits limits = {.control_rate = 1, .control_burst = 1};
    unsigned taken = 0, unpaid = 0;
    int pair[2];

    if (!translate)
        return;
    open_filter(pair);
    for (guint i = 0; i < frames->len * MUTATIONS * 2; i++) {
        Frame frame = dressed(&g_array_index(frames, Frame, i % frames->len), i % VARIANTS), out;
        TranslateTap before, after;
        int verdict;
        bool takes;

        if (i % 1000 == 0) {
            g_assert_true(translate_tap_remove(translate, 1, NULL));
            g_assert_true(translate_tap_add(translate, 1, PARENT, MACS_TRANSLATE, &limits, NULL));
        }
        frame_mutate(&frame);
        out = frame;
        takes = learner_takes(pair, &frame);
        g_assert_true(translate_tap_read(translate, 1, &before, NULL));
        verdict = run_frame(translate_egress_fd(translate), &out);
        if (verdict == VERDICT_UNTESTED)
            continue;
        g_assert_true(translate_tap_read(translate, 1, &after, NULL));
        if (takes) {
            taken++;
            g_assert_true(verdict == VERDICT_DROP ||
                          after.state.control_time != before.state.control_time);
        } else if (after.state.control_time == before.state.control_time &&
                   verdict == VERDICT_PASS) {
            unpaid++;
        }
        g_assert_cmpuint(after.state.drops[MACS_DROP_CONTROL], ==,
                         before.state.drops[MACS_DROP_CONTROL] + (verdict == VERDICT_DROP));
    }
    g_test_message("the learner takes %u, and %u cost nothing", taken, unpaid);
    g_assert_cmpuint(taken, >, 1000);
    g_assert_cmpuint(unpaid, >, 1000);
    close(pair[0]);
    close(pair[1]);
    world_free(translate);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        uint32_t flags;
    } modes[] = {
        {"translate", MACS_TRANSLATE},
        {"guard", MACS_GUARD},
        {"both", MACS_TRANSLATE | MACS_GUARD},
        {"neither", 0},
    };

    g_test_init(&argc, &argv, NULL);
    g_assert_cmpint(argc, ==, 2);
    corpus = argv[1];
    read_corpora();
    g_assert_cmpuint(frames->len, >=, FRAMES_LEAST);
    for (size_t i = 0; i < G_N_ELEMENTS(modes); i++) {
        g_autofree char *out = g_strdup_printf("/translate/corpora/egress/%s", modes[i].name);
        g_autofree char *in = g_strdup_printf("/translate/corpora/ingress/%s", modes[i].name);

        g_test_add_data_func(out, GUINT_TO_POINTER(modes[i].flags), test_egress);
        g_test_add_data_func(in, GUINT_TO_POINTER(modes[i].flags), test_ingress);
    }
    g_test_add_func("/translate/corpora/control", test_control);
    return g_test_run();
}
