/* SPDX-License-Identifier: BSD-2-Clause */
/* files of kept messages: what stands in front, and the way back to the message */
#include "tests/unit/rows.h"

#include <unistd.h>

#include "core/mail/kept.h"

#define HEAD OG_KEPT_FIELD " id=a\n"

static const struct {
    const char *in;
    enum og_rc rc;
    const char *recipients; /* with commas */
    const char *rest;
} rows[] = {
    { HEAD " recipients_count=0\nSubject: x\n\n", OG_OK, "", "Subject: x\n\n" },
    { HEAD " recipients_count=1\n" OG_KEPT_RECIPIENT " a@b.c\n\nx", OG_OK, "a@b.c,",
      "\nx" },
    { HEAD " recipients_count=2\n" OG_KEPT_RECIPIENT " a%20b@c\n" OG_KEPT_RECIPIENT
           " \nx",
      OG_OK, "a b@c,,", "x" },
    /* what the message says itself does not count */
    { HEAD " recipients_count=1\n" OG_KEPT_RECIPIENT " a@b\n" OG_KEPT_RECIPIENT " e@v\n",
      OG_OK, "a@b,", OG_KEPT_RECIPIENT " e@v\n" },
    { "", OG_E_NOTFOUND, NULL, NULL },
    { "X-Outgate", OG_E_NOTFOUND, NULL, NULL },
    { "Subject: x\n\n", OG_E_SYNTAX, NULL, NULL },
    { OG_KEPT_FIELD, OG_E_NOTFOUND, NULL, NULL },
    { OG_KEPT_FIELD "\n", OG_E_SYNTAX, NULL, NULL },
    { HEAD, OG_E_NOTFOUND, NULL, NULL },
    { HEAD "x", OG_E_SYNTAX, NULL, NULL }, /* no number of recipients */
    { HEAD " recipients_count=x\nx", OG_E_SYNTAX, NULL, NULL },
    { HEAD " recipients_count=1\n", OG_E_NOTFOUND, NULL, NULL },
    { HEAD " recipients_count=1\nSubject: x\n", OG_E_SYNTAX, NULL, NULL },
    { HEAD " recipients_count=1\n" OG_KEPT_RECIPIENT " a@b", OG_E_NOTFOUND, NULL, NULL },
    { HEAD " recipients_count=1\n" OG_KEPT_RECIPIENT " a b\n", OG_E_SYNTAX, NULL, NULL },
    { HEAD " recipients_count=1\n" OG_KEPT_RECIPIENT " a%00b\n", OG_E_SYNTAX, NULL,
      NULL },
    { HEAD " recipients_count=1\n" OG_KEPT_RECIPIENT " a%\n", OG_E_SYNTAX, NULL, NULL },
    { HEAD " recipients_count=100000\nx\n", OG_E_SYNTAX, NULL, NULL },
    { HEAD " recipients_count=100001\nx\n", OG_E_LIMIT, NULL, NULL },
    { HEAD " recipients_count=99999999999999999999999\nx\n", OG_E_LIMIT, NULL, NULL },
    { HEAD " id=b\nx", OG_E_SYNTAX, NULL, NULL },
};

static void
test_parse(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        struct og_kept kept = OG_KEPT_INIT;
        struct og_err err = { "" };
        size_t len = strlen(rows[i].in);
        char *exact = exact_copy(rows[i].in, len);
        struct og_buf list = OG_BUF_INIT(200);

        row_rc(i, og_kept_parse(exact, len, &kept, &err), rows[i].rc, &err);
        for (size_t j = 0; j < kept.count; j++)
            assert_int_equal(og_buf_printf(&list, NULL, "%s,", kept.recipients[j]),
                             OG_OK);
        if (rows[i].rc == OG_OK) {
            row_text(i, og_buf_text(&list), rows[i].recipients);
            row_text(i, rows[i].in + kept.original, rows[i].rest);
        }
        og_kept_free(&kept);
        og_buf_free(&list);
        free(exact);
    }
}

/* what is printed is read again; more recipients than one look at the file shows */
static void
test_file(void **state)
{
    enum { MANY = 9000 };
    const char **recipients = calloc(MANY, sizeof *recipients);
    struct og_buf text = OG_BUF_INIT(OG_KEPT_MAX_HEAD);
    struct og_record rec = OG_RECORD_INIT;
    struct og_kept kept = OG_KEPT_INIT;
    struct og_err err = { "" };
    FILE *f = tmpfile();

    (void)state;
    assert_non_null(recipients);
    assert_non_null(f);
    for (size_t i = 0; i < MANY; i++)
        recipients[i] = "\"a b\"@example.com";
    assert_int_equal(og_record_set_text(&rec, "reason", "a\nb: \xff", &err), OG_OK);
    assert_int_equal(og_record_set_number(&rec, "recipients_count", MANY, &err), OG_OK);
    assert_int_equal(og_kept_print(&rec, recipients, MANY, &text, &err), OG_OK);
    assert_int_equal(og_buf_add_text(&text, "Subject: x\n\nbody\n", &err), OG_OK);
    assert_int_equal(fwrite(text.data, 1, text.len, f), text.len);
    assert_int_equal(fflush(f), 0);
    if (og_kept_load(fileno(f), &kept, &err) != OG_OK)
        fail_msg("%s", err.text);
    assert_int_equal(kept.count, MANY);
    assert_string_equal(kept.recipients[MANY - 1], "\"a b\"@example.com");
    assert_string_equal(og_record_get(&kept.record, "reason"), "a\nb: \xff");
    assert_string_equal(text.data + kept.original, "Subject: x\n\nbody\n");
    assert_int_equal(ftruncate(fileno(f), (off_t)kept.original - 1), 0);
    assert_int_equal(og_kept_load(fileno(f), &kept, &err), OG_E_SYNTAX);
    og_kept_free(&kept);
    og_record_free(&rec);
    og_buf_free(&text);
    free(recipients);
    assert_int_equal(fclose(f), 0);
}

static void
test_rewrite(void **state)
{
    static const char message[] = "Received: a\n (x)\nX-Id: 1\nSubject: s\nx-id: 2\n\n"
                                  "X-Id: body\n";
    static const char *const fields[] = { "Received: a\n (x)\n", "X-Id: 1\n",
                                          "Subject: s\n", "x-id: 2\n" };
    struct og_headers headers = OG_HEADERS_INIT;
    struct og_kept kept = OG_KEPT_INIT;
    struct og_buf out = OG_BUF_INIT(1000);
    struct og_err err = { "" };
    size_t used = 0;

    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(fields); i++)
        assert_int_equal(og_headers_add(&headers, fields[i], strlen(fields[i]), &err),
                         OG_OK);
    headers.rows[0].changed = strdup("Received: a\n");
    headers.rows[1].removed = headers.rows[3].removed = true;
    assert_int_equal(og_kept_changes(&headers, &kept.record, &err), OG_OK);
    assert_string_equal(og_record_get(&kept.record, "drop"), "1,3");
    assert_int_equal(og_kept_rewrite(&kept, message, strlen(message), &out, &used, &err),
                     OG_OK);
    assert_string_equal(out.data, "Received: a\nSubject: s\n");
    assert_string_equal(message + used, "\nX-Id: body\n");
    og_headers_free(&headers);
    og_kept_free(&kept);
    og_buf_free(&out);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_file),
        cmocka_unit_test(test_rewrite),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
