/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/base/findings.h"

#include <stdlib.h>
#include <string.h>

/* a line's own words and numbers, at their longest; and all of a line */
enum {
    LINE_BYTES = 128,
    ELLIPSIS = 3,
    LINE_MOST = LINE_BYTES + 4 * 3 * OG_FINDING_MAX_NAME
};

/* places that others cannot take: the first of a kind is what decides */
enum { FIRST_ONES = OG_FOUND_LIMIT + 1 };

static const char *
text_of(const char *text)
{
    return text != NULL ? text : "";
}

/* FNV-1a, 64 bits; a pair that collides is one finding less, both are refused alike */
static uint64_t
hash(uint64_t sum, const char *text)
{
    do {
        sum = (sum ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
    } while (*text++ != '\0'); /* the NUL parts the texts */
    return sum;
}

static uint64_t
key_of(const struct og_finding *finding)
{
    uint64_t sum = UINT64_C(0xcbf29ce484222325) + (uint64_t)finding->what;

    return hash(hash(sum, text_of(finding->path)), text_of(finding->name));
}

static bool
inside_character(char byte)
{
    return ((unsigned char)byte & 0xc0) == 0x80; /* RFC 3629 */
}

/* a copy; a long one keeps beginning and end, as the extension is what is judged */
static char *
cut_copy(const char *text)
{
    size_t len = strlen(text), head = (OG_FINDING_MAX_NAME - ELLIPSIS) / 2,
           tail = len - (OG_FINDING_MAX_NAME - ELLIPSIS - head);
    char *copy;

    if (len <= OG_FINDING_MAX_NAME)
        return strdup(text);
    for (int i = 0; i < 3 && inside_character(text[head]); i++)
        head--;
    for (int i = 0; i < 3 && inside_character(text[tail]); i++)
        tail++;
    copy = malloc(head + ELLIPSIS + (len - tail) + 1);
    if (copy == NULL)
        return NULL;
    memcpy(copy, text, head);
    memcpy(copy + head, "...", ELLIPSIS);
    memcpy(copy + head + ELLIPSIS, text + tail, len - tail + 1);
    return copy;
}

/* const is for readers: what is in a list was made by cut_copy() */
static void
free_finding(struct og_finding *finding)
{
    free(og_unconst(finding->path));
    free(og_unconst(finding->name));
    free(og_unconst(finding->type));
    free(og_unconst(finding->claimed));
}

static enum og_rc
grow(struct og_findings *list, size_t most, struct og_err *err)
{
    size_t cap = list->cap > 0 ? list->cap * 2 : 8;
    struct og_finding *larger;

    if (list->count >= most)
        return og_fail(err, OG_E_LIMIT, "more than %zu findings", most);
    if (list->count < list->cap)
        return OG_OK;
    larger = realloc(list->list, cap * sizeof *larger);
    if (larger == NULL)
        return og_fail(err, OG_E_NOMEM, "no memory for findings");
    list->list = larger;
    list->cap = cap;
    return OG_OK;
}

/* bytes in text form, as og_percent_add() writes them */
static size_t
printed(const char *text)
{
    size_t bytes = 0;

    for (; *text != '\0'; text++)
        bytes += *text > ' ' && *text < 0x7f && *text != '%' ? 1 : 3;
    return bytes;
}

static enum og_rc
copy_of(const struct og_finding *finding, struct og_finding *copy, struct og_err *err)
{
    *copy = *finding;
    copy->path = cut_copy(text_of(finding->path));
    copy->name = cut_copy(text_of(finding->name));
    copy->type = cut_copy(text_of(finding->type));
    copy->claimed = cut_copy(text_of(finding->claimed));
    if (copy->path != NULL && copy->name != NULL && copy->type != NULL
        && copy->claimed != NULL) {
        copy->key = key_of(copy); /* of what is kept: the text form yields the same */
        return OG_OK;
    }
    free_finding(copy);
    return og_fail(err, OG_E_NOMEM, "no memory for a finding");
}

static bool
is_there(const struct og_findings *list, const struct og_finding *finding)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->list[i].key == finding->key && list->list[i].what == finding->what)
            return true;
    return false;
}

enum og_rc
og_findings_add(struct og_findings *list, const struct og_finding *finding,
                struct og_err *err)
{
    bool first = og_findings_first(list, finding->what) == NULL;
    size_t most = OG_FINDINGS_MAX - (first ? 0 : FIRST_ONES),
           most_text = OG_FINDINGS_MAX_TEXT - 2 * LINE_BYTES
                       - (first ? 0 : FIRST_ONES * LINE_MOST);
    struct og_finding copy;
    size_t bytes;
    enum og_rc rc = copy_of(finding, &copy, err);

    if (rc != OG_OK)
        return rc;
    if (copy.what != OG_FOUND_FILE && is_there(list, &copy)) {
        free_finding(&copy);
        return OG_OK;
    }
    bytes = LINE_BYTES + printed(copy.path) + printed(copy.name) + printed(copy.type)
            + printed(copy.claimed);
    if (list->text_bytes + bytes > most_text)
        rc = og_fail(err, OG_E_LIMIT, "findings of more than %zu bytes", most_text);
    if (rc == OG_OK)
        rc = grow(list, most, err);
    if (rc != OG_OK) {
        free_finding(&copy);
        return rc;
    }
    list->list[list->count++] = copy;
    list->text_bytes += bytes;
    return OG_OK;
}

const struct og_finding *
og_findings_first(const struct og_findings *list, enum og_found what)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->list[i].what == what)
            return &list->list[i];
    return NULL;
}

const char *
og_found_text(enum og_found what)
{
    switch (what) {
    case OG_FOUND_FILE:
        return "file";
    case OG_FOUND_VIRUS:
        return "virus";
    case OG_FOUND_PHISH:
        return "phish";
    case OG_FOUND_UNWANTED:
        return "unwanted";
    case OG_FOUND_MACRO:
        return "macro";
    case OG_FOUND_ENCRYPTED:
        return "encrypted";
    case OG_FOUND_LIMIT:
        return "limit";
    }
    return "file";
}

void
og_findings_move(struct og_findings *to, struct og_findings *from)
{
    og_findings_free(to);
    *to = *from;
    *from = (struct og_findings)OG_FINDINGS_INIT;
}

void
og_findings_free(struct og_findings *list)
{
    for (size_t i = 0; i < list->count; i++)
        free_finding(&list->list[i]);
    free(list->list);
    *list = (struct og_findings)OG_FINDINGS_INIT;
}
