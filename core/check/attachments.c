/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/check/attachments.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/check/filename.h"

enum { MAX_SHOWN = 100 }; /* bytes of a path in a reply */

/* types by content, as libclamav calls them; each counts as a file with that ending */
static const struct {
    const char *type, *ending, *what;
} types[] = {
    { "CL_TYPE_MSEXE", "exe", "a Windows program" },
    { "CL_TYPE_ELF", "exe", "a Linux program" },
    { "CL_TYPE_MACHO", "exe", "a macOS program" },
    { "CL_TYPE_MACHO_UNIBIN", "exe", "a macOS program" },
    { "CL_TYPE_AUTOIT", "exe", "a Windows program" },
    { "CL_TYPE_NULSFT", "exe", "a Windows program" },
    { "CL_TYPE_ISHIELD_MSI", "msi", "an installer" },
    { "CL_TYPE_JAVA", "jar", "a Java program" },
    { "CL_TYPE_SCRENC", "vbe", "an encoded script" },
    { "CL_TYPE_LNK", "lnk", "a shortcut" },
    { "CL_TYPE_MSCHM", "chm", "a compiled help file" },
    { "CL_TYPE_ISO9660", "iso", "a disk image" },
    { "CL_TYPE_UDF", "iso", "a disk image" },
    { "CL_TYPE_DMG", "img", "a disk image" },
};

static bool
listed(const char *list, const char *word, size_t len)
{
    while (*list != '\0') {
        size_t n = strcspn(list, " ");

        if (n == len && strncasecmp(list, word, len) == 0)
            return true;
        list += n;
        list += strspn(list, " ");
    }
    return false;
}

static bool
name_blocked(const struct og_settings *set, const char *name, char *reason)
{
    struct og_filename look;

    og_filename_look(name, set->blocked_extensions, &look);
    if (look.ending[0] != '\0')
        (void)snprintf(reason, OG_ATTACHMENT_REASON, "its name %s .%s%s%s",
                       look.hidden ? "hides that it ends in" : "ends in", look.before,
                       look.before[0] != '\0' ? "." : "", look.ending);
    else if (look.reversed)
        (void)snprintf(reason, OG_ATTACHMENT_REASON,
                       "its name holds a mark that turns the direction of writing");
    else if (look.class_id)
        (void)snprintf(reason, OG_ATTACHMENT_REASON,
                       "its name ends in a class identifier");
    return reason[0] != '\0';
}

/* a text part without a name is no program, whatever its first letters look like */
static bool
is_text(const struct og_finding *file)
{
    return file->depth == 0 && file->name[0] == '\0'
           && strncasecmp(file->claimed, "text/", 5) == 0;
}

static bool
type_blocked(const struct og_settings *set, const struct og_finding *file, char *reason)
{
    for (size_t i = 0; i < N_ELEMENTS(types) && !is_text(file); i++)
        if (strcmp(types[i].type, file->type) == 0
            && listed(set->blocked_extensions, types[i].ending, strlen(types[i].ending)))
            (void)snprintf(reason, OG_ATTACHMENT_REASON, "it is %s", types[i].what);
    return reason[0] != '\0';
}

static bool
file_blocked(const struct og_settings *set, const struct og_finding *file, char *reason)
{
    if (file->depth > set->attachment_depth
        || strcmp(set->blocked_extensions, "none") == 0)
        return false;
    return name_blocked(set, file->name, reason) || type_blocked(set, file, reason);
}

/* `PUA.Win.Packer.Upx-49`: the category is one of the two words behind PUA */
static bool
unwanted_blocked(const struct og_settings *set, const struct og_finding *found,
                 char *reason)
{
    const char *list = set->block_unwanted_attachments, *at = found->name;
    bool blocked = strcmp(list, "yes") == 0;
    char shown[60];

    if (strcmp(list, "no") == 0)
        return false;
    for (int i = 0; i < 3 && *at != '\0' && !blocked; i++) {
        size_t len = strcspn(at, ".-");

        blocked = i > 0 && listed(list, at, len);
        at += len + (at[len] != '\0' ? 1 : 0);
    }
    og_filename_print(found->name, shown, sizeof shown);
    if (blocked)
        (void)snprintf(reason, OG_ATTACHMENT_REASON, "it is potentially unwanted, %s",
                       shown);
    return blocked;
}

static bool
encrypted_blocked(const struct og_settings *set, const struct og_finding *found,
                  char *reason)
{
    bool document = strcmp(found->name, "document") == 0, blocked = false;

    switch ((enum og_encrypted)set->block_encrypted) {
    case OG_ENCRYPTED_PASS:
        break;
    case OG_ENCRYPTED_BLOCK:
        blocked = true;
        break;
    case OG_ENCRYPTED_ARCHIVES:
        blocked = !document;
        break;
    case OG_ENCRYPTED_DOCUMENTS:
        blocked = document;
        break;
    }
    if (blocked)
        (void)snprintf(reason, OG_ATTACHMENT_REASON, "it is encrypted");
    return blocked;
}

bool
og_attachment_blocked(const struct og_settings *set, const struct og_finding *finding,
                      char reason[OG_ATTACHMENT_REASON])
{
    reason[0] = '\0';
    switch (finding->what) {
    case OG_FOUND_FILE:
        return file_blocked(set, finding, reason);
    case OG_FOUND_UNWANTED:
        return unwanted_blocked(set, finding, reason);
    case OG_FOUND_ENCRYPTED:
        return encrypted_blocked(set, finding, reason);
    case OG_FOUND_VIRUS:
    case OG_FOUND_PHISH:
    case OG_FOUND_MACRO:
    case OG_FOUND_LIMIT:
        break;
    }
    return false;
}

const struct og_finding *
og_attachments_check(const struct og_settings *set, const struct og_findings *findings,
                     struct og_verdict *verdict)
{
    char reason[OG_ATTACHMENT_REASON], shown[MAX_SHOWN];
    uint64_t parts = 0;

    for (size_t i = 0; i < findings->count; i++) {
        const struct og_finding *found = &findings->list[i];

        if (found->what == OG_FOUND_FILE && found->depth == 0)
            parts++;
        if (!og_attachment_blocked(set, found, reason))
            continue;
        og_filename_print(found->path[0] != '\0' ? found->path : found->name, shown,
                          sizeof shown);
        og_verdict_set(verdict, OG_REJECT, "550 5.7.1", "attachment",
                       "The file \"%s\" is not allowed: %s", shown, reason);
        return found;
    }
    if (set->maximum_mime_parts > 0 && parts > set->maximum_mime_parts)
        og_verdict_set(verdict, OG_REJECT, "550 5.6.0", "parts",
                       "A message of %" PRIu64 " parts has more than the %" PRIu64
                       " allowed",
                       parts, set->maximum_mime_parts);
    return NULL;
}
