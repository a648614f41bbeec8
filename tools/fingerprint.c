/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>

#include "core/base/time.h"
#include "core/state/fingerprints.h"
#include "tools/audit.h"
#include "tools/whose.h"

enum { HASH = 65 }; /* bytes, with the NUL */

/* the hash in lower case; what is none is found by core */
static void
lower(const char *text, char hash[HASH + 1])
{
    (void)snprintf(hash, HASH + 1, "%s", text);
    for (char *at = hash; *at != '\0'; at++)
        if (*at >= 'A' && *at <= 'F')
            *at = (char)(*at - 'A' + 'a');
}

static int
done(struct tool *tool, const char *word, const char *hash)
{
    if (tool->json)
        return tool_json(tool, json_pack("{s:s, s:s}", "done", word, "hash", hash));
    printf("%s %s\n", word, hash);
    return TOOL_DONE;
}

static int
deny(struct tool *tool)
{
    struct tool_option options[] = { { "--reason", true, NULL }, { NULL, false, NULL } };
    struct og_err err = { "" };
    char who[OG_LOCK_WHO], hash[HASH + 1];
    const char *reason;
    int code = tool_options(tool, options, 1, 1);
    enum og_rc rc;

    if (code != TOOL_DONE)
        return code;
    reason = options[0].value != NULL ? options[0].value : "";
    lower(tool->argv[0], hash);
    tool_who(who);
    code = tool_state(tool);
    if (code != TOOL_DONE)
        return code;
    rc = og_fingerprint_deny(&tool->state, hash, who, reason, og_time_now(), &err);
    if (rc == OG_E_EXISTS)
        return tool_fail(tool, TOOL_NO, "%s is denied already", hash);
    if (rc != OG_OK)
        return tool_fail(tool, rc == OG_E_SYNTAX ? TOOL_USAGE : tool_code(rc), "%s",
                         err.text);
    tool_event(tool, who, "", "text-denied", hash);
    return done(tool, "denied", hash);
}

static int
allow(struct tool *tool)
{
    struct tool_option none[] = { { NULL, false, NULL } };
    struct og_err err = { "" };
    char who[OG_LOCK_WHO], hash[HASH + 1];
    int code = tool_options(tool, none, 1, 1);
    enum og_rc rc;

    if (code != TOOL_DONE)
        return code;
    lower(tool->argv[0], hash);
    tool_who(who);
    code = tool_state(tool);
    if (code != TOOL_DONE)
        return code;
    rc = og_fingerprint_allow(&tool->state, hash, &err);
    if (rc == OG_E_NOTFOUND)
        return tool_fail(tool, TOOL_NO, "%s is not denied", hash);
    if (rc != OG_OK)
        return tool_fail(tool, rc == OG_E_SYNTAX ? TOOL_USAGE : tool_code(rc), "%s",
                         err.text);
    tool_event(tool, who, "", "text-allowed", hash);
    return done(tool, "allowed", hash);
}

static json_t *
text_or_null(const char *text)
{
    return text[0] != '\0' ? tool_string(text) : json_null();
}

struct rows {
    json_t *json; /* NULL: lines of text */
    size_t count;
};

static enum og_rc
put_row(const struct og_denied *denied, void *arg, struct og_err *err)
{
    struct rows *rows = arg;
    char time[32];

    rows->count++;
    if (rows->json != NULL) {
        json_t *row =
            json_pack("{s:s, s:o, s:o, s:o}", "hash", denied->hash, "since",
                      tool_time_json(denied->since), "who", text_or_null(denied->who),
                      "reason", text_or_null(denied->reason));

        return json_array_append_new(rows->json, row) == 0
                   ? OG_OK
                   : og_fail(err, OG_E_NOMEM, "no memory");
    }
    printf("%s  %s  ", denied->hash, tool_time(denied->since, time));
    tool_cell(stdout, denied->who, 12);
    (void)tool_put(stdout, denied->reason);
    putchar('\n');
    return OG_OK;
}

static int
list(struct tool *tool)
{
    struct tool_option none[] = { { NULL, false, NULL } };
    struct rows rows = { NULL, 0 };
    struct og_err err = { "" };
    int code = tool_options(tool, none, 0, 0);

    if (code == TOOL_DONE)
        code = tool_state(tool);
    if (code != TOOL_DONE)
        return code;
    if (tool->json)
        rows.json = json_array();
    code = tool_rc(tool, og_fingerprints_each(&tool->state, put_row, &rows, &err), &err);
    if (code == TOOL_DONE && tool->json)
        return tool_json(tool, rows.json);
    json_decref(rows.json);
    if (code == TOOL_DONE && rows.count == 0)
        puts("no text is denied");
    return code;
}

const struct tool_verb tool_verb_fingerprint_deny = {
    "fingerprint deny", "HASH [--reason TEXT]", "refuse a text, whoever sends it",
    "A message with this text is spam from now on, for every sender. HASH is the "
    "SHA-256\n"
    "of its normalised words, `exact` in what `outgatectl scan --json` and the "
    "quarantine\n"
    "tell: 64 digits and letters a to f. Other numbers, addresses, links and layout in "
    "the\n"
    "same words do not matter. Needs `fingerprint` in the setting `checks`; a text "
    "of\n"
    "fewer than five words is never refused, and like all spam it passes where\n"
    "block_outgoing_spam is no.\n",
    deny
};

const struct tool_verb tool_verb_fingerprint_allow = {
    "fingerprint allow", "HASH", "take a text off the list again",
    "The text of `fingerprint deny` passes again.\n", allow
};

const struct tool_verb tool_verb_fingerprint_list = {
    "fingerprint list", "", "list the texts that are refused",
    "Hash, since when, by whom and why.\n", list
};
