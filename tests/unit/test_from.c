/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/rows.h"

#include "core/base/mailboxes.h"
#include "core/check/from.h"

static enum og_rc
join(const char *address, size_t len, void *arg, struct og_err *err)
{
    struct og_buf *out = arg;
    enum og_rc rc = out->len > 0 ? og_buf_add(out, "|", 1, err) : OG_OK;

    return rc == OG_OK ? og_buf_add(out, address, len, err) : rc;
}

#define DEEP(mark)                                                                       \
    mark mark mark mark mark mark mark mark mark mark mark mark mark mark mark mark mark \
        mark mark mark

static const struct {
    const char *text;
    size_t len; /* 0: strlen */
    enum og_rc rc;
    const char *found; /* joined by '|' */
} lists[] = {
    { "", 0, OG_OK, "" },
    { "  ", 0, OG_OK, "" },
    { "a@b.example", 0, OG_OK, "a@b.example" },
    { " a@b.example ", 0, OG_OK, "a@b.example" },
    { "<a@b.example>", 0, OG_OK, "a@b.example" },
    { "Bob <a@b.example>", 0, OG_OK, "a@b.example" },
    { "\"Bob, the <ceo@bank.example>\" <a@b.example>", 0, OG_OK, "a@b.example" },
    { "\"a \\\" <c@d>\" <a@b.example>", 0, OG_OK, "a@b.example" },
    { "B. O. B <a@b.example>", 0, OG_OK, "a@b.example" },
    { "J\xc3\xbcrgen <a@b.example>", 0, OG_OK, "a@b.example" },
    { "=?utf-8?q?ceo=40bank=2Eexample?= <a@b.example>", 0, OG_OK, "a@b.example" },
    { "=?utf-8?q?x?=\t=?utf-8?q?y?= <a@b.example>", 0, OG_OK, "a@b.example" },
    { "a@b.example (Bob (the (builder)))", 0, OG_OK, "a@b.example" },
    { "(x)a(x)@(x)b(x).(x)example(x)", 0, OG_OK, "a@b.example" },
    { "(c@d, \\) <) a@b.example", 0, OG_OK, "a@b.example" },
    { "a@b.example, C <c@d.example>,e@f.example", 0, OG_OK,
      "a@b.example|c@d.example|e@f.example" },
    { ",a@b.example,,", 0, OG_OK, "a@b.example" },
    { "all: a@b.example, C <c@d.example>;", 0, OG_OK, "a@b.example|c@d.example" },
    { "undisclosed:;", 0, OG_OK, "" },
    { "g:;, a@b.example", 0, OG_OK, "a@b.example" },
    { "\"g g\": a@b.example;, h: c@d.example;", 0, OG_OK, "a@b.example|c@d.example" },
    { "\"a b\"@c.example", 0, OG_OK, "\"a b\"@c.example" },
    { "\"a@x\"@c.example", 0, OG_OK, "\"a@x\"@c.example" },
    { "a@[192.0.2.1]", 0, OG_OK, "a@[192.0.2.1]" },
    { "a@b.example.", 0, OG_OK, "a@b.example." },
    { "a@b..example", 0, OG_E_SYNTAX, NULL },
    { "a", 0, OG_E_SYNTAX, NULL },
    { "a@", 0, OG_E_SYNTAX, NULL },
    { "@b.example", 0, OG_E_SYNTAX, NULL },
    { "<>", 0, OG_E_SYNTAX, NULL },
    { "Bob <>", 0, OG_E_SYNTAX, NULL },
    { "Bob", 0, OG_E_SYNTAX, NULL },
    { "a@b.example c@d.example", 0, OG_E_SYNTAX, NULL },
    { "ceo@bank.example <a@b.example>", 0, OG_E_SYNTAX, NULL },
    { "<a@b.example> <c@d.example>", 0, OG_E_SYNTAX, NULL },
    { "<a@b.example> c@d.example", 0, OG_E_SYNTAX, NULL },
    { "<a@b.example", 0, OG_E_SYNTAX, NULL },
    { "a@b.example>", 0, OG_E_SYNTAX, NULL },
    { "<<a@b.example>>", 0, OG_E_SYNTAX, NULL },
    { "<@route.example:a@b.example>", 0, OG_E_SYNTAX, NULL },
    { "a@b.example, <c@d.example", 0, OG_E_SYNTAX, NULL }, /* Exim passes it over */
    { "g: a@b.example", 0, OG_E_SYNTAX, NULL },
    { "g: h: a@b.example;;", 0, OG_E_SYNTAX, NULL },
    { ": a@b.example;", 0, OG_E_SYNTAX, NULL },
    { "a@b.example;", 0, OG_E_SYNTAX, NULL },
    { "Bob <a b@c.example>", 0, OG_E_SYNTAX, NULL },
    { "a b@c.example", 0, OG_E_SYNTAX, NULL },
    { "\"a@b.example", 0, OG_E_SYNTAX, NULL },
    { "\"a\\", 0, OG_E_SYNTAX, NULL },
    { "(a@b.example", 0, OG_E_SYNTAX, NULL },
    { "(a\\", 0, OG_E_SYNTAX, NULL },
    { "a@b.example )", 0, OG_E_SYNTAX, NULL },
    { "a@b.example\\", 0, OG_E_SYNTAX, NULL },
    { "a@[b", 0, OG_E_SYNTAX, NULL },
    { "a@b.example\r", 0, OG_E_SYNTAX, NULL },
    { "a@b.example\0<c@d.example>", 25, OG_E_SYNTAX, NULL },
    { "a@b.example (\0)", 15, OG_E_SYNTAX, NULL },
    { "\"\0\" <a@b.example>", 17, OG_E_SYNTAX, NULL },
    { DEEP("(") DEEP(")") "a@b.example", 0, OG_OK, "a@b.example" },
    { "(" DEEP("(") DEEP(")") ")a@b.example", 0, OG_E_SYNTAX, NULL },
};

static void
test_lists(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(lists); i++) {
        size_t len = lists[i].len > 0 ? lists[i].len : strlen(lists[i].text);
        char *exact = exact_copy(lists[i].text, len);
        struct og_buf out = OG_BUF_INIT(1000);
        struct og_err err = { "" };

        row_rc(i, og_mailboxes_parse(exact, len, join, &out, &err), lists[i].rc, &err);
        if (lists[i].rc == OG_OK)
            row_text(i, og_buf_text(&out), lists[i].found);
        og_buf_free(&out);
        free(exact);
    }
}

static enum og_rc
count(const char *address, size_t len, void *arg, struct og_err *err)
{
    (void)address, (void)len, (void)err;
    ++*(size_t *)arg;
    return OG_OK;
}

static void
test_ceilings(void **state)
{
    struct og_buf text = OG_BUF_INIT(100000);
    struct og_err err = { "" };
    size_t found = 0;

    (void)state;
    for (int i = 0; i < OG_MAILBOXES_MAX; i++)
        assert_int_equal(og_buf_add_text(&text, "a@b.example,", &err), OG_OK);
    assert_int_equal(og_mailboxes_parse(text.data, text.len, count, &found, &err), OG_OK);
    assert_int_equal(found, OG_MAILBOXES_MAX);
    assert_int_equal(og_buf_add_text(&text, "a@b.example", &err), OG_OK);
    assert_int_equal(og_mailboxes_parse(text.data, text.len, count, &found, &err),
                     OG_E_LIMIT);
    og_buf_reset(&text);
    for (int i = 0; i < 300; i++)
        assert_int_equal(og_buf_add_text(&text, "name ", &err), OG_OK);
    assert_int_equal(og_buf_add_text(&text, "<a@b.example>", &err), OG_OK);
    assert_int_equal(og_mailboxes_parse(text.data, text.len, count, &found, &err), OG_OK);
    og_buf_reset(&text);
    for (int i = 0; i < 256; i++)
        assert_int_equal(og_buf_add_text(&text, "x", &err), OG_OK);
    assert_int_equal(og_buf_add_text(&text, "@b.example", &err), OG_OK);
    assert_int_equal(og_mailboxes_parse(text.data, text.len, count, &found, &err),
                     OG_E_SYNTAX);
    og_buf_free(&text);
}

/* settings of a row: "" leaves the default */
static void
fill(struct og_settings *set, const char *require, const char *allowed)
{
    struct og_err err = { "" };

    if (og_settings_defaults(set, &err) != OG_OK
        || og_settings_set(set, og_setting_find("require_from_domain"), require,
                           OG_SOURCE_USER, &err)
               != OG_OK
        || og_settings_set(set, og_setting_find("allowed_senders"), allowed,
                           OG_SOURCE_USER, &err)
               != OG_OK)
        fail_msg("%s", err.text);
}

#define DOMAIN "shop.example"

static const struct {
    const char *require, *allowed, *domain, *sender;
    const char *reply; /* part of code and text, NULL: accepted */
} envelopes[] = {
    { "no", "", DOMAIN, "anybody@bank.example", NULL },
    { "no", "", DOMAIN, "not an address", NULL },
    { "yes", "", DOMAIN, "bob@shop.example", NULL },
    { "yes", "", DOMAIN, "BOB@SHOP.example.", NULL },
    { "yes", "", DOMAIN, "ceo@bank.example",
      "550 5.7.1 ceo@bank.example in MAIL FROM is not of the sender's domain "
      "shop.example" },
    { "yes", "", DOMAIN, "bob@sub.shop.example", "not of the sender's domain" },
    { "yes", "", DOMAIN, "bob@xshop.example", "not of the sender's domain" },
    { "yes", "", "xn--bcher-kva.example",
      "bob@b\xc3\xbc"
      "cher.example",
      NULL },
    { "yes", "", DOMAIN, "\"a@shop.example\"@bank.example", "not of the sender's" },
    { "yes", "", DOMAIN, "bob", "MAIL FROM cannot be read" },
    { "yes", "", "", "bob@shop.example", "has no domain" },
    { "yes", "", DOMAIN, "", NULL }, /* bounces */
    { "no", "bob@shop.example", DOMAIN, "", NULL },
    { "no", "bob@shop.example *.news.example", DOMAIN, "Bob@Shop.Example", NULL },
    { "no", "bob@shop.example *.news.example", DOMAIN, "x@a.news.example", NULL },
    { "no", "bob@shop.example *.news.example", DOMAIN, "x@news.example",
      "550 5.7.1 This sender may not use x@news.example in MAIL FROM" },
    { "no", "bob@shop.example", DOMAIN, "\"bob\"@shop.example", NULL },
    { "no", "*", DOMAIN, "x@anywhere.example", NULL },
    { "yes", "*", DOMAIN, "x@anywhere.example", "not of the sender's domain" },
    { "yes", "bob@shop.example", DOMAIN, "eve@shop.example", "may not use" },
    { "no", "bob@shop.example", DOMAIN, "\xc3\xbc@shop.example",
      "may not use ??@shop.example" },
};

static void
test_envelope(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(envelopes); i++) {
        struct og_settings set = OG_SETTINGS_INIT;
        struct og_verdict verdict = OG_VERDICT_ACCEPT;
        struct og_err err = { "" };
        char told[300];

        fill(&set, envelopes[i].require, envelopes[i].allowed);
        row_rc(i,
               og_from_check_envelope(&set, envelopes[i].domain, envelopes[i].sender,
                                      &verdict, &err),
               OG_OK, &err);
        (void)snprintf(told, sizeof told, "%s %s", verdict.code, verdict.text);
        if ((envelopes[i].reply != NULL) != (verdict.action == OG_REJECT)
            || (envelopes[i].reply != NULL && strstr(told, envelopes[i].reply) == NULL))
            fail_msg("row %zu: '%s'", i, told);
        if (envelopes[i].reply != NULL)
            row_text(i, verdict.class, "from");
        og_settings_free(&set);
    }
}

static const struct {
    const char *require, *allowed;
    const char *fields[4];
    const char *reply;
} messages[] = {
    { "no", "", { "Subject: x\n" }, NULL },
    { "no", "", { "From: <<<\n" }, NULL },
    { "yes", "", { "Subject: x\n" }, "550 5.7.1 The message has no From" },
    { "yes", "", { "From: Bob <bob@shop.example>\n" }, NULL },
    { "yes", "", { "FROM : Bob\n <bob@shop.example>\n" }, NULL },
    { "yes", "", { "From: bob@shop.example, eve@shop.example\n" }, NULL },
    { "yes",
      "",
      { "From: bob@shop.example, ceo@bank.example\n" },
      "ceo@bank.example in" },
    { "yes", "", { "From: bob@shop.example\n", "From: ceo@bank.example\n" }, "in From" },
    { "yes", "", { "From: g: bob@shop.example, ceo@bank.example;\n" }, "in From" },
    { "yes",
      "",
      { "From: bob@shop.example\n", "Sender: ceo@bank.example\n" },
      "ceo@bank.example in Sender" },
    { "yes", "", { "From: bob@shop.example\n", "Sender: <\n" }, "Sender cannot be read" },
    { "yes", "", { "From: bob@shop.example\n", "Sender:\n" }, "Sender cannot be read" },
    { "yes", "", { "Sender: bob@shop.example\n" }, "no From" },
    { "yes", "", { "From:\n" }, "From cannot be read" },
    { "yes", "", { "From: <>\n" }, "From cannot be read" },
    { "yes", "", { "From: undisclosed:;\n" }, "From cannot be read" },
    { "yes", "", { "From: Bob\n" }, "From cannot be read" },
    { "yes", "", { "From: bob@shop.example, <ceo@bank.example\n" }, "cannot be read" },
    { "yes", "", { "From: bob@shop..example\n" }, "cannot be read" },
    { "yes", "", { "From: \"ceo@bank.example\" <bob@shop.example>\n" }, NULL },
    { "yes", "", { "From: =?utf-8?q?ceo=40bank.example?= <bob@shop.example>\n" }, NULL },
    { "yes", "", { "From: =?utf-8?q?a=2C?= <ceo@bank.example>\n" }, "in From" },
    { "yes", "", { "From-X: x\n", "X-From: ceo@bank.example\n" }, "no From" },
    { "yes",
      "",
      { "From: bob@shop.example\n", "\xef\xbb\xbf"
                                    "From: ceo@bank.example\n" },
      "From cannot be read" },
    { "yes",
      "",
      { "From: bob@shop.example\n", "senDer\xa0: bob@shop.example\n" },
      "Sender cannot be read" },
    { "yes", "", { "From: bob@shop.example\n", "Fr\xc3\xb6m: x\n" }, NULL },
    { "no", "bob@shop.example", { "From: BOB@shop.example\n" }, NULL },
    { "no",
      "bob@shop.example",
      { "From: bob@shop.example\n", "Sender: eve@shop.example\n" },
      "may not use eve@shop.example in Sender" },
};

static void
test_headers(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(messages); i++) {
        struct og_settings set = OG_SETTINGS_INIT;
        struct og_verdict verdict = OG_VERDICT_ACCEPT;
        struct og_headers headers = OG_HEADERS_INIT;
        struct og_err err = { "" };
        char told[300];

        fill(&set, messages[i].require, messages[i].allowed);
        for (size_t k = 0; k < 4 && messages[i].fields[k] != NULL; k++)
            assert_int_equal(og_headers_add(&headers, messages[i].fields[k],
                                            strlen(messages[i].fields[k]), &err),
                             OG_OK);
        row_rc(i, og_from_check_headers(&set, DOMAIN, &headers, &verdict, &err), OG_OK,
               &err);
        (void)snprintf(told, sizeof told, "%s %s", verdict.code, verdict.text);
        if ((messages[i].reply != NULL) != (verdict.action == OG_REJECT)
            || (messages[i].reply != NULL && strstr(told, messages[i].reply) == NULL))
            fail_msg("row %zu: '%s'", i, told);
        og_headers_free(&headers);
        og_settings_free(&set);
    }
}

/* an identification header that is cut out cannot be wrong */
static void
test_removed_field(void **state)
{
    static const char good[] = "From: bob@shop.example\n",
                      bad[] = "Sender: x@y.example\n";
    struct og_settings set = OG_SETTINGS_INIT;
    struct og_verdict verdict = OG_VERDICT_ACCEPT;
    struct og_headers headers = OG_HEADERS_INIT;
    struct og_err err = { "" };

    (void)state;
    fill(&set, "yes", "");
    assert_int_equal(og_headers_add(&headers, good, strlen(good), &err), OG_OK);
    assert_int_equal(og_headers_add(&headers, bad, strlen(bad), &err), OG_OK);
    headers.rows[1].removed = true;
    assert_int_equal(og_from_check_headers(&set, DOMAIN, &headers, &verdict, &err),
                     OG_OK);
    assert_int_equal(verdict.action, OG_ACCEPT);
    og_headers_free(&headers);
    og_settings_free(&set);
}

static const struct {
    const char *sender;
    size_t recipients;
    const char *code;
} nulls[] = {
    { "", 1, "" },
    { "", 2, "550 5.5.3" },
    { "a@b.example", 2, "" },
};

static void
test_null_sender(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(nulls); i++) {
        struct og_verdict verdict = OG_VERDICT_ACCEPT;

        og_from_check_recipients(nulls[i].sender, nulls[i].recipients, &verdict);
        row_text(i, verdict.code, nulls[i].code);
    }
}

static const struct {
    const char *failure, *code;
} failures[] = {
    { "", "" },
    { "mail", "" },
    { "postmaster", "" },
    { "route", "550 5.1.8" },
    { "recipient", "550 5.1.8" },
    { "qualify", "550 5.1.7" },
};

static void
test_verified(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(failures); i++) {
        struct og_verdict verdict = OG_VERDICT_ACCEPT;

        og_from_check_verified(failures[i].failure, &verdict);
        row_text(i, verdict.code, failures[i].code);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lists),         cmocka_unit_test(test_ceilings),
        cmocka_unit_test(test_envelope),      cmocka_unit_test(test_headers),
        cmocka_unit_test(test_removed_field), cmocka_unit_test(test_null_sender),
        cmocka_unit_test(test_verified),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
