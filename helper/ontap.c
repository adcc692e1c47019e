/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Runs a command that has devices: as inherited descriptors, one a queue, or with --netns as
 * network cards in a network namespace of its own. The first is how a QEMU gets several queues
 * (fds=), one that may not start helpers (-sandbox spawn=deny), and any other program that takes a
 * tap by number; the second is for programs that just use the network.
 *
 * Like env(1), it becomes the command: same process, same signals, same exit status, and what the
 * caller left open. A device lives as long as somebody holds one of its descriptors; with --netns
 * that is a process beside the command's (pump-process.c), which ends with it. Services of root's
 * go another way (service.c).
 */
#include "helper/devices.h"
#include "helper/environment.h"
#include "helper/netns.h"
#include "helper/options.h"
#include "helper/program.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool pass_on(ClientDevice *devices, const Options *options)
{
    if (options->netns)
        return netns_enter(devices, options->n_wishes, options->hostname);
    return devices_inherit(devices, options->n_wishes);
}

static bool prepare(const Options *options)
{
    ClientDevice devices[OPTIONS_DEVICES_MAX];

    return devices_request(devices, options) && pass_on(devices, options) &&
           environment_set(devices, options->n_wishes);
}

static int become(char *const *command)
{
    int status;

    execvp(command[0], command);
    status = errno == ENOENT ? STATUS_NOT_FOUND : STATUS_CANNOT_RUN;
    program_error(ONTAP_PROGRAM, "cannot run %.200s: %s", command[0], strerror(errno));
    return status;
}

static int run(const Options *options)
{
    return prepare(options) ? become(options->command) : STATUS_FAILURE;
}

static int run_service(const Options *options)
{
    ServiceResult result;
    int status = STATUS_FAILURE;

    if (service_enter(&result, ONTAP_PROGRAM, &options->service, &options->wishes[0].request,
                      connection_path(options->socket), options->command)) {
        if (!options->command[0])
            return EXIT_SUCCESS;
        status = become(options->command);
    }
    if (result.stays[0])
        program_error(ONTAP_PROGRAM, "the device is here still: ip link delete %s", result.stays);
    return status;
}

int main(int argc, char **argv)
{
    Options options;
    int status;

    program_hold_stdio();
    if (!program_unprivileged(ONTAP_PROGRAM))
        return STATUS_FAILURE;
    if (!options_parse(&options, argc, argv, &status))
        return status;
    return options_are_service(&options) ? run_service(&options) : run(&options);
}
