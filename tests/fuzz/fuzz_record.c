/* SPDX-License-Identifier: BSD-2-Clause */
/* Records: what parses prints to printable text that parses to the same fields; any
 * bytes survive as a value. */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "core/base/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_same(const struct og_record *a, const struct og_record *b)
{
    assert(a->count == b->count);
    for (size_t i = 0; i < a->count; i++) {
        assert(strcmp(a->fields[i].name, b->fields[i].name) == 0);
        assert(a->fields[i].len == b->fields[i].len);
        assert(memcmp(a->fields[i].value, b->fields[i].value, a->fields[i].len) == 0);
        assert(og_record_find(b, a->fields[i].name) == &b->fields[i]);
    }
}

static void
check_round_trip(const struct og_record *rec)
{
    struct og_buf text = OG_BUF_INIT(OG_RECORD_MAX_TEXT);
    struct og_record back = OG_RECORD_INIT;
    enum og_rc rc = og_record_print(rec, &text, NULL);

    assert(rc == OG_OK);
    for (size_t i = 0; i < text.len; i++)
        assert(text.data[i] >= ' ' && text.data[i] < 0x7f);
    rc = og_record_parse(og_buf_text(&text), text.len, &back, NULL);
    assert(rc == OG_OK);
    check_same(rec, &back);
    og_record_free(&back);
    og_buf_free(&text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct og_record rec = OG_RECORD_INIT;
    enum og_rc rc;

    if (size > OG_RECORD_MAX_TEXT / 4) /* %XX takes three bytes for one */
        return 0;
    rc = og_record_parse((const char *)data, size, &rec, NULL);
    if (rc == OG_OK)
        check_round_trip(&rec);
    else
        assert(rec.count == 0);
    rc = og_record_set(&rec, "fuzz", data, size, NULL);
    if (rc == OG_OK)
        check_round_trip(&rec);
    else
        assert(rec.count == OG_RECORD_MAX_FIELDS);
    og_record_free(&rec);
    return 0;
}
