/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/rows.h"

#include "core/base/simhash.h"
#include "core/scan/fingerprint.h"

struct text {
    char words[4096]; /* each with a blank behind it */
    uint64_t count, bits;
};

static void
take(const char *word, size_t len, void *arg)
{
    struct text *text = arg;

    size_t used = strlen(text->words);

    (void)snprintf(text->words + used, sizeof text->words - used, "%.*s ", (int)len,
                   word);
}

/* feed it in pieces of so many bytes */
static void
run(const char *in, bool html, size_t piece, struct text *text)
{
    struct og_simhash hash;
    size_t len = strlen(in);

    *text = (struct text){ .words = "" };
    og_simhash_init(&hash, take, text);
    og_simhash_part(&hash, html);
    for (size_t at = 0; at < len; at += piece) {
        size_t n = len - at < piece ? len - at : piece;
        char *exact = exact_copy(in + at, n);

        og_simhash_add(&hash, exact, n);
        free(exact);
    }
    text->bits = og_simhash_end(&hash);
    text->count = hash.words;
}

#define TEN "xxxxxxxxxx"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

static const struct {
    const char *in;
    bool html;
    const char *words;
} rows[] = {
    { "", false, "" },
    { " \r\n\t ", false, "" },
    { "Hello", false, "hello " },
    { "  Hello,\r\n WORLD! ", false, "hello world " },
    { "don't e-mail \"me\"", false, "dont e mail me " },
    { "code 12345", false, "code 0 " },
    { "code A9-B1, room 7b", false, "code 0 room 0 " },
    { "call 0049 / 30 / 123-456 now", false, "call 0 now " },
    { "2026-11-21 18:12:21", false, "0 " },
    { "see <http://x.example/?id=1>, or www.x.example.", false, "see u or u " },
    { "see http://a.b/1 http://a.b/2 end", false, "see u end " },
    { "mail bob@x.example or <carol@y.example>,", false, "mail a or a " },
    { "a @ b, @c d@", false, "a b c d " }, /* no addresses */
    { "\xc3\x84rger \xd0\x9f\xd0\xa0\xd0\x81 \xce\xa9", false,
      "\xc3\xa4rger \xd0\xbf\xd1\x80\xd1\x91 \xcf\x89 " },
    { "vi\xe2\x80\x8b"
      "ag\xc2\xadra fr\xe2\x80\x99"
      "ee",
      false, "viagra free " }, /* zero width, soft hyphen */
    { "a\xc2\xa0"
      "b\xe3\x80\x80"
      "c\xe2\x80\x94"
      "d",
      false, "a b c d " }, /* other blanks, a dash */
    { "\xe4\xbd\xa0\xe5\xa5\xbd ok", false, "\xe4\xbd\xa0 \xe5\xa5\xbd ok " },
    { "\xff\xfe x\x80y \xe4\xbd", false, "\xff\xfe x\x80y \xe4\xbd " }, /* no UTF-8 */
    { HUNDRED TEN TEN, false, HUNDRED TEN TEN " " },       /* at the ceiling */
    { HUNDRED TEN TEN "y", false, HUNDRED TEN TEN " y " }, /* one above */
    { "x" HUNDRED TEN "xxxxxxxx\xc3\xa9t\xc3\xa9", false,
      "x" HUNDRED TEN "xxxxxxxx \xc3\xa9t\xc3\xa9 " }, /* no character is cut */
    { "http://a.b/" HUNDRED HUNDRED " x", false, "u x " },

    { "<p>Hello</p><p>world", true, "hello world " },
    { "vi<b></b>ag<span class=\"x\">ra</span>", true, "viagra " },
    { "a<br>b<BR/>c<td x=1>d", true, "a b c d " },
    { "a&nbsp;b&#160;c&amp d & e", true, "a b c d e " },
    { "<!-- x > y -->a<!---->b<!-->c", true, "abc " },
    { "<style type=x>p { x: y }</p></style>a<SCRIPT>b < c</script >d", true, "a d " },
    { "1 < 2 and a <3", true, "0 and a 0 " },
    { "a <", true, "a " },
    { "a <b", true, "a " },
    { "a <!-", true, "a " },
    { "a &", true, "a " },
    { "<!DOCTYPE html><?xml x?>a", true, "a " },
    { "<averylongelementname x>a</averylongelementname>b", true, "a b " },
    { "<p>Hello</p>", false, "p hello p " },
};

static void
test_words(void **state)
{
    static const size_t pieces[] = { 1, 2, 3, 7, 4096 };

    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(rows); i++)
        for (size_t p = 0; p < N_ELEMENTS(pieces); p++) {
            struct text text;

            run(rows[i].in, rows[i].html, pieces[p], &text);
            row_text(i, text.words, rows[i].words);
        }
}

static const char bob[] =
    "Dear Bob,\n\nyour account code 12345 is about to expire. Please log in at "
    "http://x.example/bob?x=1 within 24 hours or your mailbox will be closed.\n\n"
    "Kind regards,\nthe support team";

static const struct {
    const char *text;
    unsigned low, high; /* distance from bob */
} distances[] = {
    { bob, 0, 0 },
    { "DEAR  bob your account code 9 is about to expire - please log in at https://y.z "
      "within 48 hours, or your mailbox will be closed. Kind regards: the support team!",
      0, 0 },
    { "Dear Alice Cooper,\n\nyour account code A99-B1 is about to expire. Please log in "
      "at http://y.example/alice within 24 hours or your mailbox will be closed.\n\nKind "
      "regards,\nthe support team",
      1, OG_SIMHASH_NEAR },
    /* half of it is something else */
    { "Dear Bob, your account code 12345 is about to expire. Please contact Carol in "
      "accounting who will renew it, thank you for your patience. Kind regards, the "
      "support team",
      OG_SIMHASH_NEAR + 5, 64 },
    { "Hello, the meeting on Tuesday has been moved to three o'clock, please bring the "
      "figures of the last quarter and tell Carol about it. See you then, Dave",
      OG_SIMHASH_NEAR + 8, 64 },
    { "Hello, thank you for the invoice that you have sent to us last week, we will pay "
      "it until the end of the month as agreed. Best regards, Erin from accounting",
      OG_SIMHASH_NEAR + 8, 64 },
};

static void
test_distance(void **state)
{
    struct text first, other;

    (void)state;
    run(bob, false, 4096, &first);
    assert_true(first.count > OG_SIMHASH_MIN_WORDS);
    for (size_t i = 0; i < N_ELEMENTS(distances); i++) {
        unsigned distance;

        run(distances[i].text, false, 4096, &other);
        distance = og_simhash_distance(first.bits, other.bits);
        if (distance < distances[i].low || distance > distances[i].high)
            fail_msg("row %zu: distance %u", i, distance);
    }
    assert_int_equal(og_simhash_distance(0, UINT64_MAX), 64);
}

/* the words behind the ceiling cost nothing and change nothing but their number */
static void
test_ceiling(void **state)
{
    struct og_simhash hash;
    uint64_t at = 0;

    (void)state;
    og_simhash_init(&hash, NULL, NULL);
    for (size_t i = 0; i < OG_SIMHASH_MAX_WORDS + 1000; i++) {
        if (i == OG_SIMHASH_MAX_WORDS)
            at = og_simhash_end(&hash);
        og_simhash_add(&hash,
                       i % 3 == 0   ? "one "
                       : i % 3 == 1 ? "two "
                                    : "three ",
                       i % 3 == 2 ? 6 : 4);
    }
    assert_int_equal(og_simhash_end(&hash), at);
    assert_int_equal(hash.words, OG_SIMHASH_MAX_WORDS + 1000);
}

static void
fingerprint(const char *text, struct og_findings *findings)
{
    struct og_fingerprint print;
    struct og_err err = { "" };

    row_rc(0, og_fingerprint_open(&print, &err), OG_OK, &err);
    og_fingerprint_part(&print, false);
    og_fingerprint_add(&print, text, strlen(text));
    og_fingerprint_close(&print, findings);
    og_fingerprint_free(&print);
}

static void
test_fingerprint(void **state)
{
    struct og_findings a = OG_FINDINGS_INIT, b = OG_FINDINGS_INIT, c = OG_FINDINGS_INIT;
    struct og_findings none = OG_FINDINGS_INIT;

    (void)state;
    fingerprint("", &none);
    assert_string_equal(none.exact, "");
    assert_string_equal(none.fingerprint, "");
    fingerprint("Hello, World 12", &a);
    /* printf 'hello world 0 ' | sha256sum */
    assert_string_equal(
        a.exact, "03607d065589a0b032f50e82ffcd179c7f3a3f6327f91fd56e2ba732df896830");
    assert_string_equal(a.fingerprint, "");
    assert_int_equal(a.text_words, 3);
    fingerprint("1 2 x 3 y 4 z 5 z 6 y 7 x", &b);
    assert_int_equal(b.text_words, 12);
    assert_int_equal(strlen(b.fingerprint), 16);
    fingerprint("9 X 88; Y 7, z 1 z 1 y 1 x", &c);
    assert_string_equal(b.exact, c.exact);
    assert_string_equal(b.fingerprint, c.fingerprint);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_distance),
        cmocka_unit_test(test_ceiling),
        cmocka_unit_test(test_fingerprint),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
