/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_LIB_REGEX_H
#define OG_LIB_REGEX_H

#include <stddef.h>

#include "core/base/err.h"

/*
 * Perl-compatible expressions of the administrator against text from a mail,
 * which may be hostile. Bytes, no UTF mode (a pattern cannot switch it on). Every
 * match has an end: the limits below and 100 ms of CPU; what is above them is
 * OG_E_LIMIT, at the latest after about 150 ms. Library: PCRE2, 8 bit, no JIT
 * (its limits are not the interpreter's).
 */
struct og_regex;

/* a part of a subject */
struct og_span {
    size_t start; /* bytes from the subject's begin */
    size_t len;   /* bytes, may be 0 */
};

enum {
    OG_REGEX_MAX_PATTERN = 1024,   /* bytes */
    OG_REGEX_MAX_SUBJECT = 65536,  /* bytes */
    OG_REGEX_MAX_MATCHES = 100000, /* backtracking steps at one place */
    OG_REGEX_MAX_DEPTH = 1000,     /* nested steps: turns of a repeated group */
    OG_REGEX_MAX_HEAP = 2048,      /* KiB */
};

enum og_regex_flags {
    OG_REGEX_DEFAULT = 0,
    OG_REGEX_CASELESS = 1, /* A-Z like a-z */
};

/*
 * og_regex_compile - read a pattern
 *
 * re  receives the expression; the caller frees it with og_regex_free()
 *
 * Returns OG_OK; OG_E_SYNTAX with the offset in bytes and the library's words in
 * err; OG_E_LIMIT above OG_REGEX_MAX_PATTERN; OG_E_NOMEM.
 */
enum og_rc og_regex_compile(const char *pattern, enum og_regex_flags flags,
                            struct og_regex **re, struct og_err *err) OG_CHECKED;

/* og_regex_captures - number of capture groups in the pattern */
size_t og_regex_captures(const struct og_regex *re);

/*
 * og_regex_match - find the first match
 *
 * subject, len  any bytes, no NUL needed; only read
 * found         receives the first capture group that took part in the match (of
 *               `a=(x)|b=(y)` the second, when the subject is `b=y`); the whole
 *               match when the pattern has no group
 *
 * Returns OG_OK; OG_E_NOTFOUND without a match, or when no group took part;
 * OG_E_LIMIT; OG_E_NOMEM; OG_E_LIB. err is set for each of them.
 */
enum og_rc og_regex_match(const struct og_regex *re, const char *subject, size_t len,
                          struct og_span *found, struct og_err *err) OG_CHECKED;

/* og_regex_free - release; NULL is fine */
void og_regex_free(struct og_regex *re);

#endif
