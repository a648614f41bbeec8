/* SPDX-License-Identifier: BSD-2-Clause */
/* The similarity hash: the same words whether the text comes whole or in pieces. First
 * byte: length of a piece; second: HTML or not. */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/simhash.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
take(const char *word, size_t len, void *arg)
{
    struct og_err err = { "" };

    assert(len > 0 && len < OG_SIMHASH_TOKEN + 3);
    for (size_t i = 0; i < len; i++)
        assert((unsigned char)word[i] > ' ' && !(word[i] >= 'A' && word[i] <= 'Z'));
    assert(og_buf_add(arg, word, len, &err) == OG_OK);
    assert(og_buf_add(arg, " ", 1, &err) == OG_OK);
}

static uint64_t
run(const char *text, size_t len, size_t piece, bool html, struct og_buf *words,
    uint64_t *count)
{
    struct og_simhash hash;
    uint64_t bits;

    og_simhash_init(&hash, take, words);
    og_simhash_part(&hash, html);
    for (size_t at = 0; at < len; at += piece) {
        size_t n = len - at < piece ? len - at : piece;
        char *copy = malloc(n);

        assert(copy != NULL);
        memcpy(copy, text + at, n);
        og_simhash_add(&hash, copy, n);
        free(copy);
    }
    bits = og_simhash_end(&hash);
    *count = hash.words;
    return bits;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct og_buf whole = OG_BUF_INIT(1 << 20), pieces = OG_BUF_INIT(1 << 20);
    uint64_t a, b, count_a, count_b;

    if (size < 3)
        return 0;
    a = run((const char *)data + 2, size - 2, size, data[1] & 1, &whole, &count_a);
    b = run((const char *)data + 2, size - 2, (size_t)data[0] + 1, data[1] & 1, &pieces,
            &count_b);
    assert(a == b && count_a == count_b);
    assert(strcmp(og_buf_text(&whole), og_buf_text(&pieces)) == 0);
    og_buf_free(&whole);
    og_buf_free(&pieces);
    return 0;
}
