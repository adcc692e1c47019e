/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * One copy out of the kernel and one into it for each frame, of up to 64 KB with what the devices
 * agreed on; nothing looks into it. There is one buffer for each way: when a frame can not be
 * written yet, it is kept, and no more are read on that way until it could be. So memory is
 * bounded, and who sends too fast is slowed down or loses frames at his own queue, where his own
 * TCP sees it.
 *
 * Each turn carries a bounded number of frames on each way, so that none waits for another's flood.
 */
#include "helper/pump.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

/* The greatest frame: 64 KB that are to be cut, their Ethernet and tag headers, the virtio header;
 * and more, since a frame that was read in part would be a broken one. */
#define FRAME_MAX (72 * 1024)

#define TURN_FRAMES 64 /* on one way, before the others have their turn */

/* One way: frames from one descriptor to another. */
typedef struct {
    size_t held; /* bytes of a frame that could not be written yet, or 0 */
    unsigned char frame[FRAME_MAX];
} Lane;

typedef struct {
    Lane out; /* card to device */
    Lane in;
} Lanes;

typedef enum {
    MOVED,
    NOTHING, /* to read */
    FULL,    /* where it goes; the frame is held */
    ENDED,
} Step;

/* Whether this errno says that there is no device behind the descriptor any more. Any other is
 * about one frame: too large, badly made, the card switched off, no memory. */
static bool means_end(int error)
{
    return error == EBADFD || error == EBADF || error == EPIPE || error == ECONNRESET;
}

static Step put(Lane *lane, int to)
{
    ssize_t written;

    do {
        written = write(to, lane->frame, lane->held);
    } while (written < 0 && errno == EINTR);
    if (written < 0 && errno == EAGAIN)
        return FULL;
    lane->held = 0;
    return written < 0 && means_end(errno) ? ENDED : MOVED;
}

static Step move_one(Lane *lane, int from, int to)
{
    ssize_t size;

    if (lane->held > 0)
        return put(lane, to);
    do {
        size = read(from, lane->frame, sizeof(lane->frame));
    } while (size < 0 && errno == EINTR);
    if (size < 0)
        return means_end(errno) ? ENDED : NOTHING;
    if (size == 0)
        return ENDED;
    lane->held = (size_t)size;
    return put(lane, to);
}

/* False when one of the two has ended. */
static bool take_turn(Lane *lane, int from, int to)
{
    Step step = MOVED;

    for (unsigned i = 0; i < TURN_FRAMES && step == MOVED; i++)
        step = move_one(lane, from, to);
    return step != ENDED;
}

static void wait_for(const PumpPair *pair, const Lanes *lanes, struct pollfd polled[static 2])
{
    polled[0] = (struct pollfd){
        .fd = pair->device,
        .events = (short)((lanes->in.held ? 0 : POLLIN) | (lanes->out.held ? POLLOUT : 0))};
    polled[1] = (struct pollfd){
        .fd = pair->card,
        .events = (short)((lanes->out.held ? 0 : POLLIN) | (lanes->in.held ? POLLOUT : 0))};
}

static bool is_ready(const Lane *lane, const struct pollfd *from, const struct pollfd *to)
{
    return lane->held > 0 ? to->revents & POLLOUT : from->revents & POLLIN;
}

/* False when it has ended. What is still to be read of a pair that hung up is nobody's any more. */
static bool serve(const PumpPair *pair, Lanes *lanes, const struct pollfd polled[static 2])
{
    const struct pollfd *device = &polled[0], *card = &polled[1];

    if ((device->revents | card->revents) & (POLLERR | POLLHUP | POLLNVAL))
        return false;
    return (!is_ready(&lanes->out, card, device) ||
            take_turn(&lanes->out, pair->card, pair->device)) &&
           (!is_ready(&lanes->in, device, card) || take_turn(&lanes->in, pair->device, pair->card));
}

static void end(PumpPair *pair)
{
    close(pair->device);
    close(pair->card);
    *pair = (PumpPair){-1, -1}; /* poll() passes over them */
}

int pump_run(PumpPair *pairs, size_t n, int command)
{
    struct pollfd polled[2 * PUMP_PAIRS_MAX + 1];
    Lanes *lanes = calloc(n, sizeof(*lanes));
    size_t left = n;
    int error = lanes ? 0 : ENOMEM;

    while (left > 0 && error == 0) {
        for (size_t i = 0; i < n; i++)
            wait_for(&pairs[i], &lanes[i], &polled[2 * i]);
        polled[2 * n] = (struct pollfd){.fd = command, .events = POLLIN};
        if (poll(polled, 2 * n + 1, -1) < 0) {
            error = errno == EINTR ? 0 : errno;
            continue;
        }
        if (polled[2 * n].revents)
            break;
        for (size_t i = 0; i < n; i++) {
            if (pairs[i].device >= 0 && !serve(&pairs[i], &lanes[i], &polled[2 * i])) {
                end(&pairs[i]);
                left--;
            }
        }
    }
    free(lanes);
    return error;
}
