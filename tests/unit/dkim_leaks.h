/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_TESTS_DKIM_LEAKS_H
#define OG_TESTS_DKIM_LEAKS_H

/* libopendkim 2.11 frees the parts of its key handle for RSA only; the slow unwinder
 * sees through OpenSSL that it was libopendkim who asked */
const char *__asan_default_options(void);
const char *__lsan_default_suppressions(void);

const char *
__asan_default_options(void)
{
    return "fast_unwind_on_malloc=0";
}

const char *
__lsan_default_suppressions(void)
{
    return "leak:dkim_privkey_load\nleak:dkim_eom\n";
}

#endif
