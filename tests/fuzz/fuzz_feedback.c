/* SPDX-License-Identifier: BSD-2-Clause */
/* Abuse reports: what is taken out of one is short and printable. */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "core/mail/feedback.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const char *text, size_t size)
{
    assert(strnlen(text, size) < size);
    for (; *text != '\0'; text++)
        assert(*text >= ' ' && *text < 0x7f);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct og_feedback feedback = { "", "", "" };
    struct og_err err = { "" };

    if (og_feedback_parse((const char *)data, size, &feedback, &err) == OG_OK) {
        assert(feedback.type[0] != '\0');
        (void)og_feedback_class(feedback.type);
    }
    check(feedback.type, sizeof feedback.type);
    check(feedback.agent, sizeof feedback.agent);
    check(feedback.token, sizeof feedback.token);
    return 0;
}
