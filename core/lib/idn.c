/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/lib/idn.h"

#include <stdbool.h>
#include <string.h>

#include <idn2.h>

#include "core/base/addr.h"
#include "core/base/net.h"

/* A-labels by libidn2, which leaves ASCII labels unchecked */
static enum og_rc
map(const char *text, char *out, size_t *out_len, struct og_err *err)
{
    char *mapped = NULL;
    int code = idn2_to_ascii_8z(text, &mapped, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT);
    enum og_rc rc = OG_OK;

    if (code == IDN2_MALLOC)
        return og_fail(err, OG_E_NOMEM, "no memory for a domain");
    if (code == IDN2_TOO_BIG_DOMAIN)
        return og_fail(err, OG_E_LIMIT, "domain of more than %d bytes",
                       OG_IDN_MAX_DOMAIN);
    if (code != IDN2_OK)
        return og_fail(err, OG_E_SYNTAX, "domain '%.200s': %s", text,
                       idn2_strerror(code));
    *out_len = strlen(mapped);
    if (*out_len <= OG_IDN_MAX_TEXT)
        memcpy(out, mapped, *out_len);
    else
        rc = og_fail(err, OG_E_LIMIT, "domain of more than %d bytes", OG_IDN_MAX_DOMAIN);
    idn2_free(mapped);
    return rc;
}

static void
lower(char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (text[i] >= 'A' && text[i] <= 'Z')
            text[i] += 'a' - 'A';
}

/* a label in lower case */
static bool
label_ok(const char *label, size_t len)
{
    if (len == 0 || len > OG_IDN_MAX_LABEL || label[0] == '-' || label[len - 1] == '-')
        return false;
    for (size_t i = 0; i < len; i++)
        if (!(label[i] >= 'a' && label[i] <= 'z') && !(label[i] >= '0' && label[i] <= '9')
            && label[i] != '-' && label[i] != '_')
            return false;
    return true;
}

static bool
labels_ok(const char *name, size_t len)
{
    for (size_t i = 0; i <= len;) {
        const char *dot = memchr(name + i, '.', len - i);
        size_t end = dot != NULL ? (size_t)(dot - name) : len;

        if (!label_ok(name + i, end - i))
            return false;
        i = end + 1;
    }
    return true;
}

/* name is a C string in lower case that starts with '[' */
static bool
literal_ok(const char *name, size_t len)
{
    static const char tag[] = "[ipv6:";
    bool is_ipv6 = strncmp(name, tag, sizeof tag - 1) == 0;
    size_t start = is_ipv6 ? sizeof tag - 1 : 1;
    char address[OG_NET_TEXT];
    struct og_net net;

    if (name[len - 1] != ']' || len - start > sizeof address)
        return false;
    memcpy(address, name + start, len - start - 1);
    address[len - start - 1] = '\0';
    return strpbrk(address, "/%") == NULL && og_net_parse(address, &net, NULL) == OG_OK
           && (strchr(address, ':') != NULL) == is_ipv6;
}

/* name in lower case, with a NUL behind it */
static enum og_rc
add_literal(const char *name, size_t len, struct og_buf *out, struct og_err *err)
{
    if (!literal_ok(name, len))
        return og_fail(err, OG_E_SYNTAX, "'%.80s' is no address literal", name);
    return og_buf_add(out, name, len, err);
}

static enum og_rc
add_labels(const char *name, size_t len, struct og_buf *out, struct og_err *err)
{
    if (len > 0 && name[len - 1] == '.')
        len--;
    if (len > OG_IDN_MAX_DOMAIN)
        return og_fail(err, OG_E_LIMIT, "domain of more than %d bytes",
                       OG_IDN_MAX_DOMAIN);
    if (!labels_ok(name, len))
        return og_fail(err, OG_E_SYNTAX, "'%.*s' is no domain", (int)len, name);
    return og_buf_add(out, name, len, err);
}

enum og_rc
og_idn_domain(const char *text, size_t len, struct og_buf *out, struct og_err *err)
{
    char name[OG_IDN_MAX_TEXT + 1];
    bool is_ascii = true;
    enum og_rc rc;

    if (len == 0 || memchr(text, '\0', len) != NULL)
        return og_fail(err, OG_E_SYNTAX, "the domain is empty or has a NUL");
    if (len > OG_IDN_MAX_TEXT)
        return og_fail(err, OG_E_LIMIT, "domain of more than %d bytes", OG_IDN_MAX_TEXT);
    memcpy(name, text, len);
    name[len] = '\0';
    for (size_t i = 0; i < len; i++)
        is_ascii = is_ascii && (unsigned char)name[i] < 0x80;
    if (!is_ascii && text[0] != '[') {
        rc = map(name, name, &len, err);
        if (rc != OG_OK)
            return rc;
        name[len] = '\0';
    }
    lower(name, len);
    if (text[0] == '[')
        return add_literal(name, len, out, err);
    return add_labels(name, len, out, err);
}

enum og_rc
og_idn_address(const char *text, size_t len, struct og_buf *out, struct og_err *err)
{
    struct og_buf key = OG_BUF_INIT(OG_ADDR_MAX_TEXT);
    struct og_addr addr;
    enum og_rc rc = og_addr_split(text, len, &addr, err);

    if (rc == OG_OK)
        rc = og_addr_local_fold(addr.local, addr.local_len, &key, err);
    if (rc == OG_OK)
        rc = og_buf_add(&key, "@", 1, err);
    if (rc == OG_OK)
        rc = og_idn_domain(addr.domain, addr.domain_len, &key, err);
    if (rc == OG_OK)
        rc = og_buf_add(out, key.data, key.len, err);
    og_buf_free(&key);
    return rc;
}
