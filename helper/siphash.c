/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 */
#include "helper/siphash.h"

typedef struct {
    uint64_t v0, v1, v2, v3;
} State;

static uint64_t rotate(uint64_t word, unsigned bits)
{
    return word << bits | word >> (64 - bits);
}

static void rounds(State *state, unsigned n)
{
    while (n-- > 0) {
        state->v0 += state->v1;
        state->v1 = rotate(state->v1, 13) ^ state->v0;
        state->v0 = rotate(state->v0, 32);
        state->v2 += state->v3;
        state->v3 = rotate(state->v3, 16) ^ state->v2;
        state->v0 += state->v3;
        state->v3 = rotate(state->v3, 21) ^ state->v0;
        state->v2 += state->v1;
        state->v1 = rotate(state->v1, 17) ^ state->v2;
        state->v2 = rotate(state->v2, 32);
    }
}

/* At most 8 bytes, the first the least significant. */
static uint64_t read_word(const uint8_t *bytes, size_t size)
{
    uint64_t word = 0;

    for (size_t i = 0; i < size; i++)
        word |= (uint64_t)bytes[i] << (8 * i);
    return word;
}

static void write_word(uint8_t *bytes, uint64_t word)
{
    for (size_t i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(word >> (8 * i));
}

static void take_word(State *state, uint64_t word)
{
    state->v3 ^= word;
    rounds(state, 2);
    state->v0 ^= word;
}

static uint64_t fold(const State *state)
{
    return state->v0 ^ state->v1 ^ state->v2 ^ state->v3;
}

void siphash_128(const uint8_t key[static SIPHASH_SIZE], const void *data, size_t size,
                 uint8_t hash[static SIPHASH_SIZE])
{
    const uint64_t k0 = read_word(key, 8), k1 = read_word(key + 8, 8);
    const uint8_t *bytes = data;
    size_t left = size;
    State state = {
        .v0 = k0 ^ 0x736f6d6570736575u,
        .v1 = k1 ^ 0x646f72616e646f6du ^ 0xee,
        .v2 = k0 ^ 0x6c7967656e657261u,
        .v3 = k1 ^ 0x7465646279746573u,
    };

    for (; left >= 8; left -= 8, bytes += 8)
        take_word(&state, read_word(bytes, 8));
    take_word(&state, read_word(bytes, left) | (uint64_t)size << 56);

    state.v2 ^= 0xee;
    rounds(&state, 4);
    write_word(hash, fold(&state));
    state.v1 ^= 0xdd;
    rounds(&state, 4);
    write_word(hash + 8, fold(&state));
}
