/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/rows.h"

#include "core/base/addr.h"

/* what an address splits into */
static const struct {
    const char *in;
    enum og_rc rc;
    const char *local, *domain;
} split_rows[] = {
    { "bob@example.com", OG_OK, "bob", "example.com" },
    { "Bob.Smith+x=1@Example.COM", OG_OK, "Bob.Smith+x=1", "Example.COM" },
    { "!#$%&'*+-/=?^_`{|}~@x", OG_OK, "!#$%&'*+-/=?^_`{|}~", "x" },
    { "a@b", OG_OK, "a", "b" },
    { "a@x.de.", OG_OK, "a", "x.de." },
    { "a@_x-y.de", OG_OK, "a", "_x-y.de" },
    { "a@[192.0.2.1]", OG_OK, "a", "[192.0.2.1]" },
    { "a@[IPv6:2001:db8::1]", OG_OK, "a", "[IPv6:2001:db8::1]" },
    { "a@[IPv6:::1]", OG_OK, "a", "[IPv6:::1]" },
    { "\"a@b\"@c", OG_OK, "\"a@b\"", "c" }, /* '@' inside quotes */
    { "\"a \\\" \\\\\"@c", OG_OK, "\"a \\\" \\\\\"", "c" },
    { "\"\\a\"@c", OG_OK, "\"\\a\"", "c" },
    { "\" \"@c", OG_OK, "\" \"", "c" },
    { "j\xc3\xb6rg@m\xc3\xbcller.de", OG_OK, "j\xc3\xb6rg", "m\xc3\xbcller.de" },
    { "\"j\xc3\xb6\"@x", OG_OK, "\"j\xc3\xb6\"", "x" },
    { "\xf0\x9f\x92\xa9@x", OG_OK, "\xf0\x9f\x92\xa9", "x" },
    { "\xf4\x8f\xbf\xbd@x", OG_OK, "\xf4\x8f\xbf\xbd", "x" },
    { "a@\xe3\x80\x82", OG_OK, "a", "\xe3\x80\x82" }, /* for og_idn_domain() to judge */
    { "", OG_E_SYNTAX, NULL, NULL },
    { "@", OG_E_SYNTAX, NULL, NULL },
    { "@x", OG_E_SYNTAX, NULL, NULL },
    { "a", OG_E_SYNTAX, NULL, NULL },
    { "a@", OG_E_SYNTAX, NULL, NULL },
    { "a@b@c", OG_E_SYNTAX, NULL, NULL },
    { "\"a\"@b@c", OG_E_SYNTAX, NULL, NULL },
    { ".a@x", OG_E_SYNTAX, NULL, NULL },
    { "a.@x", OG_E_SYNTAX, NULL, NULL },
    { "a..b@x", OG_E_SYNTAX, NULL, NULL },
    { ".@x", OG_E_SYNTAX, NULL, NULL },
    { "a b@x", OG_E_SYNTAX, NULL, NULL },
    { " a@x", OG_E_SYNTAX, NULL, NULL },
    { "a@x ", OG_E_SYNTAX, NULL, NULL },
    { "<a@x>", OG_E_SYNTAX, NULL, NULL },
    { "a@x,b@y", OG_E_SYNTAX, NULL, NULL },
    { "a(c)@x", OG_E_SYNTAX, NULL, NULL },
    { "a\n@x", OG_E_SYNTAX, NULL, NULL },
    { "a@x\n", OG_E_SYNTAX, NULL, NULL },
    { "a\x7f@x", OG_E_SYNTAX, NULL, NULL },
    { "\"\"@x", OG_E_SYNTAX, NULL, NULL },
    { "\"", OG_E_SYNTAX, NULL, NULL },
    { "\"a", OG_E_SYNTAX, NULL, NULL },
    { "\"a\\", OG_E_SYNTAX, NULL, NULL },
    { "\"a\\\"", OG_E_SYNTAX, NULL, NULL },
    { "\"a\"", OG_E_SYNTAX, NULL, NULL },
    { "\"a\"b@x", OG_E_SYNTAX, NULL, NULL },
    { "a\"b\"@x", OG_E_SYNTAX, NULL, NULL },
    { "a.\"b\"@x", OG_E_SYNTAX, NULL, NULL }, /* obs-local-part */
    { "\"a\tb\"@x", OG_E_SYNTAX, NULL, NULL },
    { "\"a\\\tb\"@x", OG_E_SYNTAX, NULL, NULL },
    { "\"\\\xc3\xb6\"@x", OG_E_SYNTAX, NULL, NULL }, /* quoted-pair is ASCII */
    { "a@.x", OG_E_SYNTAX, NULL, NULL },
    { "a@x..y", OG_E_SYNTAX, NULL, NULL },
    { "a@x..", OG_E_SYNTAX, NULL, NULL },
    { "a@.", OG_E_SYNTAX, NULL, NULL },
    { "a@x/y", OG_E_SYNTAX, NULL, NULL },
    { "a@[]", OG_E_SYNTAX, NULL, NULL },
    { "a@[1", OG_E_SYNTAX, NULL, NULL },
    { "a@1]", OG_E_SYNTAX, NULL, NULL },
    { "\xc3@x", OG_E_SYNTAX, NULL, NULL },         /* cut */
    { "\x80@x", OG_E_SYNTAX, NULL, NULL },         /* no start */
    { "\xc0\xaf@x", OG_E_SYNTAX, NULL, NULL },     /* overlong */
    { "\xe0\x80\xaf@x", OG_E_SYNTAX, NULL, NULL }, /* overlong */
    { "\xf0\x80\x80\xaf@x", OG_E_SYNTAX, NULL, NULL },
    { "\xed\xa0\x80@x", OG_E_SYNTAX, NULL, NULL },     /* surrogate */
    { "\xf4\x90\x80\x80@x", OG_E_SYNTAX, NULL, NULL }, /* above U+10FFFF */
    { "\xff@x", OG_E_SYNTAX, NULL, NULL },
    { "\xc2\x85@x", OG_E_SYNTAX, NULL, NULL },     /* NEL, a C1 control */
    { "\xe2\x80\xa8@x", OG_E_SYNTAX, NULL, NULL }, /* line separator */
    { "a@x\xc3", OG_E_SYNTAX, NULL, NULL },
    { "\"\xc3", OG_E_SYNTAX, NULL, NULL },
};

static void
test_split(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(split_rows); i++) {
        struct og_addr addr = { "old", 3, "old", 3 };
        struct og_err err = { "" };
        size_t len = strlen(split_rows[i].in);
        char *exact = exact_copy(split_rows[i].in, len);

        row_rc(i, og_addr_split(exact, len, &addr, &err), split_rows[i].rc, &err);
        if (split_rows[i].rc == OG_OK) {
            assert_int_equal(addr.local_len, strlen(split_rows[i].local));
            assert_memory_equal(addr.local, split_rows[i].local, addr.local_len);
            assert_int_equal(addr.domain_len, strlen(split_rows[i].domain));
            assert_memory_equal(addr.domain, split_rows[i].domain, addr.domain_len);
        } else {
            assert_string_equal(addr.local, "old");
            assert_string_not_equal(err.text, "");
        }
        free(exact);
    }
}

static void
test_split_nul(void **state)
{
    struct og_addr addr;

    (void)state;
    assert_int_equal(og_addr_split("a\0b@x", 5, &addr, NULL), OG_E_SYNTAX);
    assert_int_equal(og_addr_split("a@x\0y", 5, &addr, NULL), OG_E_SYNTAX);
    assert_int_equal(og_addr_split("\"a\0\"@x", 6, &addr, NULL), OG_E_SYNTAX);
    assert_int_equal(og_addr_split(NULL, 0, &addr, NULL), OG_E_SYNTAX);
}

static void
test_split_login(void **state)
{
    struct og_addr addr;
    struct og_err err = { "" };

    (void)state;
    row_rc(0, og_addr_split_login("bob", 3, &addr, &err), OG_OK, &err);
    assert_int_equal(addr.local_len, 3);
    assert_int_equal(addr.domain_len, 0);
    row_rc(1, og_addr_split_login("\"a@b\"", 5, &addr, &err), OG_OK, &err);
    assert_int_equal(addr.local_len, 5);
    assert_int_equal(addr.domain_len, 0);
    row_rc(2, og_addr_split_login("bob@x", 5, &addr, &err), OG_OK, &err);
    assert_int_equal(addr.domain_len, 1);
    row_rc(3, og_addr_split_login("bob@", 4, &addr, &err), OG_E_SYNTAX, &err);
    row_rc(4, og_addr_split_login("", 0, &addr, &err), OG_E_SYNTAX, &err);
    row_rc(5, og_addr_split_login("a b", 3, &addr, &err), OG_E_SYNTAX, &err);
}

/* both parts at the ceiling and one above */
static void
test_split_ceiling(void **state)
{
    (void)state;
    for (size_t above = 0; above < 4; above++) {
        size_t local_len = OG_ADDR_MAX_LOCAL + above % 2;
        size_t domain_len = OG_ADDR_MAX_DOMAIN + above / 2;
        size_t len = local_len + 1 + domain_len;
        char *text = malloc(len);
        struct og_addr addr;
        struct og_err err = { "" };

        assert_non_null(text);
        memset(text, 'a', len);
        text[local_len] = '@';
        row_rc(above, og_addr_split(text, len, &addr, &err),
               above == 0 ? OG_OK : OG_E_LIMIT, &err);
        free(text);
    }
}

/* keys of local parts */
static const struct {
    const char *in;
    enum og_rc rc;
    const char *out;
} fold_rows[] = {
    { "bob", OG_OK, "bob" },
    { "BoB.AZ", OG_OK, "bob.az" },
    { "\"Bob\"", OG_OK, "bob" },
    { "\"B\\o\\b\"", OG_OK, "bob" },
    { "\"a.b\"", OG_OK, "a.b" },
    { "\"a..b\"", OG_OK, "\"a..b\"" },
    { "\".A\"", OG_OK, "\".a\"" },
    { "\"a\\ b\"", OG_OK, "\"a b\"" },
    { "\"a@b\"", OG_OK, "\"a@b\"" },
    { "\"\\A\\\"\\\\\"", OG_OK, "\"a\\\"\\\\\"" },
    { "J\xc3\x96RG", OG_OK, "j\xc3\x96rg" }, /* bytes of UTF-8 stay */
    { "\"J\xc3\x96\"", OG_OK, "j\xc3\x96" },
    { "", OG_E_SYNTAX, NULL },
    { "\"\"", OG_E_SYNTAX, NULL },
    { "a@b", OG_E_SYNTAX, NULL },
    { "\"a\"b", OG_E_SYNTAX, NULL },
    { "\"a", OG_E_SYNTAX, NULL },
    { "a b", OG_E_SYNTAX, NULL },
};

static void
test_fold(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(fold_rows); i++) {
        struct og_buf out = OG_BUF_INIT(300), again = OG_BUF_INIT(300);
        struct og_err err = { "" };
        size_t len = strlen(fold_rows[i].in);
        char *exact = exact_copy(fold_rows[i].in, len);

        row_rc(i, og_addr_local_fold(exact, len, &out, &err), fold_rows[i].rc, &err);
        row_text(i, out.data, fold_rows[i].out);
        if (fold_rows[i].rc == OG_OK) {
            assert_int_equal(og_addr_local_fold(out.data, out.len, &again, &err), OG_OK);
            row_text(i, again.data, fold_rows[i].out);
        }
        og_buf_free(&out);
        og_buf_free(&again);
        free(exact);
    }
}

static void
test_fold_ceiling(void **state)
{
    char text[OG_ADDR_MAX_LOCAL + 1];
    struct og_buf out = OG_BUF_INIT(300);
    struct og_err err = { "" };

    (void)state;
    memset(text, '\\', sizeof text); /* as many escapes as fit */
    text[0] = '"';
    text[OG_ADDR_MAX_LOCAL - 2] = 'x';
    text[OG_ADDR_MAX_LOCAL - 1] = '"';
    text[OG_ADDR_MAX_LOCAL] = '"';
    row_rc(0, og_addr_local_fold(text, OG_ADDR_MAX_LOCAL, &out, &err), OG_OK, &err);
    assert_int_equal(out.len, OG_ADDR_MAX_LOCAL);
    row_rc(1, og_addr_local_fold(text, OG_ADDR_MAX_LOCAL + 1, &out, &err), OG_E_LIMIT,
           &err);
    assert_int_equal(out.len, OG_ADDR_MAX_LOCAL);
    og_buf_free(&out);
    out.max = 2;
    row_rc(2, og_addr_local_fold("bob", 3, &out, &err), OG_E_LIMIT, &err);
    assert_null(out.data);
}

static const struct {
    const char *pattern, *address;
    bool match;
} match_rows[] = {
    { "bob@x.de", "bob@x.de", true },
    { "bob@x.de", "bobo@x.de", false },
    { "bob@x.de", "bo@x.de", false },
    { "bob@x.de", "bob@x.de.org", false },
    { "\"a@b\"@x.de", "\"a@b\"@x.de", true },
    { "b\"@x.de", "\"a@b\"@x.de", false },
    { "x.de", "bob@x.de", true },
    { "x.de", "bob@y.x.de", false },
    { "x.de", "bob@ax.de", false },
    { "@x.de", "bob@x.de", true },
    { "@x.de", "bob@y.de", false },
    { "*@x.de", "bob@x.de", true },
    { "*@x.de", "bob@y.x.de", false },
    { "**@x.de", "bob@x.de", false },
    { "*b@x.de", "bob@x.de", false },
    { "*.x.de", "bob@y.x.de", true },
    { "*.x.de", "bob@z.y.x.de", true },
    { "*.x.de", "bob@x.de", false },
    { "*.x.de", "bob@ax.de", false },
    { "*.x.de", "bob@.x.de", false },
    { "*@*.x.de", "bob@y.x.de", true },
    { "bob@*.x.de", "bob@y.x.de", true },
    { "bob@*.x.de", "joe@y.x.de", false },
    { "bob@*", "bob@y.de", true },
    { "*", "bob@x.de", true },
    { "*", "\"a b\"@[192.0.2.1]", true },
    { "[192.0.2.1]", "a@[192.0.2.1]", true },
    { "*", "", false },
    { "*", "bob", false },
    { "*", "bob@", false },
    { "*", "@x.de", false },
    { "", "bob@x.de", false },
    { "", "", false },
    { "@", "bob@x.de", false },
    { "@", "@", false },
    { "*@", "bob@x.de", false },
    { "*.", "bob@x.de", false },
    { "bob", "bob@x.de", false },
};

static void
test_match(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(match_rows); i++)
        if (og_addr_match(match_rows[i].pattern, match_rows[i].address)
            != match_rows[i].match)
            fail_msg("row %zu: %s %s", i, match_rows[i].pattern, match_rows[i].address);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_split),       cmocka_unit_test(test_split_nul),
        cmocka_unit_test(test_split_login), cmocka_unit_test(test_split_ceiling),
        cmocka_unit_test(test_fold),        cmocka_unit_test(test_fold_ceiling),
        cmocka_unit_test(test_match),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
