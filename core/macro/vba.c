/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/macro/vba.h"

enum {
    CHUNK_BYTES = 4096,
    CHUNK_SIGNATURE = 3, /* bits 12 to 14 of a chunk's header */
    TOKENS = 8,          /* for each byte of flags */
};

/* a copy token's 16 bits are divided by how much of the chunk is there already */
static unsigned
offset_bits(size_t done)
{
    unsigned bits = 4;

    while (done > (size_t)1 << bits)
        bits++;
    return bits;
}

/* one compressed chunk into out, at most CHUNK_BYTES; stops where it is damaged */
static size_t
unpack_chunk(struct og_bytes in, unsigned char out[CHUNK_BYTES])
{
    size_t at = 0, len = 0;

    while (at < in.len) {
        unsigned flags = in.data[at++];

        for (unsigned token = 0; token < TOKENS && at < in.len; token++) {
            unsigned word, bits;
            size_t from, n;

            if (len == CHUNK_BYTES)
                return len;
            if ((flags >> token & 1) == 0) {
                out[len++] = in.data[at++];
                continue;
            }
            if (!og_bytes_has(&in, at, 2))
                return len;
            word = og_bytes_16(&in, at);
            at += 2;
            bits = offset_bits(len);
            from = (word >> (16 - bits)) + 1;
            n = (word & (0xffffU >> bits)) + 3;
            if (from > len)
                return len;
            for (; n > 0 && len < CHUNK_BYTES; n--, len++)
                out[len] = out[len - from];
        }
    }
    return len;
}

enum og_rc
og_vba_unpack(struct og_bytes packed, struct og_buf *out, struct og_err *err)
{
    unsigned char chunk[CHUNK_BYTES] = { 0 };
    size_t at = 1;
    enum og_rc rc = OG_OK;

    if (og_bytes_8(&packed, 0) != 1)
        return og_fail(err, OG_E_SYNTAX, "no compressed container");
    while (rc == OG_OK && og_bytes_has(&packed, at, 2)) {
        unsigned header = og_bytes_16(&packed, at);
        struct og_bytes body = og_bytes_from(&packed, at + 2, (header & 0xfff) + 1);

        if ((header >> 12 & 7) != CHUNK_SIGNATURE)
            break;
        if (header >> 15 != 0) {
            size_t len = unpack_chunk(body, chunk);

            rc = og_buf_add(out, chunk, len, err);
        } else {
            rc = og_buf_add(out, body.data, body.len, err);
        }
        at += 2 + (size_t)(header & 0xfff) + 1;
    }
    return rc;
}

size_t
og_vba_search(const struct og_bytes *bytes, size_t at)
{
    /* signature, header of the first chunk, no copy among its first 8 tokens */
    static const char first[] = "\0Attribut";
    enum { BEFORE = 3 };

    for (at += BEFORE; at < bytes->len; at++) {
        const unsigned char *zero = memchr(bytes->data + at, 0, bytes->len - at);

        if (zero == NULL)
            break;
        at = (size_t)(zero - bytes->data);
        if (og_bytes_at(bytes, at, first, sizeof first - 1)
            && og_bytes_8(bytes, at - BEFORE) == 1
            && (og_bytes_8(bytes, at - 1) >> 4 & 7) == CHUNK_SIGNATURE)
            return at - BEFORE;
    }
    return SIZE_MAX;
}
