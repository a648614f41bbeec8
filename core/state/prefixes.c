/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/state/prefixes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/net.h"
#include "core/base/record.h"

static const char key[] = "net";

static enum og_rc
load(struct og_txn *txn, const char *db, bool for_update, struct og_record *rec,
     struct og_err *err)
{
    enum og_rc rc = og_txn_get_record(txn, db, key, for_update, rec, err);

    return rc == OG_E_NOTFOUND ? OG_OK : rc;
}

enum og_rc
og_prefixes_read(struct og_txn *txn, const char *db, int family,
                 struct og_prefixes *prefixes, struct og_err *err)
{
    struct og_record rec = OG_RECORD_INIT;
    enum og_rc rc = load(txn, db, false, &rec, err);

    *prefixes = (struct og_prefixes){ { false } };
    for (size_t i = 0; i < rec.count; i++) {
        const char *name = rec.fields[i].name; /* v4.24 */
        long length = strlen(name) > 3 ? strtol(name + 3, NULL, 10) : -1;

        if (name[0] == 'v' && name[1] == '0' + family && length >= 0 && length <= 128)
            prefixes->used[length] = true;
    }
    og_record_free(&rec);
    return rc;
}

enum og_rc
og_prefixes_count(struct og_txn *txn, const char *db, const char *net_text, int change,
                  struct og_err *err)
{
    struct og_record rec = OG_RECORD_INIT;
    struct og_net net;
    char name[32];
    const char *old;
    long long count;
    enum og_rc rc = og_net_parse(net_text, &net, err);

    if (rc == OG_OK)
        rc = load(txn, db, true, &rec, err);
    if (rc != OG_OK)
        goto out;
    (void)snprintf(name, sizeof name, "v%u.%u", net.family, net.prefix);
    old = og_record_get(&rec, name);
    count = (old != NULL ? strtoll(old, NULL, 10) : 0) + change;
    if (count > 0)
        rc = og_record_set_number(&rec, name, count, err);
    else
        (void)og_record_unset(&rec, name); /* the last one is gone */
    if (rc == OG_OK)
        rc = og_txn_put_record(txn, db, key, &rec, err);
out:
    og_record_free(&rec);
    return rc;
}
