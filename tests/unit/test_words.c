/* SPDX-License-Identifier: BSD-2-Clause */
/* templates/words.xml: why something was refused, in the reader's language; one and more */
#include "tests/unit/rows.h"

#include <stdlib.h>
#include <unistd.h>

#include "core/check/attachments.h"
#include "core/check/content.h"
#include "core/check/spam.h"
#include "core/mail/words.h"

static struct og_words words = OG_WORDS_INIT;
static const char *const langs[] = { "en", "de", "fr", "es", "nl" };

static void
say(const char *variable, const char *lang, const char *text, const char *number,
    char *out, size_t size)
{
    struct og_buf said = OG_BUF_INIT(4096);
    struct og_err err = { "" };

    (void)snprintf(words.lang, sizeof words.lang, "%s", lang);
    if (og_words_value(&words, og_variable_find(variable), text, number, &said, &err)
        != OG_OK)
        fail_msg("%s: %s", text, err.text);
    (void)snprintf(out, size, "%s", og_buf_text(&said));
    og_buf_free(&said);
}

static const struct {
    const char *text, *german;
} sentences[] = {
    { "The message looks like spam (score 12.5)",
      "Die Nachricht sieht nach Spam aus (Wertung 12.5)" },
    { "The message holds malware: Eicar",
      "Die Nachricht enth\xc3\xa4lt Schadsoftware: Eicar" },
    { "The message holds malware: Eicar in \"a.zip/b in \"c\"",
      "Die Nachricht enth\xc3\xa4lt Schadsoftware: Eicar in "
      "\xe2\x80\x9e"
      "a.zip/b in \"c\xe2\x80\x9c" },
    { "The message holds malware: Eicar in \"cut he",
      "Die Nachricht enth\xc3\xa4lt Schadsoftware: Eicar in \"cut he" },
    { "The message holds a macro (vba) in \"a.doc\"",
      "Die Nachricht enth\xc3\xa4lt ein Makro (vba) in \xe2\x80\x9e"
      "a.doc\xe2\x80\x9c" },
    { "The file \"b.exe\" is not allowed: its name ends in .exe",
      "Die Datei \xe2\x80\x9e"
      "b.exe\xe2\x80\x9c ist nicht erlaubt: ihr Name endet auf .exe" },
    { "The file \"b\" is not allowed: its name ends in a class identifier",
      "Die Datei \xe2\x80\x9e"
      "b\xe2\x80\x9c ist nicht erlaubt: ihr Name endet mit einer "
      "Klassenkennung" },
    /* what a mail brings is not translated, nor taken for a {name} */
    { "The file \"it is encrypted\" is not allowed: {file}",
      "Die Datei \xe2\x80\x9eit is encrypted\xe2\x80\x9c ist nicht erlaubt: {file}" },
    { "The message holds malware: {name} in \"{file}\"",
      "Die Nachricht enth\xc3\xa4lt Schadsoftware: {name} in \xe2\x80\x9e{file}"
      "\xe2\x80\x9c" },
    { "The message holds malware: a\r\nBcc: b\x1b",
      "Die Nachricht enth\xc3\xa4lt Schadsoftware: a  Bcc: b " },
    /* those of hooks, which test_logins, test_fanout, test_invalid and test_tripwire see */
    { "failed login from 2001:db8::7", "gescheiterte Anmeldung von 2001:db8::7" },
    { "3 networks logged in within an hour, 2 allowed",
      "Anmeldungen aus 3 Netzen innerhalb einer Stunde, erlaubt: 2" },
    { "one text to 1 stranger in ten minutes",
      "derselbe Text in zehn Minuten an 1 Fremden" },
    { "one text to 12 strangers in ten minutes",
      "derselbe Text in zehn Minuten an 12 Fremde" },
    { "1 different address refused as unknown, the last one a@b.c",
      "1 Adresse als unbekannt abgelehnt: a@b.c" },
    { "50 different addresses refused as unknown, the last one a@b.c",
      "50 verschiedene Adressen als unbekannt abgelehnt, zuletzt a@b.c" },
    { "wrote to the tripwire a@b.c", "hat an die Fallenadresse a@b.c geschrieben" },
    { "feedback report (abuse) by Some FBL/1.0", "Beschwerde (abuse) von Some FBL/1.0" },
    { "feedback report (abuse)", "Beschwerde (abuse)" },
    /* an administrator's own words, and what only looks like ours */
    { "complaint of example.net", "complaint of example.net" },
    { "The message looks like spam (score )", "The message looks like spam (score )" },
    { "The message looks like spam (score 1) ",
      "The message looks like spam (score 1) " },
    { "the message looks like phishing", "the message looks like phishing" },
    { "", "" },
};

static void
test_sentences(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(sentences); i++) {
        char said[1000];

        say("reason", "de", sentences[i].text, "", said, sizeof said);
        row_text(i, said, sentences[i].german);
    }
}

/* a value at the ceiling is translated, one above it stays as it is */
static void
test_ceiling(void **state)
{
    char text[300] = "wrote to the tripwire ", said[1000];

    (void)state;
    memset(text + strlen(text), 'a', 255);
    say("reason", "de", text, "", said, sizeof said);
    assert_int_equal(strncmp(said, "hat an die Fallenadresse aaa", 28), 0);
    text[strlen(text)] = 'a';
    say("reason", "de", text, "", said, sizeof said);
    assert_int_equal(strncmp(said, "wrote to the tripwire aaa", 25), 0);
}

/* an administrator's words may have more {name}s than ours */
static void
test_own_words(void **state)
{
    static const char text[] =
        "<words xmlns=\"" OG_TEMPLATE_NS "\"><language xml:lang=\"en\">"
        "<word name=\"reason.x\">{why}, {why}; {n}</word>"
        "<word name=\"reason.y\">it is {n}</word>"
        "<word name=\"reason.z\">{a}{b}</word><word name=\"reason.u\">open {a</word>"
        "</language><language xml:lang=\"de\">"
        "<word name=\"reason.x\">{why} {why} {n} {no} {</word>"
        "<word name=\"reason.y\">es ist {n}</word></language></words>";
    static const struct {
        const char *text, *german;
    } rows[] = {
        { "it is 1, it is 2; 3", "es ist 1 es ist 1 3 {no} {" },
        { "it is 1, a; 3", "es ist 1 es ist 1 3 {no} {" },
        { "open a", "open a" },
        { "ab", "ab" },
    };
    char path[] = "/tmp/og-words-XXXXXX";
    struct og_words shipped = words;
    int fd = mkstemp(path);

    (void)state;
    assert_true(fd >= 0 && write(fd, text, sizeof text - 1) == (ssize_t)sizeof text - 1);
    assert_int_equal(close(fd), 0);
    words = (struct og_words)OG_WORDS_INIT;
    assert_int_equal(og_words_open(path, &words, NULL), OG_OK);
    assert_int_equal(unlink(path), 0);
    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        char said[200];

        say("reason", "de", rows[i].text, "", said, sizeof said);
        row_text(i, said, rows[i].german);
    }
    og_words_free(&words);
    words = shipped;
}

/* a verdict's own words have to be those of words.xml, in every language */
static void
known(const struct og_verdict *verdict)
{
    assert_int_equal(verdict->action, OG_REJECT);
    for (size_t l = 0; l < N_ELEMENTS(langs); l++) {
        char said[1000];
        bool same;

        say("reason", langs[l], verdict->text, "", said, sizeof said);
        same = strcmp(said, verdict->text) == 0;
        if (same != (l == 0))
            fail_msg("%s: %s", langs[l], said);
        if (l > 0 && (strstr(said, "its name") || strstr(said, "it is ")))
            fail_msg("%s: half of it: %s", langs[l], said);
    }
}

static struct og_settings
strict(void)
{
    struct og_settings set = OG_SETTINGS_INIT;
    static const char *const names[] = { "block_macros", "block_encrypted",
                                         "block_unwanted_attachments" };

    assert_int_equal(og_settings_defaults(&set, NULL), OG_OK);
    for (size_t i = 0; i < N_ELEMENTS(names); i++)
        assert_int_equal(
            og_settings_set(&set, og_setting_find(names[i]), "yes", OG_SOURCE_USER, NULL),
            OG_OK);
    return set;
}

static const struct og_finding found[] = {
    { .what = OG_FOUND_VIRUS, .path = "", .name = "Eicar" },
    { .what = OG_FOUND_VIRUS, .path = "a.zip/b", .name = "Eicar" },
    { .what = OG_FOUND_MACRO, .path = "", .name = "vba" },
    { .what = OG_FOUND_MACRO, .path = "a.doc", .name = "vba" },
    { .what = OG_FOUND_ENCRYPTED, .path = "a.zip", .name = "archive" },
    { .what = OG_FOUND_UNWANTED, .path = "a", .name = "PUA.Win.Packer.Upx-49" },
    { .what = OG_FOUND_FILE, .path = "a.exe", .name = "a.exe" },
    { .what = OG_FOUND_FILE, .path = "a", .name = "invoice.pdf.exe" },
    { .what = OG_FOUND_FILE,
      .path = "a",
      .name = "a\xe2\x80\xae"
              "fdp.x" },
    { .what = OG_FOUND_FILE,
      .path = "a",
      .name = "a.{20D04FE0-3AEA-1069-A2D8-08002B30309D}" },
    { .what = OG_FOUND_FILE, .path = "a", .name = "a", .type = "CL_TYPE_MSEXE" },
    { .what = OG_FOUND_FILE, .path = "a", .name = "a", .type = "CL_TYPE_ELF" },
    { .what = OG_FOUND_FILE, .path = "a", .name = "a", .type = "CL_TYPE_MACHO" },
    { .what = OG_FOUND_FILE, .path = "a", .name = "a", .type = "CL_TYPE_ISHIELD_MSI" },
    { .what = OG_FOUND_FILE, .path = "a", .name = "a", .type = "CL_TYPE_JAVA" },
    { .what = OG_FOUND_FILE, .path = "a", .name = "a", .type = "CL_TYPE_SCRENC" },
    { .what = OG_FOUND_FILE, .path = "a", .name = "a", .type = "CL_TYPE_LNK" },
    { .what = OG_FOUND_FILE, .path = "a", .name = "a", .type = "CL_TYPE_MSCHM" },
    { .what = OG_FOUND_FILE, .path = "a", .name = "a", .type = "CL_TYPE_ISO9660" },
};

static void
test_replies_are_known(void **state)
{
    struct og_settings set = strict();
    struct og_verdict verdict = OG_VERDICT_ACCEPT;
    struct og_spam spam = { .asked = true, .scored = true, .tenths = 1000 };
    struct og_findings none = OG_FINDINGS_INIT;

    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(found); i++) {
        struct og_findings list = OG_FINDINGS_INIT;

        verdict = (struct og_verdict)OG_VERDICT_ACCEPT;
        assert_int_equal(og_findings_add(&list, &found[i], NULL), OG_OK);
        if (og_virus_check(&list, &verdict) == NULL
            && og_macro_check(&set, &list, &verdict) == NULL
            && og_attachments_check(&set, &list, &verdict) == NULL)
            fail_msg("row %zu is not refused", i);
        known(&verdict);
        og_findings_free(&list);
    }
    assert_int_equal(og_settings_set(&set, og_setting_find("spam_threshold"), "5",
                                     OG_SOURCE_USER, NULL),
                     OG_OK);
    og_spam_check(&set, &spam, &none, &verdict);
    known(&verdict);
    og_spam_denied(&verdict);
    known(&verdict);
    assert_int_equal(
        og_findings_add(
            &none, &(struct og_finding){ .what = OG_FOUND_PHISH, .name = "x" }, NULL),
        OG_OK);
    og_spam_check(&set, &(struct og_spam){ .asked = false }, &none, &verdict);
    known(&verdict);
    og_findings_free(&none);
    og_settings_free(&set);
}

/* every word of English is there in each language, with the same {name}s */
static void
test_all_languages_have_all(void **state)
{
    const struct og_xml_node *english = words.root->first;
    size_t count = 0;

    (void)state;
    while (english->name == NULL)
        english = english->next;
    assert_string_equal(og_xml_attr_of(english, "xml:lang"), "en");
    for (const struct og_xml_node *w = english->first; w != NULL; w = w->next)
        for (size_t l = 0; w->name != NULL && l < N_ELEMENTS(langs); l++) {
            const char *name = og_xml_attr_of(w, "name"), *word;

            (void)snprintf(words.lang, sizeof words.lang, "%s", langs[l]);
            word = og_words_get(&words, name);
            assert_non_null(word);
            if (strncmp(name, "reason.", 7) == 0 && l > 0
                && strcmp(word, w->first->text) == 0)
                fail_msg("%s: no %s", langs[l], name);
            for (const char *at = strchr(w->first->text, '{'); at != NULL;
                 at = strchr(at + 1, '{')) {
                char part[40];

                (void)snprintf(part, sizeof part, "%.*s}", (int)strcspn(at, "}"), at);
                if (strstr(word, part) == NULL)
                    fail_msg("%s: %s without %s", langs[l], name, part);
            }
            count++;
        }
    assert_true(count > 300);
}

static void
test_one(void **state)
{
    static const struct {
        const char *lang, *text, *number, *said;
    } rows[] = {
        { "en", "messages", "1", "message" },
        { "en", "messages", "0", "messages" },
        { "en", "messages", "2", "messages" },
        { "en", "messages", "11", "messages" },
        { "en", "messages", "", "messages" },
        { "en", "distinct-recipients", "1", "different recipient" },
        { "de", "connections", "1", "Verbindung" },
        { "de", "connections", "21", "Verbindungen" },
        { "fr", "messages", "0", "message" },
        { "fr", "messages", "2", "messages" },
        { "es", "recipients", "1", "destinatario" },
        { "nl", "messages", "1", "bericht" },
        { "en", "unknown", "1", "unknown" },
    };

    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        char said[100];

        say("limit_unit", rows[i].lang, rows[i].text, rows[i].number, said, sizeof said);
        row_text(i, said, rows[i].said);
    }
}

static int
set_up(void **state)
{
    (void)state;
    return og_words_open("templates/words.xml", &words, NULL) != OG_OK;
}

static int
tear_down(void **state)
{
    (void)state;
    og_words_free(&words);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sentences),
        cmocka_unit_test(test_ceiling),
        cmocka_unit_test(test_own_words),
        cmocka_unit_test(test_replies_are_known),
        cmocka_unit_test(test_all_languages_have_all),
        cmocka_unit_test(test_one),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
