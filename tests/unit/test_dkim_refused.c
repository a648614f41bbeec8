/* SPDX-License-Identifier: BSD-2-Clause */
/* What og_dkim_sign() does not sign: keys, messages, and more than its ceilings */
#include "tests/unit/dkim_spool.h"

static const char rsa512_pem[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIIBVAIBADANBgkqhkiG9w0BAQEFAASCAT4wggE6AgEAAkEA1OQ2J4jPHKLvy8zs\n"
    "vsYYNWpHb/x+FQw0QE9BKwwmLSFWTXwzmoibpe3PWqwerYH547haJgxFtQoGZq/Y\n"
    "7vtCFQIDAQABAkEAkd+Vo91AXRTgTrsp9UZzTBZ4wKk4E1/7ZZ1owABhIEYYWHdf\n"
    "4zKygtnV6v862inI0TD3BciAV7cHlkjbiTvvwQIhAP8Il+ptLB3LIweMFLRd/zwm\n"
    "joOq0cyggo4TkT8mxDPJAiEA1bK8fgUzmIOf/GXWpj2m9VyaxPbY4tE9lIwrqv97\n"
    "Se0CIFpe+i4Ix4Q7Mkt/WOrdEA+JfiCsDDHdgsXDq0lcfFP5AiBsMN21f7Srlpg9\n"
    "FOIjsDsDJitFZSRRUVY4Cu9g14/30QIgZqiZF90KjLG46qmgHmkhTf6Bf6aHB+Lk\n"
    "OChXJ+Z4/ss=\n"
    "-----END PRIVATE KEY-----\n";
static const char broken_pem[] = "-----BEGIN RSA PRIVATE KEY-----\nMIIabcde\n"
                                 "-----END RSA PRIVATE KEY-----\n";
static const char ec_pem[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgr/fTUXp1BVt8QOC3\n"
    "VtrtffMSt31MoIyvQKXDahje+QGhRANCAARkdGR/H2jnOKnMYvDlbwwLOM+0d77d\n"
    "nyyn4ypf/TsBCftR7N+OKccAJFuOe7HhM1ROhN8mq7yBBGcJtq3Uf4dj\n"
    "-----END PRIVATE KEY-----\n";

#define L61 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define L63 L61 "aa"

static const struct {
    const char *domain;
    enum og_key_kind kind;
    const char *selector, *pem;
    enum og_rc rc;
    const char *text; /* part of the error's text */
} bad_keys[] = {
    { "example.com", OG_KEY_RSA, "sel", "", OG_E_SYNTAX, "sel: no private key" },
    { "example.com", OG_KEY_RSA, "sel", "MIIabc", OG_E_SYNTAX, "sel: no private key" },
    { "example.com", OG_KEY_RSA, "sel", broken_pem, OG_E_SYNTAX, "sel: no private key" },
    { "example.com", OG_KEY_RSA, "sel", rsa512_pem, OG_E_SYNTAX, "sel: RSA key of 512" },
    { "example.com", OG_KEY_RSA, "sel", ec_pem, OG_E_SYNTAX, "sel: a key of type" },
    { "example.com", OG_KEY_RSA, "sel", dkim_pem_ed25519, OG_E_SYNTAX,
      "sel: not of the kind" },
    { "example.com", OG_KEY_ED25519, "sel", dkim_pem_rsa, OG_E_SYNTAX,
      "sel: not of the kind" },
    { "example.com", OG_KEY_RSA, "", dkim_pem_rsa, OG_E_SYNTAX, "bad selector" },
    { "example.com", OG_KEY_RSA, "a;b", dkim_pem_rsa, OG_E_SYNTAX, "a;b" },
    { "example.com", OG_KEY_RSA, "a b", dkim_pem_rsa, OG_E_SYNTAX, "a b" },
    { "example.com", OG_KEY_RSA, L63, dkim_pem_rsa, OG_OK, "" },
    { "example.com", OG_KEY_RSA, L63 "a", dkim_pem_rsa, OG_E_SYNTAX, "bad selector" },
    { L63 "." L63 "." L63 "." L61, OG_KEY_RSA, "s", dkim_pem_rsa, OG_OK, "" }, /* 253 */
    { L63 "." L63 "." L63 "." L61 "a", OG_KEY_RSA, "s", dkim_pem_rsa, OG_E_SYNTAX,
      "domain" },
    { "", OG_KEY_RSA, "s", dkim_pem_rsa, OG_E_SYNTAX, "domain" },
    { "example.com.", OG_KEY_RSA, "s", dkim_pem_rsa, OG_E_SYNTAX, "domain" },
    { ".example.com", OG_KEY_RSA, "s", dkim_pem_rsa, OG_E_SYNTAX, "domain" },
    { "a..b", OG_KEY_RSA, "s", dkim_pem_rsa, OG_E_SYNTAX, "domain" },
    { "b\xc3\xbc.example", OG_KEY_RSA, "s", dkim_pem_rsa, OG_E_SYNTAX, "domain" },
    { "a.example\n", OG_KEY_RSA, "s", dkim_pem_rsa, OG_E_SYNTAX, "domain" },
};

static void
test_bad_keys(void **state)
{
    const struct og_dkim_header from = { FROM, strlen(FROM) };
    int fd = dkim_spool("x\n", 2);

    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(bad_keys); i++) {
        struct og_buf out = OG_BUF_INIT(8192);
        struct og_err err = { "" };
        const struct og_dkim_key key = { bad_keys[i].kind, bad_keys[i].selector,
                                         bad_keys[i].pem };

        row_rc(
            i,
            og_dkim_sign(bad_keys[i].domain, &key, &from, 1, fd, SPOOL_START, &out, &err),
            bad_keys[i].rc, &err);
        if (strstr(err.text, bad_keys[i].text) == NULL)
            fail_msg("row %zu: %s", i, err.text);
        assert_true((out.data != NULL) == (bad_keys[i].rc == OG_OK));
        og_buf_free(&out);
    }
    assert_int_equal(close(fd), 0);
}

/* '@' is a NUL in both; the body is fill x 'a', then body */
static const struct {
    const char *headers;
    size_t fill;
    const char *body;
    enum og_rc rc;
} bad_messages[] = {
    { "", 0, "x\n", OG_E_RANGE },
    { "Subject: no From\n", 0, "x\n", OG_E_RANGE },
    { FROM FROM, 0, "x\n", OG_E_RANGE },
    { FROM "from : second\n", 0, "x\n", OG_E_RANGE },
    { FROM "Subject: a@b\n", 0, "x\n", OG_E_RANGE },
    { FROM "X-Unsigned: a@b\n", 0, "x\n", OG_OK },
    { FROM "Subject: a\rb\n", 0, "x\n", OG_E_RANGE },
    { FROM "Subject: a\vb\n", 0, "x\n", OG_E_RANGE },
    { FROM "Subject: a\n \f\n", 0, "x\n", OG_E_RANGE },
    { FROM "Subject: a\r\n b\r\n", 0, "x\n", OG_OK },
    { FROM, 0, "a\rb\n", OG_E_RANGE },
    { FROM, 0, "a\r", OG_E_RANGE },
    { FROM, 0, "a\r\r\n", OG_E_RANGE },
    { FROM, 16383, "\rb\n", OG_E_RANGE }, /* the chunk ends between */
    { FROM, 16383, "\r\nb\n", OG_OK },
    { FROM, 16382, "\r\r\n", OG_E_RANGE },
    { FROM, OG_DKIM_MAX_LINE, "\n", OG_OK },
    { FROM, OG_DKIM_MAX_LINE, "a\n", OG_E_LIMIT },
};

static void
test_bad_messages(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(bad_messages); i++) {
        static struct og_dkim_header headers[MAX_FIELDS];
        size_t n = dkim_split(bad_messages[i].headers, headers);
        size_t len = strlen(bad_messages[i].body);
        char *body = malloc(bad_messages[i].fill + len);
        struct og_buf out = OG_BUF_INIT(8192);
        struct og_err err = { "" };
        int fd;

        assert_non_null(body);
        memset(body, 'a', bad_messages[i].fill);
        memcpy(body + bad_messages[i].fill, bad_messages[i].body, len);
        fd = dkim_spool(body, bad_messages[i].fill + len);
        for (size_t k = 0; k < n; k++) {
            char *at = memchr(headers[k].field, '@', headers[k].len);

            if (at != NULL && strncmp(headers[k].field, "From", 4) != 0)
                *at = '\0';
        }
        row_rc(i,
               og_dkim_sign("example.com", &dkim_rsa, headers, n, fd, SPOOL_START, &out,
                            &err),
               bad_messages[i].rc, &err);
        assert_true((out.data != NULL) == (bad_messages[i].rc == OG_OK));
        assert_int_equal(close(fd), 0);
        og_buf_free(&out);
        dkim_forget(headers, n);
        free(body);
    }
}

/* signs with n fields "To: a@b.c\n" beside From: names are 3 bytes each and 5 */
static enum og_rc
sign_many(size_t n, size_t len, struct og_err *err)
{
    static struct og_dkim_header headers[MAX_FIELDS];
    struct og_buf out = OG_BUF_INIT(8192);
    char *to = malloc(len);
    int fd = dkim_spool("x\n", 2);
    enum og_rc rc;

    assert_non_null(to);
    memset(to, 'x', len);
    memcpy(to, "To:", 3);
    to[len - 1] = '\n';
    headers[0] = (struct og_dkim_header){ FROM, strlen(FROM) };
    for (size_t i = 1; i <= n; i++)
        headers[i] = (struct og_dkim_header){ to, len };
    rc = og_dkim_sign("example.com", &dkim_rsa, headers, n + 1, fd, SPOOL_START, &out,
                      err);
    assert_int_equal(close(fd), 0);
    free(to);
    og_buf_free(&out);
    return rc;
}

static void
test_ceiling(void **state)
{
    const struct og_dkim_header from = { FROM, strlen(FROM) };
    const size_t fields = (OG_DKIM_MAX_NAMES - 5) / 3;
    const size_t bytes = OG_DKIM_MAX_HEADERS - strlen(FROM);
    struct og_buf small = OG_BUF_INIT(200);
    struct og_err err = { "" };
    int fd = dkim_spool("x\n", 2);

    (void)state;
    row_rc(0, sign_many(fields, 10, &err), OG_OK, &err);
    row_rc(1, sign_many(fields + 1, 10, &err), OG_E_LIMIT, &err);
    row_rc(2, sign_many(1, bytes, &err), OG_OK, &err);
    row_rc(3, sign_many(1, bytes + 1, &err), OG_E_LIMIT, &err);
    row_rc(
        4,
        og_dkim_sign("example.com", &dkim_rsa, &from, 1, fd, SPOOL_START, &small, &err),
        OG_E_LIMIT, &err);
    assert_null(small.data);
    assert_int_equal(close(fd), 0);
    row_rc(
        5,
        og_dkim_sign("example.com", &dkim_rsa, &from, 1, fd, SPOOL_START, &small, &err),
        OG_E_IO, &err);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bad_keys),
        cmocka_unit_test(test_bad_messages),
        cmocka_unit_test(test_ceiling),
    };

    return cmocka_run_group_tests(tests, dkim_set_up, dkim_tear_down);
}
