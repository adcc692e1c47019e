/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The order is what makes it safe, and what makes it work:
 *
 *  1. Who the service is to be is looked up while the host's network is still ours: the user
 *     database may be on it. So is which addresses are the host's.
 *  2. A new network namespace, with mounts of its own (mounts.c).
 *  3. The daemon is asked from in there: it puts the device where the asking socket was made.
 *  4. Addresses, routes, up (service-link.c), then what the administrator wants done as root.
 *  5. Everything but the named capabilities is given up (service-user.c), and the service begins.
 *
 * CAP_NET_ADMIN must not reach the service: it could give its device any address of the host's.
 *
 * Nothing stays behind: the device ends with the namespace, and that with its last process.
 */
#include "helper/service.h"

#include "helper/client.h"
#include "helper/environment.h"
#include "helper/mounts.h"
#include "helper/options.h"
#include "helper/program.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

bool service_type(DeviceType type)
{
    return type & (DEVICE_IPVLAN | DEVICE_MACVLAN);
}

bool service_take_option(ServiceOptions *options, const char *program, int option,
                         const char *value)
{
    switch (option) {
    case SERVICE_OPTION_USER:
        options->given = "--user";
        options->user = value;
        return true;
    case SERVICE_OPTION_CAP:
        options->given = "--cap";
        return capabilities_take(&options->capabilities, program, value);
    case SERVICE_OPTION_ADDRESS:
        options->given = "--address";
        return service_take_address(&options->addresses, program, value);
    case SERVICE_OPTION_GATEWAY:
        options->given = "--gateway";
        return service_take_gateway(&options->addresses, program, value);
    case SERVICE_OPTION_SETUP:
        options->given = "--setup";
        options->setup = value;
        return true;
    default:
        options->given = "--here";
        options->here = true;
        return true;
    }
}

static bool check_options(const char *program, const ServiceOptions *options, char **command)
{
    if (geteuid() != 0) {
        program_error(program, "only root may put an ipvlan or macvlan into a network namespace; "
                               "ipvtap and macvtap are for everybody");
        return false;
    }
    if (!command[0] && !options->here) {
        program_error(program, "no command given: ontap [OPTIONS] -- COMMAND… (see ontap --help)");
        return false;
    }
    if (command[0] && !options->user) {
        program_error(program, "say as whom the command runs: --user=NAME (root, if it must be)");
        return false;
    }
    return true;
}

static bool enter_netns(const char *program)
{
    const char *step = "make a network namespace";

    if (unshare(CLONE_NEWNET | CLONE_NEWNS) == 0) {
        step = "keep mounts apart from the host's";
        if (mounts_make())
            return true;
    }
    program_error(program, "cannot %s: %s", step, strerror(errno));
    return false;
}

static bool set_environment(const char *program, const ClientDevice *device,
                            const ServiceIdentity *identity)
{
    if (!environment_set(device, 1))
        return false;
    if (setenv("ONTAP_CLIENT_ID", identity->client_id, 1) == 0 &&
        setenv("ONTAP_TAKEN", device->reply.taken, 1) == 0)
        return true;
    program_error(program, "cannot set the environment: %s", strerror(errno));
    return false;
}

static bool tell_failure(const char *program, const char *command, int status)
{
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    if (WIFEXITED(status))
        program_error(program, "--setup failed with status %d: %.200s", WEXITSTATUS(status),
                      command);
    else
        program_error(program, "--setup was ended by signal %d: %.200s", WTERMSIG(status), command);
    return false;
}

/* It may leave a process behind, as DHCP clients do; that lives as long as it likes. Who ignores
 * SIGCHLD is not told how a child ended. */
static bool run_setup(const char *program, const char *command)
{
    sighandler_t ours = signal(SIGCHLD, SIG_DFL);
    pid_t child = fork();
    int status = 0;
    bool ok;

    if (child == 0) {
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        program_error(program, "cannot run /bin/sh: %s", strerror(errno));
        _exit(STATUS_CANNOT_RUN);
    }
    do
        ok = child > 0 && waitpid(child, &status, 0) == child;
    while (child > 0 && !ok && errno == EINTR);
    if (!ok)
        program_error(program, "cannot run --setup: %s", strerror(errno));
    signal(SIGCHLD, ours);
    return ok && tell_failure(program, command, status);
}

static bool get_device(const char *program, const Request *request, const char *socket_path,
                       ClientDevice *device)
{
    char error[CLIENT_ERROR_SIZE];

    if (client_request_device(device, socket_path, request, error))
        return true;
    program_error(program, "%s", error);
    return false;
}

static bool set_up(const char *program, const ServiceOptions *options, const ClientDevice *device)
{
    const Reply *reply = &device->reply;
    ServiceIdentity identity;

    service_identity(&identity, reply->network, reply->name);
    return service_addresses_check_taken(program, &options->addresses, reply->taken) &&
           service_link_configure(program, reply, &identity, &options->addresses) &&
           set_environment(program, device, &identity) &&
           (!options->setup || run_setup(program, options->setup));
}

bool service_enter(ServiceResult *result, const char *program, const ServiceOptions *options,
                   const Request *request, const char *socket_path, char **command)
{
    ServiceUser user = {0};
    ClientDevice device;

    *result = (ServiceResult){0};
    if (!check_options(program, options, command) ||
        (options->user && !service_user_find(&user, program, options->user)) ||
        (!options->here &&
         (!service_addresses_check(program, &options->addresses) || !enter_netns(program))) ||
        !get_device(program, request, socket_path, &device))
        return false;
    if (options->here)
        strcpy(result->stays, device.reply.ifname);
    return set_up(program, options, &device) &&
           (!command[0] || service_user_become(&user, program, &options->capabilities));
}
