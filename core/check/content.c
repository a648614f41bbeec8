/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/check/content.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/check/filename.h"

enum { MAX_SHOWN = 100, MAX_NAME = 64 }; /* bytes in a reply */

/* where something was found, for a reply: ` in "a.zip/b.exe"`, "" in the message itself */
struct place {
    const char *in;
    char path[MAX_SHOWN];
    const char *end;
    char name[MAX_NAME]; /* of what was found */
};

static struct place
place_of(const struct og_finding *found)
{
    struct place place = { .in = found->path[0] != '\0' ? " in \"" : "",
                           .end = found->path[0] != '\0' ? "\"" : "" };

    og_filename_print(found->path, place.path, sizeof place.path);
    og_filename_print(found->name, place.name, sizeof place.name);
    return place;
}

const struct og_finding *
og_virus_check(const struct og_findings *findings, struct og_verdict *verdict)
{
    const struct og_finding *found = og_findings_first(findings, OG_FOUND_VIRUS);

    if (found != NULL) {
        struct place place = place_of(found);

        og_verdict_set(verdict, OG_REJECT, "550 5.7.1", "virus",
                       "The message holds malware: %s%s%s%s", place.name, place.in,
                       place.path, place.end);
    }
    return found;
}

const struct og_finding *
og_macro_check(const struct og_settings *set, const struct og_findings *findings,
               struct og_verdict *verdict)
{
    const struct og_finding *found =
        set->block_macros != 0 ? og_findings_first(findings, OG_FOUND_MACRO) : NULL;

    if (found != NULL) {
        struct place place = place_of(found);

        og_verdict_set(verdict, OG_REJECT, "550 5.7.1", "macro",
                       "The message holds a macro (%s)%s%s%s", place.name, place.in,
                       place.path, place.end);
    }
    return found;
}

/* the ceilings of findings, and what is said of what lies above */
static const struct {
    const char *name, *text;
} ceilings[] = {
    { "parts", "has too many parts" },
    { "files", "holds too many files" },
    { "depth", "has files in it that are nested too deep" },
    { "size", "is too large" },
    { "space", "is too large" },
    { "format", "is of a form that cannot be opened" },
    { "rounds", "has a password that takes too long" }, /* Excel's own, tried by us */
};

const struct og_finding *
og_beyond_check(const struct og_settings *set, const struct og_findings *findings,
                struct og_verdict *verdict)
{
    const struct og_finding *found = og_findings_first(findings, OG_FOUND_LIMIT);
    const char *text = "is too much";
    char path[MAX_SHOWN], above[40] = "";
    bool file;

    if (found == NULL || set->scan_limit_response == OG_SCAN_LIMIT_ACCEPT)
        return NULL;
    if (strcmp(found->name, "time") == 0) {
        og_verdict_set(verdict, OG_DEFER, "451 4.3.0", "scan-limit",
                       "It takes too long to look into this message");
        return found;
    }
    for (size_t i = 0; i < N_ELEMENTS(ceilings); i++)
        if (strcmp(ceilings[i].name, found->name) == 0)
            text = ceilings[i].text;
    og_filename_print(found->path, path, sizeof path);
    file = path[0] != '\0';
    if (found->size > 0)
        (void)snprintf(above, sizeof above, " (above %" PRIu64 ")", found->size);
    og_verdict_set(verdict, OG_REJECT, "550 5.6.0", "scan-limit",
                   "The %s%s%s %s to be looked into%s", file ? "file \"" : "message",
                   path, file ? "\"" : "", text, above);
    return found;
}
