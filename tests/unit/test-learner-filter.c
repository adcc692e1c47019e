/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The socket filters, run by the kernel. A filter on a UNIX datagram socket sees what is sent there
 * from its first byte, as one on a packet socket sees a frame, and needs no privilege. Its packet
 * type is always PACKET_HOST and it has no tag beside it, so for these two the test puts the value
 * to try in the place of the instruction that loads it. With root the same programs run once more
 * on packet sockets at both ends of a veth pair, in a network namespace of their own.
 */
#include "frames.h"
#include "learner/filter.h"

#include <errno.h>
#include <glib.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct {
    const char *name;
    void (*make)(TestFrame *frame);
    bool tap;    /* passes on its way out of a tap */
    bool parent; /* passes on its way into a parent */
} Sample;

#define MAKE(name, call)                                                                           \
    static void name(TestFrame *frame)                                                             \
    {                                                                                              \
        call;                                                                                      \
    }

MAKE(arp, frames_arp(frame, frames_router, 1, "10.0.0.9", "10.0.0.1"))
MAKE(arp_tag, (arp(frame), frames_tag(frame, 0xe000)))
MAKE(arp_vlan, (arp(frame), frames_tag(frame, 5)))
MAKE(discover, frames_dhcp4(frame, &(FramesDhcp4){.type = 1, .source = frames_router}))
MAKE(discover_options,
     frames_dhcp4(frame, &(FramesDhcp4){.type = 1, .source = frames_router, .ip_options = true}))
MAKE(discover_tag, (discover_options(frame), frames_tag(frame, 0)))
MAKE(discover_fragment, (discover(frame), (void)(frame->data[20] = 0x20)))
MAKE(offer, frames_dhcp4(frame, &(FramesDhcp4){.type = 2}))
MAKE(offer_options, frames_dhcp4(frame, &(FramesDhcp4){.type = 2, .ip_options = true}))
MAKE(offer_late, (offer(frame), (void)(frame->data[21] = 1)))
MAKE(offer_tcp, (offer(frame), (void)(frame->data[23] = 6)))
MAKE(offer_own, frames_dhcp4(frame, &(FramesDhcp4){.type = 2, .source = frames_parent}))
MAKE(offer_forged,
     frames_dhcp4(frame,
                  &(FramesDhcp4){.type = 2, .source = frames_guest, .destination = frames_guest}))
MAKE(offer_unicast, frames_dhcp4(frame, &(FramesDhcp4){.type = 2, .destination = frames_parent}))
MAKE(offer_short, (offer(frame), (void)(frame->size = 37)))
MAKE(rs, frames_nd(frame, &(FramesNd){.type = 133, .source = frames_router}))
MAKE(ra, frames_nd(frame, &(FramesNd){.type = 134, .source = frames_router}))
MAKE(ns, frames_nd(frame, &(FramesNd){.type = 135, .target = "fe80::9", .source = frames_router}))
MAKE(ns_hop_by_hop, (ns(frame), frames_extend(frame, 0, 1)))
MAKE(ns_hop_by_hop_long, (ns(frame), frames_extend(frame, 0, 8)))
MAKE(ns_hop_by_hop_tag, (ns_hop_by_hop_long(frame), frames_tag(frame, 0)))
MAKE(ns_fragment, (ns(frame), frames_extend(frame, 44, 1)))
MAKE(ns_routed, (ns(frame), (void)(frame->data[21] = 254)))
MAKE(na, frames_nd(frame, &(FramesNd){.type = 136, .target = "fe80::9", .source = frames_router}))
MAKE(na_own, frames_nd(frame, &(FramesNd){.type = 136, .target = "fe80::9"}))
MAKE(echo6, (rs(frame), (void)(frame->data[54] = 128)))
MAKE(redirect, (rs(frame), (void)(frame->data[54] = 137)))
MAKE(solicit, frames_dhcp6(frame, &(FramesDhcp6){.type = 1, .source = frames_router}))
MAKE(solicit_hop_by_hop, (solicit(frame), frames_extend(frame, 0, 2)))
MAKE(reply6, frames_dhcp6(frame, &(FramesDhcp6){.type = 7}))
MAKE(lldp, (arp(frame), (void)(frame->data[12] = 0x88, frame->data[13] = 0xcc)))
MAKE(header_only, (arp(frame), (void)(frame->size = 14)))
MAKE(runt, (arp(frame), (void)(frame->size = 13)))

static const Sample samples[] = {
    {"arp", arp, true, false},
    {"arp-tag", arp_tag, true, false},
    {"arp-vlan", arp_vlan, false, false},
    {"discover", discover, true, false},
    {"discover-options", discover_options, true, false},
    {"discover-tag", discover_tag, true, false},
    {"discover-fragment", discover_fragment, false, false},
    {"offer", offer, false, true},
    {"offer-options", offer_options, false, true},
    {"offer-late-fragment", offer_late, false, false},
    {"offer-tcp", offer_tcp, false, false},
    {"offer-own", offer_own, false, false},
    {"offer-forged", offer_forged, false, false},
    {"offer-unicast", offer_unicast, false, true},
    {"offer-short", offer_short, false, false},
    {"rs", rs, true, false},
    {"ra", ra, false, true},
    {"ns", ns, true, true},
    {"ns-hop-by-hop", ns_hop_by_hop, true, true},
    {"ns-hop-by-hop-long", ns_hop_by_hop_long, true, true},
    {"ns-hop-by-hop-tag", ns_hop_by_hop_tag, true, true},
    {"ns-fragment", ns_fragment, false, false},
    {"ns-routed", ns_routed, false, false},
    {"na", na, true, true},
    {"na-own", na_own, true, false},
    {"echo", echo6, false, false},
    {"redirect", redirect, false, false},
    {"solicit", solicit, true, false},
    {"solicit-hop-by-hop", solicit_hop_by_hop, true, false},
    {"reply", reply6, false, true},
    {"lldp", lldp, false, false},
    {"header-only", header_only, true, false},
    {"runt", runt, false, false},
};

static void attach(int fd, Filter *filter)
{
    struct sock_fprog program = filter_program(filter);

    g_assert_cmpint(
        setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, (socklen_t)sizeof(program)), ==, 0);
}

/* Puts a constant where `field` of the packet's surroundings is loaded. */
static void pretend(Filter *filter, int field, guint32 value)
{
    guint n = 0;

    for (guint i = 0; i < filter->n; i++) {
        struct sock_filter *code = &filter->code[i];

        if (BPF_CLASS(code->code) == BPF_LD && BPF_MODE(code->code) == BPF_ABS &&
            code->k == (guint32)(SKF_AD_OFF + field)) {
            *code = (struct sock_filter){.code = BPF_LD | BPF_IMM, .k = value};
            n++;
        }
    }
    g_assert_cmpuint(n, ==, 1);
}

/* Whether the kernel lets the frame through, whole. */
static bool passes(Filter *filter, const TestFrame *frame)
{
    guint8 got[FRAMES_SIZE_MAX];
    ssize_t size;
    int fds[2];

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, fds), ==, 0);
    attach(fds[1], filter);
    (void)send(fds[0], frame->data, frame->size, 0);
    size = recv(fds[1], got, sizeof(got), MSG_DONTWAIT);
    if (size >= 0)
        g_assert_cmpmem(got, (size_t)size, frame->data, frame->size);
    close(fds[0]);
    close(fds[1]);
    return size >= 0;
}

static void test_sample(gconstpointer data)
{
    const Sample *sample = data;
    TestFrame frame;
    Filter filter;

    sample->make(&frame);
    for (guint32 type = PACKET_HOST; type <= PACKET_OUTGOING; type++) {
        filter_tap(&filter);
        pretend(&filter, SKF_AD_PKTTYPE, type);
        g_assert_cmpint(passes(&filter, &frame), ==, sample->tap && type == PACKET_OUTGOING);
        filter_parent(&filter, frames_parent);
        pretend(&filter, SKF_AD_PKTTYPE, type);
        g_assert_cmpint(passes(&filter, &frame), ==, sample->parent && type != PACKET_OUTGOING);
    }
}

/* A socket that does not know its parent still drops what ipvlan hands up from a guest. */
static void test_any_parent(void)
{
    TestFrame frame;
    Filter filter;

    ns(&frame);
    filter_parent(&filter, NULL);
    pretend(&filter, SKF_AD_PKTTYPE, PACKET_HOST);
    g_assert_true(passes(&filter, &frame));
    memcpy(frame.data, frame.data + HWADDR_SIZE, HWADDR_SIZE);
    g_assert_false(passes(&filter, &frame));
}

/* The tag that the kernel took off: one of a VLAN drops, one with a priority does not. */
static void test_vlan(void)
{
    TestFrame frame;
    Filter filter;

    ns(&frame);
    filter_parent(&filter, frames_parent);
    pretend(&filter, SKF_AD_VLAN_TAG_PRESENT, 1);
    pretend(&filter, SKF_AD_VLAN_TAG, 0xe000);
    g_assert_true(passes(&filter, &frame));
    filter_parent(&filter, frames_parent);
    pretend(&filter, SKF_AD_VLAN_TAG_PRESENT, 1);
    pretend(&filter, SKF_AD_VLAN_TAG, 0xe005);
    g_assert_false(passes(&filter, &frame));
}

/* Cut short, a frame is dropped before the filter reads what decides, and never kept wrongly. */
static void test_truncated(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(samples); i++) {
        TestFrame frame;
        Filter tap, parent;

        filter_tap(&tap);
        pretend(&tap, SKF_AD_PKTTYPE, PACKET_OUTGOING);
        filter_parent(&parent, frames_parent);
        samples[i].make(&frame);
        while (--frame.size > 0) {
            if (passes(&tap, &frame))
                g_assert_true(samples[i].tap);
            if (passes(&parent, &frame))
                g_assert_true(samples[i].parent);
        }
    }
}

static void test_text(void)
{
    static const char *const names[] = {"direction:", "vlan:", "forged:", "own:",    "tag:",
                                        "dhcpv4:",    "ipv6:", "nd:",     "dhcpv6:", "rest:"};
    Filter filter;
    g_autofree char *text = NULL;

    filter_parent(&filter, frames_parent);
    text = filter_text(&filter);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        g_assert_nonnull(strstr(text, names[i]));
    g_assert_nonnull(strstr(text, "A = packet type\n"));
    g_assert_nonnull(strstr(text, "if A == 0x2000000 go to"));
    g_test_message("\n%s", text);
}

static int packet_socket(const char *ifname, Filter *filter)
{
    struct sockaddr_ll address = {.sll_family = AF_PACKET,
                                  .sll_protocol = g_htons(ETH_P_ALL),
                                  .sll_ifindex = (int)if_nametoindex(ifname)};
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

    g_assert_cmpint(fd, >=, 0);
    if (filter) {
        static const int one = 1;

        attach(fd, filter);
        g_assert_cmpint(setsockopt(fd, SOL_SOCKET, SO_LOCK_FILTER, &one, (socklen_t)sizeof(one)),
                        ==, 0);
    }
    g_assert_cmpint(bind(fd, (struct sockaddr *)&address, (socklen_t)sizeof(address)), ==, 0);
    return fd;
}

/* Waits for a frame of the sample's size: the namespace's own kernel speaks too. */
static bool received(int fd, const TestFrame *frame)
{
    guint8 got[FRAMES_SIZE_MAX];
    ssize_t size;

    while ((size = recv(fd, got, sizeof(got), MSG_DONTWAIT)) >= 0) {
        if ((size_t)size == frame->size && memcmp(got, frame->data, frame->size) == 0)
            return true;
    }
    return false;
}

/* The kernel drops what is sent before it has noticed that the link is up, which it does when it
 * has time. Of local experiments, so that no filter takes it. */
static void await_link(int sender, int receiver)
{
    TestFrame hello = {.size = 60, .data = {[12] = 0x88, [13] = 0xb5}};
    bool is_up = false;

    for (int n = 0; n < 10000 && !is_up; n++) {
        g_assert_cmpint(send(sender, hello.data, hello.size, 0), ==, (ssize_t)hello.size);
        g_usleep(1000);
        is_up = received(receiver, &hello);
    }
    g_assert_true(is_up);
}

static void test_packet_socket(void)
{
    Filter tap, parent;
    int sender, out, in, all;

    if (geteuid() != 0 || unshare(CLONE_NEWNET) != 0) {
        g_test_skip("needs root, for a network namespace of its own");
        return;
    }
    if (system("ip link add left type veth peer name right && ip link set left up && "
               "ip link set right up") != 0) {
        g_test_skip("needs ip(8) and veth");
        return;
    }
    filter_tap(&tap);
    filter_parent(&parent, frames_parent);
    sender = packet_socket("left", NULL);
    out = packet_socket("left", &tap);
    in = packet_socket("right", &parent);
    all = packet_socket("right", NULL);
    await_link(sender, all);
    for (size_t i = 0; i < G_N_ELEMENTS(samples); i++) {
        TestFrame frame;

        samples[i].make(&frame);
        /* A packet socket sends no frame without a whole header, and the kernel moves a tag. */
        if (frame.size < 14 || frame.data[12] == 0x81)
            continue;
        g_test_message("%s", samples[i].name);
        g_assert_cmpint(send(sender, frame.data, frame.size, 0), ==, (ssize_t)frame.size);
        for (int n = 0; n < 1000 && !received(all, &frame); n++)
            g_usleep(1000);
        g_assert_cmpint(received(out, &frame), ==, samples[i].tap);
        g_assert_cmpint(received(in, &frame), ==, samples[i].parent);
    }
    close(sender);
    close(out);
    close(in);
    close(all);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(samples); i++) {
        g_autofree char *path = g_strdup_printf("/learner/filter/sample/%s", samples[i].name);

        g_test_add_data_func(path, &samples[i], test_sample);
    }
    g_test_add_func("/learner/filter/any-parent", test_any_parent);
    g_test_add_func("/learner/filter/vlan", test_vlan);
    g_test_add_func("/learner/filter/truncated", test_truncated);
    g_test_add_func("/learner/filter/text", test_text);
    g_test_add_func("/learner/filter/packet-socket", test_packet_socket);
    return g_test_run();
}
