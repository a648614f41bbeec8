/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/check/lock.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/base/time.h"
#include "core/lib/idn.h"

/* bytes of admin_contact and of an identity that go into a reply, with the NUL; the
 * whole has 240 at most, so that the id has room */
enum { MAX_CONTACT = 100, MAX_IDENTITY = 33 };

/* a text as a reply may have it: ASCII, one line */
static void
printable(const char *text, char *out, size_t size)
{
    size_t n = 0;

    for (; text[n] != '\0' && n + 1 < size; n++)
        out[n] = text[n] >= ' ' && text[n] <= '~' ? text[n] : '?';
    out[n] = '\0';
}

/* `header:cust42` is cust42 for who reads the reply */
static void
print_whose(const char *identity, char out[MAX_IDENTITY + 40])
{
    const char *colon = strchr(identity, ':');
    char name[MAX_IDENTITY];

    printable(colon != NULL ? colon + 1 : identity, name, sizeof name);
    if (identity[0] == '\0')
        (void)snprintf(out, MAX_IDENTITY + 40, "this sender");
    else
        (void)snprintf(out, MAX_IDENTITY + 40, "identity %s of this sender", name);
}

void
og_lock_verdict(const struct og_settings *set, const struct og_lock_facts *lock,
                struct og_verdict *verdict)
{
    char contact[MAX_CONTACT], whose[MAX_IDENTITY + 40], until[OG_TIME_TEXT] = "";
    const char *why = lock->manual || lock->rule[0] == '\0' ? "manual" : lock->rule;
    bool reject = set->lock_response == OG_LOCK_REJECT;

    if (set->lock_response == OG_LOCK_DISCARD) {
        og_verdict_set(verdict, OG_DISCARD, "", "locked", "The sender is locked");
        og_verdict_facts(verdict, "lock=%s", lock->id);
        return;
    }
    printable(set->admin_contact, contact, sizeof contact);
    print_whose(lock->identity, whose);
    if (lock->until > 0 && og_time_print(lock->until, until, NULL) != OG_OK)
        until[0] = '\0';
    og_verdict_set(verdict, reject ? OG_REJECT : OG_DEFER,
                   reject ? "550 5.7.1" : "451 4.7.1", "locked",
                   "Sending is locked for %s%s%s (%.*s)%s%s", whose,
                   until[0] != '\0' ? " until " : "", until, (int)strcspn(why, " "), why,
                   contact[0] != '\0' ? ", contact " : "", contact);
    og_verdict_facts(verdict, "lock=%s", lock->id);
}

/* the same mailbox? Addresses that cannot be folded are nobody's */
static bool
same(const char *a, const char *b)
{
    struct og_buf left = OG_BUF_INIT(2048), right = OG_BUF_INIT(2048);
    bool equal = og_idn_address(a, strlen(a), &left, NULL) == OG_OK
                 && og_idn_address(b, strlen(b), &right, NULL) == OG_OK
                 && strcmp(og_buf_text(&left), og_buf_text(&right)) == 0;

    og_buf_free(&left);
    og_buf_free(&right);
    return equal;
}

bool
og_lock_exempt(const struct og_settings *set, const char *hostname, const char *address)
{
    static const char unlock[] = "unlock+";
    const char *at = strrchr(address, '@');
    char postmaster[300];

    if (hostname[0] != '\0' && at != NULL && strcasecmp(at + 1, hostname) == 0
        && strncasecmp(address, unlock, sizeof unlock - 1) == 0)
        return true;
    if (set->admin_contact[0] != '\0' && same(set->admin_contact, address))
        return true;
    (void)snprintf(postmaster, sizeof postmaster, "postmaster@%s", hostname);
    return hostname[0] != '\0' && same(postmaster, address);
}
