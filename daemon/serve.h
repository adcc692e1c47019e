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
} Answer;

/* Answers the request of `size` bytes, its newline not counted. */
void service_answer(Service *service, const Credentials *credentials, const char *line, size_t size,
                    Answer *answer);

/* An answer that is an error, for what goes wrong before there is a request. */
void answer_refuse(Answer *answer, ReplyCode code, const char *text);

/* Closes the descriptors; whoever received them has copies. */
void answer_deinit(Answer *answer);

/* The answer could not be sent: what it hands over goes. */
void service_take_back(Service *service, const Answer *answer);
