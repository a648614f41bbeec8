/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/rows.h"

#include <strings.h>

#include "core/lib/mime_write.h"

static enum og_rc
write_it(const char *name, const char *subject, const char *field, size_t max,
         struct og_buf *out, struct og_err *err)
{
    struct og_mime_field fields[] = { { "Reply-To", field }, { NULL, NULL } };
    struct og_mime_message m = { .from_name = name,
                                 .from = "a@b.example",
                                 .to = "c@d.example",
                                 .subject = subject,
                                 .message_id = "x@b.example",
                                 .date = "Sat, 21 Nov 2026 18:12:21 +0000",
                                 .lang = "de",
                                 .fields = fields,
                                 .text = "Gr\xc3\xbc\xc3\x9f"
                                         "e\n.\nFrom x\n",
                                 .html = "<p>x</p>\n" };

    *out = (struct og_buf)OG_BUF_INIT(max);
    return og_mime_write(&m, out, err);
}

static const struct {
    const char *name, *subject, *field;
    enum og_rc rc;
    const char *has; /* somewhere in the message, LF in front and behind */
} rows[] = {
    { "", "s", "r@b.example", OG_OK, "From: a@b.example" },
    { "", "s", "r@b.example", OG_OK, "To: c@d.example" },
    { "", "s", "r@b.example", OG_OK, "Subject: s" },
    { "", "s", "r@b.example", OG_OK, "Message-Id: <x@b.example>" },
    { "", "s", "r@b.example", OG_OK, "Date: Sat, 21 Nov 2026 18:12:21 +0000" },
    { "", "s", "r@b.example", OG_OK, "Content-Language: de" },
    { "", "s", "r@b.example", OG_OK, "Reply-To: r@b.example" },
    { "", "s", "r@b.example", OG_OK, "Gr=C3=BC=C3=9Fe" },
    { "Mail, Inc.", "s", "r@b.example", OG_OK, "From: \"Mail, Inc.\" <a@b.example>" },
    { "\xe2\x98\x83", "s", "r@b.example", OG_OK, "From: =?UTF-8?b?4piD?= <a@b.example>" },
    { "", "\xe2\x98\x83", "r@b.example", OG_OK, "Subject: =?utf-8?b?4piD?=" },
    { "", "a =?utf-8?q?=0a?= b", "r@b.example", OG_OK,
      "Subject: a = ?utf-8?q?=0a?= b" }, /* no encoded word */
    { "", "s\nBcc: x", "r@b.example", OG_E_SYNTAX, NULL },
    { "", "s\r", "r@b.example", OG_E_SYNTAX, NULL },
    { "n\nBcc: x", "s", "r@b.example", OG_E_SYNTAX, NULL },
    { "", "s", "r@b.example\nBcc: x", OG_E_SYNTAX, NULL },
};

static void
test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        struct og_err err = { "" };
        struct og_buf out;
        char line[200];

        row_rc(i,
               write_it(rows[i].name, rows[i].subject, rows[i].field, 65536, &out, &err),
               rows[i].rc, &err);
        (void)snprintf(line, sizeof line, "\n%s\n",
                       rows[i].has != NULL ? rows[i].has : "");
        if (rows[i].has != NULL && strcasestr(out.data, line) == NULL
            && strncasecmp(out.data, line + 1, strlen(line) - 1) != 0)
            fail_msg("row %zu: no %s in\n%s", i, rows[i].has, out.data);
        og_buf_free(&out);
    }
}

static void
test_ceiling(void **state)
{
    struct og_err err = { "" };
    struct og_buf out;

    (void)state;
    row_rc(0, write_it("", "s", "r@b.example", 100, &out, &err), OG_E_LIMIT, &err);
    og_buf_free(&out);
}

/* the same for a message that is put together elsewhere */
static void
test_parts(void **state)
{
    static const struct {
        const char *subject;
        enum og_rc rc;
        const char *field;
    } subjects[] = {
        { "", OG_OK, "Subject: \n" },
        { "s", OG_OK, "Subject: s\n" },
        { "\xe2\x98\x83", OG_OK, "Subject: =?UTF-8?B?4piD?=\n" },
        { "a =?utf-8?q?=0a?= b", OG_OK, "Subject: a = ?utf-8?q?=0a?= b\n" },
        { "s\nBcc: x", OG_E_SYNTAX, "" },
        { "s\r", OG_E_SYNTAX, "" },
    };
    struct og_buf out = OG_BUF_INIT(200);
    struct og_err err = { "" };

    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(subjects); i++) {
        og_buf_reset(&out);
        row_rc(i, og_mime_write_subject(subjects[i].subject, &out, &err), subjects[i].rc,
               &err);
        row_text(i, og_buf_text(&out), subjects[i].field);
    }
    og_buf_reset(&out);
    row_rc(0,
           og_mime_write_text("Gr\xc3\xbc\xc3\x9f"
                              "e\n\xff.\n",
                              &out, &err),
           OG_OK, &err);
    row_text(0, og_buf_text(&out),
             "Content-Type: text/plain; charset=utf-8\n"
             "Content-Transfer-Encoding: quoted-printable\n\nGr=C3=BC=C3=9Fe\n=FF.\n");
    row_rc(1, og_mime_write_text("", &out, &err), OG_OK, &err);
    row_rc(2, og_mime_write_text("", &out, &err), OG_E_LIMIT, &err); /* no more room */
    og_buf_free(&out);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_ceiling),
        cmocka_unit_test(test_parts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
