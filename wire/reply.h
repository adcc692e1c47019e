/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * What the daemon answers: `ok key=value …`, or `error WORD text to the end of the line`.
 * Keys that a client does not know are ignored, so that the daemon may grow.
 */
#pragma once

#include "wire/device.h"
#include "wire/line.h"

#include <stddef.h>

#define REPLY_SIZE_MAX 1024  /* bytes of a reply's first line, the newline counted */
#define REPLY_TAKEN_SIZE 384 /* of a list of addresses, the NUL counted */
#define REPLY_TEXT_SIZE 768  /* of an error's text, the NUL counted */

/* Why the daemon said no. The words are part of the protocol. */
typedef enum {
    REPLY_OK = 0,
    REPLY_MALFORMED,       /* malformed: the request is not understood */
    REPLY_DENIED,          /* denied: the policy says no, or a limit of its is used up */
    REPLY_BUSY,            /* busy: too many requests just now, or the name is in use */
    REPLY_UNKNOWN_NETWORK, /* unknown-network */
    REPLY_UNSUPPORTED,     /* unsupported: this kernel or this network cannot do that */
    REPLY_NO_PARENT,       /* no-parent: the network's interface is missing or unfit */
    REPLY_LIMIT,           /* limit: a bound of the daemon or the kernel, not of the policy */
    REPLY_INTERNAL,        /* internal: the daemon or kernel failed; the log says more */
} ReplyCode;

const char *reply_code_text(ReplyCode code);
bool reply_code_parse(const char *text, ReplyCode *codep);

/* The reply to REQUEST_DEVICE. With code REPLY_OK everything but `text` is set, else only `text`
 * (one line, without control characters). */
typedef struct {
    ReplyCode code;
    char ifname[DEVICE_IFNAME_SIZE];
    unsigned ifindex; /* in the netns of the device: the client's only for one without queues */
    uint8_t hwaddr[HWADDR_SIZE]; /* the MAC the guest is to use */
    bool has_stable;             /* the device's MAC is its own, and its holder may change it */
    uint8_t stable[HWADDR_SIZE]; /* when has_stable: the one for its owner, network and name */
    unsigned mtu;                /* bytes, without the Ethernet header */
    unsigned queues;             /* one descriptor each; 0: an ipvlan or macvlan, which has none */
    char network[DEVICE_NAME_MAX + 1];
    char name[DEVICE_NAME_MAX + 1];
    char taken[REPLY_TAKEN_SIZE]; /* without queues: the host's own addresses, as `a,b`; "": none */
    char text[REPLY_TEXT_SIZE];
} Reply;

/* Reads one reply of `size` bytes without its newline; false when it is not one. */
bool reply_parse(Reply *reply, const char *line, size_t size);

/* Writes the reply with its newline. Returns its size; an error's text is cut when it does not
 * fit, and 0 is returned only for an `ok` that cannot be written. */
size_t reply_format(const Reply *reply, char *buffer, size_t size);
