/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_TESTS_FUZZ_MACRO_H
#define OG_TESTS_FUZZ_MACRO_H

/* What the targets of core/macro share: one layer of exactly these bytes for a detector
 * or an opener; what comes out is in order, whatever went in. */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/macro/rows.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* magic stands in front of what the fuzzer makes, as nothing else would be looked at */
static inline struct og_layer
layer_of(const char *magic, size_t n, const uint8_t *data, size_t size)
{
    struct og_layer layer = { .path = "a/b", .name = "b", .type = "", .len = n + size };
    char *bytes = malloc(layer.len > 0 ? layer.len : 1);

    assert(bytes != NULL);
    memcpy(bytes, magic, n);
    if (size > 0)
        memcpy(bytes + n, data, size);
    layer.data = bytes;
    layer.size = layer.len;
    return layer;
}

static inline void
free_layer(struct og_layer *layer)
{
    union {
        const char *seen;
        void *made;
    } cast = { layer->data };

    free(cast.made);
}

static inline void
fuzz_detect(og_macro_detect *detect, const char *magic, size_t n, const uint8_t *data,
            size_t size)
{
    struct og_layer layer = layer_of(magic, n, data, size);
    struct og_findings findings = OG_FINDINGS_INIT;

    assert(detect(&layer, &findings, NULL) == OG_OK);
    for (size_t i = 0; i < findings.count; i++)
        assert(findings.list[i].what == OG_FOUND_MACRO
               || findings.list[i].what == OG_FOUND_ENCRYPTED
               || findings.list[i].what == OG_FOUND_LIMIT);
    og_findings_free(&findings);
    free_layer(&layer);
}

static inline enum og_rc
fuzz_take(const struct og_layer *inner, void *arg, struct og_err *err)
{
    unsigned sum = 0;

    (void)err;
    assert(inner->parent == arg && inner->len <= OG_MACRO_MAX_INNER);
    assert(strncmp(inner->path, "a/b/", 4) == 0 && strlen(inner->name) > 0);
    for (size_t i = 0; i < inner->len; i++)
        sum += (unsigned char)inner->data[i]; /* all of it can be read */
    return sum == UINT32_MAX ? OG_E_NOMEM : OG_OK;
}

static inline void
fuzz_open(og_macro_open *open, const char *magic, size_t n, const uint8_t *data,
          size_t size)
{
    struct og_layer layer = layer_of(magic, n, data, size);
    struct og_findings findings = OG_FINDINGS_INIT;

    assert(open(&layer, &findings, fuzz_take, &layer, NULL) == OG_OK);
    og_findings_free(&findings);
    free_layer(&layer);
}

#endif
