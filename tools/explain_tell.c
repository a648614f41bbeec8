/* SPDX-License-Identifier: BSD-2-Clause */
/* explain: what was found out becomes one object, and that an answer for people */
#include <stdlib.h>
#include <string.h>

#include "core/base/time.h"
#include "core/state/ledger_usage.h"
#include "tools/explain.h"

enum { LABEL_WIDTH = 10 };

static const char *
get(const struct explain *ex, const char *name)
{
    return og_record_text(&ex->event, name);
}

static enum og_level
level_of(const struct explain *ex)
{
    for (int i = 0; i < OG_LEVELS; i++)
        if (strcmp(og_level_text((enum og_level)i), get(ex, "level")) == 0)
            return (enum og_level)i;
    return ex->account.identity.text[0] != '\0' ? OG_LEVEL_IDENTITY : OG_LEVEL_USER;
}

/* --- the rule */

static void
add_setting(json_t *rules, const struct explain *ex, const char *name, size_t len)
{
    for (size_t i = 0; i < OG_SETTINGS; i++) {
        const struct og_setting *row = &og_setting_rows[i];
        const struct og_settings *set = &ex->account.sender.settings;

        if (strlen(row->name) != len || memcmp(row->name, name, len) != 0)
            continue;
        if (row->scope != OG_SCOPE_SENDER)
            set = &ex->tool->state.server;
        (void)json_array_append_new(
            rules, json_pack("{s:s, s:o, s:s}", "setting", row->name, "value",
                             tool_value(set, row), "source",
                             og_source_text((enum og_source)set->source[i])));
    }
}

static json_t *
rules_json(const struct explain *ex)
{
    const struct og_record *lock = ex->lock.count > 0 ? &ex->lock : &ex->event;
    const char *rule = og_record_text(lock, "rule"), *at = ex->class->settings;
    json_t *rules = json_array();

    if (rule[0] != '\0')
        (void)json_array_append_new(
            rules, json_pack("{s:s, s:o, s:s}", "setting", "lock_rules", "value",
                             tool_string(rule), "source", "lock"));
    while (ex->known && *at != '\0') {
        size_t len = strcspn(at, " ");

        add_setting(rules, ex, at, len);
        at += len;
        at += strspn(at, " ");
    }
    return rules;
}

/* --- what was counted */

static json_t *
then_json(const struct explain *ex)
{
    if (strcmp(ex->class->name, "limit") != 0 || get(ex, "used")[0] == '\0')
        return json_null();
    return json_pack("{s:s, s:s, s:s, s:I, s:I, s:I}", "level", get(ex, "level"), "unit",
                     get(ex, "unit"), "window", get(ex, "window"), "used",
                     (json_int_t)strtoll(get(ex, "used"), NULL, 10), "limit",
                     (json_int_t)strtoll(get(ex, "limit"), NULL, 10), "asked",
                     (json_int_t)strtoll(get(ex, "asked"), NULL, 10));
}

static const struct og_usage_window *
window_of(const struct explain *ex, const struct og_usage *usage)
{
    if (strncmp(get(ex, "unit"), "distinct-", 9) == 0)
        return &usage->distinct;
    for (int unit = 0; unit < OG_UNITS; unit++)
        for (int span = 0; span < OG_WINDOWS; span++)
            if (strcmp(og_unit_text((enum og_unit)unit), get(ex, "unit")) == 0
                && strcmp(og_window_span_text((enum og_window_span)span),
                          get(ex, "window"))
                       == 0)
                return &usage->windows[unit][span];
    return NULL;
}

static json_t *
limit_now_json(const struct explain *ex, json_t *rules)
{
    static struct og_usage usage; /* 20 kB are much for a stack */
    const struct og_usage_window *w;
    bool limited;

    if (!ex->known
        || og_ledger_usage(&ex->tool->state, &ex->account.account, level_of(ex), ex->now,
                           &usage, NULL)
               != OG_OK)
        return json_null();
    w = window_of(ex, &usage);
    if (w == NULL)
        return json_null();
    limited = w->limit != OG_UNLIMITED;
    if (limited)
        (void)json_array_append_new(
            rules,
            json_pack("{s:s, s:I, s:s}", "setting", og_setting_rows[w->row].name, "value",
                      (json_int_t)w->limit, "source", og_source_text(w->source)));
    return json_pack("{s:I, s:o, s:b, s:o}", "used", (json_int_t)w->accepted, "limit",
                     limited ? json_integer((json_int_t)w->limit) : json_null(), "passes",
                     !limited || w->free_at == ex->now, "free_at",
                     limited && w->free_at != ex->now ? tool_time_json(w->free_at)
                                                      : json_null());
}

static json_t *
lock_now_json(const struct explain *ex)
{
    struct og_lock lock = { .locked = false };

    if (!ex->known
        || og_lock_look(&ex->tool->state, &ex->account.account, ex->now, &lock, NULL)
               != OG_OK)
        return json_null();
    if (!lock.locked)
        return json_pack("{s:b}", "locked", 0);
    return json_pack("{s:b, s:b, s:o}", "locked", 1, "same_lock",
                     strcmp(lock.id, get(ex, "lock")) == 0, "lock",
                     tool_lock_json(&lock));
}

/* --- the end */

static json_t *
ends_json(const struct explain *ex, const json_t *now)
{
    const char *until;

    if (ex->class->ends != NULL)
        return json_string(ex->class->ends);
    if (explain_is_lock(ex)) {
        if (json_is_false(json_object_get(now, "locked")))
            return json_string("it has ended");
        if (json_is_false(json_object_get(now, "same_lock")))
            return json_string("it has ended, and another lock holds now");
        until = json_string_value(json_object_get(json_object_get(now, "lock"), "until"));
        return until != NULL ? json_sprintf("by itself at %s", until)
                             : json_string("by hand only");
    }
    if (json_is_true(json_object_get(now, "passes")))
        return json_string("there is room again");
    until = json_string_value(json_object_get(now, "free_at"));
    if (until != NULL)
        return json_sprintf("by itself at %s, if nothing else is sent", until);
    return json_string(strcmp(get(ex, "free_at"), "never") == 0
                           ? "never: more is asked for than the whole limit"
                           : "unknown");
}

static json_t *
story(const struct explain *ex)
{
    json_t *event = json_object(), *rules = rules_json(ex), *now, *all;

    for (size_t i = 0; i < ex->event.count; i++)
        (void)json_object_set_new(event, ex->event.fields[i].name,
                                  tool_string(ex->event.fields[i].value));
    now = strcmp(ex->class->name, "limit") == 0 ? limit_now_json(ex, rules)
          : explain_is_lock(ex)                 ? lock_now_json(ex)
                                                : json_null();
    all = json_pack("{s:s, s:s, s:o, s:o, s:o, s:O, s:{s:I, s:O}, s:o, s:s, s:o}", "id",
                    ex->id, "meaning", ex->class->meaning, "event", event, "rules", rules,
                    "then", then_json(ex), "now", now, "behind", "count",
                    (json_int_t)ex->behind_count, "newest", ex->behind, "ends",
                    ends_json(ex, now), "who", ex->class->who, "remedy",
                    explain_remedy(ex));
    json_decref(now);
    return all;
}

/* --- for people */

static void
label(const char *text)
{
    tool_cell(stdout, text, LABEL_WIDTH);
}

static void
put_field(const struct explain *ex, const char *name)
{
    if (get(ex, name)[0] == '\0')
        return;
    label(name);
    (void)tool_put(stdout, get(ex, name));
    putchar('\n');
}

static void
put_rules(const json_t *rules)
{
    size_t i;
    json_t *rule;

    json_array_foreach(rules, i, rule)
    {
        const json_t *value = json_object_get(rule, "value");
        char *dump = json_dumps(value, JSON_ENCODE_ANY);

        label(i == 0 ? "rule" : "");
        printf("%s = ", json_string_value(json_object_get(rule, "setting")));
        if (json_is_string(value))
            (void)tool_put(stdout, json_string_value(value));
        else if (json_is_boolean(value))
            (void)fputs(json_is_true(value) ? "yes" : "no", stdout);
        else
            (void)tool_put(stdout, dump != NULL ? dump : "?");
        printf(" (%s)\n", json_string_value(json_object_get(rule, "source")));
        free(dump);
    }
}

static void
put_counts(const char *name, const json_t *counts, const json_t *of)
{
    json_int_t limit;

    if (!json_is_integer(json_object_get(counts, "used")))
        return;
    label(name);
    printf("%" JSON_INTEGER_FORMAT, json_integer_value(json_object_get(counts, "used")));
    limit = json_integer_value(json_object_get(counts, "limit"));
    if (json_is_integer(json_object_get(counts, "limit")))
        printf(" of %" JSON_INTEGER_FORMAT, limit);
    printf(" %s in the last %s, %s\n", json_string_value(json_object_get(of, "unit")),
           json_string_value(json_object_get(of, "window")),
           json_string_value(json_object_get(of, "level")));
}

static void
put_behind(const json_t *behind)
{
    json_int_t count = json_integer_value(json_object_get(behind, "count"));
    json_t *one;
    size_t i;

    if (count == 0)
        return;
    label("behind it");
    printf("%" JSON_INTEGER_FORMAT " event%s%s\n", count, count == 1 ? "" : "s",
           count > EXPLAIN_SHOWN ? ", the newest:" : ":");
    json_array_foreach(json_object_get(behind, "newest"), i, one)
    {
        static const char *const columns[] = { "time",      "class",      "incident",
                                               "identity",  "message_id", "client",
                                               "recipient", "reason" };
        const char *class = json_string_value(json_object_get(one, "class"));

        label("");
        for (size_t c = 0; c < N_ELEMENTS(columns); c++) {
            const char *value = json_string_value(json_object_get(one, columns[c]));

            /* what was reported; of other events it is the class itself */
            if (value != NULL
                && (strcmp(columns[c], "incident") != 0 || class == NULL
                    || strcmp(value, class) != 0)) {
                (void)tool_put(stdout, value);
                putchar(' ');
            }
        }
        printf("(%s)\n", json_string_value(json_object_get(one, "id")));
    }
}

static void
put_end(const json_t *all)
{
    const char *remedy = json_string_value(json_object_get(all, "remedy"));

    label("ends");
    (void)tool_put(stdout, json_string_value(json_object_get(all, "ends")));
    putchar('\n');
    label("sooner");
    printf("%s%s", json_string_value(json_object_get(all, "who")),
           remedy != NULL ? ": " : "");
    if (remedy != NULL)
        (void)tool_put(stdout, remedy);
    putchar('\n');
}

static int
put_story(const struct explain *ex, json_t *all)
{
    static const char *const fields[] = {
        "time",      "user",       "identity", "sender",    "recipient",
        "client",    "message_id", "by",       "sudo_user", "verdict",
        "reply",     "reason",     "file",     "score",     "exact",
        "unscanned", "quarantine", "incident", "result",    "lock"
    };
    const json_t *then = json_object_get(all, "then"), *now = json_object_get(all, "now");

    printf("%s: %s\n", ex->id, ex->class->meaning);
    for (size_t i = 0; i < N_ELEMENTS(fields); i++)
        put_field(ex, fields[i]);
    put_rules(json_object_get(all, "rules"));
    put_counts("then", then, then);
    put_counts("now", now, then);
    put_behind(json_object_get(all, "behind"));
    put_end(all);
    json_decref(all);
    return TOOL_DONE;
}

int
explain_tell(const struct explain *ex)
{
    json_t *all = story(ex);

    if (all == NULL)
        return tool_fail(ex->tool, TOOL_TROUBLE, "no memory");
    return ex->tool->json ? tool_json(ex->tool, all) : put_story(ex, all);
}
