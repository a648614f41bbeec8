/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/rows.h"

#include "core/macro/vba.h"

enum { CEILING = 4096 };

#define BYTES(text) text, sizeof(text) - 1

static const struct {
    const char *in;
    size_t len;
    enum og_rc rc;
    const char *out;
} rows[] = {
    { BYTES(""), OG_E_SYNTAX, "" },
    { BYTES("\0"), OG_E_SYNTAX, "" },
    { BYTES("\1"), OG_OK, "" },
    { BYTES("\1\x19"), OG_OK, "" },
    { BYTES("\1\x03\xc0\2aE\0"), OG_OK, "" }, /* no chunk's signature */
    /* [MS-OVBA] 3.2.1, 3.2.2, 3.2.3 */
    { BYTES("\1\x19\xb0\0abcdefgh\0ijklmnop\0qrstuv."), OG_OK,
      "abcdefghijklmnopqrstuv." },
    { BYTES("\1\x2f\xb0\0#aaabcde\x82"
            "f\0paghij\1\x38\x08"
            "akl\0\x30mnop\x06q\2p\4\x10rstuv\x10wxyz\0\x3c"),
      OG_OK, "#aaabcdefaaaaghijaaaaaklaaamnopqaaaaaaaaaaaarstuvwxyzaaa" },
    { BYTES("\1\3\xb0\2aE\0"), OG_OK,
      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" },
    { BYTES("\1\x19\xb0\0abc"), OG_OK, "abc" },     /* cut in a chunk */
    { BYTES("\1\3\xb0\2aE"), OG_OK, "a" },          /* in a copy */
    { BYTES("\1\3\xb0\2a\0\x10"), OG_OK, "a" },     /* from before the chunk */
    { BYTES("\1\2\x30xyz"), OG_OK, "xyz" },         /* as it is */
    { BYTES("\1\1\xb0\0a\1\xb0\0b"), OG_OK, "ab" }, /* two chunks */
    { BYTES("\1\1\xb0\0a\1\xb0\1b"), OG_OK, "a" },  /* a copy without its second byte */
};

static void
test_unpack(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        struct og_buf out = OG_BUF_INIT(CEILING);
        struct og_err err = { "" };
        char *exact = exact_copy(rows[i].in, rows[i].len);

        row_rc(i, og_vba_unpack(og_bytes(exact, rows[i].len), &out, &err), rows[i].rc,
               &err);
        row_text(i, og_buf_text(&out), rows[i].out);
        free(exact);
        og_buf_free(&out);
    }
}

/* chunks of 73 letters, to the ceiling and one above it */
static void
test_ceiling(void **state)
{
    (void)state;
    for (size_t chunks = 10; chunks <= 11; chunks++) {
        struct og_buf in = OG_BUF_INIT(CEILING), out = OG_BUF_INIT(730);
        struct og_err err = { "" };

        assert_int_equal(OG_OK, og_buf_add(&in, "\1", 1, &err));
        for (size_t i = 0; i < chunks; i++)
            assert_int_equal(OG_OK, og_buf_add(&in, "\3\xb0\2aE\0", 6, &err));
        assert_int_equal(og_vba_unpack(og_bytes(in.data, in.len), &out, &err),
                         chunks == 10 ? OG_OK : OG_E_LIMIT);
        assert_int_equal(730, out.len);
        og_buf_free(&in);
        og_buf_free(&out);
    }
}

/* a chunk never has more than 4096 bytes, whatever its tokens say */
static void
test_chunk(void **state)
{
    struct og_buf in = OG_BUF_INIT(CEILING), out = OG_BUF_INIT(2 * CEILING);

    (void)state;
    assert_int_equal(OG_OK, og_buf_add(&in, "\1\xff\xbf\2a", 5, NULL));
    while (in.len + 3 < CEILING)
        assert_int_equal(OG_OK, og_buf_add(&in, "\xff\x0f\0", 3, NULL));
    assert_int_equal(OG_OK, og_vba_unpack(og_bytes(in.data, in.len), &out, NULL));
    assert_true(out.len > 0 && out.len <= 4096);
    og_buf_free(&in);
    og_buf_free(&out);
}

static void
test_search(void **state)
{
    static const char text[] = "xx\0Attribut\0\0\1\x19\xb0\0Attribute VB";
    struct og_bytes bytes = og_bytes(text, sizeof text - 1);
    size_t at = 13;

    (void)state;
    assert_int_equal(at, og_vba_search(&bytes, 0));
    assert_int_equal(at, og_vba_search(&bytes, at));
    assert_true(og_vba_search(&bytes, at + 1) == SIZE_MAX);
    assert_true(og_vba_search(&bytes, sizeof text) == SIZE_MAX);
    bytes.len = at + 11;
    assert_true(og_vba_search(&bytes, 0) == SIZE_MAX);
    bytes.len = 0;
    assert_true(og_vba_search(&bytes, 0) == SIZE_MAX);
}

/* a table of one line at byte 64, VBA 7 of 32 bits */
static void
test_pcode(void **state)
{
    static const struct {
        const char *code;
        size_t len;
        bool runs;
    } lines[] = {
        { BYTES(""), false },
        { BYTES("\x6f\0"), false },                     /* End Sub */
        { BYTES("\x96\0\1\2\3\4"), false },             /* Sub */
        { BYTES("\x5d\0\xf2\0\1\2\3\4"), false },       /* Dim */
        { BYTES("\x5d\0\xf2\x40\1\2\3\4\5\6"), false }, /* Dim with a number behind it */
        { BYTES("\xe0\0\0\0\3\0abc\0\x6f\0"), false },  /* ' abc */
        { BYTES("\xe0\0\0\0\xff\xffx"), false },        /* its text is cut */
        { BYTES("\x41\0\1\2\3\4"), true },              /* a call */
        { BYTES("\x46\0\0\0\x41\0\1\2\3\4"), true },    /* : and a call */
        { BYTES("\x5d\0\xf2\0\1\2\3\4\x41\0"), true },
        { BYTES("\xff\3"), true }, /* of no meaning */
    };

    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(lines); i++) {
        unsigned char module[256] = { 0 };
        size_t at = 64, size = at + 6 + 12 + 10 + lines[i].len;
        char *exact;

        module[25] = (unsigned char)(at - 60);
        memcpy(module + at, "\xfe\xca\0\0\1\0", 6);
        module[at + 6 + 4] = (unsigned char)lines[i].len;
        memcpy(module + at + 28, lines[i].code, lines[i].len);
        for (size_t n = 0; n <= size; n++) {
            exact = exact_copy((const char *)module, n);
            if (og_vba_pcode_runs(og_bytes(exact, n), 0x97)
                != (n == size && lines[i].runs))
                fail_msg("line %zu, %zu bytes", i, n);
            free(exact);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unpack), cmocka_unit_test(test_ceiling),
        cmocka_unit_test(test_chunk),  cmocka_unit_test(test_search),
        cmocka_unit_test(test_pcode),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
