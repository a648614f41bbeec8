/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/rows.h"

#include "core/macro/biff.h"
#include "core/macro/zip.h"

#define BYTES(text) text, sizeof(text) - 1

/* one member `a`, stored, of 5 bytes, without and with bytes in front */
#define LOCAL                                                      \
    "PK\3\4\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\5\0\0\0\5\0\0\0\1\0\0\0" \
    "ahello"
#define ENTRY(method, packed, extra, extra_len, header)                                  \
    "PK\1\2\x14\0\x14\0\0\0" method "\0\0\0\0\0\0\0\0\0" packed "\5\0\0\0\1\0" extra_len \
    "\0\0\0\0\0\0\0\0\0\0" header "a" extra
#define PLAIN ENTRY("\0", "\5\0\0\0", "", "\0\0", "\0\0\0\0")
#define END(size, at) "PK\5\6\0\0\0\0\1\0\1\0" size "\0\0\0" at "\0\0\0\0\0"

static const struct {
    const char *in;
    size_t len;
    const char *content; /* of the first member, NULL: there is none */
} rows[] = {
    { BYTES(LOCAL PLAIN END("\x2f", "\x24")), "hello" },
    { BYTES(""), NULL },
    { BYTES("PK"), NULL },
    { BYTES("xx" LOCAL PLAIN END("\x2f", "\x24")), NULL }, /* Office wants PK in front */
    { BYTES("PKxx" LOCAL PLAIN END("\x2f", "\x24")), "hello" },
    { BYTES(LOCAL PLAIN END("\x2f", "\x24") "a comment"), "hello" },
    { BYTES(LOCAL PLAIN), NULL },                        /* no end */
    { BYTES(LOCAL END("\x2f", "\x24")), NULL },          /* no directory */
    { BYTES(LOCAL PLAIN END("\x2f", "\xff")), "hello" }, /* wrong place */
    { BYTES(LOCAL PLAIN END("\xff", "\xff")), "hello" }, /* wrong size and place */
    { BYTES("PK\1\2" END("\x2f", "\x24")), NULL },       /* the entry is cut */
    { BYTES(LOCAL ENTRY("\0", "\6\0\0\0", "", "\0\0", "\1\0\0\0") END("\x2f", "\x24")),
      "" }, /* no member there */
    { BYTES(LOCAL ENTRY("\0", "\5\0\0\0", "", "\0\0", "\xff\0\0\0") END("\x2f", "\x24")),
      "" },
    { BYTES(LOCAL ENTRY("\x8", "\5\0\0\0", "", "\0\0", "\0\0\0\0") END("\x2f", "\x24")),
      "" }, /* not deflated */
    { BYTES(LOCAL ENTRY("\xc", "\5\0\0\0", "", "\0\0", "\0\0\0\0") END("\x2f", "\x24")),
      "" }, /* bzip2, that Office does not read */
    { BYTES(LOCAL ENTRY("\0", "\xff\xff\xff\xff", "\1\0\x8\0\5\0\0\0\0\0\0\0", "\xc\0",
                        "\0\0\0\0") END("\x3b", "\x24")),
      "hello" }, /* zip64 */
    { BYTES(LOCAL ENTRY("\0", "\xff\xff\xff\xff", "\1\0\x8\0", "\xff\0", "\0\0\0\0")
                END("\x33", "\x24")),
      "helloPK\1\2\x14" }, /* its number is not its own: what is left of the file */
};

static void
test_zip(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        char *exact = exact_copy(rows[i].in, rows[i].len);
        const struct og_layer layer = { .data = exact, .len = rows[i].len };
        struct og_buf out = OG_BUF_INIT(100);
        struct og_zip_member member;
        struct og_err err = { "" };
        struct og_zip zip;
        bool found = og_zip_open(&layer, &zip) && og_zip_next(&zip, &member);

        if (found) {
            row_rc(i, og_zip_read(&zip, &member, &out, &err), OG_OK, &err);
            assert_true(og_zip_named(&member, "A"));
            assert_false(og_zip_named(&member, "ab"));
            assert_false(og_zip_named(&member, ""));
            assert_false(og_zip_next(&zip, &member));
        }
        row_text(i, found ? og_buf_text(&out) : NULL, rows[i].content);
        assert_false(og_zip_is_package(&layer));
        og_buf_free(&out);
        free(exact);
    }
}

/* at the ceiling, one above */
static void
test_ceiling(void **state)
{
    const struct og_layer layer = { .data = rows[0].in, .len = rows[0].len };
    struct og_buf out = OG_BUF_INIT(5);
    struct og_zip_member member;
    struct og_zip zip;

    (void)state;
    assert_true(og_zip_open(&layer, &zip) && og_zip_next(&zip, &member));
    assert_int_equal(OG_OK, og_zip_read(&zip, &member, &out, NULL));
    og_buf_reset(&out);
    out.max = 4;
    assert_int_equal(OG_E_LIMIT, og_zip_read(&zip, &member, &out, NULL));
    og_buf_free(&out);
}

#define BOF(kind) "\x9\x8\4\0\0\6" kind "\0"
#define SHEET(at, kind) "\x85\0\x6\0" at "\0\0\0\0" kind
#define FORMULA "\6\0\2\0xx"
#define EOF_ "\xa\0\0\0"
#define FILEPASS "\x2f\0\0\0"

static const struct {
    const char *in;
    size_t len;
    bool is, macros;
} sheets[] = {
    { BYTES(""), false, false },
    { BYTES("\x9\x8"), false, false },
    { BYTES(BOF("\5") EOF_), true, false },
    { BYTES(BOF("\x40") FORMULA EOF_), true, true },
    { BYTES(BOF("\x40") EOF_), true, false },
    { BYTES(BOF("\x40") FORMULA), true, true },
    { BYTES(BOF("\x40") "\6\0\2\0"), true, true }, /* its content is cut */
    { BYTES(BOF("\x40") "\6\0\2"), true, false },
    { BYTES(BOF("\x10") FORMULA EOF_), true, false },
    { BYTES(BOF("\5") EOF_ BOF("\x10") FORMULA EOF_ BOF("\x40") FORMULA EOF_), true,
      true },
    { BYTES(BOF("\5") EOF_ BOF("\x40") EOF_ BOF("\x10") FORMULA EOF_), true, false },
    /* a chart within a macro sheet ends the sheet no more than it begins one */
    { BYTES(BOF("\x40") BOF("\x20") EOF_ FORMULA EOF_), true, true },
    { BYTES(BOF("\x10") BOF("\x20") FORMULA EOF_ FORMULA EOF_), true, false },
    /* the list of sheets says macro, the sheet does not */
    { BYTES(BOF("\5") SHEET("\x16", "\1") EOF_ BOF("\x10") FORMULA EOF_), true, true },
    { BYTES(BOF("\5") SHEET("\x16", "\0") EOF_ BOF("\x10") FORMULA EOF_), true, false },
    { BYTES(BOF("\5") SHEET("\x16", "\1") EOF_ BOF("\x10") EOF_ BOF("\x10") FORMULA EOF_),
      true, false },
    { BYTES(BOF("\5") SHEET("\x15", "\1") EOF_ BOF("\x10") FORMULA EOF_), true, false },
    { BYTES(BOF("\5") SHEET("\xff", "\1") EOF_ BOF("\x10") FORMULA EOF_), true, false },
    /* an encrypted list says nothing */
    { BYTES(BOF("\5") FILEPASS SHEET("\x1a", "\1") EOF_ BOF("\x10") FORMULA EOF_), true,
      false },
    { BYTES(BOF("\5") SHEET("\x1a", "\1") FILEPASS EOF_ BOF("\x10") FORMULA EOF_), true,
      true },
    { BYTES(BOF("\5") EOF_ FILEPASS SHEET("\x1a", "\1") BOF("\x10") FORMULA EOF_), true,
      true },
    { BYTES(BOF("\5") FILEPASS EOF_ BOF("\x40") FORMULA EOF_), true, true },
    /* behind bytes that are no records, where only the list leads */
    { BYTES(BOF("\5") SHEET("\x1b", "\1") EOF_ "\1\0\x99\0z" BOF("\x10") FORMULA EOF_),
      true, true },
};

static void
test_biff(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(sheets); i++) {
        char *exact = exact_copy(sheets[i].in, sheets[i].len);
        struct og_bytes biff = og_bytes(exact, sheets[i].len);

        if (og_biff_is(&biff) != sheets[i].is)
            fail_msg("sheet %zu: is %d", i, !sheets[i].is);
        if (og_biff_macros(&biff) != sheets[i].macros)
            fail_msg("sheet %zu: macros %d", i, !sheets[i].macros);
        free(exact);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_zip),
        cmocka_unit_test(test_ceiling),
        cmocka_unit_test(test_biff),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
