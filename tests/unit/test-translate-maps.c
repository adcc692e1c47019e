/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The maps and their keeper: entries that come and go, and programs that are found again, are those
 * of another build or of another shape, or may not be had.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib.h>
#include <glib/gstdio.h>

#include <bpf/bpf.h>

#include "test-translate-world.h"

static void build_speech(Frame *frame)
{
    frame_ethernet(frame, BROADCAST, GUEST, 0x0806);
    frame_arp(frame, 1, GUEST, GUEST4, ANY6, OTHER4);
}

/* The guest says something. */
static int speak(Translate *translate)
{
    Frame frame = {0};

    build_speech(&frame);
    return run_frame(translate_egress_fd(translate), &frame);
}

/* Once, from what it said first. */
static void expect_learned(Translate *translate)
{
    TranslateTap tap;

    g_assert_true(translate_tap_read(translate, 1, &tap, NULL));
    g_assert_cmpmem(tap.guest_mac, 6, GUEST, 6);
    g_assert_cmpuint(tap.state.guest_changes, ==, 1);
}

static void test_parent_mac_changes(void)
{
    Translate *translate = world_new();
    TranslateTap tap;
    Frame frame = {0};

    if (!translate)
        return;
    speak(translate);
    g_assert_true(translate_tap_set_parent_mac(translate, 1, OTHER, NULL));
    build_speech(&frame);
    run_frame(translate_egress_fd(translate), &frame);
    g_assert_cmpmem(frame.bytes + 6, 6, OTHER, 6);
    g_assert_cmpmem(frame.bytes + 22, 6, OTHER, 6);
    frame_ethernet(&frame, OTHER, PARENT, 0x0800);
    frame_add(&frame, NODES6, 16);
    frame_add(&frame, NODES6, 16);
    run_frame(translate_ingress_fd(translate), &frame);
    g_assert_cmpmem(frame.bytes, 6, GUEST, 6);
    g_assert_true(translate_tap_read(translate, 1, &tap, NULL));
    g_assert_cmpuint(tap.state.frames_out, ==, 2);
    g_assert_cmpuint(tap.state.frames_in, ==, 1);
    g_assert_false(translate_tap_set_parent_mac(translate, 77, OTHER, NULL));
    world_free(translate);
}

static void test_unknown_tap(void)
{
    Translate *translate = world_new();
    TranslateTap before, after;

    if (!translate)
        return;
    g_assert_true(translate_tap_remove(translate, 1, NULL));
    g_assert_true(translate_tap_remove(translate, 1, NULL));
    g_assert_true(translate_tap_read(translate, 0, &before, NULL));
    g_assert_cmpint(speak(translate), ==, VERDICT_DROP);
    g_assert_true(translate_tap_read(translate, 0, &after, NULL));
    g_assert_cmpuint(after.state.drops[MACS_DROP_UNKNOWN_TAP], ==,
                     before.state.drops[MACS_DROP_UNKNOWN_TAP] + 1);
    world_free(translate);
}

static bool nobody_lives(uint32_t ifindex, void *data)
{
    return false;
}

static bool all_but_five(uint32_t ifindex, void *data)
{
    return ifindex != 5;
}

static unsigned entries(const char *map)
{
    g_autofree char *path = g_strdup_printf("%s/%u/%s", world_root(), MACS_LAYOUT, map);
    uint8_t last[64], next[64]; /* larger than any key */
    unsigned n = 0;
    int fd = bpf_obj_get(path);

    g_assert_cmpint(fd, >=, 0);
    while (bpf_map_get_next_key(fd, n ? last : NULL, next) == 0) {
        memcpy(last, next, sizeof(last));
        n++;
    }
    close(fd);
    return n;
}

static void test_sweep(void)
{
    Translate *translate = world_new();
    uint8_t address[16] = {0x20};

    if (!translate)
        return;
    for (uint32_t ifindex = 2; ifindex < 100; ifindex++) {
        g_assert_true(
            translate_tap_add(translate, ifindex, PARENT, 0, &TRANSLATE_LIMITS_DEFAULT, NULL));
        for (address[15] = 0; address[15] < 10; address[15]++)
            g_assert_true(translate_binding_set(translate, ifindex, AF_INET6, address, 0, NULL));
    }
    g_assert_cmpuint(entries("bindings"), ==, 980);
    g_assert_true(translate_sweep(translate, all_but_five, NULL, NULL));
    g_assert_cmpuint(entries("bindings"), ==, 970);
    g_assert_cmpuint(entries("taps"), ==, 99); /* and nobody's */
    g_assert_true(translate_sweep(translate, nobody_lives, NULL, NULL));
    g_assert_cmpuint(entries("bindings"), ==, 0);
    g_assert_cmpuint(entries("taps"), ==, 1);
    world_free(translate);
}

static uint32_t program_id(int fd)
{
    struct bpf_prog_info info = {0};
    uint32_t size = sizeof(info);

    g_assert_cmpint(bpf_obj_get_info_by_fd(fd, &info, &size), ==, 0);
    return info.id;
}

static void test_found_again(void)
{
    Translate *translate = world_new();
    uint32_t id;

    if (!translate)
        return;
    speak(translate);
    id = program_id(translate_egress_fd(translate));
    translate_free(translate);

    translate = translate_open(world_root(), NULL);
    g_assert_nonnull(translate);
    g_assert_cmpuint(program_id(translate_egress_fd(translate)), ==, id);
    g_assert_true(
        translate_tap_add(translate, 1, PARENT, MACS_TRANSLATE, &TRANSLATE_LIMITS_DEFAULT, NULL));
    expect_learned(translate);
    translate_free(translate);
}

static unsigned pins(void)
{
    g_autofree char *folder = g_strdup_printf("%s/%u", world_root(), MACS_LAYOUT);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    unsigned n = 0;

    while (dir && g_dir_read_name(dir))
        n++;
    return n;
}

/* Another build's programs, another layout, a map of another shape, a map that is missing. */
static void test_other_builds(void)
{
    Translate *translate = world_new();
    g_autofree char *other = g_strdup_printf("%s/999", world_root());
    g_autofree char *old = g_strdup_printf("%s/egress-0123456789ab", other);
    g_autofree char *stale =
        g_strdup_printf("%s/%u/egress-0123456789ab", world_root(), MACS_LAYOUT);
    g_autofree char *taps = g_strdup_printf("%s/%u/taps", world_root(), MACS_LAYOUT);
    uint32_t id;
    int map;

    if (!translate)
        return;
    speak(translate);
    g_assert_cmpint(g_mkdir(other, 0700), ==, 0);
    g_assert_cmpint(bpf_obj_pin(translate_egress_fd(translate), old), ==, 0);
    g_assert_cmpint(bpf_obj_pin(translate_egress_fd(translate), stale), ==, 0);
    id = program_id(translate_egress_fd(translate));
    translate_free(translate);

    translate = translate_open(world_root(), NULL);
    g_assert_nonnull(translate);
    g_assert_false(g_file_test(other, G_FILE_TEST_EXISTS));
    g_assert_false(g_file_test(stale, G_FILE_TEST_EXISTS));
    g_assert_cmpuint(pins(), ==, 6);
    expect_learned(translate);
    g_assert_cmpuint(program_id(translate_egress_fd(translate)), ==, id);
    translate_free(translate);

    g_assert_cmpint(g_unlink(taps), ==, 0);
    map = bpf_map_create(BPF_MAP_TYPE_HASH, "taps", 4, 8, 10, NULL);
    g_assert_cmpint(bpf_obj_pin(map, taps), ==, 0);
    close(map);
    for (int i = 0; i < 2; i++) {
        TranslateTap tap;

        translate = translate_open(world_root(), NULL);
        g_assert_nonnull(translate);
        g_assert_cmpuint(pins(), ==, 6);
        g_assert_cmpuint(program_id(translate_egress_fd(translate)), !=, id);
        g_assert_false(translate_tap_read(translate, 1, &tap, NULL));
        id = program_id(translate_egress_fd(translate));
        translate_free(translate);
        g_assert_cmpint(g_unlink(taps), ==, 0);
    }
}

static void test_not_bpf_fs(void)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(translate_open("/proc/ontap", &error));
    g_assert_error(error, TRANSLATE_ERROR, TRANSLATE_ERROR_FAILED);
    g_assert_nonnull(strstr(error->message, "mount -t bpf"));
}

/* An ordinary user gets one clear error. */
static void test_denied(void)
{
    if (g_test_subprocess()) {
        g_autoptr(GError) error = NULL;

        if (setgid(65534) != 0 || setuid(65534) != 0)
            _exit(77);
        g_assert_null(translate_open(world_root(), &error));
        g_assert_nonnull(error);
        g_assert_cmpuint(strcspn(error->message, "\n"), ==, strlen(error->message));
        g_printerr("%s\n", error->message);
        return;
    }
    if (geteuid() != 0) {
        g_test_skip("needs root to become nobody");
        return;
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_passed();
    g_test_trap_assert_stderr("*cannot *");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/translate/parent-mac-changes", test_parent_mac_changes);
    g_test_add_func("/translate/unknown-tap", test_unknown_tap);
    g_test_add_func("/translate/sweep", test_sweep);
    g_test_add_func("/translate/open/found-again", test_found_again);
    g_test_add_func("/translate/open/other-builds", test_other_builds);
    g_test_add_func("/translate/open/not-bpf-fs", test_not_bpf_fs);
    g_test_add_func("/translate/open/denied", test_denied);
    return g_test_run();
}
