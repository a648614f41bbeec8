/* SPDX-License-Identifier: BSD-2-Clause */
/* a mail as HTML, as mail programs understand it: tables, and every style in its place */
#include "core/mail/template_int.h"

#include <string.h>

#define FONT \
    "font-family:-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif"

struct html {
    struct og_buf *out;
    const char *color; /* of the tone */
};

static const struct {
    const char *tone, *color;
} tones[] = {
    { "alert", "#b42318" },
    { "warning", "#b54708" },
    { "good", "#067647" },
    { "info", "#175cd3" },
};

static enum og_rc
escape(struct og_buf *out, const char *text, size_t len, struct og_err *err)
{
    enum og_rc rc = OG_OK;

    for (size_t i = 0; i < len && rc == OG_OK; i++)
        switch (text[i]) {
        case '&':
            rc = og_buf_add_text(out, "&amp;", err);
            break;
        case '<':
            rc = og_buf_add_text(out, "&lt;", err);
            break;
        case '>':
            rc = og_buf_add_text(out, "&gt;", err);
            break;
        case '"':
            rc = og_buf_add_text(out, "&quot;", err);
            break;
        case '\'':
            rc = og_buf_add_text(out, "&#39;", err);
            break;
        default:
            rc = og_buf_add(out, text + i, 1, err);
        }
    return rc;
}

static enum og_rc
add(void *arg, const char *text, size_t len, bool kept, struct og_err *err)
{
    struct html *h = arg;

    (void)kept; /* a browser knows what to do with blanks */
    return escape(h->out, text, len, err);
}

static enum og_rc
open_button(struct html *h, const struct og_part_open *part, struct og_err *err)
{
    enum og_rc rc = og_buf_printf(
        h->out, err,
        "<p style=\"margin:24px 0\"><a style=\"display:inline-block;padding:11px 22px;"
        "border-radius:6px;background:%s;color:#ffffff;font-size:15px;font-weight:600;"
        "text-decoration:none\" href=\"",
        h->color);

    if (rc == OG_OK)
        rc = escape(h->out, part->link, strlen(part->link), err);
    return rc == OG_OK ? og_buf_add_text(h->out, "\">", err) : rc;
}

static enum og_rc
open_fact(struct html *h, const struct og_part_open *part, struct og_err *err)
{
    enum og_rc rc = og_buf_add_text(
        h->out,
        "<tr><td style=\"padding:5px 18px 5px 0;color:#667085;font-size:14px;"
        "vertical-align:top;white-space:nowrap\">",
        err);

    if (rc == OG_OK)
        rc = escape(h->out, part->label, strlen(part->label), err);
    return rc == OG_OK ? og_buf_add_text(h->out,
                                         "</td><td style=\"padding:5px 0;color:#101828;"
                                         "font-size:14px;vertical-align:top;"
                                         "word-break:break-word\">",
                                         err)
                       : rc;
}

static enum og_rc
open_part(void *arg, const struct og_part_open *part, struct og_err *err)
{
    struct html *h = arg;
    const char *text = "";

    switch (part->part) {
    case OG_PART_TITLE:
        text = "<h1 style=\"margin:0 0 16px;font-size:22px;line-height:1.3;"
               "font-weight:650;color:#101828;word-break:break-word\">";
        break;
    case OG_PART_P:
        text = "<p style=\"margin:0 0 16px;word-break:break-word\">";
        break;
    case OG_PART_NOTE:
        text = "<p style=\"margin:0 0 12px;font-size:13px;color:#667085;"
               "word-break:break-word\">";
        break;
    case OG_PART_CODE:
        text = "<p style=\"margin:0 0 16px;padding:10px 14px;border-radius:6px;"
               "background:#f2f4f7;font-family:ui-monospace,Menlo,Consolas,monospace;"
               "font-size:13px;color:#344054;word-break:break-all\">";
        break;
    case OG_PART_BUTTON:
        return open_button(h, part, err);
    case OG_PART_LIST:
        text = "<ul style=\"margin:0 0 16px;padding-left:22px\">";
        break;
    case OG_PART_ITEM:
        text = "<li style=\"margin:0 0 8px;word-break:break-word\">";
        break;
    case OG_PART_FACTS:
        text = "<table role=\"presentation\" style=\"margin:4px 0 20px;"
               "border-collapse:collapse\">";
        break;
    case OG_PART_FACT:
        return open_fact(h, part, err);
    case OG_PART_B:
        text = "<b>";
        break;
    case OG_PART_BR:
        text = "<br>";
        break;
    }
    return og_buf_add_text(h->out, text, err);
}

static enum og_rc
close_part(void *arg, enum og_part part, struct og_err *err)
{
    struct html *h = arg;
    const char *text = "";

    switch (part) {
    case OG_PART_TITLE:
        text = "</h1>\n";
        break;
    case OG_PART_P:
    case OG_PART_NOTE:
    case OG_PART_CODE:
        text = "</p>\n";
        break;
    case OG_PART_BUTTON:
        text = "</a></p>\n";
        break;
    case OG_PART_LIST:
        text = "</ul>\n";
        break;
    case OG_PART_ITEM:
        text = "</li>\n";
        break;
    case OG_PART_FACTS:
        text = "</table>\n";
        break;
    case OG_PART_FACT:
        text = "</td></tr>\n";
        break;
    case OG_PART_B:
        text = "</b>";
        break;
    case OG_PART_BR:
        break;
    }
    return og_buf_add_text(h->out, text, err);
}

static const struct og_writer writer = { open_part, close_part, add };

static enum og_rc
begin(struct html *h, const struct og_frame *frame, struct og_err *err)
{
    enum og_rc rc = og_buf_add_text(h->out, "<!DOCTYPE html>\n<html lang=\"", err);

    if (rc == OG_OK)
        rc = escape(h->out, frame->lang, strlen(frame->lang), err);
    if (rc == OG_OK)
        rc = og_buf_add_text(
            h->out,
            "\">\n<head>\n<meta charset=\"utf-8\">\n"
            "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
            "<title>",
            err);
    if (rc == OG_OK)
        rc = escape(h->out, frame->subject, strlen(frame->subject), err);
    if (rc == OG_OK)
        rc = og_buf_printf(
            h->out, err,
            "</title>\n</head>\n<body style=\"margin:0;padding:0;background:#f2f4f7\">\n"
            "<table role=\"presentation\" width=\"100%%\" style=\"border-collapse:"
            "collapse;background:#f2f4f7\"><tr><td align=\"center\" "
            "style=\"padding:28px 12px\">\n"
            "<table role=\"presentation\" width=\"100%%\" style=\"max-width:600px;"
            "border-collapse:separate;border-spacing:0;background:#ffffff;"
            "border:1px solid #e4e7ec;border-top:4px solid %s;border-radius:8px;"
            "text-align:left\"><tr><td style=\"padding:28px 32px 18px;" FONT ";"
            "font-size:15px;line-height:1.55;color:#344054\">\n",
            h->color);
    return rc;
}

static enum og_rc
end(struct html *h, const struct og_frame *frame, struct og_err *err)
{
    enum og_rc rc = og_buf_add_text(h->out,
                                    "</td></tr></table>\n<p style=\"margin:14px 0 0;" FONT
                                    ";font-size:12px;color:#98a2b3\">",
                                    err);

    if (rc == OG_OK)
        rc = escape(h->out, frame->server, strlen(frame->server), err);
    return rc == OG_OK ? og_buf_add_text(
               h->out, "</p>\n</td></tr></table>\n</body>\n</html>\n", err)
                       : rc;
}

enum og_rc
og_write_html(const struct og_frame *frame, og_write_body *body, void *arg,
              struct og_buf *out, struct og_err *err)
{
    struct html h = { out, tones[N_ELEMENTS(tones) - 1].color };
    enum og_rc rc;

    for (size_t i = 0; i < N_ELEMENTS(tones); i++)
        if (strcmp(tones[i].tone, frame->tone) == 0)
            h.color = tones[i].color;
    rc = begin(&h, frame, err);
    if (rc == OG_OK)
        rc = body(&writer, &h, arg, err);
    return rc == OG_OK ? end(&h, frame, err) : rc;
}
