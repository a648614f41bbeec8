/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/state/name.h"

#include <string.h>

#include "core/base/buf.h"
#include "core/base/net.h"
#include "core/lib/idn.h"

static enum og_rc
fill(struct og_name *name, enum og_user_kind kind, const struct og_buf *text,
     struct og_err *err)
{
    if (text->len >= sizeof name->text)
        return og_fail(err, OG_E_LIMIT, "name of more than %d bytes", OG_NAME_TEXT - 1);
    name->kind = kind;
    memcpy(name->text, og_buf_text(text), text->len + 1);
    return OG_OK;
}

static enum og_rc
parse_user(const char *text, const char *hostname, struct og_buf *out, struct og_err *err)
{
    struct og_buf whole = OG_BUF_INIT(out->max);
    enum og_rc rc = OG_OK;

    if (strchr(text, '@') == NULL)
        rc = og_buf_printf(&whole, err, "%s@%s", text, hostname);
    else
        rc = og_buf_add_text(&whole, text, err);
    if (rc == OG_OK)
        rc = og_idn_address(whole.data, whole.len, out, err);
    og_buf_free(&whole);
    return rc;
}

enum og_rc
og_name_parse(enum og_user_kind kind, const char *text, const char *hostname,
              struct og_name *name, struct og_err *err)
{
    struct og_buf out = OG_BUF_INIT(2 * OG_NAME_TEXT);
    struct og_net net;
    char net_text[OG_NET_TEXT];
    enum og_rc rc = OG_E_SYNTAX;

    switch (kind) {
    case OG_KIND_USER:
        rc = parse_user(text, hostname, &out, err);
        break;
    case OG_KIND_DOMAIN:
        text += text[0] == '@' ? 1 : 0;
        rc = og_idn_domain(text, strlen(text), &out, err);
        if (rc == OG_OK && out.data[0] == '[')
            rc = og_fail(err, OG_E_SYNTAX, "%s is an address, no domain", out.data);
        break;
    case OG_KIND_IP:
        rc = og_net_parse(text, &net, err);
        if (rc == OG_OK) {
            og_net_print(&net, net_text);
            rc = og_buf_add_text(&out, net_text, err);
        }
        break;
    }
    if (rc == OG_OK)
        rc = fill(name, kind, &out, err);
    og_buf_free(&out);
    return rc;
}

enum og_rc
og_name_guess(const char *text, const char *hostname,
              struct og_name names[OG_NAME_CANDIDATES], size_t *count, struct og_err *err)
{
    const char *at = strchr(text, '@');
    struct og_net net;
    size_t n = 0;
    enum og_rc rc;

    if (at == text)
        rc = og_name_parse(OG_KIND_DOMAIN, text, hostname, &names[0], err);
    else if (at != NULL) /* also bob/sales@example.com */
        rc = og_name_parse(OG_KIND_USER, text, hostname, &names[0], err);
    else if (og_net_parse(text, &net, NULL) == OG_OK || strchr(text, '/') != NULL)
        rc = og_name_parse(OG_KIND_IP, text, hostname, &names[0], err);
    else {
        n = og_name_parse(OG_KIND_DOMAIN, text, hostname, &names[0], NULL) == OG_OK ? 1
                                                                                    : 0;
        rc = og_name_parse(OG_KIND_USER, text, hostname, &names[n], n == 0 ? err : NULL);
        if (rc != OG_OK && n == 1) { /* a domain that cannot be a local part */
            *count = 1;
            return OG_OK;
        }
    }
    if (rc == OG_OK)
        *count = n + 1;
    return rc;
}

const char *
og_name_domain(const struct og_name *name)
{
    const char *at;

    switch (name->kind) {
    case OG_KIND_USER:
        at = strrchr(name->text, '@');
        return at != NULL ? at + 1 : "";
    case OG_KIND_DOMAIN:
        return name->text;
    case OG_KIND_IP:
        break;
    }
    return "";
}

static const char *const kinds[] = { "user", "domain", "ip" };

const char *
og_user_kind_text(enum og_user_kind kind)
{
    return kinds[kind];
}

enum og_rc
og_user_kind_parse(const char *text, enum og_user_kind *kind, struct og_err *err)
{
    for (size_t i = 0; i < N_ELEMENTS(kinds); i++)
        if (strcmp(kinds[i], text) == 0) {
            *kind = (enum og_user_kind)i;
            return OG_OK;
        }
    return og_fail(err, OG_E_SYNTAX, "'%.40s' is no kind of sender: user, domain or ip",
                   text);
}
