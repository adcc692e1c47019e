/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors */
#include "learner/index.h"

#define BUCKETS_MIN 64

void index_init(Index *index, guint64 secret)
{
    *index = (Index){.n_buckets = BUCKETS_MIN, .secret = secret};
    index->buckets = g_new0(IndexNode *, index->n_buckets);
}

void index_deinit(Index *index)
{
    g_clear_pointer(&index->buckets, g_free);
}

void index_reserve(Index *index, size_t n)
{
    size_t n_old = index->n_buckets;
    g_autofree IndexNode **old = NULL;

    index->reserved += n;
    if (index->reserved <= n_old)
        return;
    old = g_steal_pointer(&index->buckets);
    while (index->n_buckets < index->reserved)
        index->n_buckets *= 2;
    index->buckets = g_new0(IndexNode *, index->n_buckets);
    for (size_t i = 0; i < n_old; i++) {
        for (IndexNode *node = old[i], *next; node; node = next) {
            next = node->next;
            index_insert(index, node, node->hash);
        }
    }
}

void index_release(Index *index, size_t n)
{
    g_assert(n <= index->reserved);
    index->reserved -= n;
}

static IndexNode **bucket(const Index *index, guint64 hash)
{
    return &index->buckets[hash & (index->n_buckets - 1)];
}

void index_insert(Index *index, IndexNode *node, guint64 hash)
{
    IndexNode **head = bucket(index, hash);

    node->hash = hash;
    node->next = *head;
    *head = node;
}

void index_remove(Index *index, IndexNode *node)
{
    IndexNode **link = bucket(index, node->hash);

    while (*link != node)
        link = &(*link)->next;
    *link = node->next;
    node->next = NULL;
}

static IndexNode *find(IndexNode *node, guint64 hash)
{
    while (node && node->hash != hash)
        node = node->next;
    return node;
}

IndexNode *index_first(const Index *index, guint64 hash)
{
    return find(*bucket(index, hash), hash);
}

IndexNode *index_next(const IndexNode *node)
{
    return find(node->next, node->hash);
}

/* One round of a multiply-and-fold hash: both halves of the product depend on all bits. */
static guint64 mix(guint64 hash, guint64 value)
{
    __uint128_t product =
        (__uint128_t)(hash ^ value ^ 0x9e3779b97f4a7c15) * (0xd6e8feb86659fd93 ^ (hash << 1));

    return (guint64)product ^ (guint64)(product >> 64);
}

guint64 index_hash_address(const Index *index, guint32 scope, const IpAddress *address)
{
    guint64 halves[2];
    guint64 hash = mix(index->secret, (guint64)scope << 8 | address->family);

    memcpy(halves, address->bytes, sizeof(halves));
    return mix(mix(mix(hash, halves[0]), halves[1]), index->secret);
}
