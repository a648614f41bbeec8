/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/rows.h"

#include <time.h>
#include <unistd.h>

#include "core/mail/template.h"

#define NS " xmlns=\"urn:outgate:template\""
#define WORDS                                                                         \
    "<words" NS "><language xml:lang=\"en\"><word name=\"class.spam\">junk</word>"    \
    "<word name=\"time\">{day} {month} {year} {clock} {zone} {x}</word>"              \
    "<word name=\"month.11\">November</word><word name=\"minute\">{n} minutes</word>" \
    "<word name=\"hour.one\">{n} hour</word></language>"                              \
    "<language xml:lang=\"de\"><word name=\"class.spam\">M\xc3\xbcll</word>"          \
    "<word name=\"hour.one\">{n} Stunde</word></language></words>"

static char path[] = "/tmp/og-template-XXXXXX";

static void
put(const char *text, size_t len)
{
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
}

static struct og_values
values_of(const char *user)
{
    struct og_values values = OG_VALUES_INIT;
    struct og_err err = { "" };
    const struct {
        const char *name, *value;
    } all[] = {
        { "user", user },
        { "class", "spam" },
        { "since", "2026-11-21T18:12:21Z" },
        { "period", "600" },
        { "timeout", "3600" },
        { "hits", "0" },
        { "unlock_url", "https://p.example/?a=1&b=2" },
        { "unlock_address", "unlock+x@p.example" },
        { "explain_command", "javascript:alert(1)" },
    };

    for (size_t i = 0; i < N_ELEMENTS(all); i++)
        assert_int_equal(og_values_set(&values, all[i].name, all[i].value, &err), OG_OK);
    assert_int_equal(og_values_lines(&values, "clients", "1\n\n2\n", &err), OG_OK);
    return values;
}

static enum og_rc
render(const char *body, const char *lang, const struct og_values *values,
       struct og_rendered *mail, struct og_err *err)
{
    struct og_template template = OG_TEMPLATE_INIT;
    struct og_words words = OG_WORDS_INIT;
    enum og_rc rc;

    put(WORDS, strlen(WORDS));
    assert_int_equal(og_words_open(path, &words, err), OG_OK);
    put(body, strlen(body));
    rc = og_template_open(path, &template, err);
    if (rc == OG_OK)
        rc = og_template_render(&template, &words, lang, "en", values, mail, err);
    og_template_free(&template);
    og_words_free(&words);
    return rc;
}

#define ONE(body)                                                                     \
    "<template" NS "><message xml:lang=\"en\"><subject>s</subject>" body "</message>" \
    "</template>"

static const struct {
    const char *body;
    const char *text; /* NULL: OG_E_SYNTAX */
} texts[] = {
    { ONE(""), "" },
    { ONE("<p>  a\n  b  </p>"), "a b\n" },
    { ONE("<p>a</p><p>b</p>"), "a\n\nb\n" },
    { ONE("<p><value of=\"user\"/></p>"), "bob\n" },
    { ONE("<p>a <value of=\"queued\"/> b</p>"), "a b\n" },
    { ONE("<p><value of=\"class\"/></p>"), "junk\n" },
    { ONE("<p><value of=\"since\"/></p>"), "21 November 2026 18:12 UTC {x}\n" },
    { ONE("<p><value of=\"period\"/>, <value of=\"timeout\"/></p>"),
      "10 minutes, 1 hour\n" },
    { ONE("<if has=\"user\"><p>y</p></if><unless has=\"user\"><p>n</p></unless>"),
      "y\n" },
    { ONE("<if has=\"hits\"><p>y</p></if><unless has=\"hits\"><p>n</p></unless>"),
      "n\n" },
    { ONE("<if has=\"class\" is=\"virus spam\"><p>y</p></if>"), "y\n" },
    { ONE("<if has=\"class\" is=\"virus spa\"><p>y</p></if>"), "" },
    { ONE("<list><each of=\"clients\"><item><value of=\"item\"/></item></each></list>"),
      "  - 1\n  - 2\n" },
    { ONE("<list><each of=\"subjects\"><item>x</item></each></list>"), "" },
    { ONE("<facts><fact label=\"A\">1</fact><fact label=\"Long\">2</fact></facts>"),
      "  A:    1\n  Long: 2\n" },
    { ONE("<code>x  <value of=\"user\"/></code>"), "    x bob\n" },
    { ONE("<button to=\"unlock_url\">Go</button>"),
      "Go:\n    https://p.example/?a=1&b=2\n" },
    { ONE("<button to=\"admin_contact\">Go</button>"), "" }, /* unset */
    { ONE("<p>a<br/>b <b>c</b></p>"), "a\nb c\n" },
    { ONE("<p>aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb cccccccccccc"
          "</p>"),
      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\ncccccccccccc\n" },
    { ONE("<!-- c --><p>a<!-- c -->b</p>"), "ab\n" },
    { ONE("<p><![CDATA[a<b]]> &amp; &#x41;</p>"), "a<b & A\n" },
    /* mistakes */
    { "", NULL },
    { "x", NULL },
    { "<template", NULL },
    { "<template/>", NULL }, /* no namespace */
    { "<template" NS "/>", NULL },
    { "<words" NS "/>", NULL },
    { "<template" NS "><message xml:lang=\"en\"/></template>", NULL }, /* no subject */
    { ONE("<script>x</script>"), NULL },
    { ONE("<p xmlns=\"http://www.w3.org/1999/xhtml\">x</p>"), NULL },
    { ONE("<value of=\"nonsense\"/>"), NULL },
    { ONE("<value/>"), NULL },
    { ONE("<if><p>x</p></if>"), NULL },
    { ONE("<each of=\"user\"><p>x</p></each>"), NULL },
    { ONE("<each of=\"clients\"><each of=\"clients\"><p>x</p></each></each>"), NULL },
    { ONE("<button to=\"explain_command\">x</button>"),
      NULL }, /* neither URL nor address */
    { "<!DOCTYPE t [<!ENTITY a \"b\">]>" ONE("<p>&a;</p>"), NULL },
    { "<!DOCTYPE t SYSTEM \"file:///etc/passwd\">" ONE("<p>x</p>"), NULL },
    { ONE("<p>&nbsp;</p>"), NULL },
    { ONE("<p>\xff</p>"), NULL },
};

static void
test_text(void **state)
{
    struct og_values values = values_of("bob");

    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(texts); i++) {
        struct og_rendered mail = OG_RENDERED_INIT;
        struct og_err err = { "" };
        enum og_rc want = texts[i].text != NULL ? OG_OK : OG_E_SYNTAX;

        row_rc(i, render(texts[i].body, "en", &values, &mail, &err), want, &err);
        if (want == OG_OK)
            row_text(i, og_buf_text(&mail.text), texts[i].text);
        else
            assert_non_null(strstr(err.text, "og-template"));
        og_rendered_free(&mail);
    }
    og_values_free(&values);
}

/* a value is neither markup nor a line of its own, wherever it stands */
static void
test_escapes(void **state)
{
    static const char body[] = ONE("<title><value of=\"user\"/></title>"
                                   "<facts><fact label=\"&lt;i&gt;\"><value of=\"user\"/>"
                                   "</fact></facts><button to=\"unlock_url\">x</button>");
    struct og_values values = values_of("<b a=\"'\">&amp;\r\nX: y\xe2\x80\xae\xff");
    struct og_rendered mail = OG_RENDERED_INIT;
    struct og_err err = { "" };

    (void)state;
    row_rc(0, render(body, "en", &values, &mail, &err), OG_OK, &err);
    assert_non_null(
        strstr(mail.text.data, "<b a=\"'\">&amp; X: y\xef\xbf\xbd\xef\xbf\xbd"));
    assert_non_null(strstr(mail.html.data, "&lt;b a=&quot;&#39;&quot;&gt;&amp;amp;"
                                           "  X: y\xef\xbf\xbd\xef\xbf\xbd"));
    assert_non_null(strstr(mail.html.data, "&lt;i&gt;"));
    assert_non_null(strstr(mail.html.data, "href=\"https://p.example/?a=1&amp;b=2\""));
    assert_null(strstr(mail.html.data, "<b a="));
    assert_null(strchr(mail.html.data, '\r'));
    og_rendered_free(&mail);
    og_values_free(&values);
}

static void
test_a_button_leads_to_the_web_only(void **state)
{
    struct og_values values = values_of("bob");
    struct og_rendered mail = OG_RENDERED_INIT;
    struct og_err err = { "" };

    (void)state;
    assert_int_equal(og_values_set(&values, "unlock_url", "javascript:alert(1)", &err),
                     OG_OK);
    row_rc(0,
           render(ONE("<button to=\"unlock_url\">x</button>"
                      "<button to=\"unlock_address\">y</button>"),
                  "en", &values, &mail, &err),
           OG_OK, &err);
    assert_null(strstr(mail.html.data, "javascript"));
    assert_non_null(strstr(mail.html.data, "href=\"mailto:unlock+x@p.example\""));
    og_rendered_free(&mail);
    og_values_free(&values);
}

static void
test_languages(void **state)
{
    static const struct {
        const char *lang, *subject, *text;
    } rows[] = {
        { "de", "S de", "M\xc3\xbcll 1 Stunde\n" },
        { "de-AT", "S de", "M\xc3\xbcll 1 Stunde\n" },
        { "DE_ch", "S de", "M\xc3\xbcll 1 Stunde\n" },
        { "pt-BR", "S pt", "junk 1 hour\n" }, /* words that are missing are English */
        { "pt-br", "S pt", "junk 1 hour\n" },
        { "pt", "S en", "junk 1 hour\n" }, /* a base is not served by a region */
        { "fr", "S en", "junk 1 hour\n" },
        { "", "S en", "junk 1 hour\n" },
        { "d", "S en", "junk 1 hour\n" },
    };
    static const char body[] =
        "<template" NS ">"
        "<message xml:lang=\"pt-br\"><subject>S pt</subject><p><value of=\"class\"/> "
        "<value of=\"timeout\"/></p></message>"
        "<message xml:lang=\"en\"><subject>S en</subject><p><value of=\"class\"/> "
        "<value of=\"timeout\"/></p></message>"
        "<message xml:lang=\"de\"><subject>S de</subject><p><value of=\"class\"/> "
        "<value of=\"timeout\"/></p></message></template>";
    struct og_values values = values_of("bob");

    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        struct og_rendered mail = OG_RENDERED_INIT;
        struct og_err err = { "" };

        row_rc(i, render(body, rows[i].lang, &values, &mail, &err), OG_OK, &err);
        row_text(i, og_buf_text(&mail.subject), rows[i].subject);
        row_text(i, og_buf_text(&mail.text), rows[i].text);
        og_rendered_free(&mail);
    }
    og_values_free(&values);
}

/* so much inside each other, and one more */
static void
test_depth_and_size(void **state)
{
    struct og_values values = values_of("bob");
    struct og_err err = { "" };
    char *large = calloc(1, OG_XML_MAX_BYTES + 2);

    (void)state;
    for (int depth = OG_XML_MAX_DEPTH - 1; depth <= OG_XML_MAX_DEPTH; depth++) {
        struct og_rendered mail = OG_RENDERED_INIT;
        char body[4096] = "<template" NS "><message xml:lang=\"en\"><subject>s</subject>";

        for (int i = 0; i < depth; i++)
            (void)strncat(body, i + 1 < depth ? "<if has=\"user\">" : "<p>x", 20);
        for (int i = 0; i < depth; i++)
            (void)strncat(body, i == 0 ? "</p>" : "</if>", 20);
        (void)strncat(body, "</message></template>", 40);
        row_rc((size_t)depth, render(body, "en", &values, &mail, &err),
               depth < OG_XML_MAX_DEPTH ? OG_OK : OG_E_LIMIT, &err);
        og_rendered_free(&mail);
    }
    assert_non_null(large);
    memset(large, ' ', OG_XML_MAX_BYTES + 1);
    for (size_t over = 0; over < 2; over++) {
        struct og_template template = OG_TEMPLATE_INIT;

        memcpy(large, ONE(""), strlen(ONE("")));
        put(large, OG_XML_MAX_BYTES + over);
        row_rc(over, og_template_open(path, &template, &err),
               over == 0 ? OG_OK : OG_E_LIMIT, &err);
        og_template_free(&template);
    }
    free(large);
    og_values_free(&values);
}

struct found {
    size_t count;
    int line;
    char text[200];
};

static void
note(int line, const char *text, void *arg)
{
    struct found *found = arg;

    found->count++;
    found->line = line;
    (void)snprintf(found->text, sizeof found->text, "%s", text);
}

static void
test_check(void **state)
{
    static const struct {
        const char *body;
        size_t count;
        int line;
        const char *text;
    } rows[] = {
        { ONE("<p><value of=\"user\"/></p>"), 0, 0, "" },
        { ONE("\n<p><value of=\"usr\"/></p>"), 1, 2,
          "<value of=\"usr\">: no such variable" },
        { ONE("\n\n<value/>"), 1, 3, "<value> without of" },
        { ONE("<value of=\"clients\"/>"), 1, 1,
          "<value of=\"clients\">: a list, for <each>" },
        { ONE("<value of=\"limit_unit\" with=\"user\"/>"), 1, 1,
          "<value with=\"user\">: no number" },
        { ONE("<value of=\"limit_unit\" with=\"usr\"/>"), 1, 1,
          "<value with=\"usr\">: no such variable" },
        { ONE("<each of=\"user\"/>"), 1, 1, "<each of=\"user\">: no list" },
        { ONE("<if has=\"x\"/>"), 1, 1, "<if has=\"x\">: no such variable" },
        { ONE("<button to=\"user\"/>"), 1, 1,
          "<button to=\"user\">: neither URL nor address" },
        { ONE("<each of=\"clients\"><each of=\"clients\"/></each>"), 1, 1,
          "<each> inside <each>" },
        { "<template" NS
          "><message xml:lang=\"en\"/>\n<message xml:lang=\"en\"/></template>",
          1, 2, "the language en stands twice" },
        { "<template" NS "><message/></template>", 1, 1, "<message> without xml:lang" },
    };

    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        struct og_template template = OG_TEMPLATE_INIT;
        struct found found = { 0, 0, "" };
        struct og_err err = { "" };

        put(rows[i].body, strlen(rows[i].body));
        row_rc(i, og_template_open(path, &template, &err), OG_OK, &err);
        if (og_template_check(&template, note, &found) != rows[i].count
            || found.count != rows[i].count || found.line != rows[i].line)
            fail_msg("row %zu: %zu in line %d: %s", i, found.count, found.line,
                     found.text);
        row_text(i, found.text, rows[i].text);
        og_template_free(&template);
    }
}

/* every template we ship, in all its languages, with the samples and with the worst */
static void
test_shipped(void **state)
{
    static const char *const names[] = { "lock-user", "lock-identity", "login-attack",
                                         "limit",     "digest",        "quarantine",
                                         "unlocked",  "abuse-report" };
    static const char *const langs[] = { "en", "de", "fr", "es", "nl" };

    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(names) * N_ELEMENTS(langs) * 2; i++) {
        const char *name = names[i / 2 % N_ELEMENTS(names)];
        const char *lang = langs[i / 2 / N_ELEMENTS(names)];
        struct og_template template = OG_TEMPLATE_INIT;
        struct og_words words = OG_WORDS_INIT;
        struct og_values values = OG_VALUES_INIT;
        struct og_rendered mail = OG_RENDERED_INIT;
        struct og_err err = { "" };
        char file[100];

        (void)snprintf(file, sizeof file, "templates/%s.xml", name);
        row_rc(i, og_template_open(file, &template, &err), OG_OK, &err);
        row_rc(i, og_words_open("templates/words.xml", &words, &err), OG_OK, &err);
        row_rc(i, og_values_sample(&values, i % 2 == 1, &err), OG_OK, &err);
        row_rc(i, og_template_render(&template, &words, lang, "en", &values, &mail, &err),
               OG_OK, &err);
        row_text(i, mail.lang, lang);
        assert_true(mail.subject.len > 10 && mail.text.len > 100 && mail.html.len > 1000);
        assert_null(strpbrk(mail.subject.data, "\r\n\x1b"));
        assert_null(strpbrk(mail.text.data, "\r\x1b"));
        assert_null(strstr(mail.html.data, "<script"));
        assert_null(strstr(mail.html.data, "\xe2\x80\xae"));
        og_rendered_free(&mail);
        og_values_free(&values);
        og_words_free(&words);
        og_template_free(&template);
    }
}

static int
set_up(void **state)
{
    int fd = mkstemp(path);

    (void)state;
    return fd < 0 || close(fd) != 0 || setenv("TZ", "UTC", 1) != 0;
}

static int
tear_down(void **state)
{
    (void)state;
    return unlink(path);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_escapes),
        cmocka_unit_test(test_a_button_leads_to_the_web_only),
        cmocka_unit_test(test_languages),
        cmocka_unit_test(test_depth_and_size),
        cmocka_unit_test(test_check),
        cmocka_unit_test(test_shipped),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
