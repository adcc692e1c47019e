/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The caller becomes user 0 there, as with pasta(1) and `unshare --map-root-user`: programs that
 * set up an interface ask for root, and files of the caller's stay the caller's. Nothing else is
 * mapped, since that would take the setuid newuidmap(1).
 *
 * Systems forbid it in four ways, each with an errno that tells nobody what to do. So the switches
 * are looked up, after the failure and only for the message.
 */
#include "helper/userns.h"
#include "helper/options.h"
#include "helper/program.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Whether a file of the kernel's holds this one digit. */
static bool is_set_to(const char *path, char digit)
{
    char text[2] = {0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size;

    if (fd < 0)
        return false;
    size = read(fd, text, sizeof(text));
    close(fd);
    return size >= 1 && text[0] == digit && (size == 1 || text[1] == '\n');
}

static const char *explain(int error)
{
    if (is_set_to("/proc/sys/user/max_user_namespaces", '0'))
        return "user namespaces are switched off here (sysctl user.max_user_namespaces=0)";
    if (is_set_to("/proc/sys/kernel/unprivileged_userns_clone", '0'))
        return "user namespaces are for root only here (sysctl kernel.unprivileged_userns_clone=0)";
    if (error == ENOSPC || error == EUSERS)
        return "this user may have no more namespaces (see sysctl user.max_user_namespaces, "
               "user.max_net_namespaces)";
    if ((error == EPERM || error == EACCES) &&
        is_set_to("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", '1'))
        return "AppArmor restricts user namespaces here: give ontap a profile with `userns,` "
               "(see ontap(1), NOTES)";
    if (error == EINVAL || error == ENOSYS)
        return "this kernel has no user namespaces";
    if (error == EPERM)
        return "not permitted (in a chroot or container?)";
    return strerror(error);
}

bool userns_fail(const char *step, int error)
{
    program_error(ONTAP_PROGRAM, "--netns: cannot %s: %s", step, explain(error));
    return false;
}

static bool write_map(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    int error = errno;

    if (fd >= 0)
        close(fd);
    return ok || userns_fail("map this user into its namespace", error);
}

bool userns_enter(void)
{
    char user[32], group[32];

    snprintf(user, sizeof(user), "0 %u 1\n", (unsigned)geteuid());
    snprintf(group, sizeof(group), "0 %u 1\n", (unsigned)getegid());
    if (unshare(CLONE_NEWUSER) < 0)
        return userns_fail("make a user namespace", errno);
    /* A group can be mapped only by who cannot drop groups any more. */
    return write_map("/proc/self/setgroups", "deny") && write_map("/proc/self/uid_map", user) &&
           write_map("/proc/self/gid_map", group);
}
