/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "core/scan/scan_int.h"

const char *
og_scan_base_name(const char *name)
{
    const char *slash = strrchr(name, '/');

    return slash != NULL ? slash + 1 : name;
}

/* told again: archives are read from their list and from their members' heads */
static bool
is_there(struct og_scan_members *members, const char *name, uint64_t size, bool encrypted)
{
    /* the second time comes in the order of the first; looking at all would be
     * quadratic for an archive of 10,000 members */
    size_t first = members->count > 2000 ? members->count - 2000 : 0;

    for (size_t i = first; i < members->count; i++) {
        struct og_scan_member *member = &members->list[i];

        /* a head that was written before its member knows no size: 0 */
        if ((member->size == size || member->size == 0 || size == 0)
            && strcmp(member->name, name) == 0) {
            member->size = size > 0 ? size : member->size;
            member->encrypted = member->encrypted || encrypted;
            return true;
        }
    }
    return false;
}

void
og_scan_members_add(struct og_scan_members *members, const char *name, uint64_t size,
                    bool encrypted, size_t max)
{
    size_t cap = members->cap > 0 ? members->cap * 2 : 8;
    char *copy;

    if (members->count >= max || is_there(members, name, size, encrypted))
        return;
    if (members->count == members->cap) {
        struct og_scan_member *list = realloc(members->list, cap * sizeof *list);

        if (list == NULL)
            return;
        members->list = list;
        members->cap = cap;
    }
    copy = strdup(name);
    if (copy == NULL)
        return;
    members->list[members->count] =
        (struct og_scan_member){ .name = copy, .size = size, .encrypted = encrypted };
    members->count++;
}

static struct og_scan_member *
not_met(struct og_scan_members *members, const char *name, uint64_t size)
{
    for (size_t i = 0; i < members->count; i++) {
        struct og_scan_member *member = &members->list[i];

        if (!member->met && member->size == size
            && strcmp(og_scan_base_name(member->name), og_scan_base_name(name)) == 0)
            return member;
    }
    return NULL;
}

const char *
og_scan_members_meet(struct og_scan_members *members, const char *name, uint64_t size)
{
    struct og_scan_member *member = not_met(members, name, size);

    members->layers++;
    if (member == NULL) /* one of unknown size */
        member = not_met(members, name, 0);
    if (member == NULL)
        return name;
    member->met = true;
    return member->name;
}

void
og_scan_members_again(struct og_scan_members *members, const char *name, uint64_t size)
{
    members->layers++;
    for (size_t i = 0; i < members->count; i++) {
        struct og_scan_member *member = &members->list[i];

        if (!member->met && !member->again && member->size == size
            && strcmp(og_scan_base_name(member->name), og_scan_base_name(name)) == 0) {
            member->again = true;
            return;
        }
    }
}

void
og_scan_members_free(struct og_scan_members *members)
{
    for (size_t i = 0; i < members->count; i++)
        free(members->list[i].name);
    free(members->list);
    *members = (struct og_scan_members){ NULL, 0, 0, 0 };
}
