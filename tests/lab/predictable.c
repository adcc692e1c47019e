/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * For LD_PRELOAD: what is random counts up from 0, eight bytes at a time. So a test knows what
 * ontapd draws.
 */
#include <stdint.h>
#include <string.h>
#include <sys/random.h>

ssize_t getrandom(void *buffer, size_t size, unsigned flags)
{
    static uint64_t next;

    (void)flags;
    memset(buffer, 0, size);
    if (size == sizeof(next)) {
        memcpy(buffer, &next, size);
        next++;
    }
    return (ssize_t)size;
}
