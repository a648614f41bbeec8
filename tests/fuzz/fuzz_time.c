/* SPDX-License-Identifier: BSD-2-Clause */
/* Times and durations: from text to number to text and back; and the first 8 bytes
 * as a number to text and back. */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/time.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_number(int64_t number)
{
    char time_text[OG_TIME_TEXT], text[OG_DURATION_TEXT];
    int64_t back;
    enum og_rc rc = og_time_print(number, time_text, NULL);

    assert((rc == OG_OK) == (number >= OG_TIME_MIN && number <= OG_TIME_MAX));
    if (rc == OG_OK) {
        assert(strlen(time_text) == OG_TIME_TEXT - 1);
        rc = og_time_parse(time_text, &back, NULL);
        assert(rc == OG_OK && back == number);
    }
    og_duration_print(number, text);
    assert(strlen(text) < sizeof text - 1);
    rc = og_duration_parse(text, &back, NULL);
    assert(number < 0 ? rc == OG_E_SYNTAX : rc == OG_OK && back == number);
}

static void
check_text(const char *text, int64_t now)
{
    char printed[OG_TIME_TEXT];
    int64_t t;

    if (og_time_parse(text, &t, NULL) == OG_OK) {
        enum og_rc rc = og_time_print(t, printed, NULL);

        assert(rc == OG_OK && strncmp(printed, text, strlen(text)) == 0);
        check_number(t);
    }
    if (og_duration_parse(text, &t, NULL) == OG_OK) {
        assert(t >= 0);
        check_number(t);
    }
    if (og_time_since_parse(text, now, &t, NULL) == OG_OK) {
        assert(t >= OG_TIME_MIN && t <= OG_TIME_MAX);
        assert(t <= now || strchr(text, '-') != NULL);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    int64_t number = 0;

    if (text == NULL)
        return 0;
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    memcpy(&number, text, size < sizeof number ? size : sizeof number);
    check_number(number);
    check_number(number % OG_TIME_MAX); /* within reach of a calendar */
    check_text(text, 1795284741);
    check_text(text, OG_TIME_MIN + 60);
    if (size > sizeof number)
        check_text(text + sizeof number, number % OG_TIME_MAX);
    free(text);
    return 0;
}
