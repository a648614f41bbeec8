/* SPDX-License-Identifier: BSD-2-Clause */
/* Words that unlock: what is read is what was made, and nothing else is read. */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/state/unlock.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const unsigned char secret[OG_SEAL_SECRET] = { 42 };
    char right[OG_UNLOCK_TOKEN], id[OG_LOCK_ID], *text = malloc(size + 1);
    enum og_rc rc;

    assert(text != NULL);
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    rc = og_unlock_read(secret, text, 1000, id, NULL);
    assert(rc == OG_E_SYNTAX || rc == OG_E_PERM); /* nobody guesses 128 bits */
    assert(id[0] == '\0');
    assert(og_unlock_make(secret, "bcdfghjkmn", 2000, right, NULL) == OG_OK);
    for (size_t i = 0; i + 1 < size && i < 4; i += 2) /* some letters are others */
        right[data[i] % (sizeof right - 1)] = (char)data[i + 1];
    rc = og_unlock_read(secret, right, 1000, id, NULL);
    if (rc == OG_OK) {
        char again[OG_UNLOCK_TOKEN];

        assert(strcmp(id, "bcdfghjkmn") == 0);
        assert(og_unlock_make(secret, "bcdfghjkmn", 2000, again, NULL) == OG_OK);
        assert(strcasecmp(again, right) == 0);
    } else
        assert(id[0] == '\0');
    free(text);
    return 0;
}
