/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 */
#include "daemon/dev-folder.h"

#include "daemon/log.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define DEV "/dev"

int dev_folder_open(void)
{
    int fd = (int)syscall(SYS_open_tree, AT_FDCWD, DEV, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

    if (fd < 0)
        log_notice("no devices can be created in the host's network namespace: cannot look at " DEV
                   " from inside the sandbox: %s",
                   g_strerror(errno));
    return fd;
}

DevNode dev_folder_look(int dev, guint32 ifindex, dev_t number)
{
    char name[16];
    struct stat node;

    g_snprintf(name, sizeof(name), "tap%u", ifindex);
    if (fstatat(dev, name, &node, AT_SYMLINK_NOFOLLOW) < 0)
        return DEV_NODE_MISSING;
    return S_ISCHR(node.st_mode) && node.st_rdev == number ? DEV_NODE_RIGHT : DEV_NODE_WRONG;
}
