/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/base/siphash.h"

#include <sys/random.h>
#include <time.h>

static uint64_t
turn(uint64_t x, unsigned bits)
{
    return x << bits | x >> (64 - bits);
}

static void
rounds(uint64_t v[4], int count)
{
    while (count-- > 0) {
        v[0] += v[1];
        v[1] = turn(v[1], 13) ^ v[0];
        v[0] = turn(v[0], 32);
        v[2] += v[3];
        v[3] = turn(v[3], 16) ^ v[2];
        v[0] += v[3];
        v[3] = turn(v[3], 21) ^ v[0];
        v[2] += v[1];
        v[1] = turn(v[1], 17) ^ v[2];
        v[2] = turn(v[2], 32);
    }
}

static uint64_t
little_endian(const unsigned char *data, size_t len)
{
    uint64_t word = 0;

    for (size_t i = 0; i < len; i++)
        word |= (uint64_t)data[i] << (8 * i);
    return word;
}

struct og_siphash_key
og_siphash_new_key(void)
{
    struct og_siphash_key key;
    struct timespec now = { 0, 0 };

    if (getrandom(&key, sizeof key, 0) == (ssize_t)sizeof key)
        return key;
    (void)clock_gettime(CLOCK_MONOTONIC, &now); /* zero will do */
    key.a = (uint64_t)now.tv_nsec;
    /* where we are loaded differs, too */
    key.b = (uint64_t)(uintptr_t)og_siphash_new_key;
    return key;
}

uint64_t
og_siphash(const struct og_siphash_key *key, const void *data, size_t len)
{
    const unsigned char *at = data;
    uint64_t v[4] = { key->a ^ UINT64_C(0x736f6d6570736575),
                      key->b ^ UINT64_C(0x646f72616e646f6d),
                      key->a ^ UINT64_C(0x6c7967656e657261),
                      key->b ^ UINT64_C(0x7465646279746573) };
    size_t left = len;
    uint64_t word;

    for (; left >= 8; at += 8, left -= 8) {
        word = little_endian(at, 8);
        v[3] ^= word;
        rounds(v, 2);
        v[0] ^= word;
    }
    word = (uint64_t)len << 56 | (left > 0 ? little_endian(at, left) : 0);
    v[3] ^= word;
    rounds(v, 2);
    v[0] ^= word;
    v[2] ^= 0xff;
    rounds(v, 4);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}
