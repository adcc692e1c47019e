/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors */
#include "learner/transaction.h"

void transactions_init(Transactions *transactions, guint64 secret)
{
    *transactions = (Transactions){0};
    index_init(&transactions->index, secret);
}

void transactions_deinit(Transactions *transactions)
{
    index_deinit(&transactions->index);
    timers_deinit(&transactions->timers);
}

void transactions_owner_init(Transactions *transactions, TransactionOwner *owner, void *port)
{
    *owner = (TransactionOwner){.port = port};
    for (size_t i = 0; i < TRANSACTIONS_MAX; i++) {
        owner->transactions[i].owner = owner;
        timer_init(&owner->transactions[i].timer);
    }
    timers_reserve(&transactions->timers, TRANSACTIONS_MAX);
    index_reserve(&transactions->index, TRANSACTIONS_MAX);
}

void transactions_owner_deinit(Transactions *transactions, TransactionOwner *owner)
{
    for (size_t i = 0; i < TRANSACTIONS_MAX; i++)
        transaction_close(transactions, &owner->transactions[i]);
    timers_release(&transactions->timers, TRANSACTIONS_MAX);
    index_release(&transactions->index, TRANSACTIONS_MAX);
}

static gboolean key_equal(const TransactionKey *a, const TransactionKey *b)
{
    return a->parent == b->parent && a->family == b->family && a->xid == b->xid;
}

static guint64 key_hash(const Transactions *transactions, const TransactionKey *key)
{
    IpAddress xid = {.family = key->family};

    memcpy(xid.bytes, &key->xid, sizeof(key->xid));
    return index_hash_address(&transactions->index, key->parent, &xid);
}

/* A closed one, or the one that would be closed first. */
static Transaction *transaction_new(Transactions *transactions, TransactionOwner *owner)
{
    Transaction *first = NULL;

    for (size_t i = 0; i < TRANSACTIONS_MAX; i++) {
        Transaction *transaction = &owner->transactions[i];

        if (!transaction->open)
            return transaction;
        if (!first || transaction->timer.due < first->timer.due)
            first = transaction;
    }
    transaction_close(transactions, first);
    return first;
}

Transaction *transaction_open(Transactions *transactions, TransactionOwner *owner,
                              const TransactionKey *key, const guint8 chaddr[static HWADDR_SIZE],
                              const ClientId *client_id, guint64 now, gboolean *newp)
{
    Transaction *transaction = NULL;

    for (size_t i = 0; i < TRANSACTIONS_MAX && !transaction; i++) {
        Transaction *other = &owner->transactions[i];

        if (other->open && key_equal(&other->key, key) &&
            memcmp(other->chaddr, chaddr, HWADDR_SIZE) == 0 &&
            client_id_equal(&other->client_id, client_id))
            transaction = other;
    }
    *newp = !transaction;
    if (!transaction) {
        transaction = transaction_new(transactions, owner);
        transaction->open = TRUE;
        transaction->key = *key;
        transaction->opened = ++transactions->n_opened;
        memcpy(transaction->chaddr, chaddr, HWADDR_SIZE);
        transaction->client_id = *client_id;
        index_insert(&transactions->index, &transaction->node, key_hash(transactions, key));
    }
    timers_set(&transactions->timers, &transaction->timer, now + TRANSACTION_TIME);
    return transaction;
}

void transaction_close(Transactions *transactions, Transaction *transaction)
{
    if (!transaction->open)
        return;
    transaction->open = FALSE;
    timers_stop(&transactions->timers, &transaction->timer);
    index_remove(&transactions->index, &transaction->node);
}

static Transaction *find(IndexNode *node, const TransactionKey *key)
{
    while (node && !key_equal(&((Transaction *)node)->key, key))
        node = index_next(node);
    return (Transaction *)node;
}

Transaction *transactions_first(const Transactions *transactions, const TransactionKey *key)
{
    return find(index_first(&transactions->index, key_hash(transactions, key)), key);
}

Transaction *transactions_next(const Transaction *transaction)
{
    return find(index_next(&transaction->node), &transaction->key);
}

gboolean transactions_tick(Transactions *transactions, guint64 now)
{
    Timer *timer = timers_first(&transactions->timers);

    if (!timer || timer->due > now)
        return FALSE;
    transaction_close(transactions,
                      (Transaction *)((char *)timer - G_STRUCT_OFFSET(Transaction, timer)));
    return TRUE;
}
