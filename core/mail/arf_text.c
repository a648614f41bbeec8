/* SPDX-License-Identifier: BSD-2-Clause */
/* What stands in an abuse report before the message */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/base/time.h"
#include "core/lib/mime_write.h"
#include "core/mail/arf_int.h"
#include "core/mail/notice.h"
#include "core/mail/notice_from.h"

#ifndef OG_VERSION
#define OG_VERSION "0.1"
#endif

static const char *const carriages[] = { "7bit", "8bit", "binary" };

/* append text from a mail as one line, at most max bytes of it: what is not printable
 * ASCII as \xHH */
static enum og_rc
add_clean(struct og_buf *out, const char *text, size_t max, struct og_err *err)
{
    enum og_rc rc = OG_OK;

    for (size_t n = 0; n < max && text[n] != '\0' && rc == OG_OK; n++) {
        unsigned char byte = (unsigned char)text[n];

        rc = byte >= ' ' && byte < 0x7f ? og_buf_add(out, &text[n], 1, err)
                                        : og_buf_printf(out, err, "\\x%02x", byte);
    }
    return rc;
}

static enum og_rc
add_line(struct og_buf *out, const char *before, const char *text, const char *after,
         struct og_err *err)
{
    enum og_rc rc = og_buf_add_text(out, before, err);

    if (rc == OG_OK)
        rc = add_clean(out, text, 500, err);
    return rc == OG_OK ? og_buf_printf(out, err, "%s\n", after) : rc;
}

/* RFC 5322 section 3.3, in UTC */
static void
print_date(int64_t at, char out[64])
{
    static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
    static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    time_t t = (time_t)at;
    struct tm tm = { 0 };

    (void)gmtime_r(&t, &tm); /* any time of ours can be told */
    (void)snprintf(out, 64, "%s, %d %s %d %02d:%02d:%02d +0000", days[tm.tm_wday % 7],
                   tm.tm_mday, months[tm.tm_mon % 12], tm.tm_year + 1900, tm.tm_hour,
                   tm.tm_min, tm.tm_sec);
}

enum og_rc
og_arf_head(const struct og_state *state, const char *id, const char *to, int64_t now,
            struct og_buf *out, struct og_err *err)
{
    struct og_buf from = OG_BUF_INIT(OG_ADDR_MAX_TEXT);
    char date[64];
    enum og_rc rc = og_notice_from(state, NULL, &from, err);

    print_date(now, date);
    if (rc == OG_OK)
        rc = add_line(out, "From: Outgate <", og_buf_text(&from), ">", err);
    if (rc == OG_OK)
        rc = add_line(out, "To: <", to, ">", err);
    if (rc == OG_OK)
        rc = og_buf_printf(out, err,
                           "Date: %s\nMessage-ID: <%s@%s>\nAuto-Submitted: "
                           "auto-generated\nX-Auto-Response-Suppress: All\n"
                           "Precedence: bulk\n"
                           "MIME-Version: 1.0\n",
                           date, id, state->hostname);
    og_buf_free(&from);
    return rc;
}

/* RFC 5965 section 7.3, and RFC 6650 */
static const char *
type_of(const char *class)
{
    return strcmp(class, "virus") == 0   ? "virus"
           : strcmp(class, "phish") == 0 ? "fraud"
                                         : "abuse";
}

static enum og_rc
add_recipients(const char *list, struct og_buf *out, struct og_err *err)
{
    enum og_rc rc = OG_OK;

    while (*list != '\0' && rc == OG_OK) {
        size_t len = strcspn(list, "\n");

        rc = og_buf_add_text(out, "Original-Rcpt-To: <", err);
        if (rc == OG_OK)
            rc = add_clean(out, list, len, err);
        if (rc == OG_OK)
            rc = og_buf_add_text(out, ">\n", err);
        list += len + (list[len] != '\0');
    }
    return rc;
}

/* the part for programs */
static enum og_rc
add_feedback(const struct og_arf *report, struct og_buf *out, struct og_err *err)
{
    static const struct {
        const char *name, *field;
    } rows[] = { { "domain", "Reported-Domain: " },      { "user", "X-Outgate-User: " },
                 { "identity", "X-Outgate-Identity: " }, { "class", "X-Outgate-Class: " },
                 { "reason", "X-Outgate-Reason: " },     { "id", "X-Outgate-Id: " } };
    const struct og_record *about = report->about;
    const char *login = og_record_text(about, "login"),
               *client = og_record_text(about, "client");
    int64_t at = report->now;
    char date[64];
    enum og_rc rc = og_buf_printf(
        out, err, "Feedback-Type: %s\nUser-Agent: Outgate/" OG_VERSION "\nVersion: 1\n",
        type_of(og_record_text(about, "class")));

    (void)!og_time_parse(og_record_text(about, "at"), &at, NULL); /* now will do */
    print_date(at, date);
    if (rc == OG_OK)
        rc = add_line(out, "Original-Mail-From: <", og_record_text(about, "sender"), ">",
                      err);
    if (rc == OG_OK)
        rc = add_recipients(og_record_text(about, "recipients"), out, err);
    if (rc == OG_OK)
        rc = og_buf_printf(out, err, "Arrival-Date: %s\nReporting-MTA: dns; %s\n", date,
                           report->state->hostname);
    if (rc == OG_OK && client[0] != '\0')
        rc = add_line(out, "Source-IP: ", client, "", err);
    if (rc == OG_OK)
        rc = og_buf_printf(out, err, "Incidents: 1\nAuthentication-Results: %s; ",
                           report->state->hostname);
    if (rc == OG_OK && login[0] == '\0')
        rc = og_buf_add_text(out, "none\n", err);
    else if (rc == OG_OK && strpbrk(login, "\"\\") == NULL) /* RFC 8601 section 2.2 */
        rc = add_line(out, "auth=pass smtp.auth=\"", login, "\"", err);
    else if (rc == OG_OK)
        rc = og_buf_add_text(out, "auth=pass\n", err);
    for (size_t i = 0; i < N_ELEMENTS(rows) && rc == OG_OK; i++)
        if (og_record_text(about, rows[i].name)[0] != '\0')
            rc = add_line(out, rows[i].field, og_record_text(about, rows[i].name), "",
                          err);
    return rc;
}

enum og_rc
og_arf_parts(struct og_arf *report, struct og_err *err)
{
    struct og_buf *out = &report->text;
    const char *carriage = carriages[report->carriage];
    struct og_rendered words = OG_RENDERED_INIT; /* what a person reads first */
    enum og_rc rc = og_notice_report(report->state, report->row, report->file >= 0,
                                     &words, report->trouble, err);

    if (rc == OG_OK)
        rc = og_mime_write_subject(og_buf_text(&words.subject), out, err);
    if (rc == OG_OK)
        rc = og_buf_printf(out, err,
                           "Content-Language: %s\nContent-Type: multipart/report; "
                           "report-type=feedback-report;\n boundary=\"%s\"\n"
                           "Content-Transfer-Encoding: %s\n\n--%s\n",
                           words.lang, report->boundary, carriage, report->boundary);
    if (rc == OG_OK)
        rc = og_mime_write_text(og_buf_text(&words.text), out, err);
    if (rc == OG_OK)
        rc = og_buf_printf(out, err, "\n--%s\nContent-Type: message/feedback-report\n\n",
                           report->boundary);
    if (rc == OG_OK)
        rc = add_feedback(report, out, err);
    if (rc == OG_OK)
        rc = og_buf_printf(out, err,
                           "\n--%s\nContent-Type: %s\nContent-Disposition: inline\n"
                           "Content-Transfer-Encoding: %s\n\n",
                           report->boundary,
                           report->file >= 0 ? "message/rfc822" : "text/rfc822-headers",
                           carriage);
    og_rendered_free(&words);
    return rc;
}
