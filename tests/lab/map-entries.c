/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * How many entries a pinned eBPF map has: `map-entries PATH`.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define KEY_MAX 64 /* bytes; ours have 24 */

static int bpf(int command, union bpf_attr *attr)
{
    return (int)syscall(SYS_bpf, command, attr, sizeof(*attr));
}

int main(int argc, char **argv)
{
    unsigned char key[KEY_MAX] = {0}, next[KEY_MAX] = {0};
    union bpf_attr object = {.pathname = (uintptr_t)argv[argc - 1]};
    union bpf_attr step = {.next_key = (uintptr_t)next};
    int map = bpf(BPF_OBJ_GET, &object);
    unsigned n = 0;

    if (map < 0) {
        fprintf(stderr, "map-entries: %s: %s\n", argv[argc - 1], strerror(errno));
        return EXIT_FAILURE;
    }
    step.map_fd = (unsigned)map;
    for (; bpf(BPF_MAP_GET_NEXT_KEY, &step) == 0; n++) {
        memcpy(key, next, sizeof(key));
        step.key = (uintptr_t)key;
    }
    printf("%u\n", n);
    return EXIT_SUCCESS;
}
