/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_BASE_SETTINGS_H
#define OG_BASE_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/base/record.h"

/* one row of settings.def is the only place where a setting exists */

enum og_scope { OG_SCOPE_SERVER, OG_SCOPE_SENDER };

/* where a value comes from; later ones override earlier ones */
enum og_source { OG_SOURCE_DEFAULT, OG_SOURCE_SERVER, OG_SOURCE_DOMAIN, OG_SOURCE_USER };

enum og_identification_method {
    OG_IDENTIFY_NONE,
    OG_IDENTIFY_SENDER, /* envelope-sender */
    OG_IDENTIFY_LOGIN,  /* authentication-user */
    OG_IDENTIFY_HEADER,
};

enum og_identification_missing {
    OG_MISSING_REJECT,
    OG_MISSING_ACCEPT,
    OG_MISSING_USER,
};

enum og_automatic { OG_AUTOMATIC_NO, OG_AUTOMATIC_YES, OG_AUTOMATIC_AUTO };

enum og_lock_response { OG_LOCK_DEFER, OG_LOCK_REJECT, OG_LOCK_DISCARD };

enum og_quarantine_response { OG_QUARANTINE_REJECT, OG_QUARANTINE_ACCEPT };

enum og_limit_response { OG_LIMIT_DEFER, OG_LIMIT_REJECT };

enum og_scan_limit_response { OG_SCAN_LIMIT_REJECT, OG_SCAN_LIMIT_ACCEPT };

enum og_encrypted {
    OG_ENCRYPTED_PASS,
    OG_ENCRYPTED_BLOCK,
    OG_ENCRYPTED_ARCHIVES,
    OG_ENCRYPTED_DOCUMENTS,
};

enum og_scanner_failure { OG_SCANNER_FAILURE_DEFER, OG_SCANNER_FAILURE_ACCEPT };

/* C type of each kind */
typedef uint64_t og_t_flag, og_t_size, og_t_count, og_t_secs, og_t_identification_method,
    og_t_identification_missing, og_t_automatic, og_t_lock_response, og_t_limit_response,
    og_t_scanner_failure, og_t_scan_limit_response, og_t_encrypted, og_t_score,
    og_t_quarantine_response;
typedef char *og_t_text, *og_t_path, *og_t_domain, *og_t_checks, *og_t_headers,
    *og_t_selector, *og_t_name, *og_t_limit, *og_t_rate, *og_t_rules, *og_t_patterns,
    *og_t_scanner, *og_t_language, *og_t_zone, *og_t_url, *og_t_command, *og_t_events,
    *og_t_categories, *og_t_extensions, *og_t_unwanted, *og_t_tripwires, *og_t_address,
    *og_t_classes;

/* position of each row in og_setting_rows */
enum og_setting_index {
#define SETTING(kind, name, dflt, lo, hi, scope, help) OG_SETTING_##name,
#include "core/base/settings.def"
#undef SETTING
    OG_SETTINGS,
};

/* one set of values; texts are owned by it and never NULL once it has defaults */
struct og_settings {
#define SETTING(kind, name, dflt, lo, hi, scope, help) og_t_##kind name;
#include "core/base/settings.def"
#undef SETTING
    unsigned char source[OG_SETTINGS]; /* enum og_source of each row */
};

struct og_setting;

struct og_kind {
    const char *form;         /* what a value looks like, for messages and manuals */
    const char *const *words; /* the words of a choice or of a list; NULL otherwise */
    bool is_text;             /* the field is a char *, not a uint64_t */
    /* reads text into *number, or for is_text checks it and appends the canonical form */
    enum og_rc (*parse)(const struct og_setting *row, const char *text, uint64_t *number,
                        struct og_buf *canonical, struct og_err *err);
    /* appends the text form of a number; NULL for is_text */
    enum og_rc (*print)(const struct og_setting *row, uint64_t number, struct og_buf *out,
                        struct og_err *err);
};

struct og_setting {
    const char *name;
    const char *dflt;
    const char *help;
    const struct og_kind *kind;
    size_t at; /* offset in struct og_settings */
    uint64_t lo, hi;
    enum og_scope scope;
};

extern const struct og_setting og_setting_rows[OG_SETTINGS];

#define OG_SETTINGS_INIT \
    {                    \
        0                \
    }

/* og_setting_find - the row of that name or NULL */
const struct og_setting *og_setting_find(const char *name);

/* og_source_text - `default`, `server`, `domain`, `user` */
const char *og_source_text(enum og_source source);

/* og_settings_defaults - give every row its default; frees what was there.
 * OG_E_NOMEM; any other code is a wrong row and found by a test. */
enum og_rc og_settings_defaults(struct og_settings *set, struct og_err *err) OG_CHECKED;

/*
 * og_settings_set - read one value from text
 *
 * Returns OG_OK; OG_E_SYNTAX when the text cannot be read; OG_E_RANGE outside
 * the row's bounds; OG_E_NOMEM. The error names the setting, the text and what is
 * expected. On failure the old value stays.
 */
enum og_rc og_settings_set(struct og_settings *set, const struct og_setting *row,
                           const char *text, enum og_source source,
                           struct og_err *err) OG_CHECKED;

/*
 * og_settings_apply - take over all sender settings that stand in a record
 *
 * Fields that are no setting (password, created ...) are passed over. Returns the
 * codes of og_settings_set: a value that cannot be read is an error, not a default.
 */
enum og_rc og_settings_apply(struct og_settings *set, const struct og_record *rec,
                             enum og_source source, struct og_err *err) OG_CHECKED;

/* og_settings_copy - make to equal to from; to's old content is freed; OG_E_NOMEM */
enum og_rc og_settings_copy(struct og_settings *to, const struct og_settings *from,
                            struct og_err *err) OG_CHECKED;

/* og_setting_print - append the canonical text of one value, one that
 * og_settings_set reads back to the same */
enum og_rc og_setting_print(const struct og_settings *set, const struct og_setting *row,
                            struct og_buf *out, struct og_err *err) OG_CHECKED;

/* og_settings_free - release the texts; OG_SETTINGS_INIT is fine */
void og_settings_free(struct og_settings *set);

#endif
