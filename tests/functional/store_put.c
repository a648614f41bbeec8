/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * store_put DIRECTORY DATABASE KEY [VALUE]: write one record behind Outgate's back, or
 * delete it, so that a test can let time pass. db_load cannot join the environment. Compiled by the test.
 * Without KEY: a record of each line of standard input, KEY TAB VALUE.
 */
#include <stdio.h>
#include <string.h>

#include "core/lib/store.h"

static enum og_rc
work(struct og_txn *txn, void *arg, struct og_err *err)
{
    char **words = arg;

    return words[4] != NULL ? og_txn_put(txn, words[2], words[3], words[4], err)
                            : og_txn_delete(txn, words[2], words[3], err);
}

static enum og_rc
lines(struct og_txn *txn, void *arg, struct og_err *err)
{
    char **words = arg, line[4096];
    enum og_rc rc = OG_OK;

    rewind(stdin); /* a run may be called again */
    while (rc == OG_OK && fgets(line, sizeof line, stdin) != NULL) {
        char *tab = strchr(line, '\t');

        line[strcspn(line, "\n")] = '\0';
        if (tab == NULL)
            return og_fail(err, OG_E_SYNTAX, "no tab: %s", line);
        *tab = '\0';
        rc = og_txn_put(txn, words[2], line, tab + 1, err);
    }
    return rc;
}

int
main(int argc, char **argv)
{
    struct og_store_conf conf = { argc >= 3 ? argv[1] : "", (uid_t)-1, (gid_t)-1, 5000 };
    struct og_err err = { "wrong use" };

    if (argc >= 3 && argc <= 5
        && og_store_run(&conf, OG_STORE_COMMIT, argc == 3 ? lines : work, argv, &err)
               == OG_OK)
        return 0;
    fprintf(stderr, "store_put: %s\n", err.text);
    return 1;
}
