/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Reading from and closing the socket of a stranger, who may have attached descriptors to what he
 * sends. The kernel drops a descriptor that nobody takes in the context of whoever reads or closes,
 * and dropping the last reference to a file can wait: a TCP socket with SO_LINGER for as long as
 * its owner has chosen. So the daemon itself never drops one.
 */
#pragma once

#include <glib.h>
#include <sys/types.h>

/* Where the kernel can (Linux 6.16, SO_PASSRIGHTS), senders are refused to attach descriptors; and
 * urgent bytes are made like others, so that nothing comes unseen. For a listening socket, of which
 * the first is inherited, and for each accepted one before anything else is done with it. */
void client_socket_refuse_descriptors(int socket);

typedef enum {
    CLIENT_READ_OK,
    CLIENT_READ_AGAIN,       /* nothing there yet */
    CLIENT_READ_END,         /* end of file, or an error */
    CLIENT_READ_DESCRIPTORS, /* descriptors are attached to what comes next; nothing was read */
} ClientRead;

/* Reads what is there, at most `size` bytes. */
ClientRead client_socket_read(int socket, char *data, gsize size, gsize *np);

/* Closes the socket, with whatever lies unread in it. */
void client_socket_close(int socket);
