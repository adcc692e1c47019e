/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The programs where they will run: attached with tc to a tap on a veth pair, in a network
 * namespace of the test's own. Here a frame has what a test run cannot give it: a checksum that the
 * guest left to its device, segments that it left to it, and a buffer of which the guest chose how
 * much is linear.
 *
 *     queue of tap0 ── [programs] ── up0 ══ lan0 ── packet socket
 *
 * tap0 is an ipvtap where the kernel has it, else a macvtap in passthru mode, which has its
 * parent's MAC as well.
 */
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <glib.h>

#include "test-translate-world.h"

#define WIRE_MAX 66000

typedef struct {
    struct virtio_net_hdr header;
    uint8_t bytes[WIRE_MAX];
} __attribute__((packed)) Wire;

static struct {
    Translate *translate;
    uint32_t ifindex;
    int tap;
    int lan;
} world;

static bool run(const char *format, ...) G_GNUC_PRINTF(1, 2);

static bool run(const char *format, ...)
{
    g_autofree char *command = NULL;
    va_list args;

    va_start(args, format);
    command = g_strdup_vprintf(format, args);
    va_end(args);
    return system(command) == 0;
}

static int open_lan(void)
{
    struct sockaddr_ll address = {.sll_family = AF_PACKET,
                                  .sll_protocol = htons(ETH_P_ALL),
                                  .sll_ifindex = if_nametoindex("lan0")};
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;

    g_assert_cmpint(setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof(on)), ==, 0);
    g_assert_cmpint(bind(fd, (struct sockaddr *)&address, sizeof(address)), ==, 0);
    return fd;
}

static bool attach(const char *direction)
{
    g_autofree char *folder = g_strdup_printf("%s/%u", world_root(), MACS_LAYOUT);

    return run("tc filter add dev tap0 %s bpf direct-action object-pinned %s/%s-*", direction,
               folder, direction);
}

static bool world_begin(void)
{
    const char *kind = "ipvtap";
    const char *mac = "02:aa:bb:cc:dd:ee";

    world.translate = world_new();
    if (!world.translate)
        return false;
    g_assert_cmpint(unshare(CLONE_NEWNET), ==, 0);
    if (!run("ip link add up0 address %s type veth peer name lan0 2>/dev/null", mac)) {
        g_test_skip("needs veth and the ip command");
        return false;
    }
    run("for i in up0 lan0; do echo 1 >/proc/sys/net/ipv6/conf/$i/disable_ipv6; done 2>/dev/null");
    if (!run("ip link add link up0 name tap0 type ipvtap mode l2 2>/dev/null")) {
        kind = "macvtap";
        if (!run("ip link add link up0 name tap0 type macvtap mode passthru 2>/dev/null")) {
            g_test_skip("needs ipvtap or macvtap");
            return false;
        }
    }
    run("echo 1 >/proc/sys/net/ipv6/conf/tap0/disable_ipv6 2>/dev/null");
    g_assert_true(run("ip link set up0 up; ip link set lan0 up; ip link set tap0 arp off up && "
                      "ip addr add 192.0.2.10/32 dev tap0 && tc qdisc add dev tap0 clsact"));
    if (!attach("egress") || !attach("ingress")) {
        g_test_skip("needs cls_bpf");
        return false;
    }
    world.ifindex = if_nametoindex("tap0");
    world.tap = open_queue("tap0", kind);
    g_assert_cmpint(world.tap, >=, 0);
    world.lan = open_lan();
    g_assert_true(translate_tap_add(world.translate, world.ifindex, PARENT, MACS_TRANSLATE,
                                    &TRANSLATE_LIMITS_DEFAULT, NULL));
    return true;
}

static void world_end(void)
{
    close(world.tap);
    close(world.lan);
    world_free(world.translate);
}

/* The first frame of `type` that comes within a second; 0 if none does. */
static size_t receive(int fd, Wire *wire, uint16_t type)
{
    struct pollfd readable = {.fd = fd, .events = POLLIN};

    while (poll(&readable, 1, 1000) == 1) {
        ssize_t n = read(fd, wire, sizeof(*wire));

        if (n > (ssize_t)sizeof(wire->header) + 14 && wire->bytes[12] == type >> 8 &&
            wire->bytes[13] == (type & 0xff))
            return n - sizeof(wire->header);
    }
    return 0;
}

static size_t cross(const Frame *frame, struct virtio_net_hdr header, Wire *got)
{
    Wire sent = {.header = header};
    size_t size = sizeof(header) + frame->size;

    memcpy(sent.bytes, frame->bytes, frame->size);
    g_assert_cmpint(write(world.tap, &sent, size), ==, size);
    return receive(world.lan, got, frame->bytes[12] << 8 | frame->bytes[13]);
}

/* What the device would do that the guest left the checksum to. */
static void finish_checksum(Wire *wire, size_t size)
{
    size_t start = wire->header.csum_start, field = start + wire->header.csum_offset;
    uint32_t sum = 0;

    g_assert_true(wire->header.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM);
    for (size_t i = start; i < size; i++)
        sum += (i - start) % 2 ? wire->bytes[i] : wire->bytes[i] << 8;
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    wire->bytes[field] = ~sum >> 8;
    wire->bytes[field + 1] = ~sum;
}

/* Puts the pseudo header's sum into the field, as a guest with offloads does. */
static struct virtio_net_hdr leave_checksum(Frame *frame)
{
    Checksum checksum;
    uint32_t sum;

    g_assert_true(checksum_find(frame->bytes, frame->size, &checksum));
    for (sum = checksum.pseudo; sum >> 16;)
        sum = (sum & 0xffff) + (sum >> 16);
    frame->bytes[checksum.field] = sum >> 8;
    frame->bytes[checksum.field + 1] = sum;
    return (struct virtio_net_hdr){.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
                                   .csum_start = checksum.start,
                                   .csum_offset = checksum.field - checksum.start};
}

static void build_dhcp(Frame *frame)
{
    frame_ethernet(frame, BROADCAST, GUEST, 0x0800);
    frame_ipv4(frame, 17, ANY4, ALL4, 0, 0);
    frame_udp(frame, 68, 67);
    frame_bootp(frame, 300);
    frame_finish(frame);
}

static void build_ns(Frame *frame)
{
    frame_ethernet(frame, BROADCAST, GUEST, 0x86dd);
    frame_ipv6(frame, 58, GUEST6, NODES6);
    frame_icmpv6(frame, 135, OTHER6, 16);
    frame_other_option(frame, 1);
    frame_link_option(frame, 1, GUEST);
    frame_finish(frame);
}

static void build_tcp(Frame *frame)
{
    frame_ethernet(frame, OTHER, GUEST, 0x0800);
    frame_ipv4(frame, 6, GUEST4, OTHER4, 0, 0);
    frame_add(frame, (uint8_t[20]){0, 80, 0, 81, [12] = 0x50, 0x10}, 20);
    for (int i = 0; i < 1400; i++)
        frame_add(frame, &(uint8_t){i * 7}, 1);
    frame_finish(frame);
}

static void check_arrived(const Wire *wire, size_t size, const Frame *sent)
{
    Checksum checksum;

    g_assert_cmpuint(size, ==, sent->size);
    g_assert_cmpmem(wire->bytes + 6, 6, PARENT, 6);
    g_assert_null(memmem(wire->bytes, sent->bytes[12] == 0x86 ? size : 28, GUEST, 6));
    g_assert_true(checksum_find(wire->bytes, size, &checksum));
    g_assert_true(checksum_is_right(wire->bytes, &checksum));
}

/* Each with its checksum made, and left to the device; each all linear, and hardly so. */
static void test_checksums(void)
{
    static void (*const builds[])(Frame *) = {build_dhcp, build_ns, build_tcp};
    g_autofree Wire *wire = g_new0(Wire, 1);

    if (!world_begin())
        return;
    for (unsigned i = 0; i < G_N_ELEMENTS(builds) * 4; i++) {
        struct virtio_net_hdr header = {0};
        Frame frame = {0};
        size_t size;

        builds[i / 4](&frame);
        if (i & 1)
            header = leave_checksum(&frame);
        if (i & 2)
            header.hdr_len = i & 1 ? header.csum_start + header.csum_offset + 2 : 14;
        size = cross(&frame, header, wire);
        g_test_message("frame %u: %zu bytes", i, size);
        g_assert_cmpuint(size, >, 0);
        if (i & 1)
            finish_checksum(wire, size);
        check_arrived(wire, size, &frame);
        if (i / 4 == 0)
            g_assert_cmphex(wire->bytes[14 + 20 + 8 + 10], ==, 0x80);
    }
    world_end();
}

/* A segment of TCP that the guest left whole arrives whole, but for the MAC. */
static void test_segments(void)
{
    g_autofree Wire *wire = g_new0(Wire, 1);
    struct virtio_net_hdr header;
    Frame frame = {0};
    size_t size;

    if (!world_begin())
        return;
    build_tcp(&frame);
    header = leave_checksum(&frame);
    header.gso_type = VIRTIO_NET_HDR_GSO_TCPV4;
    header.gso_size = 600;
    header.hdr_len = 54;
    size = cross(&frame, header, wire);
    g_assert_cmpuint(size, ==, frame.size);
    g_assert_cmpint(wire->header.gso_type, ==, VIRTIO_NET_HDR_GSO_TCPV4);
    g_assert_cmpint(wire->header.gso_size, ==, 600);
    memcpy(frame.bytes + 6, PARENT, 6);
    g_assert_cmpmem(wire->bytes, size, frame.bytes, frame.size);
    world_end();
}

static void test_guard(void)
{
    g_autofree Wire *wire = g_new0(Wire, 1);
    Frame frame = {0};
    TranslateTap tap;

    if (!world_begin())
        return;
    g_assert_true(translate_tap_add(world.translate, world.ifindex, PARENT,
                                    MACS_TRANSLATE | MACS_GUARD, &TRANSLATE_LIMITS_DEFAULT, NULL));
    build_tcp(&frame);
    g_assert_cmpuint(cross(&frame, (struct virtio_net_hdr){0}, wire), ==, 0);
    /* Not linear where its addresses are: the guard must see them all the same. */
    g_assert_cmpuint(cross(&frame, (struct virtio_net_hdr){.hdr_len = 14}, wire), ==, 0);
    g_assert_true(translate_tap_read(world.translate, world.ifindex, &tap, NULL));
    g_assert_cmpuint(tap.state.drops[MACS_DROP_SOURCE], ==, 2);
    g_assert_true(translate_binding_set(world.translate, world.ifindex, AF_INET, GUEST4, 0, NULL));
    g_assert_cmpuint(cross(&frame, (struct virtio_net_hdr){.hdr_len = 14}, wire), ==, frame.size);
    build_dhcp(&frame);
    g_assert_cmpuint(cross(&frame, leave_checksum(&frame), wire), ==, frame.size);
    world_end();
}

static void test_ingress(void)
{
    g_autofree Wire *wire = g_new0(Wire, 1);
    Wire answer = {0};
    Frame frame = {0}, expected = {0};
    size_t size;

    if (!world_begin())
        return;
    build_dhcp(&frame);
    g_assert_cmpuint(cross(&frame, (struct virtio_net_hdr){0}, wire), >, 0); /* teaches the MAC */
    frame_ethernet(&frame, PARENT, OTHER, 0x0806);
    frame_arp(&frame, 2, OTHER, OTHER4, PARENT, GUEST4);
    frame_ethernet(&expected, GUEST, OTHER, 0x0806);
    frame_arp(&expected, 2, OTHER, OTHER4, GUEST, GUEST4);
    memcpy(answer.bytes, frame.bytes, frame.size);
    size = sizeof(answer.header) + frame.size;
    g_assert_cmpint(write(world.lan, &answer, size), ==, size);
    g_assert_cmpuint(receive(world.tap, wire, 0x0806), ==, expected.size);
    g_assert_cmpmem(wire->bytes, expected.size, expected.bytes, expected.size);
    world_end();
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/translate/wire/checksums", test_checksums);
    g_test_add_func("/translate/wire/segments", test_segments);
    g_test_add_func("/translate/wire/guard", test_guard);
    g_test_add_func("/translate/wire/ingress", test_ingress);
    return g_test_run();
}
