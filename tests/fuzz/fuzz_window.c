/* SPDX-License-Identifier: BSD-2-Clause */
/* Windows: the first byte chooses the span, the rest is a text form. What parses prints
 * back to the same bytes, and stays so after amounts have come and gone. */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/time.h"
#include "core/base/window.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* print, parse, print: the same twice */
static void
check_round_trip(const struct og_window *w)
{
    char once[OG_WINDOW_TEXT], twice[OG_WINDOW_TEXT];
    size_t len = og_window_print(w, once);
    struct og_window back;
    enum og_rc rc = og_window_parse(once, len, w->span, &back, NULL);

    assert(rc == OG_OK && len == strlen(once));
    assert(og_window_print(&back, twice) == len && strcmp(once, twice) == 0);
    assert(back.used == w->used && back.oldest == w->oldest);
    assert(memcmp(back.counts, w->counts, w->used * sizeof w->counts[0]) == 0);
}

static void
check_use(struct og_window *w)
{
    int64_t end = OG_TIME_MIN, when;
    uint64_t sum;
    enum og_rc rc;

    if (w->used > 0) /* the start of the newest sub-bucket */
        end += (w->oldest + w->used - 1) * og_window_span_width(w->span);
    sum = og_window_sum(w, end);
    assert(og_window_sum(w, INT64_MIN) == sum);
    rc = og_window_free_at(w, end, UINT64_MAX, UINT64_MAX, &when, NULL);
    assert(rc == OG_OK && when >= end);
    assert(when > OG_TIME_MAX || og_window_sum(w, when) == 0);
    og_window_add(w, end + (int64_t)(sum % 100000), sum);
    check_round_trip(w);
    og_window_add(w, INT64_MAX, 1);
    check_round_trip(w);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct og_window w;
    char *text, out[OG_WINDOW_TEXT];

    if (size == 0)
        return 0;
    text = malloc(size > 1 ? size - 1 : 1); /* exact, for ASan */
    if (text == NULL)
        return 0;
    memcpy(text, data + 1, size - 1);
    if (og_window_parse(text, size - 1, data[0] % OG_WINDOWS, &w, NULL) == OG_OK) {
        size_t len = og_window_print(&w, out);

        assert(len == size - 1 && memcmp(out, text, len) == 0);
        check_use(&w);
    }
    free(text);
    return 0;
}
