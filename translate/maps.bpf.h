/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The maps of macs.bpf.c; macs.h says what is in them. Their memory (some 7 MB) is taken when they
 * are made, so that adding an entry never fails for want of it: without a binding in the map a
 * guest has no network. The price: an entry that is deleted may be given to somebody else while a
 * program on another CPU still holds it. A tap is removed after its last user has gone, and the
 * worst to come of it is a count in the wrong place or a MAC that the next frame corrects.
 */
#pragma once

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "macs.h"

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, MACS_TAPS_MAX);
    __type(key, __u32);
    __type(value, MacsTap);
} taps SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, MACS_BINDINGS_MAX);
    __type(key, MacsBindingKey);
    __type(value, MacsBinding);
} bindings SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, MACS_CLAIMS_SIZE);
} claims SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, MACS_LEARNED_SIZE);
} learned SEC(".maps");

static __attribute__((always_inline)) inline void count(__u64 *counter)
{
    __sync_fetch_and_add(counter, 1);
}
