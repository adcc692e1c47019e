/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * For the tests of translate/: programs and maps of the test's own, and running one frame through a
 * program with BPF_PROG_TEST_RUN.
 */
#pragma once

#include "test-translate-frames.h"
#include "translate/claims.h"
#include "translate/translate.h"

/* A Translate of this test's own in a bpf file system of its own, with tap 1 (`lo`, the device that
 * test runs can name) translated. NULL, with the test skipped, when this kernel or user cannot. */
Translate *world_new(void);
void world_free(Translate *translate);
const char *world_root(void);
/* The same with these flags and limits, and with GUEST4 and GUEST6 bound. */
Translate *world_guarded(uint32_t flags, const TranslateLimits *limits);

/* The ring of claims, emptied. keep_claim() copies each into the MacsClaim that is its data. */
TranslateClaims *world_claims(Translate *translate);
void keep_claim(const MacsClaim *claim, void *data);

/* A queue of a tap in this network namespace, non-blocking. `kind` is ipvtap or macvtap. */
int open_queue(const char *ifname, const char *kind);

#define VERDICT_PASS (-1)
#define VERDICT_DROP 2
#define VERDICT_UNTESTED 3  /* newer kernels make no test packet that IP itself would not take */
#define VERDICT_WRONG_SUM 4 /* of RUN_SUMMED: it is no longer that of the packet */

/* What the kernel knows of the frame beside its bytes, as far as a test run can say so. */
typedef enum {
    RUN_PLAIN,
    RUN_SEGMENTS, /* to be cut by the device */
    RUN_SUMMED,   /* with the sum that receiving hardware makes (CHECKSUM_COMPLETE); Linux 6.17 */
} RunKind;

/* Runs `frame` and overwrites it with what comes out. */
int run_frame(int program, Frame *frame);
int run_frame_as(int program, Frame *frame, RunKind kind);
