/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/rows.h"

#include <zlib.h>

#include "core/lib/inflate.h"

enum { PLAIN = 50000 };

static char plain[PLAIN], packed[PLAIN + 1024];

/* the plain text, deflated; cut drops bytes at the end, more appends some */
static size_t
deflated(int bits)
{
    z_stream s = { .next_in = (Bytef *)plain, .avail_in = PLAIN };

    for (size_t i = 0; i < PLAIN; i++)
        plain[i] = (char)(i * i >> 7);
    assert_int_equal(deflateInit2(&s, 9, Z_DEFLATED, bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
    s.next_out = (Bytef *)packed;
    s.avail_out = sizeof packed;
    assert_int_equal(deflate(&s, Z_FINISH), Z_STREAM_END);
    assert_int_equal(deflateEnd(&s), Z_OK);
    return sizeof packed - s.avail_out;
}

static const struct {
    int bits;
    enum og_inflate_kind kind;
    size_t cut, more, max;
    enum og_rc rc;
    size_t least; /* bytes that must have come out, all right */
} rows[] = {
    { 15, OG_INFLATE_ZLIB, 0, 0, PLAIN, OG_OK, PLAIN },
    { -15, OG_INFLATE_RAW, 0, 0, PLAIN, OG_OK, PLAIN },
    { 15, OG_INFLATE_ZLIB, 0, 100, PLAIN, OG_OK, PLAIN },
    { 15, OG_INFLATE_ZLIB, 0, 0, PLAIN - 1, OG_E_LIMIT, PLAIN - 1 },
    { 15, OG_INFLATE_ZLIB, 0, 0, 0, OG_E_LIMIT, 0 },
    { 15, OG_INFLATE_ZLIB, 4, 4, PLAIN, OG_OK, PLAIN }, /* wrong checksum */
    { 15, OG_INFLATE_ZLIB, 4, 0, PLAIN, OG_E_SYNTAX, PLAIN },
    { 15, OG_INFLATE_ZLIB, 1000, 0, PLAIN, OG_E_SYNTAX, 1 },
    { -15, OG_INFLATE_RAW, 1000, 0, PLAIN, OG_E_SYNTAX, 1 },
    { 15, OG_INFLATE_RAW, 0, 0, PLAIN, OG_E_SYNTAX, 0 },
    { -15, OG_INFLATE_ZLIB, 0, 0, PLAIN, OG_E_SYNTAX, 0 },
};

static void
test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        struct og_buf out = OG_BUF_INIT(rows[i].max);
        struct og_err err = { "" };
        size_t len = deflated(rows[i].bits) - rows[i].cut;
        char *exact;

        memset(packed + len, 'x', rows[i].more);
        exact = exact_copy(packed, len + rows[i].more);
        row_rc(i, og_inflate(exact, len + rows[i].more, rows[i].kind, &out, &err),
               rows[i].rc, &err);
        if (out.len < rows[i].least || memcmp(og_buf_text(&out), plain, out.len) != 0)
            fail_msg("row %zu: %zu bytes came out", i, out.len);
        og_buf_free(&out);
        free(exact);
    }
}

static void
test_empty(void **state)
{
    struct og_buf out = OG_BUF_INIT(10);
    struct og_err err = { "" };

    (void)state;
    assert_int_equal(og_inflate("", 0, OG_INFLATE_ZLIB, &out, &err), OG_E_SYNTAX);
    assert_int_equal(og_inflate(NULL, 0, OG_INFLATE_RAW, &out, &err), OG_E_SYNTAX);
    og_buf_free(&out);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_empty),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
