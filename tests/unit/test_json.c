/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/rows.h"

#include "tests/unit/json_line.h"

/* a record's text form, and the JSON it becomes */
static const struct {
    const char *record, *json;
} prints[] = {
    { "", "{}" },
    { "a=b", "{\"a\":\"b\"}" },
    { "b=2 a=1", "{\"b\":\"2\",\"a\":\"1\"}" }, /* their order */
    { "a=", "{\"a\":\"\"}" },
    { "a=%22%5C/", "{\"a\":\"\\\"\\\\/\"}" },
    { "a=%00%01%08%09%0A%0D%1B%7F",
      "{\"a\":\"\\u0000\\u0001\\b\\t\\n\\r\\u001B\\u007F\"}" },
    { "a=x%7Fy%7F", "{\"a\":\"x\\u007Fy\\u007F\"}" },
    { "a=%C3%A4", "{\"a\":\"\\u00E4\"}" },
    { "a=%F0%9F%98%80", "{\"a\":\"\\uD83D\\uDE00\"}" },
    { "a=%E2%80%A8", "{\"a\":\"\\u2028\"}" },
    { "a=%EF%BF%BF", "{\"a\":\"\\uFFFF\"}" },
    { "a=%F4%8F%BF%BF", "{\"a\":\"\\uDBFF\\uDFFF\"}" },
    /* no UTF-8: each such byte */
    { "a=%FF", "{\"a\":\"\\uFFFD\"}" },
    { "a=%80", "{\"a\":\"\\uFFFD\"}" },
    { "a=%C3", "{\"a\":\"\\uFFFD\"}" },
    { "a=%C3x", "{\"a\":\"\\uFFFDx\"}" },
    { "a=%C0%80", "{\"a\":\"\\uFFFD\\uFFFD\"}" },
    { "a=%C1%BF", "{\"a\":\"\\uFFFD\\uFFFD\"}" },
    { "a=%E0%9F%BF", "{\"a\":\"\\uFFFD\\uFFFD\\uFFFD\"}" },
    { "a=%E0%A0%80", "{\"a\":\"\\u0800\"}" },
    { "a=%ED%9F%BF", "{\"a\":\"\\uD7FF\"}" },
    { "a=%ED%A0%80", "{\"a\":\"\\uFFFD\\uFFFD\\uFFFD\"}" }, /* a surrogate */
    { "a=%F0%8F%BF%BF", "{\"a\":\"\\uFFFD\\uFFFD\\uFFFD\\uFFFD\"}" },
    { "a=%F4%90%80%80", "{\"a\":\"\\uFFFD\\uFFFD\\uFFFD\\uFFFD\"}" },
    { "a=%F5%80%80%80", "{\"a\":\"\\uFFFD\\uFFFD\\uFFFD\\uFFFD\"}" },
    { "a=%E2%82", "{\"a\":\"\\uFFFD\\uFFFD\"}" }, /* cut */
};

static void
test_print(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(prints); i++) {
        struct og_record rec = OG_RECORD_INIT;
        struct og_buf out = OG_BUF_INIT(strlen(prints[i].json));
        struct og_buf small = OG_BUF_INIT(strlen(prints[i].json) - 1);
        struct og_err err = { "" };

        row_rc(i, og_record_parse(prints[i].record, strlen(prints[i].record), &rec, &err),
               OG_OK, &err);
        row_rc(i, json_line(&rec, &out, &err), OG_OK, &err);
        row_text(i, og_buf_text(&out), prints[i].json);
        row_rc(i, json_line(&rec, &small, &err), OG_E_LIMIT, &err);
        assert_int_equal(small.len, 0);
        og_record_free(&rec);
        og_buf_free(&out);
        og_buf_free(&small);
    }
}

static void
test_numbers(void **state)
{
    struct og_record rec = OG_RECORD_INIT, back = OG_RECORD_INIT;
    struct og_buf out = OG_BUF_INIT(1000), again = OG_BUF_INIT(1000);
    struct og_err err = { "" };

    (void)state;
    assert_int_equal(og_record_set_number(&rec, "n", INT64_MIN, &err), OG_OK);
    assert_int_equal(og_record_set_number(&rec, "m", INT64_MAX, &err), OG_OK);
    assert_int_equal(og_record_set_number(&rec, "zero", 0, &err), OG_OK);
    assert_int_equal(og_record_set_text(&rec, "text", "12", &err), OG_OK);
    assert_int_equal(json_line(&rec, &out, &err), OG_OK);
    assert_string_equal(og_buf_text(&out),
                        "{\"n\":-9223372036854775808,\"m\":9223372036854775807,"
                        "\"zero\":0,\"text\":\"12\"}");
    assert_int_equal(og_json_parse(out.data, out.len, &back, &err), OG_OK);
    assert_int_equal(json_line(&back, &again, &err), OG_OK);
    assert_string_equal(again.data, out.data);
    og_record_free(&rec);
    og_record_free(&back);
    og_buf_free(&out);
    og_buf_free(&again);
}

/* every byte alone, in front of every other, and all together */
static void
test_bytes(void **state)
{
    (void)state;
    for (size_t i = 0; i < 256 * 256; i++) {
        const char pair[2] = { (char)(i / 256), (char)(i % 256) };
        struct og_record rec = OG_RECORD_INIT, back = OG_RECORD_INIT;
        struct og_buf out = OG_BUF_INIT(100);
        struct og_err err = { "" };
        const struct og_field *field;

        row_rc(i, og_record_set(&rec, "v", pair, 2, &err), OG_OK, &err);
        row_rc(i, json_line(&rec, &out, &err), OG_OK, &err);
        for (size_t k = 0; k < out.len; k++)
            if (out.data[k] < ' ' || out.data[k] > '~')
                fail_msg("row %zu: a raw byte in %s", i, out.data);
        row_rc(i, og_json_parse(out.data, out.len, &back, &err), OG_OK, &err);
        field = og_record_find(&back, "v");
        assert_non_null(field);
        if (i / 256 < 0x80 && i % 256 < 0x80) {
            assert_int_equal(field->len, 2);
            assert_memory_equal(field->value, pair, 2);
        }
        og_record_free(&rec);
        og_record_free(&back);
        og_buf_free(&out);
    }
}

#define NUMBERS20 "11111111111111111111"

/* what a text is read as, in the record's text form */
static const struct {
    const char *json;
    enum og_rc rc;
    const char *record;
} parses[] = {
    { "{}", OG_OK, "" },
    { " { \"a\" : \"b\" } \n", OG_OK, "a=b" },
    { "{\"b\":\"1\",\"a\":2}", OG_OK, "b=1 a=2" },
    { "{\"a\":-7}", OG_OK, "a=-7" },
    { "{\"a\":1.5}", OG_OK, "a=1.5" },
    { "{\"a\":1e3}", OG_OK, "a=1000" },
    { "{\"a\":true,\"b\":false}", OG_OK, "a=true b=false" },
    { "{\"a\":null,\"b\":[1],\"c\":{\"d\":1},\"e\":\"\"}", OG_OK, "e=" },
    { "{\"a\":\"\\u0000\\n\"}", OG_OK, "a=%00%0A" },
    { "{\"a\":\"\\u00e4\\ud83d\\ude00\"}", OG_OK, "a=%C3%A4%F0%9F%98%80" },
    { "{\"a\":\"\xc3\xa4\"}", OG_OK, "a=%C3%A4" },
    { "{\"a\":\"\xff\"}", OG_E_SYNTAX, NULL },
    { "{\"a\":\"\\ud83d\"}", OG_E_SYNTAX, NULL },
    { "{\"a\":\"\n\"}", OG_E_SYNTAX, NULL },
    { "{\"a\":1,\"a\":2}", OG_E_SYNTAX, NULL },
    { "{\"a\":null,\"a\":2}", OG_E_SYNTAX, NULL },
    { "{\"A\":1}", OG_E_SYNTAX, NULL }, /* no field name of ours */
    { "{\"\":1}", OG_E_SYNTAX, NULL },
    { "{\"\\u0000\":1}", OG_E_SYNTAX, NULL },
    { "{\"a\":" NUMBERS20 "}", OG_E_SYNTAX, NULL }, /* beyond 64 bits */
    { "{\"a\":1e999}", OG_E_SYNTAX, NULL },
    { "", OG_E_SYNTAX, NULL },
    { " ", OG_E_SYNTAX, NULL },
    { "null", OG_E_SYNTAX, NULL },
    { "1", OG_E_SYNTAX, NULL },
    { "\"a\"", OG_E_SYNTAX, NULL },
    { "[]", OG_E_SYNTAX, NULL },
    { "[{\"a\":1}]", OG_E_SYNTAX, NULL },
    { "{", OG_E_SYNTAX, NULL },
    { "{\"a\"", OG_E_SYNTAX, NULL },
    { "{\"a\":\"b\"", OG_E_SYNTAX, NULL },
    { "{\"a\":\"b\"}{", OG_E_SYNTAX, NULL },
    { "{\"a\":\"b\"}}", OG_E_SYNTAX, NULL },
    { "{\"a\":\"b\",}", OG_E_SYNTAX, NULL },
    { "{'a':1}", OG_E_SYNTAX, NULL },
    { "{a:1}", OG_E_SYNTAX, NULL },
    { "{\"a\":01}", OG_E_SYNTAX, NULL },
    { "\xef\xbb\xbf{}", OG_E_SYNTAX, NULL },
};

static void
test_parse(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(parses); i++) {
        struct og_record rec = OG_RECORD_INIT;
        struct og_buf out = OG_BUF_INIT(1000);
        struct og_err err = { "" };
        size_t len = strlen(parses[i].json);
        char *exact = exact_copy(parses[i].json, len);

        row_rc(i, og_json_parse(exact, len, &rec, &err), parses[i].rc, &err);
        if (parses[i].rc == OG_OK) {
            row_rc(i, og_record_print(&rec, &out, &err), OG_OK, &err);
            row_text(i, og_buf_text(&out), parses[i].record);
        } else {
            assert_int_equal(rec.count, 0);
            assert_string_not_equal(err.text, "");
        }
        og_record_free(&rec);
        og_buf_free(&out);
        free(exact);
    }
}

/* head, times x piece, tail */
static enum og_rc
parse_long(const char *head, const char *piece, size_t times, const char *tail)
{
    struct og_record rec = OG_RECORD_INIT;
    struct og_buf text = OG_BUF_INIT(2 * OG_RECORD_MAX_TEXT);
    enum og_rc rc;

    assert_int_equal(og_buf_add_text(&text, head, NULL), OG_OK);
    for (size_t i = 0; i < times; i++)
        assert_int_equal(og_buf_add_text(&text, piece, NULL), OG_OK);
    assert_int_equal(og_buf_add_text(&text, tail, NULL), OG_OK);
    rc = og_json_parse(text.data, text.len, &rec, NULL);
    og_record_free(&rec);
    og_buf_free(&text);
    return rc;
}

static void
test_large(void **state)
{
    struct og_record rec = OG_RECORD_INIT;
    struct og_buf text = OG_BUF_INIT(100000);
    struct og_err err = { "" };

    (void)state;
    assert_int_equal(parse_long("{\"a\":\"", "x", OG_RECORD_MAX_TEXT - 8, "\"}"), OG_OK);
    assert_int_equal(parse_long("{\"a\":\"", "x", OG_RECORD_MAX_TEXT - 7, "\"}"),
                     OG_E_LIMIT);
    assert_int_equal(parse_long("{\"a\":", "[", 2000, ""), OG_E_SYNTAX);
    assert_int_equal(parse_long("{\"a\":", "[", 500000, ""), OG_E_SYNTAX);
    assert_int_equal(parse_long("", "{\"a\":", 200000, ""), OG_E_SYNTAX);
    for (int i = 0; i <= OG_RECORD_MAX_FIELDS; i++)
        assert_int_equal(og_buf_printf(&text, &err, "%s\"n%d\":1", i > 0 ? "," : "{", i),
                         OG_OK);
    assert_int_equal(og_buf_add_text(&text, "}", &err), OG_OK);
    assert_int_equal(og_json_parse(text.data, text.len, &rec, &err), OG_E_LIMIT);
    assert_int_equal(rec.count, 0);
    og_buf_free(&text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_print), cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_bytes), cmocka_unit_test(test_parse),
        cmocka_unit_test(test_large),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
