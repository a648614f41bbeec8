/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/check/from.h"

#include <string.h>

#include "core/base/addr.h"
#include "core/base/mailboxes.h"
#include "core/lib/idn.h"

enum { MAX_FIELD = 64 * 1024, SHOWN = 100 }; /* bytes */

/* one look at one message */
struct look {
    const struct og_settings *set;
    const char *domain; /* the sender's own */
    const char *where;  /* `From`, `Sender`, `MAIL FROM` */
    struct og_verdict *verdict;
    size_t addresses;
};

/* is one of the two settings set? */
static bool
restricted(const struct og_settings *set)
{
    return set->require_from_domain != 0 || set->allowed_senders[0] != '\0';
}

/* the address as it may stand in a reply */
static void
shown(const char *address, char out[SHOWN + 1])
{
    size_t n = 0;

    for (; *address != '\0' && n < SHOWN; address++)
        out[n++] = (char)(*address >= ' ' && *address < 0x7f ? *address : '?');
    out[n] = '\0';
}

static bool
matches_one(const char *patterns, const char *address)
{
    char pattern[OG_ADDR_MAX_TEXT + 1];

    while (*patterns != '\0') {
        size_t len = strcspn(patterns, " ");

        if (len < sizeof pattern) { /* a longer one matches no address */
            memcpy(pattern, patterns, len);
            pattern[len] = '\0';
            if (og_addr_match(pattern, address))
                return true;
        }
        patterns += len;
        patterns += strspn(patterns, " ");
    }
    return false;
}

/* an address in key form */
static void
judge(const struct look *look, const char *address)
{
    const char *domain = strrchr(address, '@') + 1;
    char text[SHOWN + 1];

    shown(address, text);
    if (look->set->require_from_domain != 0 && look->domain[0] == '\0')
        og_verdict_set(look->verdict, OG_REJECT, "550 5.7.1", "from",
                       "This sender may use addresses of its domain only, and has no "
                       "domain");
    else if (look->set->require_from_domain != 0 && strcmp(domain, look->domain) != 0)
        og_verdict_set(look->verdict, OG_REJECT, "550 5.7.1", "from",
                       "%s in %s is not of the sender's domain %.100s", text, look->where,
                       look->domain);
    else if (look->set->allowed_senders[0] != '\0'
             && !matches_one(look->set->allowed_senders, address))
        og_verdict_set(look->verdict, OG_REJECT, "550 5.7.1", "from",
                       "This sender may not use %s in %s", text, look->where);
}

static void
unreadable(const struct look *look)
{
    og_verdict_set(look->verdict, OG_REJECT, "550 5.7.1", "from",
                   "%s cannot be read as addresses, and this sender may use certain "
                   "ones only",
                   look->where);
}

static enum og_rc
visit(const char *address, size_t len, void *arg, struct og_err *err)
{
    struct look *look = arg;
    struct og_buf key = OG_BUF_INIT(OG_ADDR_MAX_TEXT);
    enum og_rc rc;

    look->addresses++;
    if (look->verdict->action != OG_ACCEPT)
        return OG_OK; /* the first one tells enough */
    rc = og_idn_address(address, len, &key, err);
    if (rc == OG_OK)
        judge(look, key.data);
    og_buf_free(&key);
    return rc;
}

/* anything but a lack of memory is the mail's own fault */
static enum og_rc
settle(const struct look *look, enum og_rc rc)
{
    if (rc == OG_OK || rc == OG_E_NOMEM)
        return rc;
    unreadable(look);
    return OG_OK;
}

enum og_rc
og_from_check_envelope(const struct og_settings *set, const char *domain,
                       const char *sender, struct og_verdict *verdict, struct og_err *err)
{
    struct look look = { set, domain, "MAIL FROM", verdict, 0 };

    if (sender[0] == '\0' || !restricted(set) || verdict->action != OG_ACCEPT)
        return OG_OK;
    return settle(&look, visit(sender, strlen(sender), &look, err));
}

void
og_from_check_recipients(const char *sender, size_t recipients,
                         struct og_verdict *verdict)
{
    if (sender[0] == '\0' && recipients > 1 && verdict->action == OG_ACCEPT)
        og_verdict_set(verdict, OG_REJECT, "550 5.5.3", "from",
                       "A message from <> may have one recipient only");
}

static enum og_rc
check_field(struct look *look, const struct og_header *field, struct og_err *err)
{
    struct og_buf value = OG_BUF_INIT(MAX_FIELD);
    enum og_rc rc = og_header_value(field, &value, err);

    look->addresses = 0;
    if (rc == OG_OK)
        rc = og_mailboxes_parse(og_buf_text(&value), value.len, visit, look, err);
    og_buf_free(&value);
    rc = settle(look, rc);
    if (rc == OG_OK && look->addresses == 0 && look->verdict->action == OG_ACCEPT)
        unreadable(look);
    return rc;
}

/* the field's name, without the bytes that a name does not have, RFC 5322 section 2.2: some
 * programs do not see them */
static bool
reads_as(const struct og_header *field, const char *name)
{
    for (size_t i = 0; i < field->len && field->text[i] != ':'; i++) {
        unsigned char byte = (unsigned char)field->text[i];

        if (byte <= ' ' || byte >= 0x7f)
            continue;
        if (*name == '\0' || (byte | 0x20) != (unsigned char)(*name | 0x20))
            return false;
        name++;
    }
    return *name == '\0';
}

enum og_rc
og_from_check_headers(const struct og_settings *set, const char *domain,
                      const struct og_headers *headers, struct og_verdict *verdict,
                      struct og_err *err)
{
    struct look look = { set, domain, "From", verdict, 0 };
    bool has_from = false;
    enum og_rc rc = OG_OK;

    if (!restricted(set))
        return OG_OK;
    for (size_t i = 0; i < headers->count && rc == OG_OK; i++) {
        const struct og_header *field = &headers->rows[i];
        bool is_from = reads_as(field, "From");

        if (field->removed || (!is_from && !reads_as(field, "Sender"))
            || verdict->action != OG_ACCEPT)
            continue;
        has_from |= is_from;
        look.where = is_from ? "From" : "Sender";
        if (og_header_is(field, look.where))
            rc = check_field(&look, field, err);
        else
            unreadable(&look);
    }
    if (rc == OG_OK && !has_from && verdict->action == OG_ACCEPT)
        og_verdict_set(verdict, OG_REJECT, "550 5.7.1", "from",
                       "The message has no From, and this sender may use certain "
                       "addresses only");
    return rc;
}

void
og_from_check_verified(const char *failure, struct og_verdict *verdict)
{
    if (strcmp(failure, "route") == 0)
        og_verdict_set(verdict, OG_REJECT, "550 5.1.8", "from",
                       "The domain of the sender's address takes no mail");
    else if (strcmp(failure, "recipient") == 0)
        og_verdict_set(verdict, OG_REJECT, "550 5.1.8", "from",
                       "The sender's address does not exist at its own server");
    else if (strcmp(failure, "qualify") == 0)
        og_verdict_set(verdict, OG_REJECT, "550 5.1.7", "from",
                       "The sender's address has no domain");
}
