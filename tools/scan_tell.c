/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>

#include "core/check/attachments.h"
#include "core/check/content.h"
#include "core/check/spam.h"
#include "tools/scan.h"

void
scan_judge(const struct og_settings *set, const struct og_findings *findings,
           struct og_verdict *verdict)
{
    static const struct og_spam nobody_asked = { .asked = false };

    *verdict = (struct og_verdict)OG_VERDICT_ACCEPT;
    (void)og_virus_check(findings, verdict); /* which finding, scan_object() tells */
    if (verdict->action == OG_ACCEPT)
        (void)og_attachments_check(set, findings, verdict);
    if (verdict->action == OG_ACCEPT)
        (void)og_macro_check(set, findings, verdict);
    if (verdict->action == OG_ACCEPT && set->block_outgoing_spam != 0)
        og_spam_check(set, &nobody_asked, findings, verdict);
    if (verdict->action == OG_ACCEPT)
        (void)og_beyond_check(set, findings, verdict);
}

/* a list of strings: names or paths of one kind of finding */
static json_t *
texts(const struct og_findings *findings, enum og_found what, bool paths)
{
    json_t *list = json_array();

    for (size_t i = 0; i < findings->count; i++) {
        const struct og_finding *one = &findings->list[i];

        if (one->what == what
            && json_array_append_new(list, tool_string(paths ? one->path : one->name))
                   != 0)
            break;
    }
    return list;
}

/* a list of objects with path and name, where name is called something else */
static json_t *
pairs(const struct og_findings *findings, enum og_found what, const char *name)
{
    json_t *list = json_array();

    for (size_t i = 0; i < findings->count; i++) {
        const struct og_finding *one = &findings->list[i];

        if (one->what == what
            && json_array_append_new(list, json_pack("{s:o, s:o}", "path",
                                                     tool_string(one->path), name,
                                                     tool_string(one->name)))
                   != 0)
            break;
    }
    return list;
}

static json_t *
blocked(const struct og_settings *set, const struct og_finding *file)
{
    char reason[OG_ATTACHMENT_REASON];

    return og_attachment_blocked(set, file, reason) ? tool_string(reason) : json_null();
}

static json_t *
attachments(const struct og_settings *set, const struct og_findings *findings)
{
    json_t *list = json_array();

    for (size_t i = 0; i < findings->count; i++) {
        const struct og_finding *one = &findings->list[i];
        json_t *file;

        if (one->what != OG_FOUND_FILE)
            continue;
        file = json_pack("{s:o, s:o, s:o, s:I, s:o}", "path", tool_string(one->path),
                         "name", tool_string(one->name), "type", tool_string(one->type),
                         "size", (json_int_t)one->size, "blocked", blocked(set, one));
        if (json_array_append_new(list, file) != 0)
            break;
    }
    return list;
}

json_t *
scan_object(const struct og_settings *set, const char *file,
            const struct og_findings *findings, const struct og_verdict *verdict)
{
    bool refused = verdict->action != OG_ACCEPT;

    return json_pack(
        "{s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I}", "file",
        tool_string(file), "verdict", refused ? "reject" : "accept", "reason",
        refused ? tool_string(verdict->text) : json_null(), "viruses",
        texts(findings, OG_FOUND_VIRUS, false), "macros",
        pairs(findings, OG_FOUND_MACRO, "kind"), "attachments",
        attachments(set, findings), "encrypted",
        texts(findings, OG_FOUND_ENCRYPTED, true), "phish",
        texts(findings, OG_FOUND_PHISH, false), "unwanted",
        texts(findings, OG_FOUND_UNWANTED, false), "limits",
        pairs(findings, OG_FOUND_LIMIT, "limit"), "fingerprint",
        findings->fingerprint[0] != '\0' ? tool_string(findings->fingerprint)
                                         : json_null(),
        "exact", findings->exact[0] != '\0' ? tool_string(findings->exact) : json_null(),
        "elapsed_ms", (json_int_t)findings->elapsed_ms);
}

void
scan_print(const struct og_settings *set, const char *file,
           const struct og_findings *findings, const struct og_verdict *verdict)
{
    (void)tool_put(stdout, file);
    fputs(": ", stdout);
    (void)tool_put(stdout, verdict->action != OG_ACCEPT ? verdict->text : "accepted");
    putchar('\n');
    for (size_t i = 0; i < findings->count; i++) {
        const struct og_finding *one = &findings->list[i];
        char reason[OG_ATTACHMENT_REASON] = "";

        printf("    ");
        tool_cell(stdout, og_found_text(one->what), 9);
        (void)tool_put(stdout, one->path[0] != '\0' ? one->path : "(message)");
        if (one->what != OG_FOUND_FILE)
            fputs(", ", stdout), (void)tool_put(stdout, one->name);
        else
            printf(", %" PRIu64 " bytes, %s", one->size,
                   one->type[0] != '\0' ? one->type : "not looked at");
        if (og_attachment_blocked(set, one, reason))
            fputs(": ", stdout), (void)tool_put(stdout, reason);
        putchar('\n');
    }
}
