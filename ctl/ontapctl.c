/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * ontapctl(1): shows what the daemon does, and tells it what to do. Here is only the table of
 * commands.
 */
#include "ctl/commands.h"
#include "ctl/options.h"

#include <signal.h>

static const Command commands[] = {
    {"list", "",
     "shows networks, their parents, and devices\n"
     "Root sees everybody's devices, others see their own.\n",
     0, -1, -1, FALSE, command_list},
    {"watch", "",
     "shows the same, line by line, and then what happens\n"
     "It ends with Ctrl-C, or with status 3 when the daemon ends.\n",
     0, -1, -1, FALSE, command_watch},
    {"status", "", "shows how the daemon is\n", 0, -1, -1, FALSE, command_status},
    {"release", "NAME [network=NETWORK] [owner=USER]",
     "deletes a device of one's own, under whoever uses it\n"
     "Without network= it is on the default one. Root may say whose it is with owner=.\n",
     OPTION_BIT(OPTION_NAME) | OPTION_BIT(OPTION_NETWORK) | OPTION_BIT(OPTION_OWNER), OPTION_NAME,
     OPTION_NAME, FALSE, command_release},
    {"create", "NAME [network=NETWORK] [queues=N]",
     "makes a device in the host's network namespace, for libvirtd to find there (root)\n"
     "Without network= it is on the default one. It stays until it is released,\n"
     "or, if nobody has it open by then, until ontapd starts the next time.\n",
     OPTION_BIT(OPTION_NAME) | OPTION_BIT(OPTION_NETWORK) | OPTION_BIT(OPTION_QUEUES), OPTION_NAME,
     OPTION_NAME, FALSE, command_create},
    {"revoke", "[owner=USER] [network=NETWORK] [name=NAME]",
     "takes away devices that the policy no longer permits (root)\n"
     "With keys: all devices that match every key, permitted or not.\n",
     OPTION_BIT(OPTION_NAME) | OPTION_BIT(OPTION_NETWORK) | OPTION_BIT(OPTION_OWNER), -1, -1, FALSE,
     command_revoke},
    {"reload", "[--policy FILE]",
     "reads the policy and puts it into force (root)\n"
     "A policy with an error in it changes nothing.\n",
     0, -1, -1, TRUE, command_reload},
    {"explain", "[--policy FILE] [user=USER] [network=NETWORK] [type=TYPE]",
     "says who may what, and which line of the policy decides it\n"
     "Without user= it is about this process, with the groups that it has.\n",
     OPTION_BIT(OPTION_USER) | OPTION_BIT(OPTION_NETWORK) | OPTION_BIT(OPTION_TYPE), -1, -1, TRUE,
     command_explain},
    {"doctor", "[--policy FILE]",
     "checks what usually goes wrong, and says what to do about it\n"
     "Run it as the user whose guest does not work; root sees a little more.\n",
     0, -1, -1, TRUE, command_doctor},
    {"complete", "networks|names", NULL, 0, OPTION_WHAT, OPTION_WHAT, FALSE, command_complete},
    {NULL},
};

int main(int argc, char **argv)
{
    Options options;
    int status;

    signal(SIGPIPE, SIG_IGN);
    if (!options_read(&options, commands, argc, argv, &status))
        return status;
    return options.command->run(&options);
}
