/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/base/mailboxes.h"

#include <stdbool.h>
#include <string.h>

#include "core/base/addr.h"

/* what stands next: a special by its own character, or one of these */
enum { END = 0, ATOM = 'a', QUOTED = 'q', LITERAL = '[', BAD = '?' };

struct reader {
    const char *at, *end;
    int kind;         /* of the token that has been read last */
    const char *word; /* its text, with quotes or brackets */
    size_t len;
};

static bool
is_atom(unsigned char byte)
{
    return byte > ' ' && byte != 0x7f && memchr("()<>[]:;@\\,.\"", byte, 13) == NULL;
}

/* behind blanks and comments; false for a comment without end, or too deep */
static bool
skip(struct reader *in)
{
    int depth = 0;

    for (; in->at < in->end; in->at++) {
        if (*in->at == '(' && ++depth > OG_MAILBOXES_COMMENT_DEPTH)
            return false;
        if (depth == 0 && *in->at != ' ' && *in->at != '\t')
            return true;
        if (*in->at == ')')
            depth--;
        else if (*in->at == '\\' && depth > 0 && ++in->at == in->end)
            return false;
        if ((unsigned char)*in->at < ' ' && *in->at != '\t')
            return false; /* NUL, CR: no two programs agree on them */
    }
    return depth == 0;
}

/* up to the closing character; at stands on the opening one */
static bool
enclosed(struct reader *in, char close)
{
    for (in->at++; in->at < in->end; in->at++) {
        if (*in->at == close) {
            in->at++;
            return true;
        }
        if (*in->at == '\\' && ++in->at == in->end)
            return false;
        if (((unsigned char)*in->at < ' ' && *in->at != '\t') || *in->at == 0x7f)
            return false;
    }
    return false;
}

static int
next(struct reader *in)
{
    if (!skip(in))
        return in->kind = BAD;
    if (in->at == in->end)
        return in->kind = END;
    in->word = in->at;
    if (*in->at == '"')
        in->kind = enclosed(in, '"') ? QUOTED : BAD;
    else if (*in->at == '[')
        in->kind = enclosed(in, ']') ? LITERAL : BAD;
    else if (is_atom((unsigned char)*in->at)) {
        while (in->at < in->end && is_atom((unsigned char)*in->at))
            in->at++;
        in->kind = ATOM;
    } else
        in->kind = memchr("<>@,;:.", *in->at, 7) != NULL ? *in->at++ : BAD;
    in->len = (size_t)(in->at - in->word);
    return in->kind;
}

static enum og_rc
unreadable(struct og_err *err)
{
    return og_fail(err, OG_E_SYNTAX, "no list of addresses");
}

/* words and dots up to something else; *local: they can be a local part */
static enum og_rc
words(struct reader *in, struct og_buf *out, bool *local, struct og_err *err)
{
    bool after_word = false;
    enum og_rc rc = OG_OK;

    *local = in->kind == ATOM || in->kind == QUOTED;
    while (rc == OG_OK && (in->kind == ATOM || in->kind == QUOTED || in->kind == '.')) {
        if (after_word && in->kind != '.')
            *local = false; /* two words without a dot: a name */
        after_word = in->kind != '.';
        if (out->len + in->len <= OG_ADDR_MAX_LOCAL)
            rc = og_buf_add(out, in->word, in->len, err);
        else
            *local = false;
        (void)next(in); /* its kind is looked at by the loop */
    }
    return rc;
}

/* `@domain` behind a local part */
static enum og_rc
domain(struct reader *in, struct og_buf *out, struct og_err *err)
{
    enum og_rc rc = og_buf_add(out, "@", 1, err);

    if (next(in) != ATOM && in->kind != LITERAL)
        return unreadable(err);
    for (int kind = in->kind; rc == OG_OK; kind = in->kind) {
        rc = og_buf_add(out, in->word, in->len, err);
        (void)next(in); /* its kind is looked at below */
        if (kind == LITERAL || !(kind == ATOM ? in->kind == '.' : in->kind == ATOM))
            break;
    }
    return rc;
}

/* one mailbox, or the name of a group, whose colon then is in->kind */
static enum og_rc
item(struct reader *in, struct og_buf *address, bool *group, struct og_err *err)
{
    bool local, bracket;
    enum og_rc rc;

    og_buf_reset(address);
    rc = words(in, address, &local, err);
    *group = in->kind == ':' && address->len > 0;
    if (rc != OG_OK || *group)
        return rc;
    bracket = in->kind == '<';
    if (bracket) {
        og_buf_reset(address);
        (void)next(in); /* its kind is looked at by words() */
        rc = words(in, address, &local, err);
    }
    if (rc == OG_OK)
        rc = local && in->kind == '@' ? domain(in, address, err) : unreadable(err);
    if (rc == OG_OK && bracket) {
        if (in->kind != '>')
            return unreadable(err);
        (void)next(in); /* what follows is the caller's */
    }
    return rc;
}

enum og_rc
og_mailboxes_parse(const char *text, size_t len, og_mailboxes_visit *visit, void *arg,
                   struct og_err *err)
{
    struct reader in = { text, text + len, END, NULL, 0 };
    struct og_buf address = OG_BUF_INIT(OG_ADDR_MAX_TEXT);
    bool inside = false, group = false;
    size_t count = 0;
    enum og_rc rc = OG_OK;

    (void)next(&in); /* its kind is looked at by the loop */
    while (rc == OG_OK && in.kind != END) {
        if (in.kind == ',' || (in.kind == ';' && inside)) {
            inside = in.kind == ',' && inside;
            (void)next(&in);
            continue;
        }
        rc = item(&in, &address, &group, err);
        if (rc == OG_OK && group && inside)
            rc = unreadable(err); /* a group inside a group */
        if (rc != OG_OK)
            break;
        if (group) {
            inside = true;
            (void)next(&in);
            continue;
        }
        if (in.kind != END && in.kind != ',' && !(in.kind == ';' && inside))
            rc = unreadable(err);
        else if (++count > OG_MAILBOXES_MAX)
            rc = og_fail(err, OG_E_LIMIT, "more than %d addresses", OG_MAILBOXES_MAX);
        else
            rc = visit(address.data, address.len, arg, err);
    }
    if (rc == OG_OK && inside)
        rc = unreadable(err); /* a group without end */
    og_buf_free(&address);
    return rc;
}
