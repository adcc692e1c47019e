/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Only when asked for by --ucspi: that some program around us left PROTO in the environment does
 * not mean that its connection leads to ontapd.
 *
 * The daemon takes the credentials of who connected, so a UCSPI client with other ones than the
 * command's decides in whose name the device is asked for.
 */
#include "helper/ucspi.h"
#include "helper/options.h"
#include "helper/program.h"

#include <sys/socket.h>
#include <unistd.h>

static bool is_unix_stream(int fd)
{
    int domain, type;
    socklen_t size = sizeof(domain);

    if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) < 0)
        return false;
    size = sizeof(type);
    return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && domain == AF_UNIX &&
           type == SOCK_STREAM;
}

bool ucspi_check(void)
{
    for (int fd = UCSPI_INPUT; fd <= UCSPI_OUTPUT; fd++) {
        if (is_unix_stream(fd))
            continue;
        program_error(ONTAP_PROGRAM,
                      "--ucspi: descriptor %d is not a UNIX stream socket; start ontap from a "
                      "UCSPI client, as in s6-ipcclient /run/ontap/ontapd.sock ontap --ucspi -- "
                      "COMMAND",
                      fd);
        return false;
    }
    return true;
}

void ucspi_close(void)
{
    close(UCSPI_INPUT);
    close(UCSPI_OUTPUT);
}
