/* SPDX-License-Identifier: BSD-2-Clause */
/* identification_headers: what parses prints to a text that parses to the same list. */
#undef NDEBUG
#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/idheader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_same(const struct og_idheaders *a, const struct og_idheaders *b)
{
    assert(a->count == b->count);
    for (size_t i = 0; i < a->count; i++) {
        const struct og_idheader *x = &a->rows[i], *y = &b->rows[i];

        assert(strcmp(x->name, y->name) == 0);
        assert((x->pattern == NULL) == (y->pattern == NULL));
        assert(x->pattern == NULL || strcmp(x->pattern, y->pattern) == 0);
        assert(x->caseless == y->caseless && x->keep == y->keep);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct og_idheaders list = OG_IDHEADERS_INIT, again = OG_IDHEADERS_INIT;
    struct og_buf text = OG_BUF_INIT(size + 3 * OG_IDHEADERS_MAX);
    char *input = malloc(size + 1);
    enum og_rc rc;

    assert(input != NULL);
    memcpy(input, data, size);
    input[size] = '\0';
    rc = og_idheaders_parse(input, &list, NULL);
    if (rc == OG_OK) {
        rc = og_idheaders_print(&list, &text, NULL);
        assert(rc == OG_OK);
        for (size_t i = 0; i < text.len; i++)
            assert((unsigned char)text.data[i] >= ' ' && text.data[i] != 0x7f);
        rc = og_idheaders_parse(og_buf_text(&text), &again, NULL);
        assert(rc == OG_OK);
        check_same(&list, &again);
    } else {
        assert((rc == OG_E_SYNTAX || rc == OG_E_LIMIT) && list.count == 0);
    }
    og_idheaders_free(&list);
    og_idheaders_free(&again);
    og_buf_free(&text);
    free(input);
    return 0;
}
