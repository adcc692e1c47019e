/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * A connection to ontapd, from a client's side: connecting and sending in bounded time, with errors
 * that say what to do.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONNECTION_ERROR_SIZE 1024

typedef struct {
    const char *path; /* the caller's */
    int socket;       /* -1 while there is none; close-on-exec */
    int output;       /* where to send: the same socket, unless it was adopted */
    bool adopted;     /* the sockets are the caller's */
    int failure;      /* the errno of a connect() that failed, else 0 */
    unsigned timeout_ms;
    int64_t deadline; /* milliseconds of CLOCK_MONOTONIC */
    char *error;      /* the caller's, CONNECTION_ERROR_SIZE bytes: one line for the user */
} Connection;

/* Where the daemon listens: `option` (from --socket=, or NULL), else $ONTAP_SOCKET, else the path
 * that was compiled in. A process with more privilege than its caller ignores the environment. */
const char *connection_path(const char *option);

/* From here on everything must be done within `timeout_ms`. Of this and the functions below: on
 * false `error` is set. connection_close() is always right after it. */
bool connection_open(Connection *connection, const char *path, unsigned timeout_ms, char *error);
void connection_close(Connection *connection);

/* The same for a connection that somebody else made: read from `input`, send to `output`, both of
 * which stay the caller's. `path` names it in errors. */
void connection_adopt(Connection *connection, const char *path, int input, int output,
                      unsigned timeout_ms, char *error);

/* True also when the daemon has closed its side: it may have answered before, "busy". */
bool connection_send(Connection *connection, const char *data, size_t size);

/* Waits until there is something to read, or the end of file. */
bool connection_wait(Connection *connection);

/* Sets the error. Returns false, for the caller to return. */
bool connection_fail(Connection *connection, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
