/* SPDX-License-Identifier: BSD-2-Clause */
/* winmail.dat: every name and content lies in bounds, and the walk ends. */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/scan/tnef.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
    size_t size, items;
};

static bool
take(const struct og_tnef_item *item, void *arg)
{
    struct seen *seen = arg;
    volatile char sum = 0;

    assert((item->name == NULL) != (item->content == NULL));
    assert(item->name == NULL
           || (item->name[0] != '\0' && strlen(item->name) <= OG_TNEF_MAX_NAME));
    assert(item->content == NULL || (item->len > 0 && item->len <= seen->size));
    for (size_t i = 0; item->content != NULL && i < item->len; i++)
        sum = (char)(sum ^ item->content[i]);
    assert(++seen->items <= seen->size);
    return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct seen seen = { size, 0 };
    char *exact = malloc(size > 0 ? size : 1);

    assert(exact != NULL);
    if (size > 0)
        memcpy(exact, data, size);
    (void)og_tnef_walk(exact, size, take, &seen); /* either is an answer */
    free(exact);
    return 0;
}
