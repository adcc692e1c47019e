/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * /sys/class/net shows the network namespace that sysfs was mounted from, so tools that read it
 * would show the host's interfaces. /etc/resolv.conf belongs to the host's root, so a DHCP client
 * of ours could not write the server's answer, and it often names a resolver on the host's
 * loopback, which is not that of the command. With systemd-resolved that is 127.0.0.53; then the
 * copy is of the file that names resolved's own servers.
 *
 * Both are conveniences: where the kernel refuses (in containers /sys often is covered in part, and
 * then it may not be mounted anew), the host's stay.
 */
#include "helper/mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define RESOLV_CONF "/etc/resolv.conf"
#define RESOLVED_CONF "/run/systemd/resolve/resolv.conf"
#define RESOLV_SIZE_MAX 16384 /* bytes; what is beyond is not copied */

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

static bool read_file(const char *path, char text[static RESOLV_SIZE_MAX + 1])
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size = fd >= 0 ? read(fd, text, RESOLV_SIZE_MAX) : -1;

    if (fd >= 0)
        close(fd);
    text[size > 0 ? size : 0] = '\0';
    return size >= 0;
}

static bool write_file(const char *path, const char *text)
{
    size_t size = strlen(text);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    bool ok = fd >= 0 && fchmod(fd, 0644) == 0 && write(fd, text, size) == (ssize_t)size;

    if (fd >= 0)
        close(fd);
    return ok;
}

/* Whether there is a name server, and none that could be reached from another namespace. */
static bool only_loopback(const char *text)
{
    bool any = false;

    for (const char *line = text; line; line = strchr(line, '\n')) {
        char server[8];

        line += *line == '\n';
        if (sscanf(line, "nameserver %7s", server) != 1)
            continue;
        any = true;
        if (strncmp(server, "127.", 4) != 0 && strcmp(server, "::1") != 0)
            return false;
    }
    return any;
}

/* On a file system of its own, which lives on under the file that is mounted from it. */
static void mount_resolv_conf(void)
{
    static char text[RESOLV_SIZE_MAX + 1], resolved[RESOLV_SIZE_MAX + 1];
    const char *chosen = text;

    if (!read_file(RESOLV_CONF, text))
        return;
    if (only_loopback(text) && read_file(RESOLVED_CONF, resolved))
        chosen = resolved;
    if (mount("tmpfs", SCRATCH, "tmpfs", plain, "mode=755,size=1m") == 0) {
        sighandler_t before = signal(SIGXFSZ, SIG_IGN); /* ulimit -f */

        if (write_file(SCRATCH "/resolv.conf", chosen))
            (void)!mount(SCRATCH "/resolv.conf", RESOLV_CONF, NULL, MS_BIND, NULL);
        signal(SIGXFSZ, before);
        umount2(SCRATCH, MNT_DETACH);
    }
}

bool mounts_make(void)
{
    if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
        return false;
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
