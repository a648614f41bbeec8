/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/tool.h"

#include <stdarg.h>
#include <stdlib.h>

#include "core/base/plain.h"

/* what moves a cursor, ends a line or turns the direction of text */
static bool
is_control(long code)
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x61c
           || (code >= 0x200e && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e)
           || (code >= 0x2066 && code <= 0x2069);
}

size_t
tool_put(FILE *f, const char *text)
{
    size_t columns = 0;

    while (*text != '\0') {
        size_t n;
        long code = og_plain_next(text, 4, &n); /* a NUL ends any */

        if (code >= 0 && !is_control(code)) {
            (void)fwrite(text, 1, n, f); /* main() looks at ferror */
            columns++;
        } else {
            for (size_t i = 0; i < n; i++)
                fprintf(f, "\\x%02x", (unsigned char)text[i]);
            columns += 4 * n;
        }
        text += n;
    }
    return columns;
}

void
tool_cell(FILE *f, const char *text, int width)
{
    int used = (int)tool_put(f, text);

    fprintf(f, "%*s ", used < width ? width - used : 0, "");
}

char *
tool_printable(const char *text)
{
    char *printable = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&printable, &size);

    if (f == NULL)
        return NULL;
    (void)tool_put(f, text);
    if (fclose(f) == 0)
        return printable;
    free(printable);
    return NULL;
}

json_t *
tool_string(const char *text)
{
    json_t *value = json_string(text);
    char *printable;

    if (value != NULL)
        return value;
    printable = tool_printable(text);
    if (printable != NULL)
        value = json_string(printable);
    free(printable);
    return value;
}

static int
print_json(struct tool *tool, json_t *value, size_t flags)
{
    int failed = value != NULL ? json_dumpf(value, stdout, flags | JSON_ENSURE_ASCII) : 0;

    if (value == NULL)
        return tool_fail(tool, TOOL_TROUBLE, "no memory");
    json_decref(value);
    return failed != 0 ? TOOL_TROUBLE : TOOL_DONE; /* main() names the error */
}

int
tool_json(struct tool *tool, json_t *value)
{
    int code;

    if (json_is_object(value) && json_array_size(tool->warnings) > 0)
        (void)json_object_set(value, "warnings", tool->warnings); /* stderr has them */
    code = print_json(tool, value, JSON_INDENT(2));

    if (code == TOOL_DONE)
        putchar('\n');
    return code;
}

int
tool_json_line(struct tool *tool, json_t *value)
{
    return print_json(tool, value, JSON_COMPACT);
}

static int fail(struct tool *tool, int code, const char *fmt, va_list args)
    OG_PRINTF(3, 0);

static int
fail(struct tool *tool, int code, const char *fmt, va_list args)
{
    char *text = NULL;

    if (vasprintf(&text, fmt, args) < 0)
        text = NULL;
    (void)fflush(stdout);
    fputs("outgatectl: ", stderr);
    (void)tool_put(stderr, text != NULL ? text : "no memory");
    fputc('\n', stderr);
    if (tool->json) {
        json_t *error = json_object();
        json_t *string = tool_string(text != NULL ? text : "no memory");

        if (json_object_set_new(error, "error", string) == 0
            && json_object_set_new(error, "code", json_integer(code)) == 0
            && (json_array_size(tool->so_far) == 0
                || json_object_set(error, tool->so_far_name, tool->so_far) == 0)
            && json_dumpf(error, stdout, JSON_ENSURE_ASCII) == 0)
            putchar('\n');
        json_decref(error);
    }
    free(text);
    return code;
}

int
tool_fail(struct tool *tool, int code, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    code = fail(tool, code, fmt, args);
    va_end(args);
    return code;
}

int
tool_usage(struct tool *tool, const char *fmt, ...)
{
    va_list args;
    int code;

    va_start(args, fmt);
    code = fail(tool, TOOL_USAGE, fmt, args);
    va_end(args);
    fprintf(stderr, "usage: outgatectl %s %s\n", tool->verb->name, tool->verb->usage);
    return code;
}

void
tool_warn(struct tool *tool, const char *fmt, ...)
{
    char *text = NULL;
    va_list args;

    va_start(args, fmt);
    if (vasprintf(&text, fmt, args) < 0)
        text = NULL;
    va_end(args);
    fputs("outgatectl: warning: ", stderr);
    (void)tool_put(stderr, text != NULL ? text : "no memory");
    fputc('\n', stderr);
    if (tool->json && tool->warnings == NULL)
        tool->warnings = json_array();
    if (tool->json && text != NULL)
        (void)json_array_append_new(tool->warnings, tool_string(text));
    free(text);
}

int
tool_code(enum og_rc rc)
{
    switch (rc) {
    case OG_OK:
        return TOOL_DONE;
    case OG_E_NOTFOUND:
    case OG_E_EXISTS:
        return TOOL_NO;
    case OG_E_SYNTAX:
    case OG_E_RANGE:
    case OG_E_LIMIT:
        return TOOL_USAGE;
    case OG_E_NOMEM:
    case OG_E_IO:
    case OG_E_PERM:
    case OG_E_BUSY:
    case OG_E_STATE:
    case OG_E_LIB:
        return TOOL_TROUBLE;
    }
    return TOOL_TROUBLE;
}

int
tool_rc(struct tool *tool, enum og_rc rc, const struct og_err *err)
{
    if (rc == OG_OK)
        return TOOL_DONE;
    return tool_fail(tool, tool_code(rc), "%s",
                     err->text[0] != '\0' ? err->text : og_rc_text(rc));
}

int
tool_list_end(struct tool *tool, size_t count, enum og_rc rc, const struct og_err *err)
{
    int code;

    if (tool->json && rc != OG_OK && count > 0)
        putchar(',');
    code = tool_rc(tool, rc, err);
    if (tool->json)
        puts(count > 0 && code == TOOL_DONE ? "\n]" : "]");
    return code;
}

int
tool_done(struct tool *tool, const char *done, const struct og_name *name)
{
    const char *kind = og_user_kind_text(name->kind);

    if (tool->json)
        return tool_json(tool, json_pack("{s:s, s:s, s:o}", "done", done, "kind", kind,
                                         "name", tool_string(name->text)));
    printf("%s %s ", done, kind);
    (void)tool_put(stdout, name->text);
    putchar('\n');
    return TOOL_DONE;
}
