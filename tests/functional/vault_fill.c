/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vault_fill DIRECTORY NUMBER: enter as many messages in the index of the quarantine, of
 * 100 users, without files. Compiled by the test.
 */
#include <stdio.h>
#include <stdlib.h>

#include "core/lib/store.h"

static enum og_rc
work(struct og_txn *txn, void *arg, struct og_err *err)
{
    enum og_rc rc = OG_OK;

    for (int i = 0; i < *(const int *)arg && rc == OG_OK; i++) {
        char key[64], value[700];

        (void)snprintf(key, sizeof key, "entry vv%08d", i);
        (void)snprintf(
            value, sizeof value,
            "user=user%d@shop.example identity=header:cust42 client=192.0.2.7 "
            "check=spam class=spam reason=This%%20message%%20was%%20taken%%20for%%20spam "
            "sender=user%d@shop.example message_id=1rX000-000000-00 "
            "msgid=<%d@shop.example> subject=Buy%%20this%%20now%%20or%%20never "
            "at=2026-11-21T18:%02d:%02dZ expires=2036-12-05T18:12:21Z "
            "domain=shop.example file=1795284741.vv%08d.mail bytes=1234 "
            "recipients=a@example.net%%0Ab@example.net recipients_count=2",
            i % 100, i % 100, i, i / 60 % 60, i % 60, i);
        rc = og_txn_put(txn, "quarantine.db", key, value, err);
    }
    return rc;
}

int
main(int argc, char **argv)
{
    struct og_store_conf conf = { argc == 3 ? argv[1] : "", (uid_t)-1, (gid_t)-1, 5000 };
    struct og_err err = { "wrong use" };
    int number = argc == 3 ? (int)strtol(argv[2], NULL, 10) : 0;

    if (argc == 3 && og_store_run(&conf, OG_STORE_COMMIT, work, &number, &err) == OG_OK)
        return 0;
    fprintf(stderr, "vault_fill: %s\n", err.text);
    return 1;
}
