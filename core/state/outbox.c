/* SPDX-License-Identifier: BSD-2-Clause */
/* rows of the outbox and how they change; outbox_take.c hands them out */
#include "core/state/outbox_int.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/program.h"
#include "core/base/time.h"

static const char db[] = OG_OUTBOX_DB;

uint64_t
og_outbox_number(const struct og_record *rec, const char *name)
{
    const char *text = og_record_get(rec, name);

    return text != NULL && text[0] >= '0' && text[0] <= '9' ? strtoull(text, NULL, 10)
                                                            : 0;
}

enum og_rc
og_outbox_key(const char *id, int64_t due, struct og_buf *key, struct og_err *err)
{
    char time[OG_TIME_TEXT];
    enum og_rc rc = og_time_print(due, time, err);

    og_buf_reset(key);
    return rc == OG_OK ? og_buf_printf(key, err, OG_OUTBOX_ROW "%s %s", time, id) : rc;
}

enum og_rc
og_outbox_parse(const char *key, const char *value, struct og_outbox_row *row,
                struct og_err *err)
{
    const char *time = key + strlen(OG_OUTBOX_ROW);
    char due[OG_TIME_TEXT] = "";
    struct og_outbox_row fresh = { .fields = OG_RECORD_INIT };
    bool good = strlen(time) > OG_TIME_TEXT && time[OG_TIME_TEXT - 1] == ' '
                && strlen(time + OG_TIME_TEXT) < sizeof fresh.id;

    if (good) {
        memcpy(due, time, OG_TIME_TEXT - 1);
        memcpy(fresh.id, time + OG_TIME_TEXT, strlen(time + OG_TIME_TEXT) + 1);
    }
    if (!good || og_time_parse(due, &fresh.due, NULL) != OG_OK
        || og_record_parse(value, strlen(value), &fresh.fields, NULL) != OG_OK
        || og_record_get(&fresh.fields, "kind") == NULL
        || og_record_get(&fresh.fields, "to") == NULL) {
        og_record_free(&fresh.fields);
        return og_fail(err, OG_E_STATE, "%s: the record of %.200s cannot be read", db,
                       key);
    }
    *row = fresh;
    return OG_OK;
}

enum og_rc
og_outbox_store(struct og_txn *txn, const struct og_outbox_row *row, struct og_err *err)
{
    struct og_buf key = OG_BUF_INIT(OG_STORE_MAX_KEY);
    enum og_rc rc = og_outbox_key(row->id, row->due, &key, err);

    if (rc == OG_OK)
        rc = og_txn_put_record(txn, db, key.data, &row->fields, err);
    og_buf_free(&key);
    return rc;
}

enum og_rc
og_outbox_move(struct og_txn *txn, struct og_outbox_row *row, int64_t due,
               struct og_err *err)
{
    struct og_buf key = OG_BUF_INIT(OG_STORE_MAX_KEY);
    enum og_rc rc = og_outbox_key(row->id, row->due, &key, err);

    if (rc == OG_OK)
        rc = og_txn_delete(txn, db, key.data, err);
    og_buf_free(&key);
    row->due = due;
    return rc == OG_OK ? og_outbox_store(txn, row, err) : rc;
}

static void
due_path(const char *directory, char path[PATH_MAX])
{
    (void)snprintf(path, PATH_MAX, "%s/outbox.due", directory);
}

static void
set_time(const char *path, int64_t at)
{
    const struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, { .tv_sec = at } };

    (void)utimensat(AT_FDCWD, path, times, 0); /* a hint: the timer comes anyway */
}

/* outbox.due gets this time where it is later or not there */
static void
mark(struct og_txn *txn, int64_t due)
{
    char path[PATH_MAX];
    struct stat st;
    int fd;

    due_path(og_txn_directory(txn), path);
    if (lstat(path, &st) == 0) {
        if (st.st_mtime > due)
            set_time(path, due);
        return;
    }
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd >= 0) {
        (void)close(fd); /* it stays empty */
        set_time(path, due);
    }
}

static enum og_rc
first(const char *key, const char *value, void *arg, bool *stop, struct og_err *err)
{
    char due[OG_TIME_TEXT] = "";

    (void)value, (void)err;
    *stop = true;
    (void)snprintf(due, sizeof due, "%s", key + strlen(OG_OUTBOX_ROW));
    if (og_time_parse(due, arg, NULL) != OG_OK)
        *(int64_t *)arg = 0; /* damaged: due, so that it is found out */
    return OG_OK;
}

enum og_rc
og_outbox_settle(struct og_txn *txn, struct og_err *err)
{
    char path[PATH_MAX];
    int64_t due = -1;
    enum og_rc rc = og_txn_walk(txn, db, OG_OUTBOX_ROW, "", first, &due, err);

    due_path(og_txn_directory(txn), path);
    if (rc == OG_OK && due < 0)
        (void)unlink(path); /* mostly it is not there */
    else if (rc == OG_OK) {
        mark(txn, due);
        set_time(path, due);
    }
    return rc;
}

enum og_rc
og_outbox_put(struct og_txn *txn, const char *id, int64_t due, int64_t now,
              struct og_record *fields, struct og_err *err)
{
    struct og_outbox_row row = { .due = due, .fields = *fields };
    char made[OG_TIME_TEXT];
    enum og_rc rc = og_time_print(now, made, err);

    if (strlen(id) >= sizeof row.id || id[0] == '\0' || strchr(id, ' ') != NULL)
        return og_fail(err, OG_E_SYNTAX, "no name of a row: '%.100s'", id);
    memcpy(row.id, id, strlen(id) + 1);
    if (rc == OG_OK)
        rc = og_record_set_text(&row.fields, "made", made, err);
    if (rc == OG_OK)
        rc = og_record_set_number(&row.fields, "tries", 0, err);
    if (rc == OG_OK)
        rc = og_outbox_store(txn, &row, err);
    *fields = row.fields;
    if (rc == OG_OK)
        mark(txn, due);
    return rc;
}

enum og_rc
og_outbox_kick(const struct og_state *state, struct og_err *err)
{
    const char *const argv[] = {
        state->server.notice_program, "-c", state->conf, "notices", "send", NULL
    };
    const char *const env[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", NULL };
    struct og_program program = { argv, env, state->store.uid, state->store.gid, -1 };

    return state->conf[0] != '\0' ? og_program_start(&program, err) : OG_OK;
}

enum og_rc
og_outbox_look(const struct og_state *state, int64_t now, struct og_err *err)
{
    char path[PATH_MAX];
    struct stat st;

    due_path(state->store.directory, path);
    if (stat(path, &st) != 0 || st.st_mtime > now)
        return OG_OK;
    set_time(path, now + OG_OUTBOX_KICK); /* whoever is started sets it right */
    return og_outbox_kick(state, err);
}
