/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * File descriptors over a UNIX stream socket: unix(7), SCM_RIGHTS. The daemon only sends, the
 * clients only receive: a descriptor taken from a stranger can be a file whose close() never
 * returns (FUSE).
 */
#pragma once

#include <stddef.h>
#include <sys/types.h>

#define FDS_MAX 253 /* SCM_MAX_FD, include/net/scm.h */

/* Sends `size` > 0 bytes with all `n` <= FDS_MAX descriptors in one message (one cmsg). Does not
 * raise SIGPIPE. Returns the bytes sent, which may be fewer than `size` (the descriptors went with
 * the first), or -errno; -ETOOMANYREFS when too many descriptors are in flight. */
ssize_t fds_send(int socket, const void *data, size_t size, const int *fds, size_t n);

/* Receives at most `size` bytes and appends the descriptors that came, close-on-exec, to `fds`,
 * of which `*np` are in use and `max` fit; they may come in several messages and cmsgs. The caller
 * owns and closes them, also after an error. Returns the bytes received, 0 at the end of file, or
 * -errno; -EMSGSIZE when the kernel (MSG_CTRUNC) or `max` cut descriptors off: then all that came
 * with this message have been closed. */
ssize_t fds_receive(int socket, void *data, size_t size, int *fds, size_t *np, size_t max);
