/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Does this kernel have what is needed, may this user use it, and do AppArmor and SELinux let him?
 */
#include "ctl/doctor.h"

#include <errno.h>
#include <grp.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define VHOST_NET "/dev/vhost-net"
#define USUAL_HELPER "/usr/bin/ontap-helper"

/* Of taps the major is what counts; the others have none. */
static gboolean is_loaded(const Host *host, const char *module)
{
    g_autofree char *folder = g_strconcat("/sys/module/", module, NULL);

    return g_str_has_suffix(module, "tap") ? host_file_has(host, "/proc/devices", module)
                                           : host_exists(host, folder);
}

static gboolean is_available(const Host *host, const char *module)
{
    static const char *const lists[] = {"modules.dep", "modules.builtin"};
    static const char *const suffixes[] = {".ko", ".ko.xz", ".ko.zst", ".ko.gz"};

    for (gsize i = 0; i < G_N_ELEMENTS(lists); i++) {
        g_autofree char *list = g_strdup_printf("/lib/modules/%s/%s", host->release, lists[i]);

        for (gsize j = 0; j < G_N_ELEMENTS(suffixes); j++) {
            g_autofree char *file = g_strconcat(module, suffixes[j], NULL);

            if (host_file_has(host, list, file))
                return TRUE;
        }
    }
    return FALSE;
}

/* A kernel that was upgraded under the running system has lost its modules. */
static void say_missing(Doctor *doctor, const char *module)
{
    const Host *host = doctor->host;
    g_autofree char *folder = g_strdup_printf("/lib/modules/%s", host->release);
    g_autofree char *config = g_ascii_strup(module, -1);

    if (!host_exists(host, folder))
        doctor_say(
            doctor, FINDING_FAIL,
            g_strdup_printf("%s is not loaded, and %s, the modules of the running kernel, is "
                            "not there",
                            module, folder),
            g_strdup("after an upgrade of the kernel: reboot; in a container: load the "
                     "module on the host"));
    else
        doctor_say(doctor, FINDING_FAIL,
                   g_strdup_printf("the kernel %s has no %s", host->release, module),
                   g_strdup_printf("install the distribution's full kernel (Debian and Ubuntu: not "
                                   "a minimal one; Ubuntu: linux-modules-extra), or build one with "
                                   "CONFIG_%s",
                                   config));
}

void doctor_check_modules(Doctor *doctor)
{
    const Host *host = doctor->host;
    guint types = 0;

    for (guint i = 0; i < host->networks->len; i++)
        types |= ((const HostNetwork *)g_ptr_array_index(host->networks, i))->types;
    if (types == 0)
        types = DEVICE_IPVTAP;
    for (guint bit = 1; bit <= DEVICE_TYPES_ALL; bit <<= 1) {
        const char *module = device_type_text(types & bit);

        if (!module)
            continue;
        if (is_loaded(host, module))
            doctor_say(doctor, FINDING_OK, g_strdup_printf("the kernel has %s", module), NULL);
        else if (is_available(host, module))
            doctor_say(doctor, host->unreachable == 0 ? FINDING_FAIL : FINDING_WARN,
                       g_strdup_printf("the kernel has %s, but it is not loaded", module),
                       g_strdup_printf("as root: modprobe %s, then systemctl restart ontapd, which "
                                       "does that by itself at its start",
                                       module));
        else
            say_missing(doctor, module);
    }
}

static char *vhost_group(const Host *host)
{
    g_autofree char *file = g_strconcat(host->root, VHOST_NET, NULL);
    const struct group *entry;
    struct stat status;

    if (stat(file, &status) != 0 || status.st_gid == 0 || !(status.st_mode & S_IWGRP))
        return g_strdup("kvm");
    entry = getgrgid(status.st_gid);
    return entry ? g_strdup(entry->gr_name) : g_strdup_printf("%u", (unsigned)status.st_gid);
}

/* Only for speed: a guest works without, but QEMU with vhost=on ends when it may not open it. */
void doctor_check_vhost(Doctor *doctor)
{
    const Host *host = doctor->host;
    g_autofree char *group = NULL;

    if (!host_exists(host, VHOST_NET)) {
        doctor_say(doctor, FINDING_WARN,
                   g_strdup("there is no " VHOST_NET ", so vhost=on does not work"),
                   g_strdup("as root: modprobe vhost_net; guests work without, but slower"));
        return;
    }
    if (host->access(host, VHOST_NET, R_OK | W_OK) == 0) {
        doctor_say(doctor, FINDING_OK, g_strdup_printf("%s may use " VHOST_NET, host->user), NULL);
        return;
    }
    group = vhost_group(host);
    doctor_say(
        doctor, FINDING_WARN,
        g_strdup_printf("%s may not open " VHOST_NET ", so QEMU with vhost=on fails", host->user),
        g_strdup_printf("as root: usermod -aG %s %s, and log in again (chgrp %s " VHOST_NET
                        "; chmod g+rw " VHOST_NET " where that group does not own it)",
                        group, host->user, group));
}

void doctor_check_apparmor(Doctor *doctor)
{
    const Host *host = doctor->host;
    g_autofree char *enabled = host_read(host, "/sys/module/apparmor/parameters/enabled");

    if (!enabled || enabled[0] != 'Y')
        return;
    if (host_exists(host, USUAL_HELPER))
        doctor_say(doctor, FINDING_OK,
                   g_strdup("AppArmor lets a libvirt session run " USUAL_HELPER), NULL);
    else
        doctor_say(doctor, FINDING_WARN,
                   g_strdup("AppArmor is on, and there is no " USUAL_HELPER
                            ": it does not let a libvirt session run a helper in another folder"),
                   g_strdup_printf("install ontap with --prefix=/usr (this one's helper is %s; a "
                                   "symbolic link does not help); QEMU without libvirt is not "
                                   "concerned",
                                   ONTAP_HELPER));
}

void doctor_check_selinux(Doctor *doctor)
{
    const Host *host = doctor->host;
    g_autofree char *enforcing = host_read(host, "/sys/fs/selinux/enforce");

    if (!enforcing || enforcing[0] != '1')
        return;
    if (host_file_has(host, "/proc/self/mountinfo", "tun_tap_device_t"))
        doctor_say(doctor, FINDING_OK, g_strdup("SELinux knows the device nodes as those of taps"),
                   NULL);
    else
        doctor_say(doctor, FINDING_WARN,
                   g_strdup("SELinux is enforcing, and the device nodes are not labelled as those "
                            "of taps: a confined QEMU, as libvirt starts it, may not use them"),
                   g_strdup("look for denials: ausearch -m avc -ts recent; a QEMU that a user "
                            "starts himself is not confined"));
}
