/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * /sys/class/net shows the network namespace that sysfs was mounted from, so tools that read it
 * would show the host's interfaces. /etc/resolv.conf belongs to the host's root, so a DHCP client
 * of ours could not write the server's answer, and it often names a resolver on the host's
 * loopback, which is not that of the command.
 *
 * Both are conveniences: where the kernel refuses (in containers /sys often is covered in part, and
 * then it may not be mounted anew), the host's stay.
 */
#include "helper/mounts.h"
#include "helper/userns.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#define RESOLV_CONF "/etc/resolv.conf"
#define COPY_MAX (64 * 1024)

/* Always there, needed by nothing in between, and covered only for a moment. */
#define SCRATCH "/proc"

static const unsigned long plain = MS_NOSUID | MS_NODEV | MS_NOEXEC;

static void mount_sys(void)
{
    char groups[32];
    int fd = open("/sys/fs/cgroup", O_PATH | O_DIRECTORY | O_CLOEXEC);

    if (mount("sysfs", "/sys", "sysfs", plain, NULL) == 0 && fd >= 0) {
        snprintf(groups, sizeof(groups), "/proc/self/fd/%d", fd);
        (void)!mount(groups, "/sys/fs/cgroup", NULL, MS_BIND | MS_REC, NULL);
    }
    if (fd >= 0)
        close(fd);
}

static bool copy(int from, const char *path)
{
    char buffer[4096];
    size_t copied = 0;
    ssize_t size;
    int to = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    bool ok = to >= 0;

    while (ok && copied < COPY_MAX && (size = read(from, buffer, sizeof(buffer))) > 0) {
        ok = write(to, buffer, (size_t)size) == size;
        copied += (size_t)size;
    }
    if (to >= 0)
        close(to);
    return ok;
}

/* On a file system of its own, which lives on under the file that is mounted from it. */
static void mount_resolv_conf(void)
{
    int fd = open(RESOLV_CONF, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return;
    if (mount("tmpfs", SCRATCH, "tmpfs", plain, "mode=755,size=1m") == 0) {
        if (copy(fd, SCRATCH "/resolv.conf"))
            (void)!mount(SCRATCH "/resolv.conf", RESOLV_CONF, NULL, MS_BIND, NULL);
        umount2(SCRATCH, MNT_DETACH);
    }
    close(fd);
}

bool mounts_make(void)
{
    if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
        return userns_fail("keep mounts apart from the host's", errno);
    mount_sys();
    mount_resolv_conf();
    return true;
}

bool mounts_make_empty(void)
{
    return mount("tmpfs", SCRATCH, "tmpfs", plain | MS_RDONLY, "mode=555,size=4k") == 0 &&
           chdir(SCRATCH) == 0 && syscall(SYS_pivot_root, ".", ".") == 0 &&
           umount2(".", MNT_DETACH) == 0 && chdir("/") == 0;
}
