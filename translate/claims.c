/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The ring's layout is the kernel's (kernel/bpf/ringbuf.c): a page with the consumer's position,
 * which we write, a page with the producer's, then the data twice in a row, so that a record never
 * wraps. A record has an 8-byte header: its length with two flags, and an offset for the kernel's
 * own use. The kernel writes the length last, with BUSY cleared, hence the acquiring loads.
 */
#include "translate/claims.h"

#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/bpf.h>

struct TranslateClaims {
    size_t page;
    unsigned long *consumer;
    const unsigned long *producer; /* and the data, one page on */
    const uint8_t *data;
};

static size_t producer_size(const TranslateClaims *claims)
{
    return claims->page + 2 * (size_t)MACS_CLAIMS_SIZE;
}

TranslateClaims *translate_claims_new(int fd, GError **error)
{
    g_autoptr(TranslateClaims) claims = g_new0(TranslateClaims, 1);
    void *map;

    claims->page = sysconf(_SC_PAGESIZE);
    map = mmap(NULL, claims->page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (map != MAP_FAILED) {
        claims->consumer = map;
        map = mmap(NULL, producer_size(claims), PROT_READ, MAP_SHARED, fd, claims->page);
    }
    if (map == MAP_FAILED) {
        g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno),
                    "cannot map the ring of claims: %s", g_strerror(errno));
        return NULL;
    }
    claims->producer = map;
    claims->data = (const uint8_t *)map + claims->page;
    return g_steal_pointer(&claims);
}

void translate_claims_free(TranslateClaims *claims)
{
    if (!claims)
        return;
    if (claims->consumer)
        munmap(claims->consumer, claims->page);
    if (claims->producer)
        munmap((void *)claims->producer, producer_size(claims));
    g_free(claims);
}

unsigned translate_claims_consume(TranslateClaims *claims, unsigned max, TranslateClaimFn function,
                                  void *data)
{
    unsigned long position = *claims->consumer; /* only we write it */
    unsigned long end = __atomic_load_n(claims->producer, __ATOMIC_ACQUIRE);
    unsigned n = 0;

    while (n < max && position < end) {
        const uint8_t *record = claims->data + (position & (MACS_CLAIMS_SIZE - 1));
        uint32_t header = __atomic_load_n((const uint32_t *)record, __ATOMIC_ACQUIRE);
        uint32_t size = header & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);

        if (header & BPF_RINGBUF_BUSY_BIT)
            break;
        if (!(header & BPF_RINGBUF_DISCARD_BIT) && size == sizeof(MacsClaim)) {
            function((const MacsClaim *)(record + BPF_RINGBUF_HDR_SZ), data);
            n++;
        }
        position += (size + BPF_RINGBUF_HDR_SZ + 7) & ~7ul;
        /* Sequential: poll() must not miss a record that comes while this is written. */
        __atomic_store_n(claims->consumer, position, __ATOMIC_SEQ_CST);
        end = __atomic_load_n(claims->producer, __ATOMIC_ACQUIRE);
    }
    return n;
}
