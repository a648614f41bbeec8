/* SPDX-License-Identifier: BSD-2-Clause */
/* abuse reports: what is wanted, rows; whole reports and the digest are in test_arf.py */
#include "tests/unit/state_dir.h"

#include <unistd.h>

#include "core/mail/arf.h"

enum { NOW = 1800000000 };

static void
set(struct og_settings *settings, const char *name, const char *value)
{
    struct og_err err = { "" };

    if (og_settings_set(settings, og_setting_find(name), value, OG_SOURCE_USER, &err)
        != OG_OK)
        fail_msg("%s", err.text);
}

static void
test_wanted(void **state)
{
    static const struct {
        const char *contact, *admin, *reports, *class, *to;
    } rows[] = {
        { "", "", "yes", "spam", NULL },
        { "", "a@b.c", "yes", "spam", "a@b.c" },
        { "x@y.z", "a@b.c", "yes", "virus", "x@y.z" },
        { "x@y.z", "a@b.c", "no", "virus", NULL },
        { "", "a@b.c", "yes", "limit", NULL },
        { "", "a@b.c", "yes", "locked", NULL },
        { "", "a@b.c", "yes", "", NULL },
    };
    struct og_settings settings = OG_SETTINGS_INIT;

    (void)state;
    assert_int_equal(og_settings_defaults(&settings, NULL), OG_OK);
    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        set(&settings, "arf_contact", rows[i].contact);
        set(&settings, "admin_contact", rows[i].admin);
        set(&settings, "abuse_reports", rows[i].reports);
        row_text(i, og_arf_wanted(&settings, rows[i].class), rows[i].to);
    }
    og_settings_free(&settings);
}

/* a header above the ceiling loses fields, not the report */
static void
test_header_ceiling(void **state)
{
    static char big[OG_ARF_HEADER];
    struct og_headers headers = OG_HEADERS_INIT;
    struct og_record about = OG_RECORD_INIT;
    struct og_outbox_row row = { .fields = OG_RECORD_INIT };
    struct og_err err = { "" };

    (void)state;
    memset(big, 'x', sizeof big);
    memcpy(big, "A: ", 3);
    big[sizeof big - 1] = '\n';
    for (size_t len = sizeof big - 5; len <= sizeof big; len += 5) {
        big[sizeof big - 1] = '\n';
        assert_int_equal(og_headers_add(&headers, big, len, &err), OG_OK);
        assert_int_equal(og_headers_add(&headers, "B: y\n", 5, &err), OG_OK);
        assert_int_equal(og_arf_row(&state_of_test, "k2m4pqrs7t", &about, &headers,
                                    "a@b.c", NOW, &row, &err),
                         OG_OK);
        assert_int_equal(og_record_find(&row.fields, "header")->len, sizeof big);
        assert_string_equal(row.id, "arf.k2m4pqrs7t");
        og_record_free(&row.fields);
        og_headers_free(&headers);
    }
}

static void
put(struct og_outbox_batch *batch, const char *id, const char *subject)
{
    struct og_record about = OG_RECORD_INIT;
    struct og_err err = { "" };

    assert_int_equal(og_record_set_text(&about, "class", "spam", &err), OG_OK);
    assert_int_equal(og_record_set_text(&about, "subject", subject, &err), OG_OK);
    assert_int_equal(og_record_set_text(&about, "reason",
                                        "The message holds a macro (vba) in \"a.doc\"",
                                        &err),
                     OG_OK);
    assert_int_equal(og_arf_row(&state_of_test, id, &about, NULL, "a@b.c", NOW,
                                &batch->rows[batch->count], &err),
                     OG_OK);
    batch->count++;
    og_record_free(&about);
}

static void
write_text(const struct og_outbox_batch *batch, char *text, size_t size)
{
    FILE *f = tmpfile();
    struct og_err err = { "" };
    ssize_t n;

    assert_non_null(f);
    if (og_arf_write(&state_of_test, &batch->rows[0], NOW, fileno(f), NULL, &err)
        != OG_OK)
        fail_msg("%s", err.text);
    n = pread(fileno(f), text, size - 1, 0);
    assert_true(n > 0);
    text[n] = '\0';
    assert_int_equal(fclose(f), 0);
}

static void
test_without_its_message(void **state)
{
    static struct og_outbox_batch batch;
    char text[8192];

    (void)state;
    put(&batch, "k2m4pqrs7t", "one\nTo: you");
    write_text(&batch, text, sizeof text); /* its message is nowhere */
    assert_non_null(strstr(text, "Content-Type: text/rfc822-headers"));
    assert_non_null(strstr(text, "Feedback-Type: abuse\n"));
    /* to a person in his language, to programs in English */
    assert_non_null(strstr(text, "\nContent-Language: de\n"));
    assert_non_null(strstr(text, "ein Makro (vba)"));
    assert_non_null(strstr(text, "X-Outgate-Reason: The message holds a macro (vba)"));
    assert_non_null(strstr(text, "one To: you"));
    assert_null(strstr(text, "\nTo: you"));
    og_outbox_free(&batch);
}

static int
set_up(void **state)
{
    char here[1000], more[1100];

    (void)state;
    if (getcwd(here, sizeof here) == NULL)
        return 1;
    (void)snprintf(more, sizeof more,
                   "template_directory = %s/templates\nlanguage = de\n", here);
    state_dir_open(more);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wanted),
        cmocka_unit_test(test_header_ceiling),
        cmocka_unit_test(test_without_its_message),
    };

    return cmocka_run_group_tests(tests, set_up, state_dir_tear_down);
}
