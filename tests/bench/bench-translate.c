/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * What translation and guard cost a frame: `bench-translate [ROUNDS]`, as root.
 *
 * Two figures. "program" is a program alone, as the kernel times it over a million runs; an empty
 * one takes some 20 ns there. "path" is the way of a frame from the queue of one tap over a veth
 * pair into the queue of another: write, transmit, receive, read. There is a pair for each way of
 * doing it, side by side, and they take turns every hundred frames, so that whatever else the
 * machine does hurts all alike; medians are compared. A program that does nothing is among them,
 * since a good part of the cost is that of being called. The taps are macvtaps in passthru mode,
 * which a kernel without ipvtap has, and whose path is the shorter one. A guest adds its own part:
 * there the share is smaller.
 */
#include <limits.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <glib.h>

#include <bpf/bpf.h>

#include "test-translate-world.h"

#define BATCH 100 /* frames */
#define GSO_SIZE 65000

typedef struct {
    struct virtio_net_hdr header;
    uint8_t bytes[GSO_SIZE];
} __attribute__((packed)) Packet;

static const struct {
    const char *name;
    size_t size;
    uint16_t segment;
} kinds[] = {
    {"64 bytes", 64, 0},
    {"1514 bytes", 1514, 0},
    {"GSO, 65000 bytes", GSO_SIZE, 1448},
};

static const struct {
    const char *name;
    const char *program; /* the pin's name, as the shell expands it */
    bool out;            /* attached where the frame leaves, else where it arrives */
    bool guard;
} ways[] = {
    {"plain", NULL, false, false},
    {"out, a program of nothing", "nothing", true, false},
    {"out, translate", "egress-*", true, false},
    {"out, translate and guard", "egress-*", true, true},
    {"in, a program of nothing", "nothing", false, false},
    {"in, translate", "ingress-*", false, false},
};
#define WAYS G_N_ELEMENTS(ways)

typedef struct {
    int near;
    int far;
} Path;

static double now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1e9 + now.tv_nsec;
}

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

static size_t build(Packet *packet, size_t size, uint16_t segment)
{
    uint8_t *ip = packet->bytes + 14, *tcp = ip + 20;

    memset(packet, 0, sizeof(*packet));
    memcpy(packet->bytes, OTHER, 6); /* the far tap's parent */
    memcpy(packet->bytes + 6, GUEST, 6);
    packet->bytes[12] = 8;
    memcpy(ip, (uint8_t[]){0x45, 0, (size - 14) >> 8, (size - 14), 0, 0, 0, 0, 64, 6}, 10);
    memcpy(ip + 12, GUEST4, 4);
    memcpy(ip + 16, OTHER4, 4);
    memcpy(tcp, (uint8_t[20]){0, 80, 0, 81, [12] = 0x50, 0x10}, 20);
    if (segment)
        packet->header = (struct virtio_net_hdr){.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
                                                 .gso_type = VIRTIO_NET_HDR_GSO_TCPV4,
                                                 .hdr_len = 54,
                                                 .gso_size = segment,
                                                 .csum_start = 34,
                                                 .csum_offset = 16};
    return sizeof(packet->header) + size;
}

/* Two instructions that let every frame go on: what hooking in costs by itself. */
static void pin_nothing(void)
{
    const struct bpf_insn program[] = {
        {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = -1},
        {.code = BPF_JMP | BPF_EXIT},
    };
    int fd = bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "nothing", "GPL", program,
                           G_N_ELEMENTS(program), NULL);
    g_autofree char *path = g_strdup_printf("%s/nothing", world_root());

    if (fd < 0 || bpf_obj_pin(fd, path) < 0)
        g_error("cannot load a program");
    close(fd);
}

/* Lets the programs learn the guest's MAC on a tap that only receives here. */
static void teach(Translate *translate, uint32_t ifindex)
{
    struct __sk_buff context = {.ifindex = ifindex};
    uint8_t frame[64] = {[12] = 0x08, 0x06}, out[128];
    LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame, .data_size_in = sizeof(frame),
                .data_out = out, .data_size_out = sizeof(out), .ctx_in = &context,
                .ctx_size_in = sizeof(context));

    memcpy(frame + 6, GUEST, 6);
    if (bpf_prog_test_run_opts(translate_egress_fd(translate), &options) != 0)
        g_error("cannot run the program: %m");
}

static void attach(Translate *translate, const char *tap, unsigned way)
{
    g_autofree char *folder = g_strdup_printf("%s/%u", world_root(), MACS_LAYOUT);
    uint32_t flags = MACS_TRANSLATE | (ways[way].guard ? MACS_GUARD : 0);
    uint32_t ifindex = if_nametoindex(tap);

    if (strcmp(ways[way].program, "nothing") == 0) {
        g_free(folder);
        folder = g_strdup(world_root());
    }
    if (!run("tc qdisc add dev %s clsact && "
             "tc filter add dev %s %s bpf direct-action object-pinned %s/%s",
             tap, tap, ways[way].out ? "egress" : "ingress", folder, ways[way].program))
        g_error("cannot attach with tc");
    translate_tap_add(translate, ifindex, ways[way].out ? PARENT : OTHER, flags,
                      &(TranslateLimits){0}, NULL);
    translate_binding_set(translate, ifindex, AF_INET, GUEST4, translate_expiry_in(3600), NULL);
    if (!ways[way].out)
        teach(translate, ifindex);
}

/* Near tap, veth pair, far tap. */
static void path_make(Translate *translate, Path *path, unsigned way)
{
    g_autofree char *near = g_strdup_printf("near%u", way), *far = g_strdup_printf("far%u", way);

    if (!run("ip link add a%u address 02:aa:bb:cc:dd:ee type veth "
             "peer name b%u address 0a:01:02:03:04:05 && "
             "ip link set a%u up && ip link set b%u up && "
             "ip link add link a%u name %s type macvtap mode passthru && "
             "ip link add link b%u name %s type macvtap mode passthru && "
             "ip link set %s up && ip link set %s up",
             way, way, way, way, way, near, way, far, near, far))
        g_error("cannot make a pair of taps");
    path->near = open_queue(near, "macvtap");
    path->far = open_queue(far, "macvtap");
    if (ioctl(path->far, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4) != 0)
        g_error("cannot set up a tap: %m");
    if (ways[way].program)
        attach(translate, ways[way].out ? near : far, way);
}

static double cross(const Path *path, const Packet *packet, size_t size, Packet *got)
{
    double start = now_ns();

    for (int i = 0; i < BATCH; i++) {
        if (write(path->near, packet, size) != (ssize_t)size)
            g_error("cannot send %zu bytes: %m", size);
        while (read(path->far, got, sizeof(*got)) != (ssize_t)size) {
            if (now_ns() - start > 1e9)
                g_error("a frame of %zu bytes did not arrive", size);
        }
    }
    return (now_ns() - start) / BATCH;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void bench_path(Translate *translate, int rounds)
{
    g_autofree Packet *packet = g_new(Packet, 1), *got = g_new(Packet, 1);
    g_autofree double *times = g_new(double, WAYS *rounds);
    Path paths[WAYS];

    for (unsigned way = 0; way < WAYS; way++)
        path_make(translate, &paths[way], way);
    for (size_t kind = 0; kind < G_N_ELEMENTS(kinds); kind++) {
        size_t size = build(packet, kinds[kind].size, kinds[kind].segment);
        double plain = 0;

        for (int round = 0; round < rounds; round++) {
            for (unsigned way = 0; way < WAYS; way++)
                times[way * rounds + round] = cross(&paths[way], packet, size, got);
        }
        for (unsigned way = 0; way < WAYS; way++) {
            double *mine = times + way * rounds, median;

            qsort(mine, rounds, sizeof(*mine), compare);
            median = mine[rounds / 2];
            if (way == 0)
                plain = median;
            printf("path     %-18s %-28s %7.0f ns  %+6.0f ns  %+5.1f %%\n", kinds[kind].name,
                   ways[way].name, median, median - plain, (median / plain - 1) * 100);
        }
    }
}

static void time_program(const char *name, int program, const uint8_t *bytes, size_t size)
{
    static uint8_t out[GSO_SIZE];
    struct __sk_buff context = {.ifindex = 1};
    LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = bytes, .data_size_in = size, .data_out = out,
                .data_size_out = sizeof(out), .ctx_in = &context, .ctx_size_in = sizeof(context),
                .repeat = 1000000);

    if (bpf_prog_test_run_opts(program, &options) != 0)
        g_error("cannot run the program: %m");
    printf("program  %-30s %4u ns\n", name, options.duration);
}

static void bench_programs(Translate *translate)
{
    g_autofree Packet *packet = g_new(Packet, 1);
    const uint32_t both = MACS_TRANSLATE | MACS_GUARD;

    build(packet, 1514, 0);
    translate_binding_set(translate, 1, AF_INET, GUEST4, translate_expiry_in(3600), NULL);
    translate_tap_add(translate, 1, PARENT, MACS_TRANSLATE, &(TranslateLimits){0}, NULL);
    time_program("out, translate", translate_egress_fd(translate), packet->bytes, 1514);
    translate_tap_add(translate, 1, PARENT, both, &(TranslateLimits){0}, NULL);
    time_program("out, translate and guard", translate_egress_fd(translate), packet->bytes, 1514);
    memcpy(packet->bytes, PARENT, 6);
    time_program("in, translate", translate_ingress_fd(translate), packet->bytes, 1514);
}

int main(int argc, char **argv)
{
    int rounds = argc > 1 ? MAX(20, atoi(argv[1])) : 500;
    Translate *translate;

    g_test_init(&(int){1}, &(char **){(char *[]){argv[0], NULL}}, NULL);
    translate = world_new();
    if (!translate || unshare(CLONE_NEWNET) != 0 ||
        !run("ip link set lo up; echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6; "
             "echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6; "
             "ip link add probe type veth peer name other && "
             "ip link add link probe name tap type macvtap && ip link del probe")) {
        fprintf(stderr, "bench-translate: needs root, eBPF, veth and macvtap\n");
        return 77;
    }
    pin_nothing();
    bench_programs(translate);
    bench_path(translate, rounds);
    world_free(translate);
    return 0;
}
