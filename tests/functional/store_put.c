/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * store_put DIRECTORY DATABASE KEY [VALUE]: write one record behind Outgate's back, or
 * delete it, so that a test can let time pass. db_load cannot join the environment. Compiled by the test.
 */
#include <stdio.h>

#include "core/lib/store.h"

static enum og_rc
work(struct og_txn *txn, void *arg, struct og_err *err)
{
    char **words = arg;

    return words[4] != NULL ? og_txn_put(txn, words[2], words[3], words[4], err)
                            : og_txn_delete(txn, words[2], words[3], err);
}

int
main(int argc, char **argv)
{
    struct og_store_conf conf = { argc >= 4 ? argv[1] : "", (uid_t)-1, (gid_t)-1, 5000 };
    struct og_err err = { "wrong use" };

    if ((argc == 4 || argc == 5)
        && og_store_run(&conf, OG_STORE_COMMIT, work, argv, &err) == OG_OK)
        return 0;
    fprintf(stderr, "store_put: %s\n", err.text);
    return 1;
}
