/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/lib/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/*
 * PCRE2 counts its match limit anew at each place of the subject where a match
 * may begin. So a subject is searched in slices of such places, and the time is
 * looked at in between.
 */
enum { SLICE = 16, NESTED_GROUPS = 50, MAX_CPU_US = 100000 };

struct og_regex {
    pcre2_code *code;
    size_t captures;
};

static void
compile_fail(int code, size_t offset, struct og_err *err)
{
    char text[256] = "";

    /* a cut text is still a text */
    (void)pcre2_get_error_message(code, (PCRE2_UCHAR *)text, sizeof text);
    og_err_set(err, "expression, byte %zu: %s", offset, text);
}

enum og_rc
og_regex_compile(const char *pattern, enum og_regex_flags flags, struct og_regex **re,
                 struct og_err *err)
{
    uint32_t options = PCRE2_NEVER_UTF | PCRE2_NEVER_UCP | PCRE2_USE_OFFSET_LIMIT;
    pcre2_compile_context *context;
    struct og_regex *fresh;
    size_t offset = 0;
    uint32_t captures = 0;
    int code = 0;
    enum og_rc rc = OG_OK;

    if (strlen(pattern) > OG_REGEX_MAX_PATTERN)
        return og_fail(err, OG_E_LIMIT, "expression of more than %d bytes",
                       OG_REGEX_MAX_PATTERN);
    if (flags & OG_REGEX_CASELESS)
        options |= PCRE2_CASELESS;
    fresh = calloc(1, sizeof *fresh);
    context = pcre2_compile_context_create(NULL);
    if (fresh == NULL || context == NULL) {
        rc = og_fail(err, OG_E_NOMEM, "no memory for an expression");
        goto out;
    }
    (void)pcre2_set_parens_nest_limit(context, NESTED_GROUPS); /* cannot fail */
    fresh->code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, options,
                                &code, &offset, context);
    if (fresh->code == NULL) {
        compile_fail(code, offset, err);
        rc = code == PCRE2_ERROR_NOMEMORY ? OG_E_NOMEM : OG_E_SYNTAX;
        goto out;
    }
    /* cannot fail for a compiled pattern */
    (void)pcre2_pattern_info(fresh->code, PCRE2_INFO_CAPTURECOUNT, &captures);
    fresh->captures = captures;
    *re = fresh;
    fresh = NULL;
out:
    pcre2_compile_context_free(context);
    og_regex_free(fresh);
    return rc;
}

size_t
og_regex_captures(const struct og_regex *re)
{
    return re->captures;
}

static int64_t
cpu_us(void)
{
    struct timespec now = { 0, 0 };

    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now); /* always there on Linux */
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* yields what pcre2_match() does; PCRE2_ERROR_MATCHLIMIT also when time is up */
static int
search(const struct og_regex *re, const char *subject, size_t len, pcre2_match_data *data,
       pcre2_match_context *context)
{
    int64_t begin = len >= SLICE ? cpu_us() : 0;

    for (size_t at = 0;; at += SLICE) {
        int code;

        (void)pcre2_set_offset_limit(context, at + SLICE - 1); /* cannot fail */
        code = pcre2_match(re->code, (PCRE2_SPTR)subject, len, at, 0, data, context);
        if (code != PCRE2_ERROR_NOMATCH || len - at < SLICE)
            return code;
        if (cpu_us() - begin > MAX_CPU_US)
            return PCRE2_ERROR_MATCHLIMIT;
    }
}

static bool
first_group(const struct og_regex *re, pcre2_match_data *data, size_t len,
            struct og_span *found)
{
    const size_t *offsets = pcre2_get_ovector_pointer(data);

    for (size_t i = re->captures > 0 ? 1 : 0; i <= re->captures; i++) {
        size_t start = offsets[2 * i], end = offsets[2 * i + 1];

        if (start == PCRE2_UNSET || start > end || end > len)
            continue;
        *found = (struct og_span){ start, end - start };
        return true;
    }
    return false;
}

static enum og_rc
match_fail(int code, struct og_err *err)
{
    char text[256] = "";

    switch (code) {
    case PCRE2_ERROR_NOMATCH:
        return og_fail(err, OG_E_NOTFOUND, "no match");
    case PCRE2_ERROR_MATCHLIMIT:
    case PCRE2_ERROR_DEPTHLIMIT:
    case PCRE2_ERROR_HEAPLIMIT:
        return og_fail(err, OG_E_LIMIT, "expression too slow for this text");
    case PCRE2_ERROR_NOMEMORY:
        return og_fail(err, OG_E_NOMEM, "no memory for a match");
    default:
        /* a cut text is still a text */
        (void)pcre2_get_error_message(code, (PCRE2_UCHAR *)text, sizeof text);
        return og_fail(err, OG_E_LIB, "expression: %s", text);
    }
}

enum og_rc
og_regex_match(const struct og_regex *re, const char *subject, size_t len,
               struct og_span *found, struct og_err *err)
{
    pcre2_match_data *data;
    pcre2_match_context *context;
    enum og_rc rc = OG_OK;
    int code;

    if (len > OG_REGEX_MAX_SUBJECT)
        return og_fail(err, OG_E_LIMIT, "text of more than %d bytes",
                       OG_REGEX_MAX_SUBJECT);
    data = pcre2_match_data_create_from_pattern(re->code, NULL);
    context = pcre2_match_context_create(NULL);
    if (data == NULL || context == NULL) {
        rc = og_fail(err, OG_E_NOMEM, "no memory for a match");
        goto out;
    }
    /* none of these can fail */
    (void)pcre2_set_match_limit(context, OG_REGEX_MAX_MATCHES);
    (void)pcre2_set_depth_limit(context, OG_REGEX_MAX_DEPTH);
    (void)pcre2_set_heap_limit(context, OG_REGEX_MAX_HEAP);
    code = search(re, len > 0 ? subject : "", len, data, context);
    if (code < 0)
        rc = match_fail(code, err);
    else if (!first_group(re, data, len, found))
        rc = og_fail(err, OG_E_NOTFOUND, "no group took part in the match");
out:
    pcre2_match_context_free(context);
    pcre2_match_data_free(data);
    return rc;
}

void
og_regex_free(struct og_regex *re)
{
    if (re == NULL)
        return;
    pcre2_code_free(re->code);
    free(re);
}
