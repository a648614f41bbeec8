/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/rows.h"
#include "tests/unit/tar_make.h"

#include "core/scan/tar.h"

/* `NAME`, with * elsewhere and with ! misread, one after the other */
static void
list(const char *data, size_t len, char *out, size_t max)
{
    char *exact = exact_copy(data, len);
    struct og_tar tar = { exact, len, 0 };
    struct og_tar_member member;
    size_t at = 0;

    out[0] = '\0';
    while (og_tar_next(&tar, &member))
        at += (size_t)snprintf(out + at, max - at, "%s%.*s%s%s", at > 0 ? " " : "",
                               (int)member.name_len, member.name,
                               member.elsewhere ? "*" : "", member.misread ? "!" : "");
    free(exact);
}

#define TEN "0123456789"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

static const struct {
    struct tar_entry entries[4];
    const char *out;
} rows[] = {
    { { { '0', "a.txt", NULL, "hello", 0, NULL } }, "a.txt" },
    { { { '0', "a", NULL, "x", 0, NULL }, { '\0', "b", NULL, NULL, 0, NULL } }, "a b" },
    { { { '0', HUNDRED, NULL, "x", 0, NULL } }, HUNDRED },
    { { { '0', HUNDRED "x", NULL, "x", 0, NULL } }, HUNDRED },
    { { { '0', "b.js", NULL, "x", 0, HUNDRED } }, "b.js" }, /* its end is in the head */
    { { { '0', "\xe4.js", NULL, "x", WITH_SIGN, NULL } }, "\xe4.js" },
    { { { '0', "a", NULL, "x", NO_SUM, NULL }, { '0', "b", NULL, NULL, 0, NULL } }, "b" },
    /* GNU */
    { { { 'L', "././@LongLink", NULL, HUNDRED "/b.js", 0, NULL },
        { '0', HUNDRED, NULL, "x", 0, NULL },
        { '0', "c", NULL, "x", 0, NULL } },
      HUNDRED "/b.js* c" },
    { { { 'L', "l", NULL, "b.js", 0, NULL },
        { 'K', "k", NULL, "to", 0, NULL },
        { '2', "a", NULL, NULL, 0, NULL } },
      "b.js*" },
    { { { 'L', "l", NULL, "b.js", 0, NULL } }, "" },
    { { { 'L', "l", "0", NULL, 0, NULL }, { '0', "a", NULL, NULL, 0, NULL } }, "*" },
    { { { 'L', "l", "77777777777", "b.js", 0, NULL }, { '0', "a", NULL, "x", 0, NULL } },
      "" }, /* all that follows is the name: of nothing */
    /* pax */
    { { { 'x', "p", NULL, "13 path=b.js\n", 0, NULL },
        { '0', "a.txt", NULL, "x", 0, NULL },
        { '0', "c", NULL, "x", 0, NULL } },
      "b.js* c" },
    { { { 'X', "p", NULL, "6 a=b\n13 path=b.js\n6 a=b\n", 0, NULL },
        { '0', "a", NULL, "x", 0, NULL } },
      "b.js*" },
    { { { 'g', "p", NULL, "13 path=b.js\n", 0, NULL }, { '0', "a", NULL, "x", 0, NULL } },
      "b.js*" },
    { { { 'x', "p", NULL, "24 GNU.sparse.name=b.js\n", 0, NULL },
        { '0', "a", NULL, "x", 0, NULL } },
      "b.js*" },
    { { { 'x', "p", NULL, "10 size=1\n", 0, NULL }, { '0', "a", NULL, "x", 0, NULL } },
      "a" },
    { { { 'x', "p", NULL, "11 size=01\n", 0, NULL }, { '0', "a", NULL, "x", 0, NULL } },
      "a" },
    { { { 'x', "p", NULL, "10 size=9\n", 0, NULL }, { '0', "a", NULL, "x", 0, NULL } },
      "a!" },
    { { { 'x', "p", NULL, "9 size=\n", 0, NULL }, { '0', "a", NULL, "x", 0, NULL } },
      "a" }, /* no record: its length is one too many */
    { { { 'x', "p", NULL, "14 path=b.js\n", 0, NULL }, { '0', "a", NULL, "x", 0, NULL } },
      "a" },
    { { { 'x', "p", NULL, "path=b.js\n", 0, NULL }, { '0', "a", NULL, "x", 0, NULL } },
      "a" },
    { { { 'x', "p", NULL, "99999999999999999999999 path=b.js\n", 0, NULL },
        { '0', "a", NULL, "x", 0, NULL } },
      "a" },
    { { { 'x', "p", NULL, "13", 0, NULL }, { '0', "a", NULL, "x", 0, NULL } }, "a" },
    { { { 'x', "p", NULL, "2 ", 0, NULL }, { '0', "a", NULL, "x", 0, NULL } }, "a" },
    { { { 'x', "p", NULL, "0 ", 0, NULL }, { '0', "a", NULL, "x", 0, NULL } }, "a" },
    /* sizes */
    { { { '0', "a", "\x80\1", "x", 0, NULL }, { '0', "b", NULL, NULL, 0, NULL } },
      "a! b" }, /* binary */
    { { { '0', "a", "\xff\xff", "x", 0, NULL } }, "a!" },
    { { { '0', "a", "-1", "x", 0, NULL } }, "a!" },
    { { { '0', "a", "", NULL, 0, NULL }, { '0', "b", NULL, NULL, 0, NULL } }, "a b" },
    { { { '0', "a", "777777777777", "x", 0, NULL }, { '0', "b", NULL, NULL, 0, NULL } },
      "a" },
    { { { '0', "a", "     1 ", "x", 0, NULL }, { '0', "b", NULL, NULL, 0, NULL } },
      "a b" },
    /* no files, and links with a body and without */
    { { { '5', "d", NULL, NULL, 0, NULL },
        { '3', "e", "12", NULL, 0, NULL },
        { '1', "b.js", "12", NULL, 0, NULL },
        { '0', "a", NULL, "x", 0, NULL } },
      "b.js* a" },
    { { { '1', "b.js", NULL, "body", 0, NULL }, { '7', "a", NULL, "x", 0, NULL } },
      "b.js* a" },
    { { { 'x', "p", NULL, "13 path=b.js\n", 0, NULL },
        { '5', "d", NULL, NULL, 0, NULL },
        { '0', "a", NULL, "x", 0, NULL } },
      "a" },
};

static void
test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        char data[16 * OG_TAR_BLOCK], out[1024];
        size_t len = 0;

        for (size_t k = 0; k < 4 && rows[i].entries[k].name != NULL; k++)
            len += tar_put(data + len, &rows[i].entries[k]);
        memset(data + len, 0, (size_t)2 * OG_TAR_BLOCK); /* its end */
        list(data, len + (size_t)2 * OG_TAR_BLOCK, out, sizeof out);
        row_text(i, out, rows[i].out);
    }
}

/* cut at each byte: nothing is read behind it, and names come whole or not at all */
static void
test_cut(void **state)
{
    static const struct tar_entry entries[] = {
        { 'L', "l", NULL, "long.js", 0, NULL },
        { '0', "a", NULL, "x", 0, NULL },
        { 'x', "p", NULL, "13 path=b.js\n", 0, NULL },
        { '0', "c", NULL, "x", 0, NULL },
    };
    char data[16 * OG_TAR_BLOCK], out[256];
    size_t len = 0;

    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(entries); i++)
        len += tar_put(data + len, &entries[i]);
    for (size_t cut = 0; cut <= len; cut++) {
        list(data, cut, out, sizeof out);
        row_text(cut, out,
                 cut < (size_t)3 * OG_TAR_BLOCK   ? ""
                 : cut < (size_t)7 * OG_TAR_BLOCK ? "long.js*"
                                                  : "long.js* b.js*");
    }
}

static void
test_name_ceiling(void **state)
{
    char *name = malloc(OG_TAR_MAX_NAME + 2), *data = malloc(OG_TAR_MAX_NAME + 2048);
    struct og_tar_member member;

    (void)state;
    assert_non_null(name);
    assert_non_null(data);
    for (size_t over = 0; over <= 1; over++) {
        struct tar_entry record = { 'L', "l", NULL, name, 0, NULL };
        struct tar_entry file = { '0', "a", NULL, NULL, 0, NULL };
        struct og_tar tar = { data, 0, 0 };

        memset(name, 'n', OG_TAR_MAX_NAME + over);
        name[OG_TAR_MAX_NAME + over] = '\0';
        tar.len = tar_put(data, &record);
        tar.len += tar_put(data + tar.len, &file);
        assert_true(og_tar_next(&tar, &member));
        assert_int_equal(member.name_len, OG_TAR_MAX_NAME);
        assert_int_equal(member.misread, over == 1);
        assert_false(og_tar_next(&tar, &member));
    }
    free(name);
    free(data);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_name_ceiling),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
