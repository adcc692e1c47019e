/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * A world to run programs in: a mount namespace with a bpf file system of its own, so that no test
 * can meet a daemon's pins.
 */
#include "test-translate-world.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include <bpf/bpf.h>
#include <linux/bpf.h>

#define TEST_RUN_SUMMED (1u << 2) /* BPF_F_TEST_SKB_CHECKSUM_COMPLETE, which headers may lack */

static char *mount_point;

static bool mount_bpf(void)
{
    if (mount_point)
        return true;
    if (unshare(CLONE_NEWNS) != 0 || mount("", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
        return false;
    mount_point = g_dir_make_tmp("ontap-bpf-XXXXXX", NULL);
    return mount_point && mount("bpf", mount_point, "bpf", 0, NULL) == 0;
}

const char *world_root(void)
{
    static char root[256];

    g_snprintf(root, sizeof(root), "%s/ontap", mount_point);
    return root;
}

static void unmount(void)
{
    umount2(mount_point, MNT_DETACH);
    g_rmdir(mount_point);
}

Translate *world_new(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Translate) translate = NULL;
    bool first = !mount_point;

    if (!mount_bpf()) {
        g_test_skip("needs root and a bpf file system");
        return NULL;
    }
    if (first)
        atexit(unmount);
    translate = translate_open(world_root(), &error);
    if (g_error_matches(error, TRANSLATE_ERROR, TRANSLATE_ERROR_DENIED)) {
        g_test_skip(error->message);
        return NULL;
    }
    g_assert_no_error(error);
    translate_tap_remove(translate, 1, &error);
    g_assert_no_error(error);
    translate_tap_add(translate, 1, PARENT, MACS_TRANSLATE, &TRANSLATE_LIMITS_DEFAULT, &error);
    g_assert_no_error(error);
    return g_steal_pointer(&translate);
}

void world_free(Translate *translate)
{
    translate_free(translate);
}

Translate *world_guarded(uint32_t flags, const TranslateLimits *limits)
{
    Translate *translate = world_new();

    if (!translate)
        return NULL;
    g_assert_true(translate_tap_add(translate, 1, PARENT, flags, limits, NULL));
    g_assert_true(translate_binding_set(translate, 1, AF_INET, GUEST4, 0, NULL));
    g_assert_true(translate_binding_set(translate, 1, AF_INET6, GUEST6, 0, NULL));
    return translate;
}

void keep_claim(const MacsClaim *claim, void *data)
{
    memcpy(data, claim, sizeof(*claim));
}

static void ignore_claim(const MacsClaim *claim, void *data)
{
}

TranslateClaims *world_claims(Translate *translate)
{
    TranslateClaims *claims = translate_claims_new(translate_claims_fd(translate), NULL);

    g_assert_nonnull(claims);
    while (translate_claims_consume(claims, 1000, ignore_claim, NULL) > 0)
        ;
    return claims;
}

/* The node's number is in sysfs, of which each network namespace has its own view. */
int open_queue(const char *ifname, const char *kind)
{
    g_autofree char *folder = g_dir_make_tmp("ontap-sys-XXXXXX", NULL);
    g_autofree char *path = g_strdup_printf("%s/class/net/%s/%s/tap%u/dev", folder, ifname, kind,
                                            if_nametoindex(ifname));
    g_autofree char *number = NULL, *node = NULL;
    unsigned major_number, minor_number;
    int fd;

    g_assert_cmpint(mount("sysfs", folder, "sysfs", 0, NULL), ==, 0);
    g_assert_true(g_file_get_contents(path, &number, NULL, NULL));
    umount2(folder, MNT_DETACH);
    g_assert_cmpint(sscanf(number, "%u:%u", &major_number, &minor_number), ==, 2);
    node = g_build_filename(folder, "node", NULL);
    g_assert_cmpint(mknod(node, S_IFCHR | 0600, makedev(major_number, minor_number)), ==, 0);
    fd = open(node, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    g_assert_cmpint(fd, >=, 0);
    g_unlink(node);
    g_rmdir(folder);
    return fd;
}

int run_frame_as(int program, Frame *frame, RunKind kind)
{
    static uint8_t out[FRAME_MAX + 256];
    struct __sk_buff context = {.ifindex = 1};
    LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame->bytes, .data_size_in = frame->size,
                .data_out = out, .data_size_out = sizeof(out), .ctx_in = &context,
                .ctx_size_in = sizeof(context), .repeat = 1);
    int result;

    if (kind == RUN_SEGMENTS) {
        context.gso_segs = 2;
        context.gso_size = 600;
    }
    if (kind == RUN_SUMMED)
        options.flags = TEST_RUN_SUMMED;
    result = bpf_prog_test_run_opts(program, &options);
    if (result == -EINVAL)
        return VERDICT_UNTESTED;
    if (result == -EBADMSG)
        return VERDICT_WRONG_SUM;
    g_assert_cmpint(result, ==, 0);
    g_assert_cmpuint(options.data_size_out, <=, FRAME_MAX);
    memcpy(frame->bytes, out, options.data_size_out);
    frame->size = options.data_size_out;
    return (int)options.retval;
}

int run_frame(int program, Frame *frame)
{
    return run_frame_as(program, frame, RUN_PLAIN);
}
