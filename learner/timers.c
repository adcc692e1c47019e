/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors */
#include "learner/timers.h"

void timers_deinit(Timers *timers)
{
    g_clear_pointer(&timers->heap, g_free);
    *timers = (Timers){0};
}

void timers_reserve(Timers *timers, size_t n)
{
    timers->reserved += n;
    if (timers->reserved <= timers->allocated)
        return;
    timers->allocated = MAX(timers->reserved, timers->allocated * 2);
    timers->heap = g_renew(Timer *, timers->heap, timers->allocated);
}

void timers_release(Timers *timers, size_t n)
{
    g_assert(timers->n + n <= timers->reserved);
    timers->reserved -= n;
}

void timer_init(Timer *timer)
{
    *timer = (Timer){.due = TIME_NEVER, .slot = TIMER_IDLE};
}

static void place(Timers *timers, Timer *timer, size_t slot)
{
    timers->heap[slot] = timer;
    timer->slot = slot;
}

/* Moves a timer from `slot`, where there is a hole, to where it belongs. */
static void sift(Timers *timers, Timer *timer, size_t slot)
{
    while (slot > 0 && timers->heap[(slot - 1) / 2]->due > timer->due) {
        place(timers, timers->heap[(slot - 1) / 2], slot);
        slot = (slot - 1) / 2;
    }
    for (;;) {
        size_t child = slot * 2 + 1;

        if (child >= timers->n)
            break;
        if (child + 1 < timers->n && timers->heap[child + 1]->due < timers->heap[child]->due)
            child++;
        if (timers->heap[child]->due >= timer->due)
            break;
        place(timers, timers->heap[child], slot);
        slot = child;
    }
    place(timers, timer, slot);
}

void timers_set(Timers *timers, Timer *timer, guint64 due)
{
    if (due == TIME_NEVER) {
        timers_stop(timers, timer);
        return;
    }
    timer->due = due;
    if (timer->slot == TIMER_IDLE) {
        g_assert(timers->n < timers->reserved);
        timer->slot = timers->n++;
    }
    sift(timers, timer, timer->slot);
}

void timers_stop(Timers *timers, Timer *timer)
{
    size_t slot = timer->slot;
    Timer *last;

    if (slot == TIMER_IDLE)
        return;
    timer_init(timer);
    last = timers->heap[--timers->n];
    if (slot < timers->n)
        sift(timers, last, slot);
}

Timer *timers_first(const Timers *timers)
{
    return timers->n > 0 ? timers->heap[0] : NULL;
}
