/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * What is due when: a binary heap of timers that live inside the things they are for. Its memory
 * is reserved when those things are set up, so that no frame makes it grow. Times are whatever
 * clock the caller has; none is read here.
 */
#pragma once

#include <glib.h>

#define TIMER_IDLE ((size_t)-1)
#define TIME_NEVER G_MAXUINT64

typedef struct {
    guint64 due;
    size_t slot; /* in the heap, or TIMER_IDLE */
} Timer;

typedef struct {
    Timer **heap;
    size_t n;
    size_t reserved;
    size_t allocated;
} Timers;

void timers_deinit(Timers *timers);

/* Makes room for `n` more timers; timers_release() gives it back when they have gone for good. */
void timers_reserve(Timers *timers, size_t n);
void timers_release(Timers *timers, size_t n);

void timer_init(Timer *timer);

/* (Re)starts; with TIME_NEVER it stops. At most the reserved number can run. */
void timers_set(Timers *timers, Timer *timer, guint64 due);
void timers_stop(Timers *timers, Timer *timer);

/* The earliest, still running; NULL when none is. */
Timer *timers_first(const Timers *timers);
