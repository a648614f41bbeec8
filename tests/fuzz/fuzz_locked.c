/* SPDX-License-Identifier: BSD-2-Clause */
/* What is written in EncryptionInfo. */
#undef NDEBUG
#include <assert.h>

#include "core/macro/locked.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char package[] = "\x10\0\0\0\0\0\0\0................................";
    struct og_buf inner = OG_BUF_INIT(1 << 20);
    enum og_locked state;
    enum og_rc rc;

    rc = og_locked_package(og_bytes((const char *)data, size),
                           og_bytes(package, sizeof package - 1), &inner, &state, NULL);
    assert(rc == OG_OK || rc == OG_E_LIMIT);
    assert(inner.len <= 16);
    og_buf_free(&inner);
    return 0;
}
