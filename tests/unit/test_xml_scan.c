/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/rows.h"

#include "core/base/buf.h"
#include "core/lib/xml_scan.h"

/* what a walk has seen: <ns|name attr=value>text</> */
static bool
on_open(const struct og_xml_element *e, void *arg)
{
    assert_int_equal(og_buf_printf(arg, NULL, "<%s|%s", e->ns, e->name), OG_OK);
    for (size_t i = 0; i < e->count; i++)
        assert_int_equal(og_buf_printf(arg, NULL, " %s|%s=%.*s", e->attrs[i].ns,
                                       e->attrs[i].name, (int)e->attrs[i].len,
                                       e->attrs[i].value),
                         OG_OK);
    assert_int_equal(og_buf_add_text(arg, ">", NULL), OG_OK);
    return strcmp(e->name, "stop") != 0;
}

static bool
on_text(const char *text, size_t len, void *arg)
{
    return og_buf_add(arg, text, len, NULL) == OG_OK;
}

static bool
on_close(unsigned depth, void *arg)
{
    return og_buf_printf(arg, NULL, "</%u>", depth) == OG_OK;
}

static const struct og_xml_handler handler = { on_open, on_text, on_close };

#define NO_FILE "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/hostname'>]>"

static const struct {
    const char *in;
    size_t len; /* 0: its length as text */
    enum og_rc rc;
    const char *out;
} rows[] = {
    { "", 0, OG_OK, "" },
    { "no XML", 0, OG_OK, "" },
    { "<a/>", 0, OG_OK, "<|a></0>" },
    { "<p:a xmlns:p='n'><b p:c='d'/>t</p:a>", 0, OG_OK, "<n|a><|b n|c=d></1>t</0>" },
    { "<a><![CDATA[<x>]]>&lt;&#65;</a>", 0, OG_OK, "<|a><x><A</0>" },
    /* cut and damaged: what can be read is */
    { "<a>text", 0, OG_OK, "<|a>text" },
    { "<a><b c='d", 0, OG_OK, "<|a><|b |c=d>" },
    { "<a>\x01<b/>&none;</c><d/></a>", 0, OG_OK, NULL },
    { "<a><stop/><b/></a>", 0, OG_OK, "<|a><|stop>" },
    /* the document's own entities: in texts, values and the name of a namespace */
    { "<!DOCTYPE a [<!ENTITY x 'Shell'>]><a b='&x;'>&x;</a>", 0, OG_OK,
      "<|a |b=Shell>Shell</0>" },
    { "<!DOCTYPE a [<!ENTITY x 'n'>]><p:a xmlns:p='&x;'/>", 0, OG_OK, "<n|a></0>" },
    { "<!DOCTYPE a [<!ENTITY x '<b>t</b>'>]><a>&x;&x;</a>", 0, OG_OK,
      "<|a><|b>t</1><|b>t</1></0>" },
    { "<!DOCTYPE a [<!ATTLIST a xmlns CDATA #FIXED 'n'>]><a/>", 0, OG_OK, NULL },
    /* never from elsewhere */
    { NO_FILE "<a>[&x;]</a>", 0, OG_OK, "<|a>[]</0>" },
    { "<!DOCTYPE a [<!ENTITY % x SYSTEM 'file:///etc/hostname'>%x;]><a/>", 0, OG_OK,
      "<|a></0>" },
    { "<!DOCTYPE a SYSTEM 'file:///etc/hostname'><a/>", 0, OG_OK, "<|a></0>" },
    { "\xff\xfe<\0a\0>\0x\0<\0/\0a\0>\0", 18, OG_OK, "<|a>x</0>" },
    { "<?xml version='1.0' encoding='iso-8859-1'?><a>\xe4</a>", 0, OG_OK,
      "<|a>\xc3\xa4</0>" },
};

static void
test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        struct og_buf out = OG_BUF_INIT(1000);
        struct og_err err = { "" };
        size_t len = rows[i].len > 0 ? rows[i].len : strlen(rows[i].in);
        char *exact = exact_copy(rows[i].in, len);

        row_rc(i, og_xml_scan(exact, len, &handler, &out, &err), rows[i].rc, &err);
        if (rows[i].out != NULL)
            row_text(i, og_buf_text(&out), rows[i].out);
        og_buf_free(&out);
        free(exact);
    }
}

static bool
count_text(const char *text, size_t len, void *arg)
{
    (void)text;
    *(size_t *)arg += len;
    return true;
}

static bool
open_all(const struct og_xml_element *e, void *arg)
{
    (void)e, (void)arg;
    return true;
}

/* entities inside entities and many uses of a long one end early; a long text does not */
static void
test_growth(void **state)
{
    static const struct og_xml_handler counter = { open_all, count_text, NULL };
    struct og_buf doc = OG_BUF_INIT(32 << 20);
    struct og_err err = { "" };
    size_t seen = 0, declared;

    (void)state;
    assert_int_equal(
        og_buf_add_text(&doc, "<!DOCTYPE a [<!ENTITY e0 '0123456789'>", &err), OG_OK);
    for (int i = 1; i < 20; i++)
        assert_int_equal(og_buf_printf(&doc, &err,
                                       "<!ENTITY e%d '&e%d;&e%d;&e%d;&e%d;&e%d;&e%d;'>",
                                       i, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1),
                         OG_OK);
    declared = doc.len;
    assert_int_equal(og_buf_add_text(&doc, "]><a>&e19;</a>", &err), OG_OK);
    assert_int_equal(og_xml_scan(doc.data, doc.len, &counter, &seen, &err), OG_E_LIMIT);
    assert_true(seen < 8 << 20);
    og_buf_cut(&doc, declared);
    assert_int_equal(og_buf_add_text(&doc, "]><a b='&e19;'/>", &err), OG_OK);
    assert_int_equal(og_xml_scan(doc.data, doc.len, &counter, &seen, &err), OG_E_LIMIT);

    og_buf_reset(&doc);
    seen = 0;
    assert_int_equal(og_buf_add_text(&doc, "<a><!--", &err), OG_OK);
    for (int i = 0; i < 12 << 10; i++)
        assert_int_equal(og_buf_printf(&doc, &err, "%1023d\n", i), OG_OK);
    assert_int_equal(og_buf_add_text(&doc, "-->after</a>", &err), OG_OK);
    assert_int_equal(og_xml_scan(doc.data, doc.len, &counter, &seen, &err), OG_OK);
    assert_int_equal(seen, strlen("after"));
    og_buf_free(&doc);
}

/* count times piece, with a number for #, between begin and end, in UTF-8 or with so many zeros before or behind
 * each byte */
static void
check_bounded(const char *begin, const char *piece, size_t count, const char *end,
              int zeros, enum og_rc want)
{
    static const struct og_xml_handler counter = { open_all, count_text, NULL };
    struct og_buf plain = OG_BUF_INIT(8 << 20), doc = OG_BUF_INIT(32 << 20);
    struct og_err err = { "" };
    size_t seen = 0;

    assert_int_equal(og_buf_add_text(&plain, begin, &err), OG_OK);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(og_buf_printf(&plain, &err, "%.*s%zu%s",
                                       (int)strcspn(piece, "#"), piece, i,
                                       piece + strcspn(piece, "#") + 1),
                         OG_OK);
    assert_int_equal(og_buf_add_text(&plain, end, &err), OG_OK);
    for (size_t i = 0; i < plain.len; i++) {
        assert_int_equal(og_buf_add(&doc, "\0\0\0", zeros < 0 ? (size_t)-zeros : 0, &err),
                         OG_OK);
        assert_int_equal(og_buf_add(&doc, plain.data + i, 1, &err), OG_OK);
        assert_int_equal(og_buf_add(&doc, "\0\0\0", zeros > 0 ? (size_t)zeros : 0, &err),
                         OG_OK);
    }
    if (og_xml_scan(doc.data, doc.len, &counter, &seen, &err) != want)
        fail_msg("%.40s, %zu, %d", begin, count, zeros);
    og_buf_free(&plain);
    og_buf_free(&doc);
}

/* attributes that libxml2 would compare to each other for minutes */
static void
test_attributes(void **state)
{
    static const int zeros[] = { 0, 1, -1, 3, -3 };

    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(zeros); i++) {
        check_bounded("<a ", "b#='x' ", 1000, "/>", zeros[i], OG_OK);
        check_bounded("<a ", "b#='x' ", 1001, "/>", zeros[i], OG_E_LIMIT);
        check_bounded("<a ", "b#='>' ", 20000, "/>", zeros[i], OG_E_LIMIT);
    }
    check_bounded("<a>", "<b c='x' d=\"y\"/>#", 10000, "</a>", 0, OG_OK);
    check_bounded("<a>", "it's \"#\" ", 10000, "</a>", 0, OG_OK);
    check_bounded("<a><!-- ", "it's '#' ", 10000, "--></a>", 0, OG_OK);
    check_bounded("<a b=\"<c ", "b#='x' ", 5000, "/>", 0, OG_E_LIMIT);
    check_bounded("<!DOCTYPE a [<!ENTITY e \"&#60;x ", "b#=&#39;&#39; ", 5000,
                  "/>\">]><a>&e;</a>", 0, OG_E_LIMIT);
    check_bounded("<?xml version='1.0' encoding='cp1252'?><a>", "# ", 50000, "</a>", 0,
                  OG_OK);
    check_bounded("<?xml version='1.0' encoding='utf-7'?><a>", "# ", 50000, "</a>", 0,
                  OG_E_LIMIT);
    check_bounded("<?xml version='1.0' encoding='utf-7'?><a>", "# ", 500, "</a>", 0,
                  OG_OK);
}

/* no document, and an element whose name does not begin with ASCII, in UTF-16 */
static void
test_bound_of_odd_documents(void **state)
{
    static const char begin[] = "<\0\0\1", attr[] = " \0a\0=\0'\0'\0";
    struct og_buf doc = OG_BUF_INIT(1 << 20);
    struct og_err err = { "" };

    (void)state;
    assert_true(og_xml_bounded(NULL, 0));
    assert_int_equal(og_buf_add(&doc, begin, sizeof begin - 1, &err), OG_OK);
    for (size_t i = 0; i < 1000; i++)
        assert_int_equal(og_buf_add(&doc, attr, sizeof attr - 1, &err), OG_OK);
    assert_true(og_xml_bounded(doc.data, doc.len));
    assert_int_equal(og_buf_add(&doc, attr, sizeof attr - 1, &err), OG_OK);
    assert_false(og_xml_bounded(doc.data, doc.len));
    og_buf_free(&doc);
}

static const struct {
    const char *in;
    size_t len;
    bool yes;
} looks[] = {
    { "", 0, false },
    { "<", 1, false },
    { "<a", 2, true },
    { " \r\n\t<a", 6, true },
    { "\xef\xbb\xbf<a", 5, true },
    { "\xff\xfe<\0", 4, true },
    { "\xfe\xff\0<", 4, true },
    { "\0<\0a", 4, true },
    { "<\0a\0", 4, true },
    { "a<b", 3, false },
    { "PK\3\4", 4, false },
    { "\0\0\0", 3, false },
};

static void
test_looks(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(looks); i++) {
        char *exact = exact_copy(looks[i].in, looks[i].len);

        if (og_xml_looks(exact, looks[i].len) != looks[i].yes)
            fail_msg("row %zu", i);
        free(exact);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),       cmocka_unit_test(test_growth),
        cmocka_unit_test(test_attributes), cmocka_unit_test(test_bound_of_odd_documents),
        cmocka_unit_test(test_looks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
