/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of attachments: first line the extensions, then the name. Whatever is put around
 * a blocked ending, dots, blanks or marks that show nothing, it is found. */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/check/filename.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_print(const char *name, size_t size)
{
    char *out = malloc(size);

    assert(out != NULL);
    og_filename_print(name, out, size);
    assert(strlen(out) < size);
    for (const char *at = out; *at != '\0'; at++)
        assert(*at >= ' ' && *at <= '~' && *at != '"' && *at != '\\');
    free(out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const tails[] = {
        ".", " ", "...", "\xe2\x80\x8b", "\n", "::$DATA"
    };
    const uint8_t *lf = memchr(data, '\n', size);
    struct og_filename look, again;
    char *list, *name, *more;
    size_t room;

    if (lf == NULL)
        return 0;
    list = strndup((const char *)data, (size_t)(lf - data));
    name = strndup((const char *)lf + 1, size - (size_t)(lf - data) - 1);
    assert(list != NULL && name != NULL);
    og_filename_look(name, list, &look);
    assert(strlen(look.ending) < sizeof look.ending);
    room = strlen(name) + 10;
    more = malloc(room);
    assert(more != NULL);
    for (size_t i = 0; i < sizeof tails / sizeof tails[0] && look.ending[0] != '\0';
         i++) {
        if (tails[i][0] == ':' && strpbrk(name, "/\\\xe2") != NULL)
            continue; /* behind a separator a part of its own */
        (void)snprintf(more, room, "%s%s", name, tails[i]);
        og_filename_look(more, list, &again);
        assert(again.ending[0] != '\0' && (again.hidden || !look.hidden));
    }
    check_print(name, 8 + size % 100);
    free(more);
    free(list);
    free(name);
    return 0;
}
