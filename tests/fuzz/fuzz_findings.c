/* SPDX-License-Identifier: BSD-2-Clause */
/* Findings: what parses prints to printable text that parses to the same. */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "core/base/findings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_same(const struct og_findings *a, const struct og_findings *b)
{
    assert(a->count == b->count);
    for (size_t i = 0; i < a->count; i++) {
        const struct og_finding *x = &a->list[i], *y = &b->list[i];

        assert(x->what == y->what && x->size == y->size && x->depth == y->depth);
        assert(strcmp(x->path, y->path) == 0 && strcmp(x->name, y->name) == 0);
        assert(strcmp(x->type, y->type) == 0 && strcmp(x->claimed, y->claimed) == 0);
        assert(strlen(x->name) <= OG_FINDING_MAX_NAME);
    }
    assert(strcmp(a->fingerprint, b->fingerprint) == 0);
    assert(strcmp(a->exact, b->exact) == 0);
    assert(a->elapsed_ms == b->elapsed_ms && a->text_words == b->text_words);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct og_findings list = OG_FINDINGS_INIT, back = OG_FINDINGS_INIT;
    struct og_buf text = OG_BUF_INIT(OG_FINDINGS_MAX_TEXT);
    enum og_rc rc = og_findings_parse((const char *)data, size, &list, NULL);

    if (rc == OG_OK) {
        rc = og_findings_print(&list, &text, NULL);
        assert(rc == OG_OK);
        for (size_t i = 0; i < text.len; i++)
            assert(text.data[i] == '\n' || (text.data[i] >= ' ' && text.data[i] < 0x7f));
        rc = og_findings_parse(og_buf_text(&text), text.len, &back, NULL);
        assert(rc == OG_OK);
        check_same(&list, &back);
    } else {
        assert(list.count == 0);
    }
    og_findings_free(&list);
    og_findings_free(&back);
    og_buf_free(&text);
    return 0;
}
