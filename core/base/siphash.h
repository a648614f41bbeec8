/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_BASE_SIPHASH_H
#define OG_BASE_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

/* A hash of hostile bytes: whoever does not know the key cannot make two texts meet.
 * SipHash-2-4 of Aumasson and Bernstein. */
struct og_siphash_key {
    uint64_t a, b;
};

/* og_siphash_key - a new one, of the system's random numbers; without them of the clock
 * and an address */
struct og_siphash_key og_siphash_new_key(void);

uint64_t og_siphash(const struct og_siphash_key *key, const void *data, size_t len);

#endif
