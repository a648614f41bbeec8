/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/delivered.h"

#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/history.h"

static int
by_key(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b); /* the first member */
}

/* NULL without a Message-ID, or without memory */
static char *
key_of(const struct og_record *rec)
{
    const char *msgid = og_record_text(rec, "msgid");
    char *key = NULL;

    if (msgid[0] == '\0'
        || asprintf(&key, "%s\n%s", msgid, og_record_text(rec, "user")) < 0)
        return NULL;
    return key;
}

static struct tool_delivery *
find(const struct tool_delivered *delivered, const struct og_record *rec)
{
    char *key = key_of(rec);
    struct tool_delivery **there =
        key != NULL ? tfind(&key, &delivered->wanted, by_key) : NULL;

    free(key);
    return there != NULL ? *there : NULL;
}

enum og_rc
tool_delivered_ask(struct tool_delivered *delivered, const struct og_record *entry,
                   struct og_err *err)
{
    struct tool_delivery *fresh;
    int64_t at;

    if (og_record_text(entry, "msgid")[0] == '\0' || find(delivered, entry) != NULL)
        return OG_OK;
    fresh = calloc(1, sizeof *fresh);
    if (fresh == NULL || (fresh->key = key_of(entry)) == NULL
        || tsearch(fresh, &delivered->wanted, by_key) == NULL) {
        free(fresh);
        return og_fail(err, OG_E_NOMEM, "no memory");
    }
    if (og_time_parse(og_record_text(entry, "at"), &at, NULL) == OG_OK
        && at < delivered->since)
        delivered->since = at;
    return OG_OK;
}

static enum og_rc
visit(const char *line, const struct og_record *event, void *arg, struct og_err *err)
{
    struct tool_delivered *delivered = arg;
    struct tool_delivery *delivery;

    (void)line, (void)err;
    if (strcmp(og_record_text(event, "verdict"), "accept") != 0
        || strcmp(og_record_text(event, "check"), "scan") != 0)
        return OG_OK;
    delivery = find(delivered, event);
    if (delivery == NULL)
        return OG_OK;
    (void)snprintf(delivery->time, sizeof delivery->time, "%.20s",
                   og_record_text(event, "time"));
    (void)snprintf(delivery->id, sizeof delivery->id, "%.10s",
                   og_record_text(event, "id"));
    return OG_OK;
}

void
tool_delivered_read(const struct tool *tool, struct tool_delivered *delivered)
{
    size_t damaged = 0, files = 0;

    if (delivered->wanted != NULL)
        (void)!tool_history_read(tool, NULL, delivered->since, visit, delivered, &damaged,
                                 &files, NULL);
}

const struct tool_delivery *
tool_delivered_find(const struct tool_delivered *delivered, const struct og_record *entry)
{
    const struct tool_delivery *delivery = find(delivered, entry);

    return delivery != NULL && delivery->time[0] != '\0' ? delivery : NULL;
}
