/* SPDX-License-Identifier: BSD-2-Clause */
/* The walk of a message's parts: bounded, in order, and each part where it says. */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/lib/mime.h"

enum { PARTS = 50, DEPTH = 5, BYTES = 100000 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
    size_t size;
    unsigned parts;
};

static void
take(const char *text, size_t len, void *arg)
{
    volatile char *sum = arg;

    for (size_t i = 0; i < len; i++)
        *sum = (char)(*sum ^ text[i]);
}

static enum og_rc
visit(const struct og_mime_part *part, void *arg, struct og_err *err)
{
    struct seen *seen = arg;
    char sum = 0;

    (void)err;
    seen->parts++;
    assert(part->begin <= part->end && part->end <= seen->size);
    assert(part->name != NULL && part->other != NULL && part->folder != NULL);
    assert(part->claimed != NULL && part->charset != NULL);
    assert(part->other[0] == '\0' || strcmp(part->name, part->other) != 0);
    assert(!part->is_html || part->is_text);
    if (part->data != NULL && !part->is_message) {
        take(part->data, part->len, &sum); /* every byte is there */
        if (part->is_text)
            og_mime_text(part, take, &sum);
    }
    return OG_OK;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct og_mime_limits limits = { PARTS, DEPTH, BYTES };
    struct seen seen = { size, 0 };
    struct og_mime_message message;
    char *exact = malloc(size > 0 ? size : 1);
    enum og_rc rc;

    assert(exact != NULL);
    if (size > 0)
        memcpy(exact, data, size);
    rc = og_mime_walk(exact, size, &limits, visit, &seen, &message, NULL);
    assert(rc == OG_OK);
    assert(message.parts == seen.parts && seen.parts <= PARTS);
    free(exact);
    return 0;
}
