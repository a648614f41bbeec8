/* SPDX-License-Identifier: BSD-2-Clause */
/* a mail as plain text */
#include "core/mail/template_int.h"

#include <string.h>

#include "core/base/plain.h"

enum { COLUMNS = 72, LABELS = 40, MAX_BLOCK = 65536, INDENT = 4 };

struct row {
    const char *label;
    size_t at, len; /* of its value in the block */
};

struct text {
    struct og_buf *out;
    struct og_buf block; /* the part that is being written */
    bool open;           /* one is */
    size_t begin;        /* of this fact or item in the block */
    size_t before;       /* what stood in out when this list began */
    struct row rows[LABELS];
    size_t rows_count;
    const char *shown;
};

/* blanks between words are one; a value keeps its own */
static enum og_rc
add(void *arg, const char *data, size_t len, bool kept, struct og_err *err)
{
    struct text *t = arg;
    enum og_rc rc = OG_OK;

    if (!t->open)
        return OG_OK; /* the blanks between parts */
    if (kept)
        return og_buf_add(&t->block, data, len, err);
    for (size_t i = 0; i < len && rc == OG_OK; i++) {
        bool blank = strchr(" \t\r\n", data[i]) != NULL;
        char last = t->block.len > t->begin ? t->block.data[t->block.len - 1] : ' ';

        if (!blank)
            rc = og_buf_add(&t->block, data + i, 1, err);
        else if (last != ' ' && last != '\n')
            rc = og_buf_add(&t->block, " ", 1, err);
    }
    return rc;
}

static void
trim(struct text *t)
{
    while (t->block.len > t->begin && t->block.data[t->block.len - 1] == ' ')
        og_buf_cut(&t->block, t->block.len - 1);
}

static enum og_rc
blanks(struct og_buf *out, size_t n, struct og_err *err)
{
    enum og_rc rc = OG_OK;

    while (n-- > 0 && rc == OG_OK)
        rc = og_buf_add(out, " ", 1, err);
    return rc;
}

/* words in lines of COLUMNS; the first line is indented already */
static enum og_rc
wrap(struct og_buf *out, const char *text, size_t len, size_t indent, struct og_err *err)
{
    size_t column = indent;
    bool first = true;
    enum og_rc rc = OG_OK;

    while (len > 0 && rc == OG_OK) {
        size_t word = 0, wide;

        if (*text == '\n') {
            rc = og_buf_add(out, "\n", 1, err);
            if (rc == OG_OK)
                rc = blanks(out, indent, err);
            column = indent;
            first = true;
        }
        if (*text == ' ' || *text == '\n') {
            text++;
            len--;
            continue;
        }
        while (word < len && text[word] != ' ' && text[word] != '\n')
            word++;
        wide = og_plain_columns(text, word);
        if (!first && column + 1 + wide > COLUMNS) {
            rc = og_buf_add(out, "\n", 1, err);
            if (rc == OG_OK)
                rc = blanks(out, indent, err);
            column = indent;
        } else if (!first) {
            rc = og_buf_add(out, " ", 1, err);
            column++;
        }
        if (rc == OG_OK)
            rc = og_buf_add(out, text, word, err);
        column += wide;
        first = false;
        text += word;
        len -= word;
    }
    return rc == OG_OK ? og_buf_add(out, "\n", 1, err) : rc;
}

static enum og_rc
open_part(void *arg, const struct og_part_open *part, struct og_err *err)
{
    struct text *t = arg;

    switch (part->part) {
    case OG_PART_TITLE:
    case OG_PART_P:
    case OG_PART_NOTE:
    case OG_PART_CODE:
    case OG_PART_BUTTON:
    case OG_PART_ITEM:
        og_buf_reset(&t->block);
        t->begin = 0;
        t->open = true;
        t->shown = part->shown;
        break;
    case OG_PART_FACTS:
        og_buf_reset(&t->block);
        t->rows_count = 0;
        break;
    case OG_PART_FACT:
        t->begin = t->block.len;
        t->open = true;
        if (t->rows_count < LABELS)
            t->rows[t->rows_count] = (struct row){ part->label, t->begin, 0 };
        break;
    case OG_PART_BR:
        return t->open ? og_buf_add(&t->block, "\n", 1, err) : OG_OK;
    case OG_PART_LIST:
        t->before = t->out->len;
        break;
    case OG_PART_B:
        break;
    }
    return OG_OK;
}

static enum og_rc
write_facts(struct text *t, struct og_err *err)
{
    size_t widest = 0;
    enum og_rc rc = OG_OK;

    for (size_t i = 0; i < t->rows_count; i++) {
        size_t wide = og_plain_columns(t->rows[i].label, strlen(t->rows[i].label));

        widest = wide > widest ? wide : widest;
    }
    for (size_t i = 0; i < t->rows_count && rc == OG_OK; i++) {
        const struct row *row = &t->rows[i];
        size_t wide = og_plain_columns(row->label, strlen(row->label));

        rc = og_buf_printf(t->out, err, "  %s: ", row->label);
        if (rc == OG_OK)
            rc = blanks(t->out, widest - wide, err);
        if (rc == OG_OK)
            rc = wrap(t->out, og_buf_text(&t->block) + row->at, row->len, widest + INDENT,
                      err);
    }
    return rc == OG_OK && t->rows_count > 0 ? og_buf_add(t->out, "\n", 1, err) : rc;
}

/* an address or command stays in one piece, on a line of its own */
static enum og_rc
write_alone(struct text *t, const char *text, struct og_err *err)
{
    return og_buf_printf(t->out, err, "    %s\n\n", text);
}

static enum og_rc
close_part(void *arg, enum og_part part, struct og_err *err)
{
    struct text *t = arg;
    const char *text;
    enum og_rc rc = OG_OK;

    if (part == OG_PART_B || part == OG_PART_BR)
        return OG_OK;
    trim(t);
    text = og_buf_text(&t->block);
    t->open = false;
    switch (part) {
    case OG_PART_TITLE:
    case OG_PART_P:
    case OG_PART_NOTE:
        if (t->block.len == 0)
            return OG_OK;
        rc = wrap(t->out, text, t->block.len, 0, err);
        return rc == OG_OK ? og_buf_add(t->out, "\n", 1, err) : rc;
    case OG_PART_CODE:
        return write_alone(t, text, err);
    case OG_PART_BUTTON:
        rc = og_buf_printf(t->out, err, "%s:\n", text);
        return rc == OG_OK ? write_alone(t, t->shown, err) : rc;
    case OG_PART_ITEM:
        rc = og_buf_add_text(t->out, "  - ", err);
        return rc == OG_OK ? wrap(t->out, text, t->block.len, INDENT, err) : rc;
    case OG_PART_LIST:
        return t->out->len > t->before ? og_buf_add(t->out, "\n", 1, err) : OG_OK;
    case OG_PART_FACT:
        if (t->rows_count < LABELS)
            t->rows[t->rows_count++].len = t->block.len - t->begin;
        return OG_OK;
    case OG_PART_FACTS:
        return write_facts(t, err);
    case OG_PART_B:
    case OG_PART_BR:
        break;
    }
    return rc;
}

static const struct og_writer writer = { open_part, close_part, add };

enum og_rc
og_write_text(og_write_body *body, void *arg, struct og_buf *out, struct og_err *err)
{
    struct text t = { .out = out, .block = OG_BUF_INIT(MAX_BLOCK) };
    enum og_rc rc = body(&writer, &t, arg, err);

    while (rc == OG_OK && out->len > 1 && out->data[out->len - 2] == '\n')
        og_buf_cut(out, out->len - 1); /* one line end at the end */
    og_buf_free(&t.block);
    return rc;
}

enum og_rc
og_write_line(og_write_body *body, void *arg, struct og_buf *out, struct og_err *err)
{
    struct og_buf nowhere = OG_BUF_INIT(MAX_BLOCK);
    struct text t = { .out = &nowhere, .block = OG_BUF_INIT(MAX_BLOCK), .open = true };
    enum og_rc rc = body(&writer, &t, arg, err);

    trim(&t);
    if (rc == OG_OK)
        rc = og_plain(og_buf_text(&t.block), t.block.len, 200, out, err);
    og_buf_free(&t.block);
    og_buf_free(&nowhere);
    return rc;
}
