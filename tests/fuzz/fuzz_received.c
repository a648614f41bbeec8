/* SPDX-License-Identifier: BSD-2-Clause */
/* The comment of a Received field: first line the expression, then the field. What is
 * cut out is one comment in one piece, with the blanks before it. */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/check/received.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_cut(const char *old, size_t len, const char *new)
{
    size_t new_len = strlen(new), head = 0, tail = 0;

    assert(new_len < len && memchr(old, '\0', len) == NULL);
    /* as much of the end as possible, one blank may have been put in its front */
    while (tail < new_len && new[new_len - 1 - tail] == old[len - 1 - tail])
        tail++;
    while (head < new_len && new[head] == old[head])
        head++;
    assert(head + tail + 1 >= new_len);
    assert(head > 0 && memchr(new, ':', head) != NULL);
    if (old[len - 1] == '\n')
        assert(new[new_len - 1] == '\n');
    assert(memchr(old, '(', len) != NULL && memchr(old, ')', len) != NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *lf = memchr(data, '\n', size);
    struct og_regex *regex = NULL;
    struct og_header field = { .text = NULL };
    char *pattern, *text;
    enum og_rc rc;

    if (lf == NULL || size > 4096)
        return 0;
    pattern = strndup((const char *)data, (size_t)(lf - data));
    field.len = size - (size_t)(lf - data) - 1;
    text = malloc(field.len + 1);
    assert(pattern != NULL && text != NULL);
    memcpy(text, lf + 1, field.len);
    field.text = text;
    if (og_regex_compile(pattern, OG_REGEX_DEFAULT, &regex, NULL) == OG_OK) {
        char *before = NULL;

        for (int i = 0; i < 3; i++) {
            rc = og_received_strip(&field, regex, NULL);
            assert(rc == OG_OK || rc == OG_E_LIMIT || rc == OG_E_LIB);
            if (field.changed == NULL)
                break;
            if (before == NULL)
                check_cut(text, field.len, field.changed);
            else if (strcmp(before, field.changed) != 0)
                check_cut(before, strlen(before), field.changed);
            free(before);
            before = strdup(field.changed);
            assert(before != NULL);
        }
        free(before);
    }
    assert(!field.removed && memcmp(text, lf + 1, field.len) == 0);
    free(field.changed);
    og_regex_free(regex);
    free(pattern);
    free(text);
    return 0;
}
