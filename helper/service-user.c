/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The kernel has several ways by which a process gets capabilities, and each is shut by a switch of
 * its own: the bounding set (programs with file capabilities), the securebit "noroot" (programs run
 * as uid 0), no_new_privs (setuid programs). What is kept is ambient, which is how it passes
 * through execve(2) of an ordinary program as an ordinary user.
 *
 * The order: setting securebits and dropping from the bounding set take CAP_SETPCAP, and changing
 * user takes CAP_SETUID, so the sets themselves come last.
 */
#include "helper/service-user.h"

#include "helper/program.h"
#include "wire/line.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BIT(capability) (UINT64_C(1) << (capability))

/* In the order of their numbers. */
static const char *const names[] = {
    "chown",
    "dac_override",
    "dac_read_search",
    "fowner",
    "fsetid",
    "kill",
    "setgid",
    "setuid",
    "setpcap",
    "linux_immutable",
    "net_bind_service",
    "net_broadcast",
    "net_admin",
    "net_raw",
    "ipc_lock",
    "ipc_owner",
    "sys_module",
    "sys_rawio",
    "sys_chroot",
    "sys_ptrace",
    "sys_pacct",
    "sys_admin",
    "sys_boot",
    "sys_nice",
    "sys_resource",
    "sys_time",
    "sys_tty_config",
    "mknod",
    "lease",
    "audit_write",
    "audit_control",
    "setfcap",
    "mac_override",
    "mac_admin",
    "syslog",
    "wake_alarm",
    "block_suspend",
    "audit_read",
    "perfmon",
    "bpf",
    "checkpoint_restore",
};

#define N_NAMES (sizeof(names) / sizeof(names[0]))

/* Whoever has one of these loads code into the kernel, or into a process that has CAP_NET_ADMIN. */
static const uint64_t leads_to_net_admin = BIT(CAP_SYS_ADMIN) | BIT(CAP_SYS_MODULE) |
                                           BIT(CAP_SYS_RAWIO) | BIT(CAP_SYS_PTRACE) |
                                           BIT(CAP_SYS_BOOT) | BIT(CAP_MKNOD);

static bool check_capability(const char *program, unsigned capability)
{
    if (capability == CAP_NET_ADMIN) {
        program_error(program, "net_admin is refused: with it the command could give its device "
                               "the addresses of this host, and receive what is sent to the host; "
                               "let --setup do what needs it");
        return false;
    }
    if (BIT(capability) & leads_to_net_admin) {
        program_error(program,
                      "%s is refused: with it the command could get net_admin, and with "
                      "that the addresses of this host",
                      names[capability]);
        return false;
    }
    return true;
}

static bool take_one(Capabilities *capabilities, const char *program, const char *name)
{
    const char *plain = name;

    if (*plain == '+')
        plain++;
    if (strncasecmp(plain, "cap_", 4) == 0)
        plain += 4;
    for (unsigned i = 0; i < N_NAMES; i++) {
        if (strcasecmp(names[i], plain) != 0)
            continue;
        capabilities->bits |= BIT(i);
        return check_capability(program, i);
    }
    program_error(program,
                  "\"%.40s\" is not a capability, such as +net_bind_service (see capabilities(7))",
                  name);
    return false;
}

bool capabilities_take(Capabilities *capabilities, const char *program, const char *list)
{
    for (;;) {
        size_t size = strcspn(list, ",");
        char name[64];

        snprintf(name, sizeof(name), "%.*s", (int)(size < 60 ? size : 60), list);
        if (!take_one(capabilities, program, name))
            return false;
        if (list[size] == '\0')
            return true;
        list += size + 1;
    }
}

static bool fail(const char *program, const char *what)
{
    program_error(program, "cannot %s: %s", what, strerror(errno));
    return false;
}

static bool find_groups(ServiceUser *user, const char *program)
{
    int n = 0;

    getgrouplist(user->name, user->gid, NULL, &n); /* says how many there are */
    user->groups = calloc((size_t)n, sizeof(gid_t));
    if (!user->groups || getgrouplist(user->name, user->gid, user->groups, &n) < 0)
        return fail(program, "read the groups of the user");
    user->n_groups = (size_t)n;
    return true;
}

bool service_user_find(ServiceUser *user, const char *program, const char *name)
{
    const struct passwd *entry;
    uint64_t number;

    errno = 0;
    entry = getpwnam(name);
    if (!entry && line_parse_u64(name, &number) && number < UINT32_MAX) {
        entry = getpwuid((uid_t)number);
        if (!entry) {
            *user = (ServiceUser){.uid = (uid_t)number, .gid = (gid_t)number};
            return true;
        }
    }
    if (!entry) {
        program_error(program, "there is no user \"%.80s\"%s%s", name, errno ? ": " : "",
                      errno ? strerror(errno) : "");
        return false;
    }
    *user = (ServiceUser){.uid = entry->pw_uid,
                          .gid = entry->pw_gid,
                          .name = strdup(entry->pw_name),
                          .home = strdup(entry->pw_dir),
                          .shell = strdup(entry->pw_shell)};
    if (!user->name || !user->home || !user->shell)
        return fail(program, "remember the user");
    return find_groups(user, program);
}

static bool set_environment(const ServiceUser *user, const char *program)
{
    if (!user->name ||
        (setenv("USER", user->name, 1) == 0 && setenv("LOGNAME", user->name, 1) == 0 &&
         setenv("HOME", user->home, 1) == 0 && setenv("SHELL", user->shell, 1) == 0))
        return true;
    return fail(program, "set the environment");
}

/* Of all that this kernel knows, which may be more than we do. */
static bool bound(const char *program, uint64_t keep)
{
    for (unsigned i = 0; i < 64 && prctl(PR_CAPBSET_READ, i, 0, 0, 0) >= 0; i++)
        if (!(keep & BIT(i)) && prctl(PR_CAPBSET_DROP, i, 0, 0, 0) < 0)
            return fail(program, "drop capabilities");
    return true;
}

static bool set_sets(const char *program, uint64_t permitted, uint64_t inheritable)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2];

    for (unsigned i = 0; i < 2; i++)
        data[i] =
            (struct __user_cap_data_struct){.effective = (uint32_t)(permitted >> (32 * i)),
                                            .permitted = (uint32_t)(permitted >> (32 * i)),
                                            .inheritable = (uint32_t)(inheritable >> (32 * i))};
    return syscall(SYS_capset, &header, data) == 0 ||
           fail(program, "keep these capabilities and no others (does ontap itself have them?)");
}

static bool raise_ambient(const char *program, uint64_t keep)
{
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
        return fail(program, "clear the ambient capabilities");
    for (unsigned i = 0; i < 64; i++)
        if (keep & BIT(i) && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, i, 0, 0) < 0)
            return fail(program, "pass capabilities on");
    return true;
}

static bool change_user(const ServiceUser *user, const char *program)
{
    return (setgroups(user->n_groups, user->groups) == 0 &&
            setresgid(user->gid, user->gid, user->gid) == 0 &&
            setresuid(user->uid, user->uid, user->uid) == 0) ||
           fail(program, "become the user");
}

bool service_user_become(const ServiceUser *user, const char *program,
                         const Capabilities *capabilities)
{
    const uint64_t keep = capabilities->bits;

    if (!set_environment(user, program) || !bound(program, keep))
        return false;
    if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0)
        return fail(program, "keep capabilities");
    if (!change_user(user, program) || !set_sets(program, keep | BIT(CAP_SETPCAP), keep) ||
        !raise_ambient(program, keep))
        return false;
    if (prctl(PR_SET_SECUREBITS, SECBIT_NOROOT | SECBIT_NOROOT_LOCKED, 0, 0, 0) < 0)
        return fail(program, "take the privilege from uid 0");
    if (!set_sets(program, keep, keep))
        return false;
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 || fail(program, "give up privileges");
}
