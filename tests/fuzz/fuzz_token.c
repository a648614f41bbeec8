/* SPDX-License-Identifier: BSD-2-Clause */
/* Sealed texts: what opens is what was sealed, and nothing else opens. */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "core/lib/seal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const unsigned char secret[OG_SEAL_SECRET] = { 42 };
    struct og_buf text = OG_BUF_INIT(OG_SEAL_MAX_TEXT);
    struct og_buf plain = OG_BUF_INIT(OG_SEAL_MAX_PLAIN);
    enum og_rc rc = og_unseal(secret, "fuzz", (const char *)data, size, &plain, NULL);

    assert(rc == OG_E_SYNTAX || rc == OG_E_PERM); /* nobody guesses 128 bits */
    rc = og_seal(secret, "fuzz", data, size, &text, NULL);
    assert(rc == (size > OG_SEAL_MAX_PLAIN ? OG_E_LIMIT : OG_OK));
    if (rc == OG_OK) {
        rc = og_unseal(secret, "fuzz", text.data, text.len, &plain, NULL);
        assert(rc == OG_OK && plain.len == size
               && (size == 0 || memcmp(plain.data, data, size) == 0));
    }
    og_buf_free(&text);
    og_buf_free(&plain);
    return 0;
}
