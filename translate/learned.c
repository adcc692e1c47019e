/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The ring that names taps whose guest has another MAC. It is a bell: what it says may be old, by
 * an earlier daemon's time too, so whoever hears it looks the present MAC up.
 */
#include "translate/translate.h"

#include <errno.h>
#include <string.h>

#include <bpf/libbpf.h>

#include "translate/load.h"

struct TranslateLearned {
    struct ring_buffer *ring;
    TranslateLearnedFn function;
    void *data;
};

static int on_record(void *data, void *record, size_t size)
{
    const TranslateLearned *learned = data;
    uint32_t ifindex;

    if (size < sizeof(ifindex))
        return 0;
    memcpy(&ifindex, record, sizeof(ifindex));
    learned->function(ifindex, learned->data);
    return 0;
}

TranslateLearned *translate_learned_new(const Translate *translate, TranslateLearnedFn function,
                                        void *data, GError **error)
{
    TranslateLearned *learned = g_new0(TranslateLearned, 1);

    learned->function = function;
    learned->data = data;
    learned->ring = ring_buffer__new(translate->learned, on_record, learned, NULL);
    if (learned->ring)
        return learned;
    translate_set_error(error, -errno, "map the ring of learned MACs");
    g_free(learned);
    return NULL;
}

void translate_learned_free(TranslateLearned *learned)
{
    if (!learned)
        return;
    ring_buffer__free(learned->ring);
    g_free(learned);
}

int translate_learned_fd(const TranslateLearned *learned)
{
    return ring_buffer__epoll_fd(learned->ring);
}

void translate_learned_read(TranslateLearned *learned)
{
    ring_buffer__consume(learned->ring);
}
