/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/state/secret.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "core/base/record.h"
#include "core/base/time.h"

static const char db[] = "keys.db";

enum { KEY_TEXT = 64 };

struct work {
    char key[KEY_TEXT];
    unsigned char secret[OG_SEAL_SECRET];
};

static struct work known;
static uint64_t known_at;   /* og_store_changes() before it was read; 0: nothing known */
static char known_in[1024]; /* the directory of the state */

static int
digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool
parse_hex(const char *hex, unsigned char secret[OG_SEAL_SECRET])
{
    if (hex == NULL || strlen(hex) != 2 * OG_SEAL_SECRET)
        return false;
    for (size_t i = 0; i < OG_SEAL_SECRET; i++) {
        int high = digit(hex[2 * i]), low = digit(hex[2 * i + 1]);

        if (high < 0 || low < 0)
            return false;
        secret[i] = (unsigned char)(high << 4 | low);
    }
    return true;
}

static enum og_rc
read_work(struct og_txn *txn, void *arg, struct og_err *err)
{
    struct work *work = arg;
    struct og_buf value = OG_BUF_INIT(OG_RECORD_MAX_TEXT);
    struct og_record rec = OG_RECORD_INIT;
    enum og_rc rc = og_txn_get(txn, db, work->key, &value, err);

    if (rc == OG_OK
        && (og_record_parse(og_buf_text(&value), value.len, &rec, NULL) != OG_OK
            || !parse_hex(og_record_get(&rec, "hex"), work->secret)))
        rc = og_fail(err, OG_E_STATE, "%s: the record of %s cannot be read", db,
                     work->key);
    if (value.data != NULL)
        explicit_bzero(value.data, value.len);
    og_buf_free(&value);
    og_record_free(&rec);
    return rc;
}

/* whoever comes second finds the first one's */
static enum og_rc
make_work(struct og_txn *txn, void *arg, struct og_err *err)
{
    struct work *work = arg;
    char hex[2 * OG_SEAL_SECRET + 1], now[OG_TIME_TEXT];
    struct og_buf value = OG_BUF_INIT(256);
    enum og_rc rc = read_work(txn, arg, err);

    if (rc != OG_E_NOTFOUND)
        return rc;
    if (getrandom(work->secret, OG_SEAL_SECRET, 0) != OG_SEAL_SECRET)
        return og_fail(err, OG_E_IO, "getrandom: %s", strerror(errno));
    for (size_t i = 0; i < OG_SEAL_SECRET; i++)
        (void)snprintf(hex + 2 * i, 3, "%02x", work->secret[i]);
    rc = og_time_print(og_time_now(), now, err);
    if (rc == OG_OK)
        rc = og_buf_printf(&value, err, "created=%s hex=%s", now, hex);
    if (rc == OG_OK)
        rc = og_txn_add(txn, db, work->key, value.data, err);
    explicit_bzero(hex, sizeof hex);
    og_buf_free(&value);
    return rc;
}

static void
remember(const struct work *work, const char *directory, uint64_t changes)
{
    known = *work;
    (void)snprintf(known_in, sizeof known_in, "%s", directory);
    known_at = changes;
}

void
og_secret_look(struct og_txn *txn, const char *name)
{
    struct og_err ignored = { "" };
    struct work work;

    (void)snprintf(work.key, sizeof work.key, "secret:%s", name); /* names are ours */
    if (read_work(txn, &work, &ignored) == OG_OK)
        remember(&work, og_txn_directory(txn), og_txn_changes(txn));
    explicit_bzero(&work, sizeof work);
}

enum og_rc
og_secret_get(const struct og_state *state, const char *name,
              unsigned char secret[OG_SEAL_SECRET], struct og_err *err)
{
    uint64_t before = og_store_changes(&state->store);
    struct work work;
    enum og_rc rc = OG_OK;

    (void)snprintf(work.key, sizeof work.key, "secret:%s", name); /* names are ours */
    if (known_at == 0 || known_at != before
        || strcmp(known_in, state->store.directory) != 0
        || strcmp(known.key, work.key) != 0) {
        known_at = 0;
        rc = og_store_run(&state->store, OG_STORE_READ, read_work, &work, err);
        if (rc == OG_E_NOTFOUND)
            rc = og_store_run(&state->store, OG_STORE_COMMIT, make_work, &work, err);
        if (rc != OG_OK)
            return rc;
        remember(&work, state->store.directory, before);
    }
    memcpy(secret, known.secret, OG_SEAL_SECRET);
    return OG_OK;
}
