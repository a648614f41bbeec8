/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <glob.h>
#include <string.h>

#include "core/base/time.h"
#include "core/mail/notice.h"
#include "tools/tool.h"

/* --- template check */

struct check {
    struct tool *tool;
    const char *path;
    json_t *rows;
    size_t errors;
    bool unread; /* something could not be looked at */
};

static void
report(int line, const char *text, void *arg)
{
    struct check *check = arg;

    check->errors++;
    if (check->tool->json) {
        (void)json_array_append_new(
            check->rows, json_pack("{s:o, s:i, s:o}", "file", tool_string(check->path),
                                   "line", line, "error", tool_string(text)));
        return;
    }
    (void)tool_put(stdout, check->path);
    printf(":%d: ", line);
    (void)tool_put(stdout, text);
    putchar('\n');
}

/* `line 7: text`, as the reader of XML says it */
static void
report_text(struct check *check, const char *text)
{
    int line = 1;
    const char *at = strstr(text, "line ");

    if (at != NULL) {
        char *end;
        long number = strtol(at + 5, &end, 10);

        line = number > 0 && number < 1 << 24 ? (int)number : 1;
        text = end[0] == ':' ? end + 2 : text;
    }
    report(line, text, check);
}

static bool
is_words(const struct og_buf *text)
{
    return strstr(og_buf_text(text), "<words") != NULL;
}

static void
check_variables(struct check *check)
{
    struct og_template template = OG_TEMPLATE_INIT;
    struct og_err err = { "" };

    if (og_template_open(check->path, &template, &err) == OG_OK)
        (void)og_template_check(&template, report, check);
    else
        report_text(check, err.text);
    og_template_free(&template);
}

/* one that cannot be read does not keep us from the others */
static void
fail_file(struct check *check, const char *why)
{
    check->unread = true;
    fputs("outgatectl: ", stderr);
    (void)tool_put(stderr, why);
    fputc('\n', stderr);
    if (check->tool->json)
        (void)json_array_append_new(
            check->rows, json_pack("{s:o, s:n, s:o}", "file", tool_string(check->path),
                                   "line", "error", tool_string(why)));
}

static int
check_file(struct check *check, const char *schema)
{
    struct og_buf text = OG_BUF_INIT(OG_XML_MAX_BYTES);
    struct og_err err = { "" };
    size_t before = check->errors;
    int code = TOOL_DONE;
    enum og_rc rc = og_file_read(check->path, &text, &err);

    if (rc != OG_OK) {
        og_buf_free(&text);
        fail_file(check, err.text);
        return TOOL_DONE;
    }
    rc = og_xml_validate(og_buf_text(&text), text.len, schema, report, check, &err);
    if (rc == OG_E_IO || rc == OG_E_STATE)
        code = tool_rc(check->tool, rc, &err);
    else if (rc != OG_OK && check->errors == before)
        report_text(check, err.text);
    if (code == TOOL_DONE && check->errors == before && !is_words(&text))
        check_variables(check);
    og_buf_free(&text);
    return code;
}

/* the schema beside the templates, or the shipped one */
static void
find_schema(struct tool *tool, char schema[1200])
{
    static const char name[] = "outgate-template.rng";
    struct og_buf text = OG_BUF_INIT(OG_XML_MAX_BYTES);

    (void)snprintf(schema, 1200, "%s/%s", tool->state.server.template_directory, name);
    if (og_file_read(schema, &text, NULL) != OG_OK)
        (void)snprintf(schema, 1200, "%s/%s", og_notice_shipped(), name);
    og_buf_free(&text);
}

static int
check_all(struct check *check, char **files, size_t count)
{
    char schema[1200];
    int code = TOOL_DONE;

    find_schema(check->tool, schema);
    for (size_t i = 0; i < count && code == TOOL_DONE; i++) {
        check->path = files[i];
        code = check_file(check, schema);
    }
    return code;
}

static int
check_found(struct check *check)
{
    const char *const places[] = { check->tool->state.server.template_directory,
                                   og_notice_shipped() };
    int code = TOOL_DONE;
    size_t found = 0;

    for (size_t i = 0; i < N_ELEMENTS(places) && code == TOOL_DONE; i++) {
        char pattern[1200];
        glob_t files;

        (void)snprintf(pattern, sizeof pattern, "%s/*.xml", places[i]);
        if (glob(pattern, 0, NULL, &files) != 0)
            continue;
        found += files.gl_pathc;
        code = check_all(check, files.gl_pathv, files.gl_pathc);
        globfree(&files);
    }
    if (code == TOOL_DONE && found == 0)
        return tool_fail(check->tool, TOOL_TROUBLE, "no templates in %s and %s",
                         places[0], places[1]);
    return code;
}

static int
template_check(struct tool *tool)
{
    struct tool_option none[] = { { NULL, false, NULL } };
    struct check check = { .tool = tool };
    int code = tool_options(tool, none, 0, 1000);

    if (code == TOOL_DONE)
        code = tool_conf(tool);
    if (code != TOOL_DONE)
        return code;
    check.rows = json_array();
    code = tool->argc > 0 ? check_all(&check, tool->argv, (size_t)tool->argc)
                          : check_found(&check);
    if (code == TOOL_DONE && tool->json)
        code = tool_json(tool, json_pack("{s:b, s:O}", "good",
                                         check.errors == 0 && !check.unread ? 1 : 0,
                                         "errors", check.rows));
    json_decref(check.rows);
    if (code == TOOL_DONE && check.unread)
        return TOOL_TROUBLE;
    return code == TOOL_DONE && check.errors > 0 ? TOOL_NO : code;
}

const struct tool_verb tool_verb_template_check = {
    "template check", "[FILE...]", "look for mistakes in templates",
    "Checks templates against their schema, outgate-template.rng, and whether every\n"
    "variable they name exists; each mistake is a line FILE:LINE: TEXT. Without a name:\n"
    "those of template_directory and the shipped ones. Exit 1 if there is a mistake.\n\n"
    "    outgatectl template check /etc/outgate/templates/lock-user.xml\n",
    template_check
};

/* --- template preview */

struct preview {
    const char *name, *language, *part, *reader;
    bool hostile;
};

static enum og_rc
make(const struct tool *tool, const struct preview *preview, struct og_rendered *mail,
     struct og_err *err)
{
    struct og_values values = OG_VALUES_INIT;
    enum og_rc rc = og_values_sample(&values, preview->hostile, err);

    if (rc == OG_OK)
        rc = og_values_set(&values, "reader", preview->reader, err);
    if (rc == OG_OK && strcmp(preview->name, "lock-identity") != 0
        && strcmp(preview->name, "limit") != 0)
        rc = og_values_set(&values, "scope", "user", err);
    if (rc == OG_OK)
        rc = og_notice_render(&tool->state, preview->name, preview->language, &values,
                              mail, NULL, err);
    og_values_free(&values);
    return rc;
}

static enum og_rc
print_part(const struct tool *tool, const struct preview *preview,
           const struct og_rendered *mail, struct og_buf *out, struct og_err *err)
{
    if (strcmp(preview->part, "text") == 0)
        return og_buf_printf(out, err, "%s\n\n%s", og_buf_text(&mail->subject),
                             og_buf_text(&mail->text));
    if (strcmp(preview->part, "html") == 0)
        return og_buf_add(out, mail->html.data, mail->html.len, err);
    return og_notice_write(&tool->state, mail, "reader@example.com", "preview", "", "",
                           og_time_now(), out, err);
}

/* as the caller, who may write where he likes; a file that is there is replaced */
static int
write_out(struct tool *tool, const char *path, const struct og_buf *out)
{
    FILE *f = path != NULL ? fopen(path, "we") : stdout;
    bool good;

    if (f == NULL)
        return tool_fail(tool, TOOL_TROUBLE, "%s: %s", path, strerror(errno));
    good = fwrite(og_buf_text(out), 1, out->len, f) == out->len;
    if (path != NULL && fclose(f) != 0)
        good = false;
    return good ? TOOL_DONE
                : tool_fail(tool, TOOL_TROUBLE, "%s: cannot be written",
                            path != NULL ? path : "standard output");
}

static int
print_preview(struct tool *tool, const struct preview *preview, const char *path)
{
    struct og_rendered mail = OG_RENDERED_INIT;
    struct og_buf out = OG_BUF_INIT(8 << 20);
    struct og_err err = { "" };
    int code;
    enum og_rc rc = make(tool, preview, &mail, &err);

    if (rc == OG_OK && !tool->json)
        rc = print_part(tool, preview, &mail, &out, &err);
    if (rc != OG_OK)
        code = tool_rc(tool, rc, &err);
    else if (tool->json)
        code = tool_json(tool, json_pack("{s:o, s:s, s:s, s:s, s:s}", "name",
                                         tool_string(preview->name), "language",
                                         mail.lang, "subject", og_buf_text(&mail.subject),
                                         "text", og_buf_text(&mail.text), "html",
                                         og_buf_text(&mail.html)));
    else
        code = write_out(tool, path, &out);
    og_buf_free(&out);
    og_rendered_free(&mail);
    return code;
}

static int
template_preview(struct tool *tool)
{
    struct tool_option options[] = {
        { "--language", true, NULL }, { "--text", false, NULL },
        { "--html", false, NULL },    { "--message", false, NULL },
        { "-o", true, NULL },         { "--hostile", false, NULL },
        { "--user", false, NULL },    { NULL, false, NULL },
    };
    struct preview preview = { .part = "text", .reader = "admin" };
    int code = tool_options(tool, options, 1, 1), parts = 0;

    for (size_t i = 1; i <= 3; i++)
        if (options[i].value != NULL) {
            preview.part = options[i].name + 2;
            parts++;
        }
    if (code == TOOL_DONE && parts > 1)
        return tool_usage(tool, "--text, --html and --message contradict each other");
    if (code == TOOL_DONE)
        code = tool_conf(tool);
    if (code != TOOL_DONE)
        return code;
    preview.name = tool->argv[0];
    preview.hostile = options[5].value != NULL;
    if (options[6].value != NULL)
        preview.reader = "user";
    if (strchr(preview.name, '/') != NULL)
        return tool_usage(tool, "a name is wanted, without path and .xml");
    preview.language =
        options[0].value != NULL ? options[0].value : tool->state.server.language;
    og_notice_zone(&tool->state);
    return print_preview(tool, &preview, options[4].value);
}

const struct tool_verb tool_verb_template_preview = {
    "template preview",
    "NAME [--language LANG] [--text|--html|--message] [--user] [--hostile] [-o FILE]",
    "show what a template looks like",
    "Writes a template with sample values: as text (the default, its subject first), as\n"
    "HTML, or as the whole message. --user shows what the locked user gets instead of "
    "the\n"
    "admin contact, --hostile the worst a mail could bring into it. Names: lock-user,\n"
    "lock-identity, login-attack, limit, digest, abuse-report, quarantine, unlocked, "
    "and\n"
    "your own.\n\n"
    "    outgatectl template preview lock-user --language de\n"
    "    outgatectl template preview limit --html -o /tmp/limit.html\n",
    template_preview
};
