/* SPDX-License-Identifier: BSD-2-Clause */
/* Detectors of text formats, PDF and OneNote by rows: empty, cut, at a ceiling and above */
#include "tests/unit/rows.h"

#include "core/macro/base64.h"
#include "core/macro/pdf_filter.h"
#include "core/macro/pdf_tree.h"
#include "core/macro/rows.h"
#include "core/macro/rtf.h"
#include "core/macro/runs.h"

/* the kinds that were found, `+` between; encrypted and limits by these words */
static void
found(og_macro_detect *detect, const char *data, size_t len, char out[256])
{
    struct og_findings findings = OG_FINDINGS_INIT;
    char *exact = exact_copy(data, len);
    const struct og_layer layer = {
        .path = "x", .name = "x", .type = "", .data = exact, .len = len, .size = len
    };
    struct og_err err = { "" };
    size_t n = 0;

    assert_int_equal(detect(&layer, &findings, &err), OG_OK);
    out[0] = '\0';
    for (size_t i = 0; i < findings.count; i++)
        n += (size_t)snprintf(out + n, 256 - n, "%s%s", i > 0 ? "+" : "",
                              findings.list[i].what == OG_FOUND_MACRO
                                  ? findings.list[i].name
                                  : og_found_text(findings.list[i].what));
    og_findings_free(&findings);
    free(exact);
}

#define PDF "%PDF-1.7\n"
#define JS "/S/JavaScript/JS(x)"
#define RTF "{\\rtf1{\\object\\objemb{\\*\\objdata "
/* an OLE 1.0 object of class Package, of class X, of class X with MZ */
#define PACKAGE \
    "01050000"  \
    "02000000"  \
    "08000000"  \
    "5061636b61676500"
#define OTHER  \
    "01050000" \
    "02000000" \
    "02000000" \
    "5800"     \
    "00000000" \
    "00000000"
#define ODF "xmlns:o='urn:oasis:names:tc:opendocument:xmlns:office:1.0' "
#define SCRIPT "xmlns:s='urn:oasis:names:tc:opendocument:xmlns:script:1.0' "
#define XLINK "xmlns:x='http://www.w3.org/1999/xlink' "
#define MODULE "<s:module xmlns:s='http://openoffice.org/2000/script'>"
#define LIBRARY "<l:library xmlns:l='http://openoffice.org/2000/library' "
#define MANIFEST \
    "<m:manifest xmlns:m='urn:oasis:names:tc:opendocument:xmlns:manifest:1.0'>"

static const struct {
    og_macro_detect *detect;
    const char *in, *kinds;
} rows[] = {
    /* SYLK */
    { og_detect_sylk, "", "" },
    { og_detect_sylk, "ID;", "" },
    { og_detect_sylk, "ID;P\nO;E\nC;E1", "xlm" },
    { og_detect_sylk, "ID;P\rO;L;E\rC;X1;K0;E1\r", "xlm" },
    { og_detect_sylk, "ID;P\no;e\nc;e1\n", "xlm" },
    { og_detect_sylk, "ID;P\nO;E\nC;K1\n", "" },
    { og_detect_sylk, "ID;P\nO;E\nC;E\n", "" },
    { og_detect_sylk, "ID;P\nO;L\nC;E1+2\n", "" },
    { og_detect_sylk, "ID;P\nO;EX\nC;E1+2\n", "" },
    { og_detect_sylk, "ID;P\nC;ESUM(R1C1)+Exec(\"x\")\n", "xlm" },
    { og_detect_sylk, "ID;P\nC;EMYEXEC(1)\n", "" },
    { og_detect_sylk, "ID;P\nC;E\"EXEC(\"\n", "" },
    { og_detect_sylk, "ID;P\nC;K\"a;;EEXEC(1)\"\n", "" },
    { og_detect_sylk, "ID;P\nP;EEXEC(1)\n", "" },
    { og_detect_sylk, " ID;P\nO;E\nC;E1\n", "" },
    /* OpenDocument */
    { og_detect_odf, "", "" },
    { og_detect_odf, "<", "" },
    { og_detect_odf, MODULE "Sub Main\nx\nEnd Sub</s:module>", "odf-basic" },
    { og_detect_odf, MODULE "Sub Main\nx\n", "odf-basic" },
    { og_detect_odf, MODULE "Sub Main\nEnd Sub</s:module>", "" },
    { og_detect_odf, MODULE "<a>Sub Main</a>\nx\n", "odf-basic" },
    { og_detect_odf, "<s:module xmlns:s='http://other.example/script'>x y</s:module>",
      "" },
    { og_detect_odf, LIBRARY "l:passwordprotected='true'><l:element l:name='M'/>",
      "odf-basic" },
    { og_detect_odf, LIBRARY "l:passwordprotected='true'/>", "" },
    { og_detect_odf, LIBRARY "l:passwordprotected='false'><l:element/></l:library>", "" },
    { og_detect_odf, MANIFEST "<m:file-entry m:full-path='/'><m:encryption-data/>",
      "encrypted" },
    { og_detect_odf,
      MANIFEST "<m:file-entry m:full-path='Basic/L/M.xml'><m:encryption-data/>", "" },
    { og_detect_odf,
      MANIFEST "<m:file-entry m:media-type='application/vnd.sun.star.uno-component;"
               "type=Python'/>",
      "odf-script" },
    { og_detect_odf, "<o:document " ODF "><o:script>Shell x</o:script>", "odf-basic" },
    { og_detect_odf, "<o:document " ODF "><o:script>Sub X\nEnd Sub</o:script>Shell x",
      "" },
    { og_detect_odf,
      "<o:document-content " ODF SCRIPT XLINK "><s:event-listener x:href='a'/>",
      "odf-event" },
    { og_detect_odf,
      "<o:document-content " ODF SCRIPT XLINK "><s:event-listener x:href=''/>", "" },
    { og_detect_odf,
      "<o:document-content " ODF SCRIPT "><s:event-listener "
      "s:macro-name='application:Template.Correspondence.Main'/>",
      "" },
    { og_detect_odf,
      "<o:document-content " ODF SCRIPT "><s:event-listener "
      "s:macro-name='application:Other.Correspondence.Main'/>",
      "odf-event" },
    { og_detect_odf, "<o:document-content " ODF XLINK "><a x:href='Macro:///X'/>",
      "odf-event" },
    { og_detect_odf, "<o:document-content " ODF XLINK "><a x:href='http://macro:1/'/>",
      "" },
    { og_detect_odf, "<html><script>x()</script></html>", "" },
    /* PDF */
    { og_detect_pdf, "", "" },
    { og_detect_pdf, PDF, "" },
    { og_detect_pdf, "1 0 obj<<" JS ">>", "" },
    { og_detect_pdf, PDF "1 0 obj<<" JS ">>endobj", "pdf-javascript" },
    { og_detect_pdf, PDF "1 0 obj<<" JS, "pdf-javascript" },
    { og_detect_pdf, PDF "1 0 obj<</S/JavaScript/JS", "" },
    { og_detect_pdf, PDF "1 0 obj<</S/JavaScript/JS(", "" },
    { og_detect_pdf, PDF "1 0 obj<</S/JavaScript/JS<20>>>", "pdf-javascript" },
    { og_detect_pdf, PDF "1 0 obj<</S/JavaScript/JS null>>", "" },
    { og_detect_pdf, PDF "1 0 obj<</S/JavaScript>>2 0 obj<</JS(x)>>", "" },
    { og_detect_pdf, PDF "1 0 obj<</A[[<</B<<" JS ">>>>]]>>", "pdf-javascript" },
    { og_detect_pdf, PDF "1 0 obj<<%comment\n/#53/Java#53cript%\n/J#53(x)>>",
      "pdf-javascript" },
    { og_detect_pdf, PDF "1 0 obj<</S/JavaScript#00/JS(x)>>", "" },
    { og_detect_pdf, PDF "1 0 obj(<<" JS ">>)endobj", "" },
    { og_detect_pdf, PDF "1 0 obj(\\(<<" JS ">>\\))endobj", "" },
    { og_detect_pdf, PDF "1 0 obj<</A(>>endobj 2 0 obj<<" JS ">>endobj",
      "pdf-javascript" },
    { og_detect_pdf, PDF "1 0 obj<</Length 24>>stream\n2 0 obj<<" JS ">>endstream", "" },
    { og_detect_pdf, PDF "1 0 obj<</S/Launch/F(x)>>", "pdf-launch" },
    { og_detect_pdf, PDF "1 0 obj<</S/Launch>>", "" },
    { og_detect_pdf, PDF "trailer<</Encrypt<</Filter/X>>>>", "encrypted" },
    { og_detect_pdf, PDF "trailer<</Encrypt 9 0 R>>", "" },
    { og_detect_pdf, PDF "trailer<</Encrypt<</Filter/Standard/V 5/R 6/U()>>>>",
      "encrypted" },
    /* RTF */
    { og_detect_rtf, "", "" },
    { og_detect_rtf, "{\\rtf1}", "" },
    { og_detect_rtf, RTF PACKAGE "}}}", "rtf-object" },
    { og_detect_rtf, RTF PACKAGE, "rtf-object" },
    { og_detect_rtf, RTF "01050000020000000800000050", "" },
    { og_detect_rtf,
      RTF OTHER "02000000"
                "4d5a",
      "rtf-object" },
    { og_detect_rtf,
      RTF OTHER "02000000"
                "4d5b",
      "" },
    { og_detect_rtf,
      RTF OTHER "ffffffff"
                "4d5a",
      "rtf-object" },
    { og_detect_rtf,
      RTF OTHER "02000000"
                "4d5b}\\objupdate}}",
      "rtf-object" },
    { og_detect_rtf,
      RTF OTHER "02000000"
                "4d5b}\\\\objupdate}}",
      "" },
    { og_detect_rtf,
      RTF OTHER "02000000"
                "\\bin2 MZ}}",
      "rtf-object" },
    { og_detect_rtf,
      RTF OTHER "02000000"
                "\\bin99999999999999999999 MZ",
      "rtf-object" },
    { og_detect_rtf, "{\\rtf1\\\\objdata " PACKAGE "}", "" },
    { og_detect_rtf, "{\\rtf1 \\objupdate}", "" },
    { og_detect_rtf, " \r\n{\\rt{\\object{\\objdata " PACKAGE "}}}", "rtf-object" },
    { og_detect_rtf, "x{\\rtf1{\\object{\\objdata " PACKAGE "}}}", "" },
    /* the others need more than a row: the corpora have them */
    { og_detect_onenote, "", "" },
    { og_detect_activemime, "", "" },
    { og_detect_activemime, "ActiveMime", "" },
    { og_detect_xdp, "", "" },
    { og_detect_odf_package, "PK\3\4META-INF/manifest.xml", "" },
};

static void
test_rows(void **state)
{
    char kinds[256];

    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        found(rows[i].detect, rows[i].in, strlen(rows[i].in), kinds);
        row_text(i, kinds, rows[i].kinds);
    }
}

/* where containers are nested as deep as may be, and one deeper */
static void
test_deep(void **state)
{
    (void)state;
    for (unsigned deep = OG_PDF_MAX_DEPTH - 1; deep <= OG_PDF_MAX_DEPTH; deep++) {
        struct og_buf doc = OG_BUF_INIT(10000);
        char kinds[256];

        assert_int_equal(og_buf_add_text(&doc, PDF "1 0 obj", NULL), OG_OK);
        for (unsigned i = 0; i < deep; i++)
            assert_int_equal(og_buf_add_text(&doc, "[", NULL), OG_OK);
        assert_int_equal(og_buf_add_text(&doc, "<<" JS ">>", NULL), OG_OK);
        found(og_detect_pdf, doc.data, doc.len, kinds);
        assert_string_equal(kinds, deep < OG_PDF_MAX_DEPTH ? "pdf-javascript" : "limit");
        og_buf_free(&doc);
    }
}

/* what turns in circles ends, and says so: objects and texts that never end, each in the
 * one before */
static void
test_circles(void **state)
{
    static const struct {
        og_macro_detect *detect;
        const char *head, *again, *kinds;
    } circles[] = {
        { og_detect_pdf, PDF, "1 0 obj[(", "limit" },
        { og_detect_pdf, PDF, "1 0 obj<</A ", "" },
        { og_detect_pdf, PDF,
          "1 0 obj<</First 0/N 9/Filter 9 0 R/Length 4>>stream\n1 0 endstream ",
          "limit" },
        { og_detect_pdf, PDF, "1 0 obj<</XFA 1 0 R>>stream\n", "limit" },
        { og_detect_pdf, PDF, "1 0 obj<<>>stream\n", "" },
        { og_detect_rtf, "{\\rtf1", "{\\objdata 01", "limit" },
    };

    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(circles); i++) {
        struct og_buf doc = OG_BUF_INIT(1 << 20);
        char kinds[256];

        assert_int_equal(og_buf_add_text(&doc, circles[i].head, NULL), OG_OK);
        while (og_buf_add_text(&doc, circles[i].again, NULL) == OG_OK)
            ;
        found(circles[i].detect, doc.data, doc.len, kinds);
        row_text(i, kinds, circles[i].kinds);
        og_buf_free(&doc);
    }
}

static const struct {
    struct og_pdf_packing packing;
    const char *in;
    size_t len, max;
    enum og_rc rc;
    const char *out;
} filters[] = {
    { { .filter = OG_PDF_HEX_TEXT }, "4 1\n4243>44", 10, 9, OG_OK, "ABC" },
    { { .filter = OG_PDF_HEX_TEXT }, "414", 3, 9, OG_OK, "A@" },
    { { .filter = OG_PDF_HEX_TEXT }, "", 0, 9, OG_OK, "" },
    { { .filter = OG_PDF_HEX_TEXT }, "414243", 6, 2, OG_E_LIMIT, "AB" },
    { { .filter = OG_PDF_85_TEXT }, "87cUR\nD]~>x", 11, 9, OG_OK, "Hello" },
    { { .filter = OG_PDF_85_TEXT }, "8", 1, 9, OG_OK, "" },
    { { .filter = OG_PDF_85_TEXT }, "87cURD]", 7, 4, OG_E_LIMIT, "Hell" },
    { { .filter = OG_PDF_RUNS },
      "\1ab\xfe"
      "c\x80x",
      6,
      9,
      OG_OK,
      "abccc" },
    { { .filter = OG_PDF_RUNS },
      "\x09"
      "ab",
      3,
      9,
      OG_OK,
      "ab" },
    { { .filter = OG_PDF_RUNS }, "\x81", 1, 9, OG_OK, "" },
    /* ISO 32000-1 section 7.4.4.2, example 2 */
    { { .filter = OG_PDF_LZW },
      "\x80\x0b\x60\x50\x22\x0c\x0c\x85\x01",
      9,
      10,
      OG_OK,
      "-----A---B" },
    { { .filter = OG_PDF_LZW }, "\x80\x0b", 2, 9, OG_OK, "" },
    { { .filter = OG_PDF_LZW }, "\xff\xff\xff", 3, 9, OG_OK, "" },
    { { .filter = OG_PDF_NO_FILTER }, "abc", 3, 3, OG_OK, "abc" },
    { { .filter = OG_PDF_NO_FILTER }, "abc", 3, 2, OG_E_LIMIT, "" },
};

static void
test_filters(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(filters); i++) {
        struct og_buf out = OG_BUF_INIT(filters[i].max);
        char *exact = exact_copy(filters[i].in, filters[i].len);
        struct og_bytes in = og_bytes(exact, filters[i].len);
        struct og_err err = { "" };

        row_rc(i, og_pdf_unpack(&filters[i].packing, &in, &out, &err), filters[i].rc,
               &err);
        row_text(i, og_buf_text(&out), filters[i].out);
        og_buf_free(&out);
        free(exact);
    }
}

static void
test_base64(void **state)
{
    static const char text[] = "QWN0 aXZl\r\n\tTWl*tZQ==QUJD";
    struct og_buf out = OG_BUF_INIT(10);
    struct og_base64 whole = { .have = 0 }, pieces = { .have = 0 };

    (void)state;
    assert_int_equal(og_base64_add(&whole, text, sizeof text - 1, &out, NULL), OG_OK);
    assert_string_equal(out.data, "ActiveMime");
    og_buf_reset(&out);
    for (size_t i = 0; i < sizeof text - 1; i++)
        assert_int_equal(og_base64_add(&pieces, text + i, 1, &out, NULL), OG_OK);
    assert_string_equal(out.data, "ActiveMime");
    whole = (struct og_base64){ .have = 0 };
    assert_int_equal(og_base64_add(&whole, "QUJD", 4, &out, NULL), OG_E_LIMIT);
    og_buf_free(&out);
}

static const struct {
    const char *data, *name;
    bool runs;
} programs[] = {
    { "MZ", NULL, true },
    { "M", NULL, false },
    { "\x7f"
      "ELF",
      NULL, true },
    { "#!/bin/sh", NULL, true },
    { "\xef\xbb\xbf \n<job><script/>", NULL, true },
    { "<html><SCRIPT>", NULL, true },
    { "<html><scrip", NULL, false },
    { "a <script>", NULL, false },
    { "", NULL, false },
    { NULL, "a.exe", true },
    { NULL, "a.Bat. .", true },
    { NULL, "a.b.hta", true },
    { NULL, "exe", false },
    { NULL, "a.exe.png", false },
    { NULL, ".", false },
    { NULL, "", false },
};

static void
test_programs(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(programs); i++) {
        const char *text = programs[i].data != NULL ? programs[i].data : programs[i].name;
        size_t len = strlen(text);
        char *exact = exact_copy(text, len);

        if ((programs[i].data != NULL ? og_runs(exact, len) : og_runs_named(exact, len))
            != programs[i].runs)
            fail_msg("row %zu", i);
        free(exact);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),    cmocka_unit_test(test_deep),
        cmocka_unit_test(test_circles), cmocka_unit_test(test_filters),
        cmocka_unit_test(test_base64),  cmocka_unit_test(test_programs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
