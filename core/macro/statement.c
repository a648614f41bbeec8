/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads VBA ([MS-VBAL] sections 3 and 5) and LibreOffice Basic by pieces: a piece is what
 * stands between line ends and colons, and is judged by its first words. What cannot be
 * told counts as a statement.
 */
#include "core/macro/macro.h"

#include <stdbool.h>
#include <string.h>

enum { MAX_WORDS = 4, MAX_WORD = 16 }; /* longer than every keyword; the rest is cut */

struct piece {
    char words[MAX_WORDS][MAX_WORD]; /* the first ones, lower case */
    size_t count;
    bool odd;        /* begins with something that is no word */
    bool equals;     /* has a `=` */
    bool calls;      /* has a name with a parenthesis behind it */
    bool calls_late; /* the same, after a `=` */
    bool nested;     /* has parentheses with something in them inside parentheses */
};

struct reader {
    const char *text;
    size_t len, at;
    bool line_starts;
    bool vba; /* a comment goes on in the next line, which LibreOffice does not do */
};

enum where { IN_MODULE, IN_HEADER, IN_BLOCK, IN_PROCEDURE };

static bool
is_name(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z')
           || (byte >= '0' && byte <= '9') || byte == '_' || (byte & 0x80) != 0;
}

static char
byte_at(const struct reader *in, size_t at)
{
    return at < in->len ? in->text[at] : '\n';
}

static bool
ends_at(const struct reader *in, size_t at)
{
    return byte_at(in, at) == '\n' || byte_at(in, at) == '\r';
}

/* bytes of a blank at `at`, 0 when there is none: an underscore with the end of its line
 * is one too */
static size_t
blank_at(const struct reader *in, size_t at)
{
    char byte = byte_at(in, at);
    size_t end = at + 1;

    if (byte == ' ' || byte == '\t' || byte == '\f' || byte == '\v' || byte == '\0')
        return 1;
    if (byte != '_' || (at > 0 && is_name(in->text[at - 1])))
        return 0;
    while (byte_at(in, end) == ' ' || byte_at(in, end) == '\t')
        end++;
    if (end >= in->len || !ends_at(in, end))
        return 0;
    if (in->text[end] == '\r' && byte_at(in, end + 1) == '\n')
        end++;
    return end + 1 - at;
}

static void
skip_line(struct reader *in, bool may_continue)
{
    while (!ends_at(in, in->at)) {
        size_t blank = may_continue ? blank_at(in, in->at) : 0;

        in->at += blank > 0 ? blank : 1;
    }
}

/* a text in quotes, or a date between two `#`: their colons divide nothing */
static void
skip_quoted(struct reader *in)
{
    char quote = in->text[in->at];
    size_t end = in->at + 1;

    while (!ends_at(in, end) && in->text[end] != quote)
        end++;
    if (byte_at(in, end) == quote)
        in->at = end + 1;
    else
        in->at = quote == '"' ? end : in->at + 1;
}

static void
read_word(struct reader *in, struct piece *piece)
{
    size_t len = 0;

    for (; is_name(byte_at(in, in->at)) && blank_at(in, in->at) == 0; in->at++) {
        char byte = in->text[in->at];

        if (piece->count < MAX_WORDS && len < MAX_WORD - 1)
            piece->words[piece->count][len++] =
                byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte;
    }
    if (piece->count < MAX_WORDS)
        piece->count++;
}

static bool
is_word(const struct piece *piece, size_t i, const char *words)
{
    const char *word = i < piece->count ? piece->words[i] : "";
    size_t len = strlen(word);

    for (const char *at = words; len > 0 && (at = strstr(at, word)) != NULL; at += len)
        if ((at == words || at[-1] == ' ') && (at[len] == ' ' || at[len] == '\0'))
            return true;
    return false;
}

/* is it the first word of a compiler's directive? Its whole line is none of the program's */
static bool
is_directive(const struct reader *in)
{
    struct reader ahead = *in;
    struct piece piece = { .count = 0 };

    ahead.at++;
    while (blank_at(&ahead, ahead.at) > 0)
        ahead.at += blank_at(&ahead, ahead.at);
    read_word(&ahead, &piece);
    return in->line_starts && is_word(&piece, 0, "if elseif else end const");
}

/* one step inside a piece; deep counts open parentheses, named: a name came just before */
static void
read_token(struct reader *in, struct piece *piece, unsigned *deep, bool *named)
{
    char byte = in->text[in->at];
    bool after_name = in->at > 0 && is_name(in->text[in->at - 1]);

    if (is_name(byte)) {
        read_word(in, piece);
        *named = true;
        return;
    }
    if (piece->count == 0)
        piece->odd = true;
    if (byte == '(') {
        bool empty = byte_at(in, in->at + 1) == ')';

        piece->calls = piece->calls || *named;
        piece->calls_late = piece->calls_late || (*named && piece->equals);
        piece->nested = piece->nested || (*deep > 0 && !empty);
        ++*deep;
    } else if (byte == ')' && *deep > 0) {
        --*deep;
    } else if (byte == '=') {
        piece->equals = true;
    }
    *named = false;
    if (byte == '"' || (byte == '#' && !after_name))
        skip_quoted(in);
    else
        in->at++;
}

/* false at the end of the text */
static bool
read_piece(struct reader *in, struct piece *piece)
{
    unsigned deep = 0;
    bool named = false;

    *piece = (struct piece){ .count = 0 };
    if (in->at >= in->len)
        return false;
    while (!ends_at(in, in->at)) {
        size_t blank = blank_at(in, in->at), before = piece->count;
        char byte = in->text[in->at];

        if (blank > 0) {
            in->at += blank;
        } else if (byte == '\'' || (byte == '#' && before == 0 && is_directive(in))) {
            skip_line(in, in->vba);
        } else if (byte == ':' && byte_at(in, in->at + 1) != '=') {
            in->at++;
            in->line_starts = false;
            return true;
        } else {
            read_token(in, piece, &deep, &named);
            if (before == 0 && is_word(piece, 0, "rem")) {
                piece->count = 0;
                skip_line(in, in->vba);
            }
        }
    }
    in->at++;
    in->line_starts = true;
    return true;
}

static bool
attribute_runs(const struct piece *piece)
{
    bool is_attribute = strncmp(piece->words[1], "vb_", 3) == 0
                        || strncmp(piece->words[2], "vb_", 3) == 0;

    return !is_attribute || !piece->equals || piece->calls;
}

/* LibreOffice computes what stands in a declaration: Dim a(Shell("x")) */
static bool
declaration_runs(const struct piece *piece)
{
    return piece->calls_late || piece->nested;
}

static bool
module_runs(const struct piece *piece, size_t first, enum where *where)
{
    if (is_word(piece, first, "type enum"))
        *where = IN_BLOCK;
    else if (is_word(piece, 0, "version"))
        *where = IN_HEADER; /* an exported class: the next line is BEGIN */
    else if (is_word(piece, 0, "attribute"))
        return attribute_runs(piece);
    else if (first > 0 || is_word(piece, 0, "dim const"))
        return declaration_runs(piece) && !is_word(piece, first, "declare event");
    else
        return !is_word(piece, 0,
                        "option declare event implements defbool defbyte defcur defdate "
                        "defdbl defdec defint deflng deflnglng deflngptr defobj defsng "
                        "defstr defvar deferr");
    return false;
}

/* is the piece a statement? where follows it */
static bool
runs(const struct piece *piece, enum where *where)
{
    enum where was = *where;
    size_t first = 0;

    if (piece->count == 0)
        return piece->odd;
    while (is_word(piece, first, "public private friend static global default"))
        first++;
    if (is_word(piece, first, "sub function property")) {
        *where = IN_PROCEDURE;
        return piece->calls_late;
    }
    if (was == IN_HEADER)
        *where = is_word(piece, 0, "begin") ? IN_BLOCK : IN_MODULE;
    if (was == IN_HEADER && *where == IN_BLOCK)
        return false;
    if (was == IN_BLOCK) {
        if (is_word(piece, 0, "end"))
            *where = IN_MODULE;
        return false;
    }
    if (is_word(piece, 0, "end") && is_word(piece, 1, "sub function property")) {
        *where = IN_MODULE; /* one too many is an error and runs nothing */
        return false;
    }
    if (was != IN_PROCEDURE)
        return module_runs(piece, first, where);
    if (is_word(piece, 0, "attribute"))
        return attribute_runs(piece);
    return !is_word(piece, 0, "dim static const") || declaration_runs(piece);
}

bool
og_macro_has_statement(const char *text, size_t len)
{
    struct reader in = { .text = text, .len = len, .line_starts = true };
    enum where where = IN_MODULE;
    struct piece piece;

    in.vba = len >= 10 && memcmp(text, "Attribute ", 10) == 0;
    while (read_piece(&in, &piece))
        if (runs(&piece, &where))
            return true;
    return false;
}
