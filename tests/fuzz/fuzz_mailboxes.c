/* SPDX-License-Identifier: BSD-2-Clause */
/* any bytes as the value of a From: what is visited is never more than was given */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mailboxes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
    size_t bytes;
};

static enum og_rc
visit(const char *address, size_t len, void *arg, struct og_err *err)
{
    struct seen *seen = arg;

    (void)err;
    if (len == 0 || memchr(address, '@', len) == NULL
        || memchr(address, '\0', len) != NULL)
        abort();
    seen->bytes += len;
    return OG_OK;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct seen seen = { 0 };
    struct og_err err = { "" };

    if (og_mailboxes_parse((const char *)data, size, visit, &seen, &err) == OG_OK
        && memchr(data, '\0', size) != NULL)
        abort(); /* a NUL hides what follows from somebody */
    if (seen.bytes > size)
        abort();
    return 0;
}
