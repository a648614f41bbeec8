/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/tool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/time.h"

/* drop count words at position at */
static void
drop(struct tool *tool, int at, int count)
{
    for (int i = at; i + count <= tool->argc; i++) /* the NULL behind them too */
        tool->argv[i] = tool->argv[i + count];
    tool->argc -= count;
}

int
tool_globals(struct tool *tool, bool *help, bool *version)
{
    bool verb_seen = false;
    int i = 0;

    while (i < tool->argc && strcmp(tool->argv[i], "--") != 0) {
        const char *word = tool->argv[i];

        if (strcmp(word, "-c") == 0) {
            if (i + 1 == tool->argc)
                return tool_fail(tool, TOOL_USAGE, "-c needs a file behind it");
            tool->conf = tool->argv[i + 1];
            drop(tool, i, 2);
        } else if (strcmp(word, "--json") == 0) {
            tool->json = true;
            drop(tool, i, 1);
        } else if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
            *help = true;
            drop(tool, i, 1);
        } else if (!verb_seen && strcmp(word, "--version") == 0) {
            *version = true;
            drop(tool, i, 1);
        } else if (!verb_seen && word[0] == '-') {
            return tool_fail(tool, TOOL_USAGE, "unknown option %s", word);
        } else {
            verb_seen = true;
            i++;
        }
    }
    return TOOL_DONE;
}

static struct tool_option *
find(struct tool_option *options, const char *word, size_t len)
{
    for (; options->name != NULL; options++)
        if (strlen(options->name) == len && strncmp(options->name, word, len) == 0)
            return options;
    return NULL;
}

static int
unknown(struct tool *tool, const struct tool_option *options, const char *word)
{
    const char *names[32] = { NULL };
    const char *nearest;

    for (size_t i = 0; options[i].name != NULL && i + 1 < N_ELEMENTS(names); i++)
        names[i] = options[i].name;
    nearest = tool_nearest(word, names);
    if (nearest != NULL)
        return tool_usage(tool, "unknown option %s; did you mean %s?", word, nearest);
    return tool_usage(tool, "unknown option %s", word);
}

/* the option at argv[i], which begins with a dash, is taken out */
static int
take(struct tool *tool, struct tool_option *options, int i)
{
    char *word = tool->argv[i], *equals = strchr(word, '=');
    size_t len = equals != NULL ? (size_t)(equals - word) : strlen(word);
    struct tool_option *option = find(options, word, len);

    if (option == NULL)
        return unknown(tool, options, word);
    if (option->value != NULL)
        return tool_usage(tool, "%s stands twice", option->name);
    if (!option->has_value && equals != NULL)
        return tool_usage(tool, "%s takes no value", option->name);
    option->value = "";
    if (option->has_value && equals == NULL) {
        if (i + 1 == tool->argc)
            return tool_usage(tool, "%s needs a value behind it", option->name);
        option->value = tool->argv[i + 1];
        drop(tool, i, 2);
        return TOOL_DONE;
    }
    if (option->has_value)
        option->value = equals + 1;
    drop(tool, i, 1);
    return TOOL_DONE;
}

int
tool_options(struct tool *tool, struct tool_option *options, int min, int max)
{
    int code = TOOL_DONE, i = 0;

    while (i < tool->argc && code == TOOL_DONE) {
        const char *word = tool->argv[i];

        if (strcmp(word, "--") == 0) {
            drop(tool, i, 1);
            break;
        }
        if (word[0] == '-' && word[1] != '\0')
            code = take(tool, options, i);
        else
            i++;
    }
    if (code == TOOL_DONE && tool->argc < min)
        return tool_usage(tool, "something is missing behind %s", tool->verb->name);
    if (code == TOOL_DONE && tool->argc > max)
        return tool_usage(tool, "'%s' is one word too many", tool->argv[max]);
    return code;
}

int
tool_number(struct tool *tool, const char *option, const char *text, long low, long high,
            long *number)
{
    char *end;
    long value;

    errno = 0;
    value = strtol(text, &end, 10);
    if (end == text || *end != '\0' || errno != 0 || value < low || value > high)
        return tool_usage(tool, "%s: '%s' is no number from %ld to %ld", option, text,
                          low, high);
    *number = value;
    return TOOL_DONE;
}

enum { MAX_WORD = 64 }; /* bytes; longer words have no near ones */

/* Levenshtein's distance, both words at most MAX_WORD bytes */
static size_t
distance(const char *a, const char *b)
{
    size_t row[MAX_WORD + 1], len = strlen(b);

    for (size_t j = 0; j <= len; j++)
        row[j] = j;
    for (size_t i = 1; a[i - 1] != '\0'; i++) {
        size_t corner = row[0];

        row[0] = i;
        for (size_t j = 1; j <= len; j++) {
            size_t best = corner + (a[i - 1] != b[j - 1]);

            if (best > row[j] + 1)
                best = row[j] + 1;
            if (best > row[j - 1] + 1)
                best = row[j - 1] + 1;
            corner = row[j];
            row[j] = best;
        }
    }
    return row[len];
}

const char *
tool_nearest(const char *text, const char *const *words)
{
    const char *found = NULL;
    size_t best = 3;

    if (strlen(text) > MAX_WORD)
        return NULL;
    for (; *words != NULL; words++) {
        size_t far = strlen(*words) <= MAX_WORD ? distance(text, *words) : best;

        if (far < best && far < strlen(text)) {
            best = far;
            found = *words;
        }
    }
    return found;
}

int
tool_word(struct tool *tool, const char *option, const char *text,
          const char *const *words)
{
    struct og_buf list = OG_BUF_INIT(2000);
    const char *nearest = tool_nearest(text, words);
    enum og_rc rc = OG_OK;
    int code;

    for (size_t i = 0; words[i] != NULL; i++) {
        if (strcmp(words[i], text) == 0) {
            og_buf_free(&list);
            return TOOL_DONE;
        }
        if (rc == OG_OK)
            rc = og_buf_printf(&list, NULL, "%s%s", i > 0 ? ", " : "", words[i]);
    }
    code = tool_usage(tool, "%s: '%s' is unknown%s%s%s; expected one of %s", option, text,
                      nearest != NULL ? ", did you mean '" : "",
                      nearest != NULL ? nearest : "", nearest != NULL ? "'?" : "",
                      og_buf_text(&list));
    og_buf_free(&list);
    return code;
}

int
tool_since(struct tool *tool, const struct tool_option *option, int64_t *t)
{
    struct og_err err = { "" };

    if (option->value == NULL
        || og_time_since_parse(option->value, og_time_now(), t, &err) == OG_OK)
        return TOOL_DONE;
    return tool_usage(tool,
                      "%s: '%s': %s; expected 2h, 18:12, 2026-11-21 or "
                      "2026-11-21T18:12:21Z",
                      option->name, option->value, err.text);
}
