/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * What the programs must do with any frame whatever, written from the RFCs and not from them.
 *
 * A frame is given to a program and what comes back is judged: a frame that passes equals the
 * model's, byte for byte, but for a checksum that was wrong before and must still be; a frame that
 * does not is counted once and has taught nothing; with the guard on, nothing passes that the list
 * of forbidden things names; without, everything does.
 */
#pragma once

#include "test-translate-world.h"

typedef struct {
    Translate *translate;
    uint32_t flags;
    MacsState before; /* of tap 1, as the last frame left it */
    unsigned passed, changed, dropped, untested;
} Judge;

/* Tap 1 with these flags and no limits; bound to it are the addresses that forbidden() knows. */
void judge_init(Judge *judge, Translate *translate, uint32_t flags);
void judge_egress(Judge *judge, const Frame *frame, RunKind kind);
/* After the guest's MAC was learned, or not: both are judged. */
void judge_ingress(Judge *judge, const Frame *frame, RunKind kind);

/* Changes some bytes, cuts it, repeats a part of it: a good deal of them parses. */
void frame_mutate(Frame *frame);
