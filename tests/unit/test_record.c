/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/rows.h"

#include "core/base/record.h"

/* what a text form parses to, printed back */
static const struct {
    const char *in;
    enum og_rc rc;
    const char *out;
} rows[] = {
    { "", OG_OK, "" },
    { "a=1", OG_OK, "a=1" },
    { "  b=x   a=1 ", OG_OK, "b=x a=1" },
    { "a=", OG_OK, "a=" },
    { "a=b=c", OG_OK, "a=b=c" },
    { "a=%20%0A%25%ff", OG_OK, "a=%20%0A%25%FF" },
    { "a=%41", OG_OK, "a=A" },
    { "a=1 a=2", OG_E_SYNTAX, NULL },
    { "a", OG_E_SYNTAX, NULL },
    { "=1", OG_E_SYNTAX, NULL },
    { "A=1", OG_E_SYNTAX, NULL },
    { "a b=1", OG_E_SYNTAX, NULL },
    { "a=%", OG_E_SYNTAX, NULL },
    { "a=%4", OG_E_SYNTAX, NULL },
    { "a=%4g", OG_E_SYNTAX, NULL },
    { "a=\x01", OG_E_SYNTAX, NULL },
    { "a=\xc3\xa4", OG_E_SYNTAX, NULL },
};

static void
test_parse(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        struct og_record rec = OG_RECORD_INIT;
        struct og_buf out = OG_BUF_INIT(1000);
        struct og_err err = { "" };
        size_t len = strlen(rows[i].in);
        char *exact = exact_copy(rows[i].in, len);

        row_rc(i, og_record_parse(exact, len, &rec, &err), rows[i].rc, &err);
        if (rows[i].rc == OG_OK) {
            row_rc(i, og_record_print(&rec, &out, &err), OG_OK, &err);
            row_text(i, og_buf_text(&out), rows[i].out);
        } else {
            assert_int_equal(rec.count, 0);
            assert_string_not_equal(err.text, "");
        }
        og_record_free(&rec);
        og_buf_free(&out);
        free(exact);
    }
}

/* every byte, alone and all together, survives a round trip */
static void
test_round_trip(void **state)
{
    char all[256];

    (void)state;
    for (size_t i = 0; i < sizeof all; i++)
        all[i] = (char)i;
    for (size_t i = 0; i <= sizeof all; i++) {
        struct og_record rec = OG_RECORD_INIT, back = OG_RECORD_INIT;
        struct og_buf text = OG_BUF_INIT(4000);
        struct og_err err = { "" };
        const char *data = i < sizeof all ? &all[i] : all;
        size_t len = i < sizeof all ? 1 : sizeof all;
        const struct og_field *field;

        row_rc(i, og_record_set(&rec, "v", data, len, &err), OG_OK, &err);
        row_rc(i, og_record_print(&rec, &text, &err), OG_OK, &err);
        for (size_t k = 0; k < text.len; k++)
            assert_true(text.data[k] > ' ' && text.data[k] < 0x7f);
        row_rc(i, og_record_parse(text.data, text.len, &back, &err), OG_OK, &err);
        field = og_record_find(&back, "v");
        assert_non_null(field);
        assert_int_equal(field->len, len);
        assert_memory_equal(field->value, data, len);
        og_record_free(&rec);
        og_record_free(&back);
        og_buf_free(&text);
    }
}

static void
test_change(void **state)
{
    struct og_record rec = OG_RECORD_INIT;
    struct og_buf out = OG_BUF_INIT(100);
    struct og_err err = { "" };
    char name[OG_RECORD_MAX_NAME + 2];

    (void)state;
    assert_int_equal(og_record_set_text(&rec, "a", "1", &err), OG_OK);
    assert_int_equal(og_record_set_text(&rec, "b", "2", &err), OG_OK);
    assert_int_equal(og_record_set_number(&rec, "a", -7, &err), OG_OK);
    assert_string_equal(og_record_get(&rec, "a"), "-7");
    assert_null(og_record_get(&rec, "c"));
    assert_true(og_record_unset(&rec, "a"));
    assert_false(og_record_unset(&rec, "a"));
    assert_int_equal(og_record_print(&rec, &out, &err), OG_OK);
    assert_string_equal(og_buf_text(&out), "b=2");

    memset(name, 'n', sizeof name);
    name[sizeof name - 1] = '\0'; /* one above the ceiling */
    assert_int_equal(og_record_set_text(&rec, name, "", &err), OG_E_SYNTAX);
    name[sizeof name - 2] = '\0';
    assert_int_equal(og_record_set_text(&rec, name, "", &err), OG_OK);
    og_record_free(&rec);
    og_buf_free(&out);
}

/* what is not there is left out */
static void
test_some(void **state)
{
    struct og_record rec = OG_RECORD_INIT;
    struct og_buf out = OG_BUF_INIT(100);
    struct og_err err = { "" };

    (void)state;
    assert_int_equal(og_record_set_some(&rec, "a", NULL, &err), OG_OK);
    assert_int_equal(og_record_set_some(&rec, "b", "", &err), OG_OK);
    assert_int_equal(og_record_set_some(&rec, "c", "1", &err), OG_OK);
    assert_int_equal(og_record_set_time(&rec, "d", 0, &err), OG_OK);
    assert_int_equal(og_record_set_time(&rec, "e", 1763748741, &err), OG_OK);
    assert_int_equal(og_record_set_time(&rec, "f", INT64_MAX, &err), OG_E_RANGE);
    assert_int_equal(og_record_print(&rec, &out, &err), OG_OK);
    assert_string_equal(og_buf_text(&out), "c=1 e=2025-11-21T18:12:21Z");
    og_record_free(&rec);
    og_buf_free(&out);
}

static void
test_field_ceiling(void **state)
{
    struct og_record rec = OG_RECORD_INIT;
    struct og_err err = { "" };
    char name[16];

    (void)state;
    for (int i = 0; i <= OG_RECORD_MAX_FIELDS; i++) {
        (void)snprintf(name, sizeof name, "n%d", i);
        assert_int_equal(og_record_set_text(&rec, name, "", &err),
                         i < OG_RECORD_MAX_FIELDS ? OG_OK : OG_E_LIMIT);
    }
    og_record_free(&rec);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),         cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_change),        cmocka_unit_test(test_some),
        cmocka_unit_test(test_field_ceiling),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
