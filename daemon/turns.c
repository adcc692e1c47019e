/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 */
#include "daemon/turns.h"

/* The requests of one user, in the order in which they came; exists only while there are some. */
typedef struct {
    uid_t owner;
    GQueue waiting; /* of Turn */
} Queue;

struct Turn {
    Queue *queue;
    guint64 joined; /* how many had been served then */
    TurnFunc func;
    gpointer data;
};

struct Turns {
    GHashTable *queues; /* uid -> Queue, owned */
    GQueue order;       /* of Queue: whose turn it is comes first */
    guint64 served;
    guint source;
};

Turns *turns_new(void)
{
    Turns *turns = g_new0(Turns, 1);

    turns->queues = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, g_free);
    g_queue_init(&turns->order);
    return turns;
}

void turns_free(Turns *turns)
{
    g_assert(g_queue_is_empty(&turns->order));
    if (turns->source != 0)
        g_source_remove(turns->source);
    g_hash_table_unref(turns->queues);
    g_free(turns);
}

static void remove_queue(Turns *turns, Queue *queue)
{
    g_queue_remove(&turns->order, queue);
    g_hash_table_remove(turns->queues, GUINT_TO_POINTER(queue->owner));
}

/* One request, and then the main loop looks who has come in between. */
static gboolean on_turn(gpointer data)
{
    Turns *turns = data;
    Queue *queue = g_queue_pop_head(&turns->order);

    if (queue != NULL) {
        g_autofree Turn *turn = g_queue_pop_head(&queue->waiting);

        g_queue_push_tail(&turns->order, queue);
        if (g_queue_is_empty(&queue->waiting))
            remove_queue(turns, queue);
        guint64 waited = turns->served++ - turn->joined;
        turn->func(waited, turn->data);
    }
    if (!g_queue_is_empty(&turns->order))
        return G_SOURCE_CONTINUE;
    turns->source = 0;
    return G_SOURCE_REMOVE;
}

Turn *turns_add(Turns *turns, uid_t owner, TurnFunc func, gpointer data)
{
    Queue *queue = g_hash_table_lookup(turns->queues, GUINT_TO_POINTER(owner));
    Turn *turn = g_new(Turn, 1);

    if (queue == NULL) {
        queue = g_new0(Queue, 1);
        queue->owner = owner;
        g_queue_init(&queue->waiting);
        g_hash_table_insert(turns->queues, GUINT_TO_POINTER(owner), queue);
        g_queue_push_tail(&turns->order, queue);
    }
    *turn = (Turn){queue, turns->served, func, data};
    g_queue_push_tail(&queue->waiting, turn);
    if (turns->source == 0)
        turns->source = g_idle_add_full(G_PRIORITY_DEFAULT, on_turn, turns, NULL);
    return turn;
}

void turns_cancel(Turns *turns, Turn *turn)
{
    g_queue_remove(&turn->queue->waiting, turn);
    if (g_queue_is_empty(&turn->queue->waiting))
        remove_queue(turns, turn->queue);
    g_free(turn);
}

guint64 turns_served(const Turns *turns)
{
    return turns->served;
}
