/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * A hash table of nodes that live inside the things it finds. The buckets are reserved when those
 * things are set up, so that no frame makes it grow. The keys come from strangers; the hash is
 * keyed with a secret, so that they cannot choose to collide.
 */
#pragma once

#include "learner/address.h"

#include <glib.h>

typedef struct IndexNode IndexNode;
struct IndexNode {
    IndexNode *next;
    guint64 hash;
};

typedef struct {
    IndexNode **buckets;
    size_t n_buckets; /* a power of two */
    size_t reserved;
    guint64 secret;
} Index;

void index_init(Index *index, guint64 secret);
void index_deinit(Index *index);

void index_reserve(Index *index, size_t n);
void index_release(Index *index, size_t n);

void index_insert(Index *index, IndexNode *node, guint64 hash);
void index_remove(Index *index, IndexNode *node);

/* The nodes of one hash, in no order. The caller compares what it was made of. */
IndexNode *index_first(const Index *index, guint64 hash);
IndexNode *index_next(const IndexNode *node);

/* `scope` is the parent: addresses mean something on one link only. */
guint64 index_hash_address(const Index *index, guint32 scope, const IpAddress *address);
