/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Answers requests: policy, limits, device. It knows nothing of sockets: a subject and a line go
 * in, bytes and descriptors come out.
 */
#pragma once

#include "daemon/credentials.h"
#include "daemon/service.h"
#include "wire/reply.h"

typedef struct {
    GString *text;              /* whole lines */
    int fds[DEVICE_QUEUES_MAX]; /* go with the first byte of the text */
    guint n_fds;
    guint32 ifindex; /* of the device that is handed over; 0 when none is */
    gboolean watch;  /* the peer stays, and is told what happens */
    gsize more;      /* bytes that belong to the request and are to be read first; no text then */
} Answer;

/* Answers the request of `size` bytes, its newline not counted. `waited` is how many others were
 * served since it was there. */
void service_answer(Service *service, const Credentials *credentials, const char *line, size_t size,
                    guint64 waited, Answer *answer);

/* Answers a request that wanted more, with all of that. */
void service_answer_more(Service *service, const Credentials *credentials, const char *text,
                         gsize size, Answer *answer);

/* An answer that is an error, for what goes wrong before there is a request. */
void answer_refuse(Answer *answer, ReplyCode code, const char *text);

/* Closes the descriptors; whoever received them has copies. */
void answer_deinit(Answer *answer);

/* The answer could not be sent: what it hands over goes. */
void service_take_back(Service *service, const Answer *answer);
