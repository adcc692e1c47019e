/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Uevents: the running kernel's, whose device numbers must open the very tap they speak of, and
 * messages made up to mislead.
 */
#include "netlink/link.h"
#include "netlink/uevent.h"
#include "netns.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static const DeviceType types[] = {DEVICE_IPVTAP, DEVICE_MACVTAP};

/* The number in the uevent is that of the device: a node made with it opens this very tap. */
static void assert_opens(dev_t device, const char *name)
{
    g_autofree char *path = g_strdup_printf("%s/ontap-test-%d", g_get_tmp_dir(), getpid());
    struct ifreq request = {0};
    int fd;

    if (mknod(path, S_IFCHR | 0600, device) < 0) {
        g_test_message("no permission to make a node");
        return;
    }
    fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
    g_assert_cmpint(unlink(path), ==, 0);
    if (fd < 0 && errno == EACCES) {
        g_test_message("nodes cannot be opened in %s", g_get_tmp_dir());
        return;
    }
    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(ioctl(fd, TUNGETIFF, &request), ==, 0);
    g_assert_cmpstr(request.ifr_name, ==, name);
    close(fd);
}

static void test_uevent(gconstpointer data)
{
    DeviceType type = *(const DeviceType *)data;
    NetnsWorld world;

    if (netns_world_init(&world, type)) {
        int host = netns_switch(world.room);
        g_autoptr(Uevents) uevents = NULL;
        GError *error = NULL;
        dev_t device = 0, other = 0;

        uevents = uevents_new(&error);
        g_assert_no_error(error);
        close(netns_switch(host));
        close(host);

        netns_assert_failed(uevents_find_tap(uevents, NETNS_CHILD, &device, &error), &error, ENOENT,
                            "no device number for tap1000003: the kernel sent no event");
        for (guint i = 0; i < 3; i++) {
            LinkSpec spec = netns_child(&world, type);
            g_autofree char *name = g_strdup_printf("ontap%u", NETNS_CHILD + i);

            spec.name = name;
            spec.ifindex = NETNS_CHILD + i;
            link_create(world.host, &spec, &error);
            g_assert_no_error(error);
        }
        uevents_find_tap(uevents, NETNS_CHILD + 1, &device,
                         &error); /* the one before is passed over */
        g_assert_no_error(error);
        uevents_find_tap(uevents, NETNS_CHILD + 2, &other, &error);
        g_assert_no_error(error);
        g_assert_cmpuint(device, !=, other);
        netns_assert_failed(uevents_find_tap(uevents, NETNS_CHILD, &device, &error), &error, ENOENT,
                            NULL);

        host = netns_switch(world.room);
        assert_opens(device, "ontap1000004");
        assert_opens(other, "ontap1000005");
        close(netns_switch(host));
        close(host);
    }
    netns_world_deinit(&world);
}

/* Deletions do not fill the queue: a tap made after hundreds of them is still found. */
static void test_uevent_crowd(void)
{
    NetnsWorld world;

    if (netns_world_init(&world, DEVICE_MACVTAP)) {
        int host = netns_switch(world.room);
        g_autoptr(Uevents) uevents = NULL;
        g_autoptr(GError) error = NULL;
        dev_t device;

        uevents = uevents_new(&error);
        g_assert_no_error(error);
        close(netns_switch(host));
        close(host);
        for (guint i = 0; i < 300; i++) {
            LinkSpec spec = netns_child(&world, DEVICE_MACVTAP);
            g_autofree char *name = g_strdup_printf("ontap%u", NETNS_CHILD + i);

            spec.name = name;
            spec.ifindex = NETNS_CHILD + i;
            link_create(world.host, &spec, &error);
            g_assert_no_error(error);
            g_assert_true(link_set_group(world.inside, spec.ifindex, 5, NULL));
            if (i == 298)
                g_assert_true(link_delete_group(world.inside, 5, NULL));
        }
        uevents_find_tap(uevents, NETNS_CHILD + 299, &device, &error);
        g_assert_no_error(error);
    }
    netns_world_deinit(&world);
}

/* What a process says in the kernel's group is not believed. */
static void test_uevent_forged(void)
{
    static const char text[] = "add@/devices/virtual/net/x/tap1000003\0ACTION=add\0"
                               "SUBSYSTEM=ipvtap\0MAJOR=8\0MINOR=0\0DEVNAME=tap1000003";
    const struct sockaddr_nl everybody = {.nl_family = AF_NETLINK, .nl_groups = 1};
    g_autoptr(Uevents) uevents = NULL;
    GError *error = NULL;
    guint32 ifindex;
    dev_t device;
    int forger;

    if (!netns_enter())
        return;
    uevents = uevents_new(&error);
    g_assert_no_error(error);
    g_assert_true(uevent_parse_tap(text, sizeof text, &ifindex, &device));
    forger = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);
    g_assert_cmpint(forger, >=, 0);
    if (sendto(forger, text, sizeof text, 0, (const struct sockaddr *)&everybody,
               sizeof everybody) < 0)
        g_test_message("the kernel did not even send it: %s", g_strerror(errno));
    netns_assert_failed(uevents_find_tap(uevents, NETNS_CHILD, &device, &error), &error, ENOENT,
                        NULL);
    close(forger);
}

#define HEAD "add@/devices/virtual/net/ontap7/tap7\0"
#define BODY "ACTION=add\0SUBSYSTEM=ipvtap\0"

static const struct {
    const char *name;
    const char *text;
    size_t size;
    bool good;
} uevents[] = {
#define CASE(name, text, good)                                                                     \
    {                                                                                              \
        name, text, sizeof text, good                                                              \
    }
    CASE("plain", HEAD BODY "MAJOR=240\0MINOR=1\0DEVNAME=tap7\0SEQNUM=1", true),
    CASE("macvtap", HEAD "ACTION=add\0SUBSYSTEM=macvtap\0MAJOR=240\0MINOR=1\0DEVNAME=tap7", true),
    CASE("unknown-keys", HEAD BODY "X\0=\0\0MAJOR=240\0MINOR=1\0DEVNAME=tap7\0", true),
    CASE("largest-device", HEAD BODY "MAJOR=4095\0MINOR=1048575\0DEVNAME=tap7", true),
    CASE("empty", "", false),
    CASE("head-only", HEAD, false),
    CASE("removal", "remove@/x\0" BODY "MAJOR=240\0MINOR=1\0DEVNAME=tap7", false),
    CASE("action-remove", HEAD "ACTION=remove\0SUBSYSTEM=ipvtap\0MAJOR=240\0MINOR=1\0DEVNAME=tap7",
         false),
    CASE("no-action", HEAD "SUBSYSTEM=ipvtap\0MAJOR=240\0MINOR=1\0DEVNAME=tap7", false),
    CASE("udev", "libudev\0" BODY "MAJOR=240\0MINOR=1\0DEVNAME=tap7", false),
    CASE("net", HEAD "ACTION=add\0SUBSYSTEM=net\0MAJOR=240\0MINOR=1\0DEVNAME=tap7", false),
    CASE("subsystem-prefix", HEAD "ACTION=add\0SUBSYSTEM=ipvtapx\0MAJOR=1\0MINOR=1\0DEVNAME=tap7",
         false),
    CASE("no-subsystem", HEAD "ACTION=add\0MAJOR=240\0MINOR=1\0DEVNAME=tap7", false),
    CASE("no-major", HEAD BODY "MINOR=1\0DEVNAME=tap7", false),
    CASE("no-minor", HEAD BODY "MAJOR=240\0DEVNAME=tap7", false),
    CASE("no-name", HEAD BODY "MAJOR=240\0MINOR=1", false),
    CASE("major-0", HEAD BODY "MAJOR=0\0MINOR=1\0DEVNAME=tap7", false),
    CASE("major-4096", HEAD BODY "MAJOR=4096\0MINOR=1\0DEVNAME=tap7", false),
    CASE("minor-1048576", HEAD BODY "MAJOR=240\0MINOR=1048576\0DEVNAME=tap7", false),
    CASE("huge", HEAD BODY "MAJOR=18446744073709551856\0MINOR=1\0DEVNAME=tap7", false),
    CASE("negative", HEAD BODY "MAJOR=240\0MINOR=-1\0DEVNAME=tap7", false),
    CASE("signed", HEAD BODY "MAJOR=+240\0MINOR=1\0DEVNAME=tap7", false),
    CASE("space", HEAD BODY "MAJOR= 240\0MINOR=1\0DEVNAME=tap7", false),
    CASE("hexadecimal", HEAD BODY "MAJOR=0x10\0MINOR=1\0DEVNAME=tap7", false),
    CASE("leading-zero", HEAD BODY "MAJOR=240\0MINOR=1\0DEVNAME=tap07", false),
    CASE("no-digits", HEAD BODY "MAJOR=240\0MINOR=\0DEVNAME=tap7", false),
    CASE("name-no-digits", HEAD BODY "MAJOR=240\0MINOR=1\0DEVNAME=tap", false),
    CASE("name-tail", HEAD BODY "MAJOR=240\0MINOR=1\0DEVNAME=tap7x", false),
    CASE("name-other", HEAD BODY "MAJOR=240\0MINOR=1\0DEVNAME=tun7", false),
    CASE("name-0", HEAD BODY "MAJOR=240\0MINOR=1\0DEVNAME=tap0", false),
    CASE("name-2147483648", HEAD BODY "MAJOR=240\0MINOR=1\0DEVNAME=tap2147483648", false),
    CASE("name-4294967303", HEAD BODY "MAJOR=240\0MINOR=1\0DEVNAME=tap4294967303", false),
    CASE("twice", HEAD BODY "MAJOR=240\0MINOR=1\0DEVNAME=tap7\0MINOR=2", false),
#undef CASE
};

static void test_uevent_parse(gconstpointer data)
{
    size_t i = GPOINTER_TO_SIZE(data);
    g_autofree char *exact = g_memdup2(uevents[i].text, uevents[i].size);
    guint32 ifindex = 0;
    dev_t device = 0;

    g_assert_cmpint(uevent_parse_tap(exact, uevents[i].size, &ifindex, &device), ==,
                    uevents[i].good);
    if (uevents[i].good) {
        g_assert_cmpuint(ifindex, ==, 7);
        g_assert_cmpuint(major(device), ==, strcmp(uevents[i].name, "largest-device") ? 240 : 4095);
        g_assert_cmpuint(minor(device), ==,
                         strcmp(uevents[i].name, "largest-device") ? 1 : 1048575);
    }
}

/* Cut anywhere: only the whole message is one, and nothing is read behind the cut. */
static void test_uevent_cut(void)
{
    static const char text[] = HEAD BODY "MAJOR=240\0MINOR=1\0DEVNAME=tap7";

    for (size_t size = 0; size < sizeof text; size++) {
        g_autofree char *exact = g_memdup2(text, size);
        guint32 ifindex;
        dev_t device;

        g_assert_false(uevent_parse_tap(exact, size, &ifindex, &device));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(types); i++) {
        g_autofree char *path =
            g_strdup_printf("/netlink/uevent/find/%s", device_type_text(types[i]));

        g_test_add_data_func(path, &types[i], test_uevent);
    }
    g_test_add_func("/netlink/uevent/find/crowd", test_uevent_crowd);
    g_test_add_func("/netlink/uevent/find/forged", test_uevent_forged);
    g_test_add_func("/netlink/uevent/parse/cut", test_uevent_cut);
    for (size_t i = 0; i < G_N_ELEMENTS(uevents); i++) {
        g_autofree char *path = g_strdup_printf("/netlink/uevent/parse/%s", uevents[i].name);

        g_test_add_data_func(path, GSIZE_TO_POINTER(i), test_uevent_parse);
    }
    return g_test_run();
}
