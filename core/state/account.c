/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/state/account.h"

#include <string.h>

enum og_rc
og_account_key(const struct og_account *account, enum og_level level, struct og_buf *key,
               struct og_err *err)
{
    const char *user = account->sender->user.name.text, *domain = account->sender->domain;
    const char *name = level == OG_LEVEL_DOMAIN ? domain : user;
    enum og_rc rc;

    if (name[0] == '\0' || (level == OG_LEVEL_IDENTITY && account->identity[0] == '\0'))
        return og_fail(err, OG_E_NOTFOUND, "no %s to count on", og_level_text(level));
    rc = og_buf_add_text(key, og_level_text(level), err);
    if (rc == OG_OK)
        rc = og_buf_add(key, " ", 1, err);
    if (rc == OG_OK)
        rc = og_percent_add(key, name, strlen(name), err);
    if (rc == OG_OK && level == OG_LEVEL_IDENTITY)
        rc = og_buf_add(key, " ", 1, err);
    if (rc == OG_OK && level == OG_LEVEL_IDENTITY)
        rc = og_percent_add(key, account->identity, strlen(account->identity), err);
    return rc;
}
