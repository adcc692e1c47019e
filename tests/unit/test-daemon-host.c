/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Devices in the host's netns: what tells them from others, whose node is whose, who holds one.
 */
#include "daemon/alias.h"
#include "daemon/dev-folder.h"
#include "daemon/device.h"
#include "daemon/holder.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static void test_place(void)
{
    g_assert_cmpint(place_of(2), ==, PLACE_TAP_ROOM);
    g_assert_cmpint(place_of(PLACE_TAP_ROOM_FIRST), ==, PLACE_TAP_ROOM);
    g_assert_cmpint(place_of(PLACE_HOST_FIRST - 1), ==, PLACE_TAP_ROOM);
    g_assert_cmpint(place_of(PLACE_HOST_FIRST), ==, PLACE_HOST);
    g_assert_cmpint(place_of(PLACE_HOST_LAST), ==, PLACE_HOST);
}

static void test_alias(void)
{
    Alias alias = {
        .owner = G_MAXUINT32 - 1,
        .queues = DEVICE_QUEUES_MAX,
        .addresses = G_MAXUINT16,
        .translate = TRUE,
        .guard = TRUE,
        .place = PLACE_HOST,
        .made = G_MAXUINT64,
    };
    char text[ALIAS_SIZE];
    Alias read;

    memset(alias.network, 'n', DEVICE_NAME_MAX);
    memset(alias.name, 'v', DEVICE_IFNAME_SIZE - 1); /* a name of the kernel's */
    alias_format(&alias, text);
    g_assert_true(alias_parse(&read, text));
    g_assert_cmpint(read.place, ==, PLACE_HOST);
    g_assert_true(read.made == G_MAXUINT64);
}

#define ALIAS "v=1 owner=0 network=lan name=web queues=1 addresses=8"

/* A link is a device only where its alias says that it lives, at a number of that place. */
static void test_from_link(void)
{
    static const struct {
        const char *alias;
        guint32 ifindex;
        Place place;
        gboolean ours;
    } cases[] = {
        {ALIAS, PLACE_TAP_ROOM_FIRST, PLACE_TAP_ROOM, TRUE},
        {ALIAS, PLACE_TAP_ROOM_FIRST, PLACE_HOST, FALSE},
        {ALIAS, PLACE_HOST_FIRST, PLACE_HOST, FALSE},
        {ALIAS, PLACE_TAP_ROOM_FIRST - 1, PLACE_TAP_ROOM, FALSE},
        {ALIAS " place=host made=0", PLACE_HOST_FIRST, PLACE_HOST, TRUE},
        {ALIAS " place=host made=0", PLACE_HOST_FIRST, PLACE_TAP_ROOM, FALSE},
        {ALIAS " place=host made=0", PLACE_TAP_ROOM_FIRST, PLACE_HOST, FALSE},
        {ALIAS " place=host made=0", 77, PLACE_HOST, FALSE},
        {ALIAS " place=host", PLACE_HOST_FIRST, PLACE_HOST, FALSE},
        {ALIAS " place=host made=soon", PLACE_HOST_FIRST, PLACE_HOST, FALSE},
        {"the uplink", PLACE_HOST_FIRST, PLACE_HOST, FALSE},
        {NULL, PLACE_HOST_FIRST, PLACE_HOST, FALSE},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        const Link link = {
            .ifindex = cases[i].ifindex, .kind = "ipvtap", .alias = (char *)cases[i].alias};
        g_autofree Device *device = device_from_link(&link, cases[i].place);

        g_test_message("case %zu", i);
        g_assert_cmpint(device != NULL, ==, cases[i].ours);
    }
}

static void test_dev_folder(void)
{
    g_autofree char *folder = g_dir_make_tmp("ontap-dev-XXXXXX", NULL);
    int dev = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);

    g_assert_cmpint(dev, >=, 0);
    g_assert_cmpint(dev_folder_look(dev, 5, makedev(1, 3)), ==, DEV_NODE_MISSING);
    g_assert_cmpint(symlinkat("/dev/null", dev, "tap6"), ==, 0);
    g_assert_cmpint(dev_folder_look(dev, 6, makedev(1, 3)), ==, DEV_NODE_WRONG);
    if (mknodat(dev, "tap5", S_IFCHR | 0600, makedev(1, 3)) == 0) {
        g_assert_cmpint(dev_folder_look(dev, 5, makedev(1, 3)), ==, DEV_NODE_RIGHT);
        g_assert_cmpint(dev_folder_look(dev, 5, makedev(1, 4)), ==, DEV_NODE_WRONG);
        g_assert_cmpint(dev_folder_look(dev, 5, makedev(2, 3)), ==, DEV_NODE_WRONG);
        unlinkat(dev, "tap5", 0);
    } else {
        g_test_message("without root no node can be made");
    }
    unlinkat(dev, "tap6", 0);
    close(dev);
    g_rmdir(folder);
}

/* Nothing but the mount itself is to be reached. */
static void test_dev_folder_leads_nowhere(void)
{
    struct stat own, above;
    int dev = dev_folder_open();

    if (dev < 0) {
        g_test_skip("needs root");
        return;
    }
    g_assert_cmpint(fstat(dev, &own), ==, 0);
    g_assert_cmpint(fstatat(dev, "../..", &above, 0), ==, 0);
    g_assert_true(own.st_ino == above.st_ino && own.st_dev == above.st_dev);
    g_assert_cmpint(fstatat(dev, "../etc/passwd", &above, 0), <, 0);
    g_assert_cmpint(fstatat(dev, "null", &above, 0), ==, 0);
    close(dev);
}

static void test_holder_link(void)
{
    static const struct {
        const char *target;
        guint32 ifindex;
    } cases[] = {
        {"/dev/tap77", 77},
        {"/dev/tap2147483647", 2147483647},
        {"/some/where/else/tap77", 77},
        {"/dev/tap77 (deleted)", 77},
        {"/dev/tap2147483648", 0},
        {"/dev/tap", 0},
        {"/dev/tap 77", 0},
        {"/dev/tap-77", 0},
        {"/dev/tap77x", 0},
        {"/dev/tap77/x", 0},
        {"/dev/net/tun", 0},
        {"tap77", 0},
        {"socket:[77]", 0},
        {"", 0},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].target);
        g_assert_cmpuint(holder_parse_link(cases[i].target), ==, cases[i].ifindex);
    }
}

static char *holder_of(guint32 ifindex)
{
    gboolean complete;
    g_autoptr(GHashTable) holders = holders_read(&complete);

    return g_strdup(g_hash_table_lookup(holders, GUINT_TO_POINTER(ifindex)));
}

static void test_holders(void)
{
    g_autofree char *folder = g_dir_make_tmp("ontap-dev-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "tap2000000123", NULL);
    g_autofree char *own = g_strdup_printf("process %d (", getpid());
    int fd = mknod(path, S_IFCHR | 0600, makedev(1, 3)) == 0 ? open(path, O_RDWR | O_CLOEXEC) : -1;

    if (fd < 0) {
        g_test_skip("needs root");
    } else {
        g_autofree char *holder = holder_of(2000000123), *other = holder_of(2000000124);

        g_assert_nonnull(holder);
        g_assert_true(g_str_has_prefix(holder, own));
        g_assert_null(other);
        close(fd);
        fd = open(path, O_PATH | O_CLOEXEC);
        g_assert_cmpint(fd, >=, 0);
        g_autofree char *path_only = holder_of(2000000123);
        g_assert_null(path_only);
        close(fd);
    }
    g_unlink(path);
    g_rmdir(folder);
}

static void test_holders_file(void)
{
    g_autofree char *folder = g_dir_make_tmp("ontap-dev-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "tap2000000125", NULL);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    g_autofree char *holder = holder_of(2000000125);

    g_assert_cmpint(fd, >=, 0);
    g_assert_null(holder);
    close(fd);
    g_unlink(path);
    g_rmdir(folder);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/daemon/place", test_place);
    g_test_add_func("/daemon/place/alias", test_alias);
    g_test_add_func("/daemon/place/from-link", test_from_link);
    g_test_add_func("/daemon/dev-folder", test_dev_folder);
    g_test_add_func("/daemon/dev-folder/leads-nowhere", test_dev_folder_leads_nowhere);
    g_test_add_func("/daemon/holder/link", test_holder_link);
    g_test_add_func("/daemon/holder/find", test_holders);
    g_test_add_func("/daemon/holder/file", test_holders_file);
    return g_test_run();
}
