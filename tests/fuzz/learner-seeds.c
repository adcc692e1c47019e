/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Writes the seeds of the learner's fuzz targets: `learner-seeds tests/fuzz/corpus`. They are kept
 * in the repository; this is how to make them anew.
 */
#include "../unit/frames.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char *corpus;

static void save(const char *target, const char *name, const uint8_t *data, size_t size)
{
    char path[4096];
    FILE *file;

    snprintf(path, sizeof(path), "%s/learner-%s", corpus, target);
    if (mkdir(path, 0777) != 0 && errno != EEXIST) {
        perror(path);
        exit(1);
    }
    snprintf(path, sizeof(path), "%s/learner-%s/%s", corpus, target, name);
    file = fopen(path, "wb");
    if (!file || fwrite(data, 1, size, file) != size || fclose(file) != 0) {
        perror(path);
        exit(1);
    }
}

typedef struct {
    size_t size;
    uint8_t data[16384];
} Flow;

static void flow_bytes(Flow *flow, const void *data, size_t size)
{
    if (size > sizeof(flow->data) - flow->size)
        abort();
    memcpy(flow->data + flow->size, data, size);
    flow->size += size;
}

static void flow_frame(Flow *flow, uint8_t operation, const TestFrame *frame)
{
    uint8_t head[3] = {operation, (uint8_t)(frame->size >> 8), (uint8_t)frame->size};

    flow_bytes(flow, head, sizeof(head));
    flow_bytes(flow, frame->data, frame->size);
}

#define FROM_GUEST 0
#define FROM_LAN 2

/* A frame, whole and as the parts that the single parsers read. */
static void frame_seed(const char *name, const TestFrame *frame, bool from_lan)
{
    const uint8_t *data = frame->data;
    size_t size = frame->size, ip = 14;
    Flow flow = {0};

    save("frame", name, data, size);
    save("ethernet", name, data, 14);
    flow_frame(&flow, from_lan ? FROM_LAN : FROM_GUEST, frame);
    save("feed", name, flow.data, flow.size);
    if (data[12] == 0x81)
        return;
    if (data[13] == 0x06)
        save("arp", name, data + ip, size - ip);
    if (data[13] == 0x00) {
        save("ipv4", name, data + ip, size - ip);
        if (data[ip] == 0x45)
            save("dhcp4", name, data + ip + 28, size - ip - 28);
    }
    if (data[13] == 0xdd) {
        save("ipv6", name, data + ip, size - ip);
        if (data[20] == 17)
            save("dhcp6", name, data + 62, size - 62);
        if (data[20] == 58)
            save("nd", name, data + 21, size - 21);
    }
}

static void dhcp4_seeds(void)
{
    Flow flow = {0};
    TestFrame frame;
    FramesDhcp4 messages[] = {
        {.type = 1, .client_id = "guest"},
        {.type = 2,
         .yiaddr = "10.0.0.9",
         .lease = 900,
         .destination = frames_parent,
         .ip_destination = "10.0.0.9"},
        {.type = 3, .requested = "10.0.0.9", .server = "10.0.0.1"},
        {.type = 5, .yiaddr = "10.0.0.9", .lease = 900},
        {.type = 4, .requested = "10.0.0.9"},
        {.type = 3, .ciaddr = "10.0.0.9"},
        {.type = 6, .server = "10.0.0.1"},
        {.type = 7, .ciaddr = "10.0.0.9"},
        {.type = 5,
         .yiaddr = "10.0.0.8",
         .lease = 60,
         .overload_file = true,
         .overload_sname = true,
         .server = "10.0.0.1",
         .ip_options = true},
        {.type = 5, .yiaddr = "10.0.0.8", .split_server = true, .server = "10.0.0.1"},
    };

    for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
        bool from_lan = messages[i].type == 2 || messages[i].type == 5 || messages[i].type == 6;
        char name[32];

        snprintf(name, sizeof(name), "dhcp4-%zu", i);
        frames_dhcp4(&frame, &messages[i]);
        frame_seed(name, &frame, from_lan);
        flow_frame(&flow, from_lan ? FROM_LAN : FROM_GUEST, &frame);
        if (from_lan)
            flow_bytes(&flow, "\x04\x01\x00", 3);
    }
    save("feed", "dhcp4-exchange", flow.data, flow.size);
}

static void nd_seeds(void)
{
    Flow flow = {0};
    TestFrame frame;
    FramesNd messages[] = {
        {.type = 135, .ip_source = "::", .target = "2001:db8::9"},
        {.type = 136, .target = "2001:db8::9", .ip_source = "2001:db8::9", .link = frames_parent},
        {.type = 133, .link = frames_parent},
        {.type = 134, .prefix = "2001:db8::", .source = frames_router},
    };

    for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
        bool from_lan = messages[i].type == 134;
        char name[32];

        snprintf(name, sizeof(name), "nd-%zu", i);
        frames_nd(&frame, &messages[i]);
        frame_seed(name, &frame, from_lan);
        flow_frame(&flow, from_lan ? FROM_LAN : FROM_GUEST, &frame);
        /* 600 ms; and what the daemon says to the first. */
        flow_bytes(&flow, "\x04\x02\x58", 3);
        if (i == 0)
            flow_bytes(&flow,
                       "\x06\x00\x01\x00\x00\x0e\x10\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x09",
                       23);
        frames_extend(&frame, 60, 2);
        frames_extend(&frame, 0, 1);
        snprintf(name, sizeof(name), "nd-extended-%zu", i);
        frame_seed(name, &frame, from_lan);
    }
    flow_bytes(&flow, "\x05\x0c\x00\x04\x03\xe9\x04\x03\xe9\x04\x03\xe9\x04\x03\xe9", 15);
    save("feed", "nd-life", flow.data, flow.size);
}

static void dhcp6_seeds(void)
{
    Flow flow = {0};
    TestFrame frame;
    FramesDhcp6 messages[] = {
        {.type = 1, .rapid_commit = true},
        {.type = 7,
         .addresses = {"2001:db8::9", "2001:db8::a"},
         .valid = 900,
         .rapid_commit = true},
        {.type = 5, .addresses = {"2001:db8::9"}, .valid = 900},
        {.type = 7, .addresses = {"2001:db8::9"}, .valid = 0},
        {.type = 4, .addresses = {"2001:db8::9"}, .temporary = true},
        {.type = 7, .status = 4, .ia_status = 2},
        {.type = 8, .addresses = {"2001:db8::a"}},
        {.type = 13},
    };

    for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
        bool from_lan = messages[i].type == 7;
        char name[32];

        snprintf(name, sizeof(name), "dhcp6-%zu", i);
        frames_dhcp6(&frame, &messages[i]);
        frame_seed(name, &frame, from_lan);
        flow_frame(&flow, from_lan ? FROM_LAN : FROM_GUEST, &frame);
    }
    save("feed", "dhcp6-exchange", flow.data, flow.size);
}

static void message_seeds(void)
{
    static const char *const lines[] = {
        "parent ifindex=3 hwaddr=02:00:00:00:00:01\n",
        "parent-gone ifindex=3\n",
        "port ifindex=1000003 parent=3 addresses=8 arp=on\n",
        "port-gone ifindex=1000003\n",
        "binding port=1000003 address=10.0.0.9 state=accepted source=dhcp lifetime=900\n",
        "binding port=1000003 address=fe80::1 state=removed\n",
        "count ifindex=3\n",
        "bind port=1000003 address=10.0.0.9 source=arp lifetime=forever\n",
        "unbind port=1000003 address=10.0.0.9 reason=released\n",
        "replay port=1000003 address=10.0.0.9\nframe",
        "counters ifindex=3 frames=1 malformed=2 fragments=3 forged=4 transactions=5 unmatched=6 "
        "claims=7 refused=8 held=9 rate=10 full=11 invalid=12 defended=13 unbound=14 replays=15 "
        "probes=16\n",
    };

    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        char name[32];

        snprintf(name, sizeof(name), "message-%zu", i);
        save("message", name, (const uint8_t *)lines[i], strlen(lines[i]));
    }
}

int main(int argc, char **argv)
{
    TestFrame frame;

    if (argc != 2) {
        fprintf(stderr, "usage: learner-seeds FOLDER\n");
        return 2;
    }
    corpus = argv[1];
    frames_arp(&frame, frames_parent, 1, "10.0.0.9", "10.0.0.1");
    frame_seed("arp", &frame, false);
    frames_tag(&frame, 0xe000);
    frame_seed("arp-tag", &frame, false);
    dhcp4_seeds();
    nd_seeds();
    dhcp6_seeds();
    message_seeds();
    return 0;
}
