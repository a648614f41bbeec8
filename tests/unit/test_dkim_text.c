/* SPDX-License-Identifier: BSD-2-Clause */
/* DKIM-Signature fields and DNS records as text */
#include "tests/unit/rows.h"

#include "core/lib/dkim.h"

#define TAGS "v=1; a=rsa-sha256; b=x; bh=y; h=from; s=z"
static const struct {
    const char *field;
    bool has;
} fields[] = {
    { "DKIM-Signature: " TAGS "; d=example.com\n", true },
    { "DKIM-Signature: d=example.com;" TAGS ";\n", true },
    { "dkim-signature:d=EXAMPLE.com;" TAGS "; \n\t\n", true },
    { "DKIM-Signature \t: " TAGS ";\n\td\n = \n  example.com\n ; x=1\n", true },
    { "DKIM-Signature: " TAGS "; d=sub.example.com\n", false },
    { "DKIM-Signature: " TAGS "; d=example.co\n", false },
    { "DKIM-Signature: " TAGS "; d=\n", false },
    { "DKIM-Signature: " TAGS "; i=d=example.com\n", false },
    { "DKIM-Signature: " TAGS "; D=example.com\n", false },
    { "DKIM-Signature: " TAGS "; d=example.com; d=example.com\n", false },
    { "DKIM-Signature: " TAGS "; d=example.com; v=1\n", false },
    { "DKIM-Signature: " TAGS ";; d=example.com\n", false },
    { "DKIM-Signature: " TAGS "; d=example.com; junk\n", false },
    { "DKIM-Signature: " TAGS "; d=example.com; 1x=2\n", false },
    { "DKIM-Signature: " TAGS "; d=example.com; x=\xc3\xa4\n", false },
    { "DKIM-Signature: " TAGS "; d=example.com; x=\x01\n", false },
    { "DKIM-Signature: d=example.com\n", false },
    { "DKIM-Signature: \n", false },
    { "DKIM-Signature:", false },
    { "DKIM-Signature", false },
    { "X-DKIM-Signature: " TAGS "; d=example.com\n", false },
    { "DKIM-Signatur: " TAGS "; d=example.com\n", false },
    { "", false },
    { ":", false },
};

static void
test_has_signature(void **state)
{
    struct og_dkim_header both[2];

    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(fields); i++) {
        size_t len = strlen(fields[i].field);
        char *exact = exact_copy(fields[i].field, len);
        struct og_dkim_header one = { exact, len };

        if (og_dkim_has_signature(&one, 1, "example.com") != fields[i].has)
            fail_msg("row %zu", i);
        for (size_t cut = 0; cut < 20 && cut <= len; cut++) {
            char *less = exact_copy(fields[i].field, cut); /* for ASan */

            one = (struct og_dkim_header){ less, cut };
            assert_false(og_dkim_has_signature(&one, 1, "example.com"));
            free(less);
        }
        free(exact);
    }
    both[0] = (struct og_dkim_header){ fields[4].field, strlen(fields[4].field) };
    both[1] = (struct og_dkim_header){ fields[0].field, strlen(fields[0].field) };
    assert_true(og_dkim_has_signature(both, 2, "Example.COM"));
    assert_false(og_dkim_has_signature(both, 1, "example.com"));
    assert_false(og_dkim_has_signature(NULL, 0, "example.com"));
}

/* RFC 8463 appendix A.2 */
#define RFC8463 "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
static const struct {
    enum og_key_kind kind;
    const char *b64;
    enum og_rc rc;
    const char *txt;
} txts[] = {
    { OG_KEY_ED25519, RFC8463, OG_OK, "v=DKIM1; k=ed25519; p=" RFC8463 },
    { OG_KEY_RSA, "AAA=", OG_OK, "v=DKIM1; k=rsa; p=AAA=" },
    { OG_KEY_RSA, "AA==", OG_OK, "v=DKIM1; k=rsa; p=AA==" },
    { OG_KEY_RSA, "", OG_E_SYNTAX, NULL },
    { OG_KEY_RSA, "AAA", OG_E_SYNTAX, NULL },
    { OG_KEY_RSA, "A===", OG_E_SYNTAX, NULL },
    { OG_KEY_RSA, "====", OG_E_SYNTAX, NULL },
    { OG_KEY_RSA, "A=AA", OG_E_SYNTAX, NULL },
    { OG_KEY_RSA, "AA;=", OG_E_SYNTAX, NULL },
    { OG_KEY_RSA, "AA\nA", OG_E_SYNTAX, NULL },
    { OG_KEY_ED25519, RFC8463 "AAAA", OG_E_SYNTAX, NULL },
    { OG_KEY_ED25519, "AAAA" RFC8463, OG_E_LIMIT, NULL }, /* 70 bytes, ceiling 68 */
};

static void
test_txt(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(txts); i++) {
        struct og_buf out = OG_BUF_INIT(68);
        struct og_err err = { "" };

        row_rc(i, og_dkim_txt(txts[i].kind, txts[i].b64, &out, &err), txts[i].rc, &err);
        row_text(i, out.data, txts[i].txt);
        og_buf_free(&out);
    }
}

#define HEAD "s._domainkey.example.com. IN TXT ("
static void
test_zone(void **state)
{
    struct og_buf out = OG_BUF_INIT(2000);
    struct og_err err = { "" };
    char txt[511], want[1000], longer[257];

    (void)state;
    row_rc(0, og_dkim_zone("s", "example.com", "v=DKIM1; p=", &out, &err), OG_OK, &err);
    row_text(0, og_buf_text(&out), HEAD " \"v=DKIM1; p=\" )\n");
    memset(txt, 'a', 510);
    txt[510] = '\0';
    row_rc(1, og_dkim_zone("s", "example.com", txt, &out, &err), OG_OK, &err);
    (void)snprintf(want, sizeof want, HEAD " \"%.255s\" \"%.255s\" )\n", txt, txt);
    row_text(1, og_buf_text(&out), want);
    memset(longer, 'a', 256);
    longer[256] = '\0';
    row_rc(2, og_dkim_zone("s", "example.com", longer, &out, &err), OG_OK, &err);
    (void)snprintf(want, sizeof want, HEAD " \"%.255s\" \"a\" )\n", txt);
    row_text(2, og_buf_text(&out), want);
    row_rc(3, og_dkim_zone("s", "example.com", longer + 1, &out, &err), OG_OK, &err);
    (void)snprintf(want, sizeof want, HEAD " \"%.255s\" )\n", txt);
    row_text(3, og_buf_text(&out), want);
    row_rc(4, og_dkim_zone("s", "example.com", "a\"b", &out, &err), OG_E_SYNTAX, &err);
    row_rc(5, og_dkim_zone("s", "example.com", "a\\b", &out, &err), OG_E_SYNTAX, &err);
    row_rc(6, og_dkim_zone("s", "example.com", "a\nb", &out, &err), OG_E_SYNTAX, &err);
    row_rc(7, og_dkim_zone("s", "example.com", "", &out, &err), OG_E_SYNTAX, &err);
    row_rc(8, og_dkim_zone("s ", "example.com", "a", &out, &err), OG_E_SYNTAX, &err);
    row_rc(9, og_dkim_zone("s", "example.com.", "a", &out, &err), OG_E_SYNTAX, &err);
    row_text(9, og_buf_text(&out), want); /* the failures left it alone */
    og_buf_free(&out);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_has_signature),
        cmocka_unit_test(test_txt),
        cmocka_unit_test(test_zone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
