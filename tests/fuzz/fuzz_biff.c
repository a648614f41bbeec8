/* SPDX-License-Identifier: BSD-2-Clause */
/* Streams of workbooks, encrypted ones too; EncryptionInfo. */
#undef NDEBUG
#include <assert.h>

#include "core/macro/biff.h"
#include "core/macro/locked.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct og_bytes biff = og_bytes((const char *)data, size);
    struct og_buf inner = OG_BUF_INIT(1 << 20);
    enum og_locked state;
    enum og_rc rc;

    (void)og_biff_macros(&biff); /* ends, in bounds */
    rc = og_locked_biff(biff, &inner, &state, NULL);
    assert(rc == OG_OK || rc == OG_E_LIMIT);
    assert(rc != OG_OK || (state == OG_LOCKED_OPEN) == (inner.len > 0));
    assert(inner.len == 0 || inner.len == size);
    /* encryption hides no macro sheet: its records keep their numbers */
    if (rc == OG_OK && og_biff_is(&biff) && og_bytes_16(&biff, 6) == 0x40
        && state == OG_LOCKED_OPEN) {
        struct og_bytes open = og_bytes(inner.data, inner.len);

        assert(!og_biff_macros(&biff) || og_biff_macros(&open));
    }
    og_buf_free(&inner);
    return 0;
}
