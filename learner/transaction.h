/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The DHCP exchanges that taps have open. A reply counts only for one of these. Each tap has a few
 * of its own and loses only its own when it opens more.
 */
#pragma once

#include "learner/client-id.h"
#include "learner/index.h"
#include "learner/timers.h"
#include "wire/device.h"

#define TRANSACTION_TIME (120 * 1000) /* milliseconds from the client's last message */
#define TRANSACTIONS_MAX 8            /* of one tap, both families together */

typedef struct Transaction Transaction;
typedef struct TransactionOwner TransactionOwner;

typedef struct {
    guint32 parent;
    guint8 family; /* AF_INET or AF_INET6 */
    guint32 xid;
} TransactionKey;

struct Transaction {
    IndexNode node; /* first, so that a node is its transaction */
    Timer timer;
    TransactionOwner *owner;
    gboolean open;
    TransactionKey key;
    guint64 opened; /* rises by one a transaction: the smaller is the older */

    /* What the client said, the latest. */
    guint8 type;
    guint8 chaddr[HWADDR_SIZE]; /* DHCPv4 */
    ClientId client_id;
    IpAddress client; /* DHCPv6: where it sent from, and so where the reply goes */
    IpAddress wanted; /* DHCPv4: the address it asked for or has; family AF_UNSPEC without */
    IpAddress server; /* DHCPv4: the server it chose; the same */
};

struct TransactionOwner {
    void *port;
    Transaction transactions[TRANSACTIONS_MAX];
};

typedef struct {
    Index index;
    Timers timers;
    guint64 n_opened;
} Transactions;

void transactions_init(Transactions *transactions, guint64 secret);
void transactions_deinit(Transactions *transactions); /* after all owners */

void transactions_owner_init(Transactions *transactions, TransactionOwner *owner, void *port);
void transactions_owner_deinit(Transactions *transactions, TransactionOwner *owner);

/* The owner's transaction of this key and client (`chaddr` is zero for DHCPv6), opened or kept open
 * for its time from `now`. Its place in the order stays that of its first message. `*newp` tells
 * whether it was opened. */
Transaction *transaction_open(Transactions *transactions, TransactionOwner *owner,
                              const TransactionKey *key, const guint8 chaddr[static HWADDR_SIZE],
                              const ClientId *client_id, guint64 now, gboolean *newp);
void transaction_close(Transactions *transactions, Transaction *transaction);

/* All open ones with this key, of all taps of the parent, in no order. */
Transaction *transactions_first(const Transactions *transactions, const TransactionKey *key);
Transaction *transactions_next(const Transaction *transaction);

/* Closes one that is due; false when there is none. */
gboolean transactions_tick(Transactions *transactions, guint64 now);
