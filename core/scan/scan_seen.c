/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>

#include "core/scan/scan_int.h"

enum { FIRST_SLOTS = 64 };

static uint64_t *
slot_of(uint64_t *slots, size_t size, uint64_t hash)
{
    size_t at = (size_t)hash & (size - 1);

    while (slots[at] != 0 && slots[at] != hash)
        at = (at + 1) & (size - 1);
    return &slots[at];
}

static bool
grow(struct og_scan_seen *seen)
{
    size_t size = seen->size > 0 ? seen->size * 2 : FIRST_SLOTS;
    uint64_t *slots = calloc(size, sizeof *slots);

    if (slots == NULL)
        return false;
    for (size_t i = 0; i < seen->size; i++)
        if (seen->slots[i] != 0)
            *slot_of(slots, size, seen->slots[i]) = seen->slots[i];
    free(seen->slots);
    seen->slots = slots;
    seen->size = size;
    return true;
}

bool
og_scan_seen_put(struct og_scan_seen *seen, uint64_t hash)
{
    uint64_t *slot;

    if (hash == 0 || (seen->count * 2 >= seen->size && !grow(seen)))
        return true;
    slot = slot_of(seen->slots, seen->size, hash);
    if (*slot == hash)
        return false;
    *slot = hash;
    seen->count++;
    return true;
}
