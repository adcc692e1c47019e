/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Sends frames that mean harm, as a guest or as somebody on the LAN, for siege-frames.test.
 *
 *     ontap -n evil -- bombard SEED COUNT FOLDER NAME…      to the device that `ontap` gives
 *     BOMBARD_INTERFACE=lan0 bombard SEED COUNT FOLDER NAME…     from there
 *
 * The names are MACs and IP addresses, of which frames are to speak (mutation.h). First each of
 * nasties.c and each file of the folder, a frame, as it is; then frames made of them until COUNT is
 * reached. Says `done NUMBER TAKEN`, the second of frames that the kernel took, and keeps its
 * device until it is killed.
 */
#include "mutation.h"
#include "nasties.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define FRAMES_MAX 512
#define HEADER 10           /* struct virtio_net_hdr */
#define OFFLOADED_ONE_IN 16 /* with a header that asks for something */
#define BATCH 32            /* the kernel has one queue of 1,000 for broadcasts of all siblings */

static Frame bases[FRAMES_MAX];
static size_t n_bases;
static World world;
static uint64_t chance;

/* What is to be sent at once. */
static Frame batch[BATCH];
static unsigned n_batch;
static int out;
static bool to_tap;
static unsigned long sent, taken;

static void fail(const char *what)
{
    fprintf(stderr, "bombard: %s: %s\n", what, errno ? strerror(errno) : "not understood");
    exit(EXIT_FAILURE);
}

/* ── frames to begin with ───────────────────────────────────────────────────────────────────── */

static int digit(char c)
{
    return c >= 'a' ? c - 'a' + 10 : c - '0';
}

static size_t from_hex(uint8_t *data, size_t size, size_t max, const char *text)
{
    for (; *text; text++) {
        if (*text == ' ')
            continue;
        if (size < max)
            data[size++] = (uint8_t)(digit(text[0]) << 4 | digit(text[1]));
        text++;
    }
    return size;
}

static void add_nasty(const Nasty *nasty)
{
    Frame *frame = &bases[n_bases++];

    frame->size = from_hex(frame->data, 0, FRAME_MAX, nasty->head);
    for (unsigned i = 0; i < nasty->times; i++)
        frame->size = from_hex(frame->data, frame->size, FRAME_MAX, nasty->unit);
    if (nasty->lengths)
        frame_set_lengths(frame);
    frame_set_checksums(frame);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void add_folder(const char *folder)
{
    struct dirent **names;
    int n = scandir(folder, &names, NULL, by_name);

    if (n < 0)
        fail(folder);
    for (int i = 0; i < n && n_bases < FRAMES_MAX; i++) {
        Frame *frame = &bases[n_bases];
        char path[4096];
        FILE *file;

        snprintf(path, sizeof(path), "%s/%s", folder, names[i]->d_name);
        if (names[i]->d_name[0] == '.' || !(file = fopen(path, "rbe"))) {
            free(names[i]);
            continue;
        }
        frame->size = fread(frame->data, 1, FRAME_MAX, file);
        n_bases += frame->size > ETHERNET;
        fclose(file);
        free(names[i]);
    }
    free(names);
}

static void add_name(const char *name)
{
    Place place = {.size = strchr(name, ':') ? 16 : 4};
    uint8_t *mac = world.macs[world.n_macs];

    if (world.n_macs == WORLD_MAX || world.n_places == WORLD_MAX)
        fail(name);
    if (sscanf(name, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx", &mac[0], &mac[1], &mac[2], &mac[3],
               &mac[4], &mac[5]) == 6)
        world.n_macs++;
    else if (inet_pton(place.size == 4 ? AF_INET : AF_INET6, name, place.bytes) == 1)
        world.places[world.n_places++] = place;
    else
        fail(name);
}

/* ── sending ────────────────────────────────────────────────────────────────────────────────── */

static void open_interface(const char *name)
{
    struct sockaddr_ll address = {.sll_family = AF_PACKET,
                                  .sll_ifindex = (int)if_nametoindex(name)};

    /* Protocol 0: it sends, and receives nothing. */
    out = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    if (address.sll_ifindex == 0 || out < 0 ||
        bind(out, (struct sockaddr *)&address, sizeof(address)) < 0)
        fail(name);
}

/* What the kernel refuses, it refuses; so to the next. */
static void flush_to_lan(void)
{
    struct mmsghdr messages[BATCH] = {0};
    struct iovec parts[BATCH];

    for (unsigned i = 0; i < n_batch; i++) {
        parts[i] = (struct iovec){batch[i].data, batch[i].size};
        messages[i].msg_hdr = (struct msghdr){.msg_iov = &parts[i], .msg_iovlen = 1};
    }
    for (unsigned i = 0; i < n_batch; i++) {
        int n = sendmmsg(out, messages + i, n_batch - i, 0);

        if (n > 0) {
            taken += (unsigned)n;
            i += (unsigned)n - 1;
        }
    }
}

static void flush_to_tap(void)
{
    for (unsigned i = 0; i < n_batch; i++) {
        uint8_t header[HEADER] = {0};
        struct iovec parts[] = {{header, HEADER}, {batch[i].data, batch[i].size}};

        if (chance_below(&chance, OFFLOADED_ONE_IN) == 0)
            from_hex(header, 0, HEADER, nasty_offloads[chance_below(&chance, n_nasty_offloads)]);
        taken += writev(out, parts, 2) > 0;
    }
}

static void flush(void)
{
    if (to_tap)
        flush_to_tap();
    else
        flush_to_lan();
    sent += n_batch;
    n_batch = 0;
    sched_yield();
}

static Frame *next(void)
{
    if (n_batch == BATCH)
        flush();
    return &batch[n_batch++];
}

static const Frame *any(void)
{
    return &bases[chance_below(&chance, n_bases)];
}

int main(int argc, char **argv)
{
    const char *fd = getenv("ONTAP_FD0"), *interface = getenv("BOMBARD_INTERFACE");

    if (argc < 5 || (!fd && !interface)) {
        fprintf(stderr, "usage: bombard SEED COUNT FOLDER NAME…\n");
        return EXIT_FAILURE;
    }
    to_tap = !interface;
    if (to_tap)
        out = atoi(fd);
    else
        open_interface(interface);
    for (size_t i = 0; i < n_nasties; i++)
        add_nasty(&nasties[i]);
    add_folder(argv[3]);
    for (int i = 4; i < argc; i++)
        add_name(argv[i]);
    if (world.n_macs == 0 || world.n_places == 0)
        fail("names");

    unsigned long count = strtoul(argv[2], NULL, 0);
    chance = strtoull(argv[1], NULL, 0) | 1;
    for (size_t i = 0; i < n_bases; i++)
        *next() = bases[i];
    while (taken < count)
        frame_mutate(next(), any(), any(), &world, &chance);
    printf("done %lu %lu\n", taken, sent);
    fflush(stdout);
    while (to_tap)
        pause();
    return EXIT_SUCCESS;
}
