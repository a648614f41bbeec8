/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of senders: each is clean, fits, and is its own name again. First line the
 * host's name, then the login. */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/state/name.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const struct og_name *name)
{
    struct og_name again;
    size_t len = strlen(name->text), domain = strlen(og_name_domain(name));
    enum og_rc rc;

    assert(len > 0 && len < sizeof name->text);
    for (size_t i = 0; i < len; i++) {
        unsigned char byte = (unsigned char)name->text[i];

        assert(byte >= ' ' && byte != 0x7f && !(byte >= 'A' && byte <= 'Z'));
    }
    assert((domain > 0) == (name->kind != OG_KIND_IP));
    assert(strcmp(name->text + len - domain, og_name_domain(name)) == 0);
    rc = og_name_parse(name->kind, name->text, "", &again, NULL);
    assert(rc == OG_OK && again.kind == name->kind);
    assert(strcmp(again.text, name->text) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *lf = memchr(data, '\n', size);
    struct og_name names[OG_NAME_CANDIDATES], name;
    struct og_err err = { "" };
    size_t count = 0;
    char *host, *text;

    if (lf == NULL)
        return 0;
    host = strndup((const char *)data, (size_t)(lf - data));
    text = strndup((const char *)lf + 1, size - (size_t)(lf - data) - 1);
    assert(host != NULL && text != NULL);
    if (og_name_guess(text, host, names, &count, &err) == OG_OK) {
        assert(count >= 1 && count <= OG_NAME_CANDIDATES);
        for (size_t i = 0; i < count; i++)
            check(&names[i]);
        assert(text[0] != '\0');
    } else {
        assert(count == 0 && err.text[0] != '\0');
    }
    for (int kind = OG_KIND_USER; kind <= OG_KIND_IP; kind++)
        if (og_name_parse((enum og_user_kind)kind, text, host, &name, NULL) == OG_OK)
            check(&name);
    free(host);
    free(text);
    return 0;
}
