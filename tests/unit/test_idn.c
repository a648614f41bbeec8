/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/rows.h"

#include "core/base/addr.h"
#include "core/lib/idn.h"

struct row {
    const char *in;
    enum og_rc rc;
    const char *out;
};

typedef enum og_rc parser(const char *, size_t, struct og_buf *, struct og_err *);

/* each row, behind old content that stays; a key is its own key */
static void
walk(const struct row *rows, size_t count, parser *parse)
{
    for (size_t i = 0; i < count; i++) {
        struct og_buf out = OG_BUF_INIT(600), again = OG_BUF_INIT(600);
        struct og_err err = { "" };
        size_t len = strlen(rows[i].in);
        char *exact = exact_copy(rows[i].in, len);

        assert_int_equal(og_buf_add_text(&out, "=", &err), OG_OK);
        row_rc(i, parse(exact, len, &out, &err), rows[i].rc, &err);
        assert_int_equal(out.data[0], '=');
        row_text(i, out.data + 1, rows[i].rc == OG_OK ? rows[i].out : "");
        if (rows[i].rc == OG_OK) {
            row_rc(i, parse(out.data + 1, out.len - 1, &again, &err), OG_OK, &err);
            row_text(i, again.data, rows[i].out);
        } else {
            assert_string_not_equal(err.text, "");
        }
        og_buf_free(&out);
        og_buf_free(&again);
        free(exact);
    }
}

#define TEN "0123456789"
#define SIXTY TEN TEN TEN TEN TEN TEN

static const struct row domain_rows[] = {
    { "example.com", OG_OK, "example.com" },
    { "Example.COM.", OG_OK, "example.com" },
    { "localhost", OG_OK, "localhost" },
    { "_dmarc.x-y.de", OG_OK, "_dmarc.x-y.de" },
    { "r3---sn.x.de", OG_OK, "r3---sn.x.de" },
    { "1.2.3", OG_OK, "1.2.3" },
    { "M\xc3\x9cLLER.de", OG_OK, "xn--mller-kva.de" },
    { "mu\xcc\x88ller.de.", OG_OK, "xn--mller-kva.de" }, /* decomposed */
    { "XN--MLLER-KVA.de", OG_OK, "xn--mller-kva.de" },
    { "fa\xc3\x9f.de", OG_OK, "xn--fa-hia.de" }, /* non-transitional */
    { "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe3\x80\x82jp\xe3\x80\x82", OG_OK,
      "xn--wgv71a119e.jp" }, /* ideographic full stops */
    { "\xef\xbd\x81.de", OG_OK, "a.de" },
    { "_x.\xc3\xbc.de", OG_OK, "_x.xn--tda.de" },
    { "xn--i-7iq.ws", OG_OK, "xn--i-7iq.ws" }, /* registered, not IDNA2008 */
    { "[192.0.2.1]", OG_OK, "[192.0.2.1]" },
    { "[IPv6:2001:DB8::1]", OG_OK, "[ipv6:2001:db8::1]" },
    { "[IPv6:::ffff:192.0.2.1]", OG_OK, "[ipv6:::ffff:192.0.2.1]" },
    { SIXTY "012.de", OG_OK, SIXTY "012.de" },
    { SIXTY "0123.de", OG_E_SYNTAX, NULL }, /* label of 64 */
    { "", OG_E_SYNTAX, NULL },
    { ".", OG_E_SYNTAX, NULL },
    { "\xe3\x80\x82", OG_E_SYNTAX, NULL },
    { ".de", OG_E_SYNTAX, NULL },
    { "a..de", OG_E_SYNTAX, NULL },
    { "a.de..", OG_E_SYNTAX, NULL },
    { "\xc2\xad.de", OG_E_SYNTAX, NULL }, /* soft hyphen maps to nothing */
    { "\xc2\xad", OG_E_SYNTAX, NULL },
    { "-a.de", OG_E_SYNTAX, NULL },
    { "a-.de", OG_E_SYNTAX, NULL },
    { "a b.de", OG_E_SYNTAX, NULL },
    { "a b.\xc3\xbc", OG_E_SYNTAX, NULL },
    { "a@b.de", OG_E_SYNTAX, NULL },
    { "a/b.de", OG_E_SYNTAX, NULL },
    { "a\xef\xbc\x8f"
      "b.de",
      OG_E_SYNTAX, NULL }, /* maps to '/' */
    { "a\n.de", OG_E_SYNTAX, NULL },
    { "*.de", OG_E_SYNTAX, NULL },
    { "i\xe2\x9d\xa4.ws", OG_E_SYNTAX, NULL },
    { "xn--\xc3\xbc.de", OG_E_SYNTAX, NULL },
    { "\xff.de", OG_E_SYNTAX, NULL },
    { "a\xc3", OG_E_SYNTAX, NULL },
    { "\xed\xa0\x80.de", OG_E_SYNTAX, NULL },
    { "[", OG_E_SYNTAX, NULL },
    { "[]", OG_E_SYNTAX, NULL },
    { "[192.0.2.1", OG_E_SYNTAX, NULL },
    { "[192.0.2.256]", OG_E_SYNTAX, NULL },
    { "[192.0.2.0/24]", OG_E_SYNTAX, NULL },
    { "[2001:db8::1]", OG_E_SYNTAX, NULL },
    { "[IPv6:192.0.2.1]", OG_E_SYNTAX, NULL },
    { "[IPv6:fe80::1%eth0]", OG_E_SYNTAX, NULL },
    { "[IPv6:]", OG_E_SYNTAX, NULL },
    { "[IPv6:", OG_E_SYNTAX, NULL },
    { "[x]", OG_E_SYNTAX, NULL },
    { "[" SIXTY "]", OG_E_SYNTAX, NULL },
    { "[\xc3\xbc]", OG_E_SYNTAX, NULL },
    { "\xef\xbc\xbb"
      "192.0.2.1\xef\xbc\xbd",
      OG_E_SYNTAX, NULL }, /* wide brackets */
};

static void
test_domain(void **state)
{
    (void)state;
    walk(domain_rows, N_ELEMENTS(domain_rows), og_idn_domain);
}

static void
test_domain_ceiling(void **state)
{
    char text[OG_IDN_MAX_TEXT + 1];
    struct og_buf out = OG_BUF_INIT(600);
    struct og_err err = { "" };

    (void)state;
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = i % 2 ? '.' : 'A'; /* a dot at byte 253 */
    row_rc(0, og_idn_domain(text, 253, &out, &err), OG_OK, &err);
    assert_int_equal(out.len, OG_IDN_MAX_DOMAIN);
    og_buf_reset(&out);
    row_rc(1, og_idn_domain(text, 254, &out, &err), OG_OK, &err);
    assert_int_equal(out.len, OG_IDN_MAX_DOMAIN);
    og_buf_reset(&out);
    row_rc(2, og_idn_domain(text, 255, &out, &err), OG_E_LIMIT, &err);
    row_rc(3, og_idn_domain(text, OG_IDN_MAX_TEXT, &out, &err), OG_E_LIMIT, &err);
    row_rc(4, og_idn_domain(text, OG_IDN_MAX_TEXT + 1, &out, &err), OG_E_LIMIT, &err);
    row_rc(5, og_idn_domain("a\0b.de", 6, &out, &err), OG_E_SYNTAX, &err);
    row_rc(6, og_idn_domain("a\0\xc3\xbc", 4, &out, &err), OG_E_SYNTAX, &err);
    assert_int_equal(out.len, 0);
    og_buf_free(&out);
    out.max = 3;
    row_rc(7, og_idn_domain("a.de", 4, &out, &err), OG_E_LIMIT, &err);
    assert_null(out.data);
}

/* far more bytes of UTF-8 than of A-labels, and one name that is too long as such */
static void
test_domain_wide(void **state)
{
    char text[OG_IDN_MAX_TEXT];
    struct og_buf out = OG_BUF_INIT(600);
    struct og_err err = { "" };
    size_t len = 0;

    (void)state;
    for (int label = 0; label < 5; label++) {
        for (int i = 0; i < 50; i++, len += 3)
            memcpy(text + len, "\xe8\xaa\x9e", 3);
        text[len++] = '.';
        if (label == 3) {
            row_rc(0, og_idn_domain(text, len, &out, &err), OG_OK, &err);
            assert_int_equal(out.len, 231);
        }
    }
    row_rc(1, og_idn_domain(text, len, &out, &err), OG_E_LIMIT, &err);
    og_buf_free(&out);
}

static const struct row address_rows[] = {
    { "Bob@Example.COM.", OG_OK, "bob@example.com" },
    { "\"Bob\"@x.de", OG_OK, "bob@x.de" },
    { "\"A@b\"@x.de", OG_OK, "\"a@b\"@x.de" },
    { "J\xc3\xb6rg@M\xc3\xbcller.de", OG_OK, "j\xc3\xb6rg@xn--mller-kva.de" },
    { "a@[IPv6:::1]", OG_OK, "a@[ipv6:::1]" },
    { "", OG_E_SYNTAX, NULL },
    { "bob", OG_E_SYNTAX, NULL },
    { "bob@", OG_E_SYNTAX, NULL },
    { "@x.de", OG_E_SYNTAX, NULL },
    { "a@-x.de", OG_E_SYNTAX, NULL },
    { "a@\xc2\xad", OG_E_SYNTAX, NULL },
    { "a@[1.2.3]", OG_E_SYNTAX, NULL },
};

static void
test_address(void **state)
{
    (void)state;
    walk(address_rows, N_ELEMENTS(address_rows), og_idn_address);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_domain),
        cmocka_unit_test(test_domain_ceiling),
        cmocka_unit_test(test_domain_wide),
        cmocka_unit_test(test_address),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
