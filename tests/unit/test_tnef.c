/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/rows.h"

#include "core/base/buf.h"
#include "core/scan/tnef.h"

#define HEAD "\x78\x9f\x3e\x22\x34\x12"
#define TITLE "\x02\x10\x80\x01\0"
#define DATA "\x02\x0f\x80\x06\0"
#define PROPERTIES "\x02\x05\x90\x06\0"
#define SUM "\0\0" /* nobody looks at it */

/* bytes and how many: with NULs in them */
#define BYTES(text) text, sizeof(text) - 1

/* each name in quotes, each content in angle brackets; ! where something is not known */
static const struct {
    const char *in;
    size_t len;
    const char *out;
} rows[] = {
    { BYTES(""), "" },
    { BYTES(HEAD), "" },
    { BYTES(HEAD TITLE "\6\0\0\0a.txt\0" SUM), "'a.txt'" },
    { BYTES(HEAD TITLE "\5\0\0\0a.txt" SUM TITLE "\1\0\0\0\0" SUM TITLE
                       "\2\0\0\0b\0" SUM),
      "'a.txt''b'" },
    { BYTES(HEAD DATA "\2\0\0\0hi" SUM TITLE "\1\0\0\0b" SUM), "'b'" },
    /* lengths that lie: what is there counts */
    { BYTES(HEAD TITLE "\xff\xff\xff\xff"
                       "a.exe"),
      "'a.exe'" },
    { BYTES(HEAD TITLE "\0\0\0"), "" },
    /* properties: a number, a name in bytes, one in UTF-16, both with what fills them up */
    { BYTES(HEAD PROPERTIES "\x14\0\0\0\2\0\0\0"
                            "\3\0\x01\x0e"
                            "\7\0\0\0"
                            "\x1e\0\x07\x37"
                            "\1\0\0\0"
                            "\6\0\0\0a.exe\0\0\0" SUM),
      "" }, /* the attribute is cut before it */
    { BYTES(HEAD PROPERTIES "\x20\0\0\0\2\0\0\0"
                            "\3\0\x01\x0e"
                            "\7\0\0\0"
                            "\x1e\0\x07\x37"
                            "\1\0\0\0"
                            "\6\0\0\0a.exe\0\0\0" SUM),
      "'a.exe'" },
    { BYTES(HEAD PROPERTIES "\x1e\0\0\0\1\0\0\0"
                            "\x1f\0\x04\x37"
                            "\1\0\0\0"
                            "\x0e\0\0\0\xe4\0.\0e\0x\0\xac\x20\0\0\0\0" SUM),
      "'\xc3\xa4.ex\xe2\x82\xac'" },
    { BYTES(HEAD PROPERTIES "\x4c\0\0\0\3\0\0\0"
                            "\x40\0\x07\x30"
                            "12345678" /* a time */
                            "\x1e\0\0\x80"
                            "GUIDGUIDGUIDGUID"
                            "\1\0\0\0\3\0\0\0x\0\0_"
                            "\1\0\0\0\1\0\0\0a___"
                            "\x1e\0\x07\x37"
                            "\1\0\0\0"
                            "\1\0\0\0b\0\0\0" SUM),
      "'b'" },
    { BYTES(HEAD PROPERTIES "\x34\0\0\0\2\0\0\0"
                            "\2\0\1\x80"
                            "GUIDGUIDGUIDGUID"
                            "\0\0\0\0\5\0\0\0"
                            "\1\0__"
                            "\x1e\0\x07\x37"
                            "\1\0\0\0"
                            "\1\0\0\0b\0\0\0" SUM),
      "'b'" },
    { BYTES(HEAD PROPERTIES "\x24\0\0\0\2\0\0\0"
                            "\3\x10\x01\x0e"
                            "\2\0\0\0"
                            "1___2___"
                            "\x1e\0\x01\x30"
                            "\1\0\0\0"
                            "\1\0\0\0b\0\0\0" SUM),
      "'b'" },
    /* a message in front of which its interface stands, and a file */
    { BYTES(HEAD PROPERTIES "\x22\0\0\0\1\0\0\0"
                            "\x0d\0\x01\x37"
                            "\1\0\0\0"
                            "\x12\0\0\0"
                            "GUIDGUIDGUIDGUIDhi" SUM),
      "<hi>" },
    { BYTES(HEAD PROPERTIES "\x12\0\0\0\1\0\0\0"
                            "\x02\1\x01\x37"
                            "\1\0\0\0"
                            "\2\0\0\0hi" SUM),
      "<hi>" },
    { BYTES(HEAD PROPERTIES "\x18\0\0\0\1\0\0\0"
                            "\x0d\0\x01\x37"
                            "\1\0\0\0"
                            "\5\0\0\0short__" SUM),
      "" },
    /* what is not known */
    { BYTES(HEAD PROPERTIES "\x20\0\0\0\2\0\0\0"
                            "\x99\0\x01\x0e"
                            "\7\0\0\0"
                            "\x1e\0\x07\x37"
                            "\1\0\0\0"
                            "\6\0\0\0a.exe\0" SUM),
      "!" },
    { BYTES(HEAD PROPERTIES "\x0c\0\0\0\1\0\0\0"
                            "\x1e\0\1\x80"
                            "GUID" SUM),
      "!" },
    { BYTES(HEAD PROPERTIES "\xff\0\0\0\xff\xff\xff\xff"
                            "\x1e\0\x07\x37"
                            "\xff\xff\xff\xff"
                            "\1\0\0\0a___"
                            "\xff\xff\xff\xff"
                            "b"),
      "'a''b'" },
};

struct told {
    struct og_buf text;
    size_t stop; /* end at this one */
};

static bool
take(const struct og_tnef_item *item, void *arg)
{
    struct told *told = arg;

    assert_true((item->name == NULL) != (item->content == NULL));
    if (item->name != NULL)
        assert_int_equal(og_buf_printf(&told->text, NULL, "'%s'", item->name), OG_OK);
    else
        assert_int_equal(
            og_buf_printf(&told->text, NULL, "<%.*s>", (int)item->len, item->content),
            OG_OK);
    return told->stop == 0 || --told->stop > 0;
}

static void
check(size_t row, const char *in, size_t len, size_t stop, const char *out)
{
    struct told told = { OG_BUF_INIT(10000), stop };
    char *exact = exact_copy(in, len);

    if (!og_tnef_walk(exact, len, take, &told))
        assert_int_equal(og_buf_add_text(&told.text, "!", NULL), OG_OK);
    if (out != NULL)
        row_text(row, og_buf_text(&told.text), out);
    og_buf_free(&told.text);
    free(exact);
}

static void
test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        check(i, rows[i].in, rows[i].len, 0, rows[i].out);
        for (size_t len = 0; len < rows[i].len; len++) /* cut short, it stays in bounds */
            check(i, rows[i].in, len, 0, NULL);
    }
}

static void
test_stop(void **state)
{
    (void)state;
    check(0, BYTES(HEAD TITLE "\1\0\0\0a" SUM TITLE "\1\0\0\0b" SUM), 1, "'a'");
}

/* of a name that is too long the end counts */
static void
test_long_name(void **state)
{
    static char in[20000];
    static const size_t lengths[] = { OG_TNEF_MAX_NAME, OG_TNEF_MAX_NAME + 1, 10000 };

    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(lengths); i++) {
        size_t len = lengths[i];
        struct told told = { OG_BUF_INIT(20000), 0 };

        memcpy(in, HEAD TITLE, 11);
        memset(in + 11, 0xff, 4);
        memset(in + 15, 'x', len);
        memcpy(in + 15 + len - 4, ".exe", 4);
        assert_true(og_tnef_walk(in, 15 + len, take, &told));
        assert_int_equal(told.text.len, OG_TNEF_MAX_NAME + 2);
        assert_string_equal(told.text.data + told.text.len - 5, ".exe'");
        og_buf_free(&told.text);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_stop),
        cmocka_unit_test(test_long_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
