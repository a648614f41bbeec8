/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/base/settings.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/settings_kind.h"

enum { MAX_VALUE = 4096 }; /* bytes; above every `high` of a text row */

const struct og_setting og_setting_rows[OG_SETTINGS] = {
#define SETTING(k, n, d, l, h, s, t)         \
    { .name = #n,                            \
      .dflt = (d),                           \
      .help = (t),                           \
      .kind = &og_kind_##k,                  \
      .at = offsetof(struct og_settings, n), \
      .lo = (l),                             \
      .hi = (h),                             \
      .scope = OG_SCOPE_##s },
#include "core/base/settings.def"

#ifndef OG_SYSCONFDIR
#define OG_SYSCONFDIR "/etc"
#endif
#ifndef OG_BINDIR
#define OG_BINDIR "/usr/bin"
#endif
#undef SETTING
};

static uint64_t *
number_at(struct og_settings *set, const struct og_setting *row)
{
    return (uint64_t *)(void *)((char *)set + row->at);
}

static char **
text_at(struct og_settings *set, const struct og_setting *row)
{
    return (char **)(void *)((char *)set + row->at);
}

const struct og_setting *
og_setting_find(const char *name)
{
    for (size_t i = 0; i < OG_SETTINGS; i++)
        if (strcmp(og_setting_rows[i].name, name) == 0)
            return &og_setting_rows[i];
    return NULL;
}

const char *
og_source_text(enum og_source source)
{
    switch (source) {
    case OG_SOURCE_DEFAULT:
        return "default";
    case OG_SOURCE_SERVER:
        return "server";
    case OG_SOURCE_DOMAIN:
        return "domain";
    case OG_SOURCE_USER:
        return "user";
    }
    return "unknown";
}

static enum og_rc
set_text(struct og_settings *set, const struct og_setting *row, struct og_buf *canonical,
         struct og_err *err)
{
    char *copy;

    if (canonical->len < row->lo || canonical->len > row->hi)
        return og_fail(err, OG_E_RANGE,
                       "%s: %zu bytes is outside %" PRIu64 " to %" PRIu64 " bytes",
                       row->name, canonical->len, row->lo, row->hi);
    copy = strdup(og_buf_text(canonical));
    if (copy == NULL)
        return og_fail(err, OG_E_NOMEM, "%s: no memory", row->name);
    free(*text_at(set, row));
    *text_at(set, row) = copy;
    return OG_OK;
}

static enum og_rc
set_number(struct og_settings *set, const struct og_setting *row, const char *text,
           uint64_t number, struct og_err *err)
{
    struct og_buf lo = OG_BUF_INIT(64), hi = OG_BUF_INIT(64);
    enum og_rc rc = OG_OK;

    if (number >= row->lo && number <= row->hi) {
        *number_at(set, row) = number;
        return OG_OK;
    }
    rc = row->kind->print(row, row->lo, &lo, err);
    if (rc == OG_OK)
        rc = row->kind->print(row, row->hi, &hi, err);
    if (rc == OG_OK)
        rc = og_fail(err, OG_E_RANGE, "%s: %.80s is outside %s to %s", row->name, text,
                     og_buf_text(&lo), og_buf_text(&hi));
    og_buf_free(&lo);
    og_buf_free(&hi);
    return rc;
}

enum og_rc
og_settings_set(struct og_settings *set, const struct og_setting *row, const char *text,
                enum og_source source, struct og_err *err)
{
    struct og_buf canonical = OG_BUF_INIT(MAX_VALUE);
    struct og_err why = { "" };
    uint64_t number = 0;
    enum og_rc rc = row->kind->parse(row, text, &number, &canonical, &why);

    if (rc == OG_E_LIMIT) /* a ceiling of the kind is a bound like the row's own */
        rc = og_fail(err, OG_E_RANGE, "%s: %s", row->name, why.text);
    else if (rc != OG_OK)
        rc = og_fail(err, rc, "%s: cannot read '%.120s': %s%sexpected %s", row->name,
                     text, why.text, why.text[0] != '\0' ? "; " : "", row->kind->form);
    else if (row->kind->is_text)
        rc = set_text(set, row, &canonical, err);
    else
        rc = set_number(set, row, text, number, err);
    if (rc == OG_OK)
        set->source[row - og_setting_rows] = (unsigned char)source;
    og_buf_free(&canonical);
    return rc;
}

enum og_rc
og_settings_defaults(struct og_settings *set, struct og_err *err)
{
    struct og_settings fresh = OG_SETTINGS_INIT;
    enum og_rc rc = OG_OK;

    for (size_t i = 0; i < OG_SETTINGS && rc == OG_OK; i++)
        rc = og_settings_set(&fresh, &og_setting_rows[i], og_setting_rows[i].dflt,
                             OG_SOURCE_DEFAULT, err);
    if (rc != OG_OK) {
        og_settings_free(&fresh);
        return rc;
    }
    og_settings_free(set);
    *set = fresh;
    return OG_OK;
}

enum og_rc
og_settings_apply(struct og_settings *set, const struct og_record *rec,
                  enum og_source source, struct og_err *err)
{
    enum og_rc rc = OG_OK;

    for (size_t i = 0; i < rec->count && rc == OG_OK; i++) {
        const struct og_field *field = &rec->fields[i];
        const struct og_setting *row = og_setting_find(field->name);

        if (row == NULL || row->scope != OG_SCOPE_SENDER)
            continue;
        if (strlen(field->value) != field->len)
            rc = og_fail(err, OG_E_SYNTAX, "%s: holds a NUL byte", row->name);
        else
            rc = og_settings_set(set, row, field->value, source, err);
    }
    return rc;
}

enum og_rc
og_settings_copy(struct og_settings *to, const struct og_settings *from,
                 struct og_err *err)
{
    struct og_settings fresh = *from;
    bool failed = false;

    for (size_t i = 0; i < OG_SETTINGS; i++) {
        char **text = text_at(&fresh, &og_setting_rows[i]);

        if (!og_setting_rows[i].kind->is_text || *text == NULL)
            continue;
        *text = strdup(*text);
        failed = failed || *text == NULL;
    }
    if (failed) {
        og_settings_free(&fresh);
        return og_fail(err, OG_E_NOMEM, "no memory for settings");
    }
    og_settings_free(to);
    *to = fresh;
    return OG_OK;
}

enum og_rc
og_setting_print(const struct og_settings *set, const struct og_setting *row,
                 struct og_buf *out, struct og_err *err)
{
    const char *at = (const char *)set + row->at;

    if (row->kind->is_text)
        return og_buf_add_text(out, *(char *const *)(const void *)at, err);
    return row->kind->print(row, *(const uint64_t *)(const void *)at, out, err);
}

void
og_settings_free(struct og_settings *set)
{
    for (size_t i = 0; i < OG_SETTINGS; i++) {
        if (!og_setting_rows[i].kind->is_text)
            continue;
        free(*text_at(set, &og_setting_rows[i]));
        *text_at(set, &og_setting_rows[i]) = NULL;
    }
}
