/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * WordBasic, the macros of Word 6 and 95, which later ones still translate. Not published;
 * as libclamav reads it: in the stream's head the place of a list that begins with 0xff and
 * whose first member, where there are macros, has number 1, a count, and 24 bytes for each.
 */
#include "core/macro/bytes.h"
#include "core/macro/ole2.h"
#include "core/macro/report.h"
#include "core/macro/rows.h"

enum {
    VERSION_LAST = 104, /* nFib of Word 95 */
    LIST_AT = 0x118,
    MACRO_BYTES = 24,
    MACRO_LEN = 12, /* where in them the length of its code is */
    LIST = 0xff,
    MACROS = 1,
};

static bool
word_runs(const struct og_bytes *word)
{
    size_t at = og_bytes_32(word, LIST_AT), count = og_bytes_16(word, at + 2);

    if (og_bytes_16(word, 2) > VERSION_LAST || og_bytes_32(word, LIST_AT + 4) == 0
        || og_bytes_8(word, at) != LIST || og_bytes_8(word, at + 1) != MACROS)
        return false;
    for (size_t i = 0; i < count; i++)
        if (og_bytes_32(word, at + 4 + i * MACRO_BYTES + MACRO_LEN) > 0)
            return true;
    return false;
}

enum og_rc
og_detect_word(const struct og_layer *layer, struct og_findings *findings,
               struct og_err *err)
{
    struct og_buf word = OG_BUF_INIT(SIZE_MAX / 2);
    struct og_ole2 *ole = NULL;
    struct og_bytes bytes;
    int i = -1;
    enum og_rc rc;

    if (!og_ole2_is(layer))
        return OG_OK;
    rc = og_ole2_open(layer->data, layer->len, &ole, err);
    if (rc == OG_E_SYNTAX)
        return OG_OK;
    if (rc == OG_OK)
        i = og_ole2_find(ole, 0, "WordDocument");
    if (i > 0)
        rc = og_ole2_read(ole, i, &word, err);
    og_ole2_close(ole);
    bytes = og_bytes(word.data, word.len);
    if (rc == OG_OK && word_runs(&bytes))
        rc = og_report_macro(layer, "wordbasic", findings, err);
    else if (rc == OG_E_LIMIT)
        rc = og_report_limit(layer, "size", layer->len, findings, err);
    og_buf_free(&word);
    return rc;
}
