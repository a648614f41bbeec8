/* SPDX-License-Identifier: BSD-2-Clause */
/* abuse reports of feedback loops */
#include "tests/unit/rows.h"

#include "core/mail/feedback.h"

#define TOP(type)                                         \
    "MIME-Version: 1.0\nContent-Type: multipart/report; " \
    "boundary=b\n\n--b\n\ntext\n--b\n"                    \
    "Content-Type: message/feedback-report\n\n" type "\n--b\n"
#define MESSAGE "Content-Type: message/rfc822\n\n"

static const struct {
    const char *in;
    enum og_rc rc;
    const char *type, *token;
} rows[] = {
    { "", OG_E_SYNTAX, NULL, NULL },
    { "\n", OG_E_SYNTAX, NULL, NULL },
    { "Subject: x\n\nFeedback-Type: abuse\n", OG_E_SYNTAX, NULL, NULL },
    { TOP("Feedback-Type: abuse\n") MESSAGE "X-Outgate-Token: abc\nTo: x\n\n--b--\n",
      OG_OK, "abuse", "abc" },
    { TOP("Version: 1\nfeedback-type:  Fraud \n") MESSAGE
      "x-outgate-token: abc\n\n--b--\n",
      OG_OK, "fraud", "abc" },
    /* folded by somebody on the way */
    { TOP("Feedback-Type: abuse\n") MESSAGE "X-Outgate-Token:\n ab\n\tc\n\n--b--\n",
      OG_OK, "abuse", "abc" },
    /* the first counts */
    { TOP("Feedback-Type: abuse\n") MESSAGE
      "X-Outgate-Token: a\nX-Outgate-Token: b\n\n--b--\n",
      OG_OK, "abuse", "a" },
    /* in the body it is the sender's */
    { TOP("Feedback-Type: abuse\n") MESSAGE "To: x\n\nX-Outgate-Token: abc\n--b--\n",
      OG_OK, "abuse", "" },
    { TOP("Feedback-Type: abuse\n") "Content-Type: text/rfc822-headers\n"
                                    "Content-Transfer-Encoding: "
                                    "quoted-printable\n\nX-Outgate-Token: a=62c\n--b--\n",
      OG_OK, "abuse", "abc" },
    { TOP("Feedback-Type: abuse\n"), OG_OK, "abuse", "" },
    { "MIME-Version: 1.0\nContent-Type: multipart/report; boundary=b\n\n--b\n"
      "Content-Type: message/feedback-report\n\nFeedback-Type: abuse",
      OG_OK, "abuse", "" },
    { TOP("Version: 1\n") MESSAGE "X-Outgate-Token: abc\n\n--b--\n", OG_E_SYNTAX, NULL,
      NULL },
    { TOP("Feedback-Type: 0123456789012345678901234567890\n"), OG_OK,
      "0123456789012345678901234567890", "" },
    { TOP("Feedback-Type: 01234567890123456789012345678901\n"), OG_E_SYNTAX, NULL, NULL },
};

static void
test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(rows); i++)
        for (int crlf = 0; crlf < 2; crlf++) {
            struct og_feedback feedback = { "", "", "" };
            struct og_buf text = OG_BUF_INIT(4096);
            struct og_err err = { "" };
            char *exact;

            for (const char *at = rows[i].in; *at != '\0'; at++)
                assert_int_equal(og_buf_add(&text, crlf && *at == '\n' ? "\r\n" : at,
                                            crlf && *at == '\n' ? 2 : 1, &err),
                                 OG_OK);
            exact = exact_copy(og_buf_text(&text), text.len);
            row_rc(i, og_feedback_parse(exact, text.len, &feedback, &err), rows[i].rc,
                   &err);
            if (rows[i].rc == OG_OK) {
                row_text(i, feedback.type, rows[i].type);
                row_text(i, feedback.token, rows[i].token);
            }
            free(exact);
            og_buf_free(&text);
        }
}

static void
test_ceilings(void **state)
{
    static const char head[] = TOP("Feedback-Type: abuse\n") MESSAGE "X-Outgate-Token: ";
    struct og_buf text = OG_BUF_INIT(100000);
    struct og_feedback feedback;
    struct og_err err = { "" };

    (void)state;
    for (size_t len = OG_TOKEN_TEXT - 1; len <= OG_TOKEN_TEXT; len++) {
        og_buf_reset(&text);
        assert_int_equal(og_buf_add_text(&text, head, &err), OG_OK);
        for (size_t i = 0; i < len; i++)
            assert_int_equal(og_buf_add(&text, "a", 1, &err), OG_OK);
        assert_int_equal(og_buf_add_text(&text, "\n\n--b--\n", &err), OG_OK);
        assert_int_equal(og_feedback_parse(text.data, text.len, &feedback, &err), OG_OK);
        assert_int_equal(strlen(feedback.token), len < OG_TOKEN_TEXT ? len : 0);
    }
    assert_int_equal(og_feedback_parse(text.data, OG_FEEDBACK_MAX + 1, &feedback, &err),
                     OG_E_LIMIT);
    og_buf_free(&text);
}

static void
test_classes(void **state)
{
    (void)state;
    assert_string_equal(og_feedback_class("abuse"), "spam");
    assert_string_equal(og_feedback_class("fraud"), "phish");
    assert_string_equal(og_feedback_class("virus"), "virus");
    assert_null(og_feedback_class("not-spam"));
    assert_null(og_feedback_class(""));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_ceilings),
        cmocka_unit_test(test_classes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
