/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of kept messages: what is read stays inside them, and prints to the same again. */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/mail/kept.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const struct og_kept *kept, const char *text, size_t size)
{
    struct og_buf out = OG_BUF_INIT(OG_KEPT_MAX_HEAD), again = OG_BUF_INIT(1 << 24);
    struct og_kept second = OG_KEPT_INIT;
    size_t used = 0;
    enum og_rc rc;

    assert(kept->original <= size && kept->count <= OG_KEPT_MAX_RECIPIENTS);
    rc = og_kept_rewrite(kept, text + kept->original, size - kept->original, &out, &used,
                         NULL);
    assert(rc == OG_OK && used <= size - kept->original);
    rc = og_kept_print(&kept->record, (const char *const *)kept->recipients, kept->count,
                       &again, NULL);
    if (rc == OG_OK) {
        rc = og_buf_add_text(&again, "\n", NULL);
        assert(rc == OG_OK);
        rc = og_kept_parse(again.data, again.len, &second, NULL);
        assert(rc == OG_OK && second.count == kept->count);
        for (size_t i = 0; i < kept->count; i++)
            assert(strcmp(second.recipients[i], kept->recipients[i]) == 0);
    }
    og_kept_free(&second);
    og_buf_free(&out);
    og_buf_free(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct og_kept kept = OG_KEPT_INIT;
    struct og_err err = { "" };

    if (og_kept_parse((const char *)data, size, &kept, &err) == OG_OK)
        check(&kept, (const char *)data, size);
    else
        assert(kept.recipients == NULL && err.text[0] != '\0');
    og_kept_free(&kept);
    return 0;
}
