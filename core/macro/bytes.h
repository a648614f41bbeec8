/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_MACRO_BYTES_H
#define OG_MACRO_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Hostile bytes of a known length. Numbers are little-endian; what lies outside reads as
 * 0, so whoever depends on it asks og_bytes_has() first. */
struct og_bytes {
    const unsigned char *data;
    size_t len;
};

static inline struct og_bytes
og_bytes(const char *data, size_t len)
{
    return (struct og_bytes){ (const unsigned char *)data, len };
}

static inline bool
og_bytes_has(const struct og_bytes *bytes, size_t at, size_t n)
{
    return at <= bytes->len && n <= bytes->len - at;
}

static inline uint32_t
og_bytes_8(const struct og_bytes *bytes, size_t at)
{
    return og_bytes_has(bytes, at, 1) ? bytes->data[at] : 0;
}

static inline uint32_t
og_bytes_16(const struct og_bytes *bytes, size_t at)
{
    if (!og_bytes_has(bytes, at, 2))
        return 0;
    return (uint32_t)(bytes->data[at] | bytes->data[at + 1] << 8);
}

static inline uint32_t
og_bytes_32(const struct og_bytes *bytes, size_t at)
{
    if (!og_bytes_has(bytes, at, 4))
        return 0;
    return og_bytes_16(bytes, at) | og_bytes_16(bytes, at + 2) << 16;
}

static inline uint64_t
og_bytes_64(const struct og_bytes *bytes, size_t at)
{
    if (!og_bytes_has(bytes, at, 8))
        return 0;
    return og_bytes_32(bytes, at) | (uint64_t)og_bytes_32(bytes, at + 4) << 32;
}

/* og_bytes_at - do these n bytes stand at that place? */
static inline bool
og_bytes_at(const struct og_bytes *bytes, size_t at, const void *want, size_t n)
{
    return og_bytes_has(bytes, at, n) && memcmp(bytes->data + at, want, n) == 0;
}

/* og_bytes_from - what stands behind `at`, at most n bytes */
static inline struct og_bytes
og_bytes_from(const struct og_bytes *bytes, size_t at, size_t n)
{
    size_t rest = at < bytes->len ? bytes->len - at : 0;

    return (struct og_bytes){ rest > 0 ? bytes->data + at : bytes->data,
                              n < rest ? n : rest };
}

/* og_hex_digit - 0 to 15, or -1 */
static inline int
og_hex_digit(unsigned char byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    byte |= 0x20;
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

#endif
