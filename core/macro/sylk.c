/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SYLK, a spreadsheet as lines of text: `C;X1;Y101;EEXEC("calc")`. Excel still runs the
 * macros of its version 4 in it.
 *
 * `xlm`  a macro sheet (option E) with a formula, or a formula with a function that only
 *        macro sheets have
 *
 * Source: the description of the format that Microsoft gave out in 1986 and LibreOffice's
 * sc/source/core/tool/interpr; what it does is told by Outflank (2018).
 */
#include <string.h>
#include <strings.h>

#include "core/macro/bytes.h"
#include "core/macro/report.h"
#include "core/macro/rows.h"

enum { MAX_FUNCTION = 32 };

static bool
is_name(unsigned char byte)
{
    return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z')
           || (byte >= '0' && byte <= '9') || byte == '.' || byte == '_';
}

/* functions of a macro sheet that no worksheet has */
static bool
is_macro_function(const unsigned char *name, size_t len)
{
    static const char *const names[] = {
        "ALERT",
        "APP.ACTIVATE",
        "APP.MINIMIZE",
        "CALL",
        "CANCEL.KEY",
        "ECHO",
        "ERROR",
        "EXEC",
        "EXECUTE",
        "FCLOSE",
        "FILE.DELETE",
        "FILES",
        "FOPEN",
        "FORMULA",
        "FORMULA.FILL",
        "FREAD",
        "FREADLN",
        "FWRITE",
        "FWRITELN",
        "GET.CELL",
        "GET.DOCUMENT",
        "GET.WORKBOOK",
        "GET.WORKSPACE",
        "GOTO",
        "HALT",
        "INITIATE",
        "INPUT",
        "ON.TIME",
        "POKE",
        "REGISTER",
        "REQUEST",
        "RETURN",
        "RUN",
        "SEND.KEYS",
        "SET.NAME",
        "SET.VALUE",
        "TERMINATE",
        "UNREGISTER",
        "WAIT",
        "WHILE",
        "NEXT",
        "WORKBOOK.HIDE",
        "WORKBOOK.ACTIVATE",
        "DIRECTORY",
    };

    for (size_t i = 0; i < N_ELEMENTS(names); i++)
        if (strlen(names[i]) == len
            && strncasecmp((const char *)name, names[i], len) == 0)
            return true;
    return false;
}

/* texts in the formula call nothing */
static bool
calls_macro(const struct og_bytes *formula)
{
    bool quoted = false;
    size_t from = 0;

    for (size_t at = 0; at < formula->len; at++) {
        unsigned char byte = formula->data[at];

        quoted = quoted != (byte == '"');
        if (!quoted && byte == '(' && at - from <= MAX_FUNCTION
            && is_macro_function(formula->data + from, at - from))
            return true;
        if (quoted || !is_name(byte))
            from = at + 1;
    }
    return false;
}

struct sheet {
    bool macro_sheet, formula, call;
};

/* a field ends at a semicolon; two of them are one that belongs to it */
static size_t
field_end(const struct og_bytes *line, size_t at)
{
    for (; at < line->len; at++) {
        if (line->data[at] != ';')
            continue;
        if (!og_bytes_at(line, at + 1, ";", 1))
            return at;
        at++;
    }
    return line->len;
}

static void
read_line(const struct og_bytes *line, struct sheet *sheet)
{
    size_t end = field_end(line, 0), at = end + 1;
    bool cell = end == 1 && (line->data[0] | 0x20) == 'c';
    bool options = end == 1 && (line->data[0] | 0x20) == 'o';

    for (; (cell || options) && at < line->len; at = end + 1) {
        struct og_bytes field;

        end = field_end(line, at);
        field = og_bytes_from(line, at, end - at);
        if (field.len == 0 || (field.data[0] | 0x20) != 'e')
            continue;
        field = og_bytes_from(&field, 1, field.len);
        sheet->macro_sheet = sheet->macro_sheet || (options && field.len == 0);
        sheet->formula = sheet->formula || (cell && field.len > 0);
        sheet->call = sheet->call || (cell && calls_macro(&field));
    }
}

enum og_rc
og_detect_sylk(const struct og_layer *layer, struct og_findings *findings,
               struct og_err *err)
{
    struct og_bytes in = og_bytes(layer->data, layer->len);
    struct sheet sheet = { .call = false };
    size_t end;

    if (!og_bytes_at(&in, 0, "ID;", 3))
        return OG_OK;
    for (size_t at = 0; at < in.len; at = end + 1) {
        struct og_bytes line;

        for (end = at; end < in.len && in.data[end] != '\n' && in.data[end] != '\r';)
            end++;
        line = og_bytes_from(&in, at, end - at);
        read_line(&line, &sheet);
    }
    if (!sheet.call && !(sheet.macro_sheet && sheet.formula))
        return OG_OK;
    return og_report_macro(layer, "xlm", findings, err);
}
