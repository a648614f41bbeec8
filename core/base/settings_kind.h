/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_BASE_SETTINGS_KIND_H
#define OG_BASE_SETTINGS_KIND_H

#include "core/base/settings.h"

/* how values of each kind are read and printed */
extern const struct og_kind og_kind_flag, og_kind_size, og_kind_count, og_kind_secs,
    og_kind_text, og_kind_path, og_kind_domain, og_kind_selector, og_kind_name,
    og_kind_checks, og_kind_headers, og_kind_identification_method,
    og_kind_identification_missing, og_kind_automatic, og_kind_lock_response,
    og_kind_limit_response, og_kind_limit, og_kind_rate, og_kind_rules, og_kind_patterns,
    og_kind_scanner, og_kind_scanner_failure, og_kind_scan_limit_response,
    og_kind_encrypted, og_kind_extensions, og_kind_unwanted, og_kind_tripwires,
    og_kind_score, og_kind_address, og_kind_language, og_kind_zone, og_kind_url,
    og_kind_command, og_kind_events, og_kind_categories, og_kind_classes,
    og_kind_quarantine_response;

/* is this a word of a list? No NUL stands behind it. */
typedef bool og_setting_word(const char *word, size_t len);

/* og_setting_words - words that are all ok, separated by single blanks, in lower case
 * where `lower` says so; `what` is what each has to be, for err */
enum og_rc og_setting_words(const char *text, og_setting_word *ok, bool lower,
                            const char *what, struct og_buf *canonical,
                            struct og_err *err) OG_CHECKED;

#endif
