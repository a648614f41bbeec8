/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/rows.h"

#include "core/base/buf.h"
#include "core/lib/mime.h"

#define TOP "From: a@example.com\nMIME-Version: 1.0\n"
#define MIXED TOP "Content-Type: multipart/mixed; boundary=\"bb\"\n\n"
#define NAMED(fields) MIXED "--bb\n" fields "\n\nhello\n--bb--\n"

/* each part as `name|other|folder|claimed|what it holds|flags`, one a line; flags: t text,
 * h HTML, c clear, m message; then what is said of the message: o odd, p too many, d too
 * deep, l too large, s shut */
static const struct {
    const char *in;
    const char *out;
} rows[] = {
    { "", "o" },
    { "\n", "|||||t\n" },
    { "Subject: x\n\nhello\n", "||||hello~|t\n" },
    { "Subject: x", "|||||t\no" },
    { TOP "Content-Type: text/html\n\n<p>\n", "|||text/html|<p>~|th\n" },
    { MIXED
      "--bb\n\nhello\n--bb\nContent-Type: image/png; name=a.png\n\n\x89PNG\n--bb--\n",
      "||||hello|t\na.png|||image/png|\x89PNG|\n" },
    /* names */
    { NAMED("Content-Disposition: attachment; filename=\"a b.exe\""),
      "a b.exe||||hello|\n" },
    { NAMED("Content-Type: a/b; name=x.txt\nContent-Disposition: inline; filename=y.exe"),
      "y.exe|x.txt||a/b|hello|\n" },
    { NAMED("Content-Type: a/b; name=x.exe\nContent-Disposition: inline; filename=x.exe"),
      "x.exe|||a/b|hello|\n" },
    { NAMED("Content-Disposition: attachment; filename*0=\"evil.\"; filename*1=exe"),
      "evil.exe||||hello|\n" },
    { NAMED("Content-Disposition: attachment;\n filename*0*=iso-8859-1''r%E9sum;\n"
            " filename*1*=%E9.e; filename*2=xe"),
      "r\xc3\xa9sum\xc3\xa9.exe||||hello|\n" },
    { NAMED("Content-Type: a/b; name=\"=?utf-8?B?ZXZpbC5leGU=?=\""),
      "evil.exe|||a/b|hello|\n" },
    { NAMED("Content-Type: a/b; name=\"=?utf-8?Q?evil=2Eexe?=\""),
      "evil.exe|||a/b|hello|\n" },
    { NAMED("Content-Disposition: attachment; filename=a.txt; filename=b.exe"),
      "a.txt|b.exe|||hello|\no" },
    { NAMED("Content-Disposition: attachment; filename=a.txt\n"
            "Content-Disposition: attachment; filename=b.exe"),
      "b.exe|a.txt|||hello|\no" },
    { NAMED("Content-Disposition: attachment; filename=a; filename=b; filename=c;"
            " filename=b"),
      "a|b~c|||hello|\no" },
    { NAMED(
          "Content-Disposition: attachment; filename=\"=?utf-8?Q?a=0Ab?=\"; filename=c"),
      "a\nb|c|||hello|\no" },
    /* and what stands before a NUL, behind which C sees nothing */
    { NAMED("Content-Disposition: attachment; filename*=utf-8''a.txt%00.exe"),
      "a.txt|a.txt\x1f.exe|||hello|\n" },
    { NAMED("Content-Disposition: attachment; filename=\"=?utf-8?Q?a.exe=00.txt?=\""),
      "a.exe?.txt|a.exe\x1f.txt~a.exe|||hello|\n" },
    { NAMED("Content-Type: a/b; name=\"=?utf-8?B?YS5leGUALnR4dA==?=\""),
      "a.exe?.txt|a.exe\x1f.txt~a.exe||a/b|hello|\n" },
    { NAMED("Content-Type: a/b; name=\"x =?utf-8?b?YS4AYg==?= =?utf-8?B?AGM=?=\""),
      "x a.?b|x a.\x1f"
      "b\x1f"
      "c~x a.||a/b|hello|\n" },
    /* words with a padding each, as long names are written, and without one */
    { NAMED("Content-Disposition: attachment;\n filename=\"=?utf-8?B?YS50eHQ=?=\n"
            " =?utf-8?b?LmV4ZQ==?=\""),
      "a.txt|a.txt.exe|||hello|\n" },
    { NAMED("Content-Type: a/b; name=\"=?utf-8?B?YS5leGU?=\""),
      "a.e|a.exe||a/b|hello|\n" },
    /* in UTF-16 it is half a letter: the other name is nobody's */
    { NAMED("Content-Type: a/b; name=\"=?utf-16?B?/v8AYQ==?=\""),
      "a|\xe1\xbd\xa1||a/b|hello|\n" },
    { NAMED("Content-Type: a/b; filename=x.exe"), "x.exe|||a/b|hello|\n" },
    { NAMED("Content-Disposition: inline; name=x.exe"), "x.exe||||hello|\n" },
    { NAMED("Content-Disposition: attachment filename=x.exe"), "x.exe||||hello|\n" },
    { NAMED("Content-Disposition: filename=\"x y.exe\""), "x y.exe||||hello|\n" },
    { NAMED("Content-Disposition: inline; name"), "||||hello|t\no" },
    /* encodings */
    { NAMED("Content-Transfer-Encoding: base64\n\naGVs\nbG8=\n--bb"),
      "||||hello|ct\n||||hello|t\n" },
    { TOP "Content-Transfer-Encoding: base64\n\naGVsbG8=\n", "||||hello|ct\n" },
    { TOP "Content-Transfer-Encoding: BASE64\n\naGVs bG8=\n", "||||hello|ct\n" },
    { TOP "Content-Transfer-Encoding: base64\n\naGVsbG8\n", "||||hello|t\no" },
    { TOP "Content-Transfer-Encoding: base64\n\naGVs!bG8=\n", "||||hello|t\no" },
    { TOP "Content-Transfer-Encoding: base64\n\naGVsbG8=\naGVsbG8=\n",
      "||||hellohello|t\no" },
    { TOP "Content-Transfer-Encoding: base64\n\n", "|||||ct\n" },
    { TOP "Content-Transfer-Encoding: quoted-printable\n\nh=65l=\nlo\n",
      "||||hello~|t\n" },
    { TOP "Content-Transfer-Encoding: quoted-printable\n\nh=zz\n", "||||h=zz~|t\no" },
    { TOP "Content-Transfer-Encoding: x-mine\n\nhello\n", "||||hello~|t\no" },
    { TOP "Content-Transfer-Encoding: x-uuencode\n\nbegin 644 a\n%:&5L;&\\\n`\nend\n",
      "||||hello|t\no" },
    /* uuencode in a text */
    { TOP "\nsee\nbegin 644 a b.exe\n%:&5L;&\\\n`\nend\nbye\n",
      "||||see~begin 644 a b.exe~%:&5L;&\\~`~end~bye~|t\na b.exe||||hello|\no" },
    { TOP "\nbegin 644 a.exe\n%:&5L;&\\\n",
      "||||begin 644 a.exe~%:&5L;&\\~|t\na.exe||||hello|\no" },
    { TOP "\nbegin 644 words\nare no file\n", "||||begin 644 words~are no file~|t\n" },
    { TOP "\nbegin 644 a.exe\n%:&5L\n`\nend\n", /* blanks at the end were cut off */
      "||||begin 644 a.exe~%:&5L~`~end~|t\na.exe||||hel|\no" },
    { TOP "\nbegin at once\n", "||||begin at once~|t\n" },
    /* messages in messages */
    { NAMED("Content-Type: message/rfc822\n\nSubject: y\n\ninner\n--bb"),
      "||||inner|t\n||||hello|t\n" },
    { NAMED("Content-Type: message/rfc822; name=f.eml\n\n" MIXED
            "--bb\nContent-Type: a/b; name=x\n\ny\n--bb--\n--bb"),
      "f.eml|||message/rfc822||m\nx||f.eml|a/b|y|\n||||hello|t\n" },
    /* what others may read in another way */
    { MIXED "before\n--bb\n\nhello\n--bb--\nbehind\n", "||||hello|t\n" },
    { MIXED "Content-Type: a/b\n--bb\n\nhello\n--bb--\n", "||||hello|t\no" },
    { MIXED "--bb\n\nhello\n--bb--\ncontent-type: a/b\n", "||||hello|t\no" },
    { MIXED "--bb\n\nhello\n", "||||hello~|t\no" },
    { TOP "Content-Type: multipart/mixed\n\n--bb\n\nhello\n--bb--\n", "o" },
    /* parts in sight that only others find */
    { TOP "Content-Type: multipart/mixed\n\nhello\n", "o" },
    { TOP "Content-Type: multipart/mixed; boundary=cc; boundary=bb\n\n"
          "--bb\nContent-Type: a/b\n\nhello\n--bb--\n",
      "os" },
    { TOP "Content-Type: multipart/mixed; boundary=cc; boundary*=utf-8''bb\n\n"
          "--bb\nX: y\n z\ncontent-type: a/b\n\nhello\n--bb--\n",
      "os" },
    { TOP "Content-Type: multipart/mixed; boundary=cc; boundary*0=bb\n\n"
          "--cc\n\nhi\n--bb\nContent-Type: a/b\n\nhello\n--bb--\n--cc--\n",
      "||||hi~--bb~Content-Type: a/b~~hello~--bb--|t\nos" },
    { TOP "Content-Type: multipart/mixed; boundary=bb\nContent-Type: text/plain\n\n"
          "--bb\nContent-Type: a/b\n\nhello\n--bb--\n",
      "|||text/plain|--bb~Content-Type: a/b~~hello~--bb--~|t\nos" },
    { MIXED "--bb\n\nhi\n--bbc\nContent-Type: a/b\n\nhello\n--bb--\n",
      "||||hi~--bbc~Content-Type: a/b~~hello|t\nos" },
    { MIXED "--bb\n\nhi\n--bbc\nhello\n--bb--\n", "||||hi~--bbc~hello|t\n" },
    { TOP "Content-Type: multipart/mixed; boundary=bb\n"
          "Content-Transfer-Encoding: base64\n\nLS1iYg==\n",
      "os" },
    { TOP "Content-Type: text/html\nContent-Type: text/plain\n\nhello\n--\nBob: x\n",
      "|||text/plain|hello~--~Bob: x~|t\no" },
    { TOP "Content-Type: text\n\nhello\n", "|||application/octet-stream|hello~|\no" },
    { TOP "\nhel\rlo\n", "||||hel\rlo~|t\no" },
    { TOP "Content-Type: message/partial\n\nhello\n", "|||message/partial|hello~|\nos" },
    { TOP "\n=ybegin line=128\n", "||||=ybegin line=128~|t\no" },
    { "From: a\r\nContent-Type: text/plain\r\n\r\nhello\r\n",
      "|||text/plain|hello\r~|t\n" },
};

struct told {
    struct og_buf text;
    size_t stop; /* fail at this part */
};

static enum og_rc
visit(const struct og_mime_part *part, void *arg, struct og_err *err)
{
    struct told *told = arg;

    if (told->stop > 0 && --told->stop == 0)
        return og_fail(err, OG_E_IO, "stopped");
    char *other = exact_copy(part->other, strlen(part->other) + 1);

    for (char *end = other; (end = strchr(end, '\n')) != NULL;)
        *end = '~';
    assert_int_equal(og_buf_printf(&told->text, err, "%s|%s|%s|%s|", part->name, other,
                                   part->folder, part->claimed),
                     OG_OK);
    free(other);
    for (size_t i = 0; part->data != NULL && !part->is_message && i < part->len; i++)
        assert_int_equal(
            og_buf_add_text(&told->text,
                            part->data[i] == '\n' ? "~" : (char[]){ part->data[i], '\0' },
                            err),
            OG_OK);
    return og_buf_printf(&told->text, err, "%s|%s%s%s%s\n",
                         part->data == NULL && !part->is_message ? "(too large)" : "",
                         part->clear ? "c" : "", part->is_text ? "t" : "",
                         part->is_html ? "h" : "", part->is_message ? "m" : "");
}

/* the same, with `@` for a NUL of the content */
static enum og_rc
visit_nuls(const struct og_mime_part *part, void *arg, struct og_err *err)
{
    struct og_mime_part shown = *part;
    char *data = exact_copy(part->data, part->len);
    enum og_rc rc;

    for (size_t i = 0; i < part->len; i++)
        if (data[i] == '\0')
            data[i] = '@';
    shown.data = data;
    rc = visit(&shown, arg, err);
    free(data);
    return rc;
}

static void
test_rows(void **state)
{
    static const struct og_mime_limits limits = { 10, 10, 1000 };

    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        struct told told = { OG_BUF_INIT(100000), 0 };
        struct og_mime_message said;
        struct og_err err = { "" };
        size_t len = strlen(rows[i].in);
        char *exact = exact_copy(rows[i].in, len);

        row_rc(i, og_mime_walk(exact, len, &limits, visit, &told, &said, &err), OG_OK,
               &err);
        row_rc(i,
               og_buf_printf(&told.text, &err, "%s%s%s%s%s", said.odd ? "o" : "",
                             said.too_many ? "p" : "", said.too_deep ? "d" : "",
                             said.too_large ? "l" : "", said.shut ? "s" : ""),
               OG_OK, &err);
        row_text(i, og_buf_text(&told.text), rows[i].out);
        og_buf_free(&told.text);
        free(exact);
    }
}

/* the byte itself, in fields; `@` stands for it. The content is left alone */
static void
test_nuls(void **state)
{
    static const struct og_mime_limits limits = { 10, 10, 1000 };
    static const struct {
        const char *in, *out;
    } nuls[] = {
        { NAMED("Content-Disposition: attachment; filename=\"a.txt@.exe\""),
          "a.txt\x1f.exe|a.txt|||hello|\no" },
        { NAMED("content-type: a/b;\n name=a.exe@.txt"),
          "a.exe\x1f.txt|a.exe||a/b|hello|\no" },
        { NAMED("Content-Type: a/b; name=x\nX-Other: @"), "x|||a/b|hello|\no" },
        { NAMED("Content-Type: a/b; name=x\n\n@@"), "x|||a/b|@@~~hello|\no" },
        { TOP "Content-@Type: a/b; name=x\n\nhello\n", "||||hello~|t\no" },
    };

    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(nuls); i++) {
        struct told told = { OG_BUF_INIT(100000), 0 };
        struct og_mime_message said;
        struct og_err err = { "" };
        size_t len = strlen(nuls[i].in);
        char *exact = exact_copy(nuls[i].in, len);

        for (char *at = exact;
             (at = memchr(at, '@', len - (size_t)(at - exact))) != NULL;)
            *at = '\0';
        row_rc(i, og_mime_walk(exact, len, &limits, visit_nuls, &told, &said, &err),
               OG_OK, &err);
        row_rc(i, og_buf_add_text(&told.text, said.odd ? "o" : "", &err), OG_OK, &err);
        row_text(i, og_buf_text(&told.text), nuls[i].out);
        og_buf_free(&told.text);
        free(exact);
    }
}

/* every way to cut a message short is a message */
static void
test_cut(void **state)
{
    static const struct og_mime_limits limits = { 10, 10, 1000 };

    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(rows); i++)
        for (size_t len = 0; len < strlen(rows[i].in); len++) {
            struct told told = { OG_BUF_INIT(100000), 0 };
            struct og_mime_message said;
            struct og_err err = { "" };
            char *exact = exact_copy(rows[i].in, len);

            row_rc(i, og_mime_walk(exact, len, &limits, visit, &told, &said, &err), OG_OK,
                   &err);
            og_buf_free(&told.text);
            free(exact);
        }
}

/* `count` times piece, then the rest: what is said, and how many parts were visited */
static void
check_many(const char *head, const char *piece, size_t count, const char *rest,
           const struct og_mime_limits *limits, size_t parts, const char *expected)
{
    struct told told = { OG_BUF_INIT(10000000), 0 };
    struct og_buf text = OG_BUF_INIT(100000000);
    struct og_mime_message said;
    struct og_err err = { "" };
    char flags[8] = "";

    assert_int_equal(og_buf_add_text(&text, head, &err), OG_OK);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(og_buf_add_text(&text, piece, &err), OG_OK);
    assert_int_equal(og_buf_add_text(&text, rest, &err), OG_OK);
    assert_int_equal(og_mime_walk(text.data, text.len, limits, visit, &told, &said, &err),
                     OG_OK);
    assert_int_equal(said.parts, parts);
    (void)snprintf(flags, sizeof flags, "%s%s%s", said.too_many ? "p" : "",
                   said.too_deep ? "d" : "", said.too_large ? "l" : "");
    assert_string_equal(flags, expected);
    og_buf_free(&told.text);
    og_buf_free(&text);
}

static void
test_ceilings(void **state)
{
    static const struct og_mime_limits limits = { 100, 10, 2000000 };
    static const char part[] = "--bb\n\nx\n",
                      message[] = "Content-Type: message/rfc822\n\n";
    static const char end[] = "Subject: x\n\nx\n";

    (void)state;
    check_many(MIXED, part, 100, "--bb--\n", &limits, 100, "");
    check_many(MIXED, part, 101, "--bb--\n", &limits, 100, "p");
    check_many(MIXED, part, 100000, "--bb--\n", &limits, 100, "p");
    check_many(MIXED "--bb\n\n", "--not a boundary\n", 100000, "--bb--\n", &limits, 1,
               "");
    check_many(TOP, message, 10, end, &limits, 1, "");
    check_many(TOP, message, 11, end, &limits, 0, "d");
    check_many(TOP, message, 100000, end, &limits, 0, "d");
    check_many(TOP, "\nbegin 644 a\n%:&5L;&\\\nend\n", 99, "", &limits, 100, "");
    check_many(TOP, "\nbegin 644 a\n%:&5L;&\\\nend\n", 100, "", &limits, 100, "p");
    /* a field of 64 KiB is read, one above the ceiling ends the message */
    check_many(TOP "Content-Type: a/b; name=", "x", 65536, "\n\nx\n", &limits, 1, "");
    /* groups of addresses in one another, in the message or in one that it holds */
    check_many("To: ", "a:", 5000, "\n\nx\n", &limits, 1, "");
    check_many("To: ", "a:", 5001, "\n\nx\n", &limits, 0, "l");
    check_many("Topics: ", "a:", 5001, "\n\nx\n", &limits, 1, "");
    check_many("To: ", "a:", 200000, "\n\nx\n", &limits, 0, "l");
    check_many(TOP "Content-Type: message/rfc822\n\nreply-TO :\n", " a:\n", 200000,
               "\n\nx\n", &limits, 0, "l");
    check_many(TOP "Content-Type: a/b;\n", " x*=u''y;\n", 100000, "\n\nx\n", &limits, 1,
               "l");
    /* a part of too many names: they are told, and that there are more */
    check_many(TOP "Content-Type: a/b; name=%00", "; name=xxxxxxxxxxx", 7000, "\n\nx\n",
               &limits, 1, "");
    check_many(TOP "Content-Type: a/b; name=a; name=", "xxxxxxxxx%00", 5461, "\n\nx\n",
               &limits, 1, "");
    check_many(TOP "Content-Type: a/b; name=a; name=", "xxxxxxxxx%00", 5462, "\n\nx\n",
               &limits, 1, "l");
}

/* a thousand multiparts in one another, and lines that GMime compares to each of them */
static void
test_nested_multiparts(void **state)
{
    static const struct og_mime_limits limits = { 100, 17, 1000 };
    struct told told = { OG_BUF_INIT(100000), 0 };
    struct og_buf text = OG_BUF_INIT(100000000);
    struct og_mime_message said;
    struct og_err err = { "" };

    (void)state;
    assert_int_equal(og_buf_add_text(&text, TOP, &err), OG_OK);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(og_buf_printf(&text, &err,
                                       "Content-Type: multipart/mixed; "
                                       "boundary=\"b%d\"\n\n--b%d\n",
                                       i, i),
                         OG_OK);
    assert_int_equal(og_buf_add_text(&text, "\nx\n", &err), OG_OK);
    assert_int_equal(
        og_mime_walk(text.data, text.len, &limits, visit, &told, &said, &err), OG_OK);
    assert_int_equal(said.parts, 0);
    assert_true(said.too_deep || said.too_many);
    for (int i = 0; i < 1000000; i++)
        assert_int_equal(og_buf_add_text(&text, "--\n", &err), OG_OK);
    assert_int_equal(
        og_mime_walk(text.data, text.len, &limits, visit, &told, &said, &err), OG_OK);
    assert_true(said.too_deep || said.too_many);
    og_buf_free(&told.text);
    og_buf_free(&text);
}

static void
test_large_part(void **state)
{
    static const struct og_mime_limits limits = { 10, 10, 3000 };
    struct told told = { OG_BUF_INIT(100000), 0 };
    struct og_buf text = OG_BUF_INIT(100000);
    struct og_mime_message said;
    struct og_err err = { "" };

    (void)state;
    assert_int_equal(
        og_buf_add_text(&text, TOP "Content-Transfer-Encoding: base64\n\n", &err), OG_OK);
    for (int i = 0; i < 1001; i++)
        assert_int_equal(og_buf_add_text(&text, "AAAA", &err), OG_OK);
    assert_int_equal(
        og_mime_walk(text.data, text.len, &limits, visit, &told, &said, &err), OG_OK);
    assert_string_equal(og_buf_text(&told.text), "||||(too large)|t\n");
    og_buf_free(&told.text);
    og_buf_free(&text);
}

static void
test_stop(void **state)
{
    static const struct og_mime_limits limits = { 10, 10, 1000 };
    struct told told = { OG_BUF_INIT(1000), 2 };
    struct og_mime_message said;
    struct og_err err = { "" };
    const char *text = MIXED "--bb\n\na\n--bb\n\nb\n--bb\n\nc\n--bb--\n";

    (void)state;
    assert_int_equal(og_mime_walk(text, strlen(text), &limits, visit, &told, &said, &err),
                     OG_E_IO);
    assert_string_equal(err.text, "stopped");
    assert_string_equal(og_buf_text(&told.text), "||||a|t\n");
    og_buf_free(&told.text);
}

static void
take(const char *text, size_t len, void *arg)
{
    assert_int_equal(og_buf_add(arg, text, len, NULL), OG_OK);
}

static void
test_text(void **state)
{
    static const struct {
        const char *charset, *in, *out;
    } texts[] = {
        { "", "a\xff", "a\xff" },
        { "utf-8", "\xc3\xa9", "\xc3\xa9" },
        { "ISO-8859-1", "r\xe9sum\xe9", "r\xc3\xa9sum\xc3\xa9" },
        { "windows-1252", "\x80 100", "\xe2\x82\xac 100" },
        { "iso-2022-jp", "\x1b$B$\"\x1b(Bz", "\xe3\x81\x82z" },
        { "utf-7", "+AOk-x", "\xc3\xa9x" },
        { "gb2312",
          "a\xff\xff"
          "b",
          "ab" },
        { "gb2312", "a\xc4", "a" }, /* cut */
        { "x-nobody-knows", "abc", "abc" },
    };

    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(texts); i++) {
        char *exact = exact_copy(texts[i].in, strlen(texts[i].in));
        struct og_mime_part part = { .charset = texts[i].charset,
                                     .data = exact,
                                     .len = strlen(texts[i].in) };
        struct og_buf out = OG_BUF_INIT(1000);

        og_mime_text(&part, take, &out);
        row_text(i, og_buf_text(&out), texts[i].out);
        og_buf_free(&out);
        free(exact);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),       cmocka_unit_test(test_cut),
        cmocka_unit_test(test_ceilings),   cmocka_unit_test(test_nested_multiparts),
        cmocka_unit_test(test_large_part), cmocka_unit_test(test_stop),
        cmocka_unit_test(test_text),       cmocka_unit_test(test_nuls),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
