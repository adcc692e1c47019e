/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The UCSPI convention for clients (http://cr.yp.to/proto/ucspi.txt): a program such as
 * s6-ipcclient(1) connects, and starts us with descriptor 6 to read from and 7 to write to.
 */
#pragma once

#include <stdbool.h>

enum {
    UCSPI_INPUT = 6,
    UCSPI_OUTPUT = 7,
};

/* Whether both are UNIX stream sockets, without which no descriptor can come. If not, an error was
 * written. */
bool ucspi_check(void);

/* The command is not to inherit them. */
void ucspi_close(void);
