/* SPDX-License-Identifier: BSD-2-Clause */
/* JSON: whatever bytes an event holds, its line is printable ASCII that parses to the
 * same fields; what parses prints to the same again. */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/json_line.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* the line of a record, and that it comes back; *text is the caller's */
static void
print(const struct og_record *rec, struct og_buf *text)
{
    struct og_record back = OG_RECORD_INIT;
    struct og_buf again = OG_BUF_INIT(16 << 20);
    enum og_rc rc = json_line(rec, text, NULL);

    assert(rc == OG_OK);
    for (size_t i = 0; i < text->len; i++)
        assert(text->data[i] >= ' ' && text->data[i] <= '~');
    rc = og_json_parse(text->data, text->len, &back, NULL);
    assert(rc == OG_OK && back.count == rec->count);
    for (size_t i = 0; i < back.count; i++) {
        assert(strcmp(back.fields[i].name, rec->fields[i].name) == 0);
        assert(back.fields[i].is_number == rec->fields[i].is_number);
    }
    rc = json_line(&back, &again, NULL);
    assert(rc == OG_OK);
    assert(strcmp(og_buf_text(&again), og_buf_text(text)) == 0);
    og_record_free(&back);
    og_buf_free(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct og_record rec = OG_RECORD_INIT;
    struct og_buf text = OG_BUF_INIT(16 << 20);
    char *exact;
    enum og_rc rc;

    if (size > OG_RECORD_MAX_TEXT / 16) /* \uXXXX takes six bytes for one */
        return 0;
    exact = malloc(size + 1);
    assert(exact != NULL);
    memcpy(exact, data, size);
    rc = og_json_parse(exact, size, &rec, NULL);
    if (rc == OG_OK)
        print(&rec, &text);
    else
        assert(rec.count == 0);
    og_record_free(&rec);
    og_buf_reset(&text);
    rc = og_record_set(&rec, "fuzz", exact, size, NULL);
    assert(rc == OG_OK);
    rc = og_record_set_number(&rec, "n", (long long)size - 100, NULL);
    assert(rc == OG_OK);
    print(&rec, &text);
    og_record_free(&rec);
    og_buf_free(&text);
    free(exact);
    return 0;
}
