/* SPDX-License-Identifier: BSD-2-Clause */
/* The identity: first line the value of identification_headers, then header fields.
 * Whatever stands there, the identity is short, clean and in lower case, fields never
 * grow, and no identification header stays that should go. */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/idheader.h"
#include "core/check/identity.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* every field in memory of its own */
static void
split(const char *text, size_t len, struct og_headers *list)
{
    while (len > 0) {
        size_t n = 0;
        char *field;
        enum og_rc rc;

        do {
            const char *lf = memchr(text + n, '\n', len - n);

            n = lf != NULL ? (size_t)(lf - text) + 1 : len;
        } while (n < len && (text[n] == ' ' || text[n] == '\t'));
        field = malloc(n);
        assert(field != NULL);
        memcpy(field, text, n);
        rc = og_headers_add(list, field, n, NULL);
        assert(rc == OG_OK);
        text += n;
        len -= n;
    }
}

static void
check_identity(const struct og_identity *identity)
{
    size_t len = strlen(identity->text);

    assert(len < sizeof identity->text);
    assert(len == 0 || (len > 7 && strncmp(identity->text, "header:", 7) == 0));
    for (size_t i = 0; i < len; i++) {
        unsigned char byte = (unsigned char)identity->text[i];

        assert(byte >= ' ' && byte != 0x7f && !(byte >= 'A' && byte <= 'Z'));
    }
    assert(len == 0 || (identity->text[7] != ' ' && identity->text[len - 1] != ' '));
}

static void
check_field(const struct og_header *field, const struct og_idheaders *list)
{
    int goes = 0;

    for (size_t i = 0; i < list->count; i++)
        goes |= og_header_is(field, list->rows[i].name) && !list->rows[i].keep;
    if (og_header_is(field, "Received"))
        assert(!field->removed);
    else
        assert(field->removed == goes && field->changed == NULL);
    if (field->changed == NULL)
        return;
    assert(goes && strlen(field->changed) < field->len);
    assert(strncasecmp(field->changed, "Received", 8) == 0);
}

static void
check(const struct og_settings *set, const char *text, size_t len)
{
    const struct og_identity_facts facts = { "", "", true };
    struct og_headers headers = OG_HEADERS_INIT;
    struct og_idheaders list = OG_IDHEADERS_INIT;
    struct og_identity identity = { "" };
    struct og_verdict verdict = OG_VERDICT_ACCEPT;
    enum og_rc rc = og_idheaders_parse(set->identification_headers, &list, NULL);

    assert(rc == OG_OK);
    split(text, len, &headers);
    rc = og_identity_find(set, &facts, &headers, &identity, &verdict, NULL);
    assert(rc == OG_OK || rc == OG_E_SYNTAX || rc == OG_E_LIMIT || rc == OG_E_LIB);
    check_identity(&identity);
    for (size_t i = 0; i < headers.count; i++) {
        void *field;

        if (rc == OG_OK)
            check_field(&headers.rows[i], &list);
        memcpy(&field, &headers.rows[i].text, sizeof field);
        free(field);
    }
    if (rc == OG_OK)
        assert((verdict.action == OG_REJECT) == (identity.text[0] == '\0'));
    og_headers_free(&headers);
    og_idheaders_free(&list);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *lf = memchr(data, '\n', size);
    struct og_settings set = OG_SETTINGS_INIT;
    char *rules;
    enum og_rc rc = og_settings_defaults(&set, NULL);

    assert(rc == OG_OK);
    if (lf != NULL && size <= 8192) {
        rules = strndup((const char *)data, (size_t)(lf - data));
        assert(rules != NULL);
        set.identification_method = OG_IDENTIFY_HEADER;
        set.identification_missing = OG_MISSING_REJECT;
        if (og_settings_set(&set, &og_setting_rows[OG_SETTING_identification_headers],
                            rules, OG_SOURCE_DOMAIN, NULL)
            == OG_OK)
            check(&set, (const char *)lf + 1, size - (size_t)(lf - data) - 1);
        free(rules);
    }
    og_settings_free(&set);
    return 0;
}
