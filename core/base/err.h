/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_BASE_ERR_H
#define OG_BASE_ERR_H

#include <stdint.h>

/*
 * How a call went. What happens to a mail is another type, enum og_action.
 * A function that can fail returns enum og_rc and, on failure, leaves one line
 * of text for a person in its last parameter; outputs change on success only.
 */

#define OG_CHECKED __attribute__((warn_unused_result))
#define OG_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))
#define N_ELEMENTS(array) (sizeof(array) / sizeof(array)[0])

/* og_unconst - for what is ours to free, and for functions of others that only read and do
 * not say so */
static inline void *
og_unconst(const void *at)
{
    return (void *)(uintptr_t)at;
}

enum og_rc {
    OG_OK = 0,
    OG_E_SYNTAX,   /* the input cannot be read */
    OG_E_RANGE,    /* readable, but outside its bounds */
    OG_E_LIMIT,    /* above a ceiling on size or number */
    OG_E_NOMEM,    /* no memory */
    OG_E_IO,       /* a file or a system call failed */
    OG_E_NOTFOUND, /* no such entry */
    OG_E_EXISTS,   /* the entry is there already */
    OG_E_PERM,     /* wrong owner, mode or user */
    OG_E_BUSY,     /* the deadline passed; the same call may succeed later */
    OG_E_STATE,    /* stored state is damaged, foreign or missing */
    OG_E_LIB,      /* a library failed for a reason of its own */
};

struct og_err {
    char text[512]; /* one line without line end, cut to fit, always terminated */
};

/*
 * og_fail - write the text of an error and yield its code
 *
 * err  receives the text; may be NULL where nobody reads it
 *
 * Yields rc, so that `return og_fail(...)` cannot set one and forget the other;
 * a macro, so that the compiler sees which code a path returns. The text may
 * hold bytes of the input: whoever logs it escapes it.
 */
#define og_fail(err, rc, ...) (og_err_set((err), __VA_ARGS__), (rc))
void og_err_set(struct og_err *err, const char *fmt, ...) OG_PRINTF(2, 3);

/* og_rc_text - the name of a code in lower case words, for logs; never NULL */
const char *og_rc_text(enum og_rc rc);

#endif
