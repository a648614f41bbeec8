/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/rows.h"

#include "core/base/buf.h"
#include "core/state/name.h"

#define U OG_KIND_USER
#define D OG_KIND_DOMAIN
#define I OG_KIND_IP

#define A50 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define A63 A50 "aaaaaaaaaaaaa"
#define A255 A50 A50 A50 A50 A50 "aaaaa"
#define D253 A63 "." A63 "." A63 "." A50 "aaaaaaaaaaa"

static const struct {
    enum og_user_kind kind;
    const char *in;
    enum og_rc rc;
    const char *out;
} parses[] = {
    { U, "Bob@Example.COM", OG_OK, "bob@example.com" },
    { U, "bob@example.com.", OG_OK, "bob@example.com" },
    { U, "bob", OG_OK, "bob@host.example" },
    { U, "\"Bob\"@x.example", OG_OK, "bob@x.example" },
    { U, "\"a@b\"@x.example", OG_OK, "\"a@b\"@x.example" },
    { U, "\"a b\"@x.example", OG_OK, "\"a b\"@x.example" },
    { U, "bob/sales@x.example", OG_OK, "bob/sales@x.example" },
    { U,
      "b\xc3\xb6"
      "b@b\xc3\xbc"
      "cher.example",
      OG_OK,
      "b\xc3\xb6"
      "b@xn--bcher-kva.example" },
    { U, "bob@[192.0.2.1]", OG_OK, "bob@[192.0.2.1]" },
    { U, "192.0.2.1", OG_OK, "192.0.2.1@host.example" },
    { U, "@x.example", OG_E_SYNTAX, NULL },
    { U, "bob@", OG_E_SYNTAX, NULL },
    { U, "@", OG_E_SYNTAX, NULL },
    { U, "", OG_E_SYNTAX, NULL },
    { U, "a b", OG_E_SYNTAX, NULL },
    { U, "a\nb@x.example", OG_E_SYNTAX, NULL },
    { U, "a@b@c", OG_E_SYNTAX, NULL },
    { U, "a@b..c", OG_E_SYNTAX, NULL },
    { U, "\xff@x.example", OG_E_SYNTAX, NULL },
    { U, A255 "@" D253, OG_OK, A255 "@" D253 }, /* the longest name there is */
    { U, A255 "a@x.example", OG_E_LIMIT, NULL },
    { U, "a@" D253 "a", OG_E_LIMIT, NULL },
    { U, A255 A255 A255 A255 A255 A255, OG_E_LIMIT, NULL },
    { D, "Example.COM", OG_OK, "example.com" },
    { D, "@Example.COM.", OG_OK, "example.com" },
    { D,
      "b\xc3\xbc"
      "cher.example",
      OG_OK, "xn--bcher-kva.example" },
    { D,
      "B\xc3\x9c"
      "CHER.example",
      OG_OK, "xn--bcher-kva.example" },
    { D, "localhost", OG_OK, "localhost" },
    { D, D253, OG_OK, D253 },
    { D, D253 "a", OG_E_LIMIT, NULL },
    { D, "", OG_E_SYNTAX, NULL },
    { D, "@", OG_E_SYNTAX, NULL },
    { D, "@@x.example", OG_E_SYNTAX, NULL },
    { D, "a@x.example", OG_E_SYNTAX, NULL },
    { D, ".", OG_E_SYNTAX, NULL },
    { D, "a..b", OG_E_SYNTAX, NULL },
    { D, "*.example", OG_E_SYNTAX, NULL },
    { D, "[192.0.2.1]", OG_E_SYNTAX, NULL },
    { D, "a b", OG_E_SYNTAX, NULL },
    { I, "192.0.2.1", OG_OK, "192.0.2.1" },
    { I, "192.0.2.1/32", OG_OK, "192.0.2.1" },
    { I, "192.0.2.0/24", OG_OK, "192.0.2.0/24" },
    { I, "::ffff:192.0.2.1", OG_OK, "192.0.2.1" },
    { I, "::FFFF:192.0.2.0/120", OG_OK, "192.0.2.0/24" },
    { I, "2001:DB8::1", OG_OK, "2001:db8::1" },
    { I, "192.0.2.1/24", OG_E_RANGE, NULL },
    { I, "2001:db8::1/64", OG_E_RANGE, NULL },
    { I, "192.0.2.0/33", OG_E_RANGE, NULL },
    { I, "", OG_E_SYNTAX, NULL },
    { I, "example.com", OG_E_SYNTAX, NULL },
    { I, "192.0.2", OG_E_SYNTAX, NULL },
};

static void
test_parse(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(parses); i++) {
        struct og_name name = { OG_KIND_IP, "old" };
        struct og_err err = { "" };
        char *exact = exact_copy(parses[i].in, strlen(parses[i].in) + 1);

        row_rc(i, og_name_parse(parses[i].kind, exact, "host.example", &name, &err),
               parses[i].rc, &err);
        row_text(i, name.text, parses[i].rc == OG_OK ? parses[i].out : "old");
        assert_int_equal(name.kind, parses[i].rc == OG_OK ? parses[i].kind : OG_KIND_IP);
        if (parses[i].rc != OG_OK)
            assert_string_not_equal(err.text, "");
        free(exact);
    }
}

/* candidates as `kind:name kind:name` */
static const struct {
    const char *in, *host;
    enum og_rc rc;
    const char *out;
} guesses[] = {
    { "Bob@Example.com", "h", OG_OK, "user:bob@example.com" },
    { "@Example.com", "h", OG_OK, "domain:example.com" },
    { "Example.com", "h.x", OG_OK, "domain:example.com user:example.com@h.x" },
    { "Example.com.", "h.x", OG_OK, "domain:example.com" }, /* no local part */
    { "bob", "h.x", OG_OK, "domain:bob user:bob@h.x" },
    { "bob+x", "h.x", OG_OK, "user:bob+x@h.x" }, /* no domain */
    { "-bob", "h.x", OG_OK, "user:-bob@h.x" },
    { "bob", "", OG_OK, "domain:bob" },
    { "bob+x", "", OG_E_SYNTAX, NULL },
    { "bob", "bad host", OG_OK, "domain:bob" },
    { "b\xc3\xbc"
      "cher",
      "h.x", OG_OK,
      "domain:xn--bcher-kva user:b\xc3\xbc"
      "cher@h.x" },
    { "192.0.2.1", "h", OG_OK, "ip:192.0.2.1" },
    { "192.0.2.0/24", "h", OG_OK, "ip:192.0.2.0/24" },
    { "::ffff:192.0.2.1", "h", OG_OK, "ip:192.0.2.1" },
    { "fe80::1%eth0", "h", OG_OK, "ip:fe80::1" },
    { "192.0.2.1/24", "h", OG_E_RANGE, NULL },
    { "192.0.2.0/", "h", OG_E_SYNTAX, NULL },
    { "/24", "h", OG_E_SYNTAX, NULL },
    { "a/b", "h", OG_E_SYNTAX, NULL },
    { "bob/sales@x.example", "h", OG_OK, "user:bob/sales@x.example" },
    { "192.0.2.1@x.example", "h", OG_OK, "user:192.0.2.1@x.example" },
    { "fe80::1%a@b", "h", OG_E_SYNTAX, NULL }, /* no zone */
    { "bob@192.0.2.1", "h", OG_OK, "user:bob@192.0.2.1" },
    { "", "h", OG_E_SYNTAX, NULL },
    { " ", "h", OG_E_SYNTAX, NULL },
    { "@", "h", OG_E_SYNTAX, NULL },
    { "@@", "h", OG_E_SYNTAX, NULL },
    { "bob@", "h", OG_E_SYNTAX, NULL },
    { "bob example", "h", OG_E_SYNTAX, NULL },
    { "bob\n", "h", OG_E_SYNTAX, NULL },
    { "\xff", "h", OG_E_SYNTAX, NULL },
    { A255, "h", OG_OK, "user:" A255 "@h" },
    { A255 "a", "h", OG_E_LIMIT, NULL },
};

static void
test_guess(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(guesses); i++) {
        struct og_name names[OG_NAME_CANDIDATES];
        struct og_buf out = OG_BUF_INIT(2000);
        struct og_err err = { "" };
        size_t count = 99;
        char *exact = exact_copy(guesses[i].in, strlen(guesses[i].in) + 1);

        row_rc(i, og_name_guess(exact, guesses[i].host, names, &count, &err),
               guesses[i].rc, &err);
        if (guesses[i].rc != OG_OK)
            assert_string_not_equal(err.text, "");
        else
            assert_true(count >= 1 && count <= OG_NAME_CANDIDATES);
        for (size_t k = 0; guesses[i].rc == OG_OK && k < count; k++)
            row_rc(i,
                   og_buf_printf(&out, &err, "%s%s:%s", k > 0 ? " " : "",
                                 og_user_kind_text(names[k].kind), names[k].text),
                   OG_OK, &err);
        row_text(i, out.data, guesses[i].out);
        og_buf_free(&out);
        free(exact);
    }
}

static void
test_domain(void **state)
{
    const struct {
        struct og_name name;
        const char *domain;
    } rows[] = {
        { { OG_KIND_USER, "bob@x.example" }, "x.example" },
        { { OG_KIND_USER, "\"a@b\"@x.example" }, "x.example" },
        { { OG_KIND_DOMAIN, "x.example" }, "x.example" },
        { { OG_KIND_IP, "192.0.2.1" }, "" },
        { { OG_KIND_USER, "" }, "" },
    };

    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(rows); i++)
        row_text(i, og_name_domain(&rows[i].name), rows[i].domain);
}

static void
test_kinds(void **state)
{
    enum og_user_kind kind = OG_KIND_IP;
    struct og_err err = { "" };

    (void)state;
    for (int i = OG_KIND_USER; i <= OG_KIND_IP; i++) {
        assert_int_equal(
            og_user_kind_parse(og_user_kind_text((enum og_user_kind)i), &kind, &err),
            OG_OK);
        assert_int_equal(kind, i);
    }
    assert_int_equal(og_user_kind_parse("", &kind, &err), OG_E_SYNTAX);
    assert_int_equal(og_user_kind_parse("User", &kind, &err), OG_E_SYNTAX);
    assert_int_equal(og_user_kind_parse("users", &kind, &err), OG_E_SYNTAX);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_guess),
        cmocka_unit_test(test_domain),
        cmocka_unit_test(test_kinds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
