/* SPDX-License-Identifier: BSD-2-Clause */
/* Compound files: every stream that can be read stays in its bounds, whatever the chains
 * do; and all that looks at such files. */
#undef NDEBUG
#include <assert.h>

#include "tests/unit/macro_walk.h"

#include "core/macro/ole2.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_entries(struct og_ole2 *ole, size_t size)
{
    uint64_t all = 0;

    for (int i = 0; i < og_ole2_count(ole); i++) {
        const struct og_ole2_entry *entry = og_ole2_entry(ole, i);
        struct og_buf out = OG_BUF_INIT(SIZE_MAX / 2);
        enum og_rc rc;

        assert(entry->parent >= -1 && entry->parent < og_ole2_count(ole));
        rc = og_ole2_read(ole, i, &out, NULL);
        assert(rc == OG_OK || rc == OG_E_LIMIT);
        assert(out.len <= entry->size);
        if (rc == OG_OK)
            all += out.len;
        og_buf_free(&out);
    }
    assert(all <= (uint64_t)size * 4);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct og_layer layer = { .path = "a", .name = "a", .type = "" };
    struct og_findings findings = OG_FINDINGS_INIT;
    struct og_ole2 *ole = NULL;
    enum og_rc rc;

    rc = og_ole2_open((const char *)data, size, &ole, NULL);
    assert(rc == OG_OK || rc == OG_E_SYNTAX);
    if (rc == OG_OK)
        check_entries(ole, size);
    og_ole2_close(ole);

    layer.data = (const char *)data;
    layer.len = layer.size = size;
    rc = walk_layer(&layer, &findings, 0, NULL);
    assert(rc == OG_OK || rc == OG_E_LIMIT);
    og_findings_free(&findings);
    return 0;
}
