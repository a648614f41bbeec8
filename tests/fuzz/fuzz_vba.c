/* SPDX-License-Identifier: BSD-2-Clause */
/* VBA: the container, the source, the compiled form. */
#undef NDEBUG
#include <assert.h>

#include "core/macro/macro.h"
#include "core/macro/vba.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct og_bytes bytes = og_bytes((const char *)data, size);
    struct og_buf text = OG_BUF_INIT(1 << 20);
    size_t at = og_vba_search(&bytes, 0);
    enum og_rc rc;

    assert(at == SIZE_MAX || at < size);
    rc = og_vba_unpack(bytes, &text, NULL);
    assert(rc == OG_OK || rc == OG_E_LIMIT || rc == OG_E_SYNTAX);
    (void)og_macro_has_statement(og_buf_text(&text), text.len); /* ends, in bounds */
    /* a text goes on after what has run already */
    if (size > 1 && og_macro_has_statement((const char *)data, size / 2)
        && data[size / 2 - 1] == '\n')
        assert(og_macro_has_statement((const char *)data, size));
    for (unsigned version = 0x50; version < 0x100; version += 0x50)
        (void)og_vba_pcode_runs(bytes, version); /* the same */
    og_buf_free(&text);
    return 0;
}
