/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_LIB_STORE_H
#define OG_LIB_STORE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/base/record.h"

/*
 * The store: named databases of text keys and text values that change together
 * or not at all. This implementation is Berkeley DB 5.3, embedded: every run
 * takes the guard, works and leaves it, so nothing is held between two runs.
 *
 * Whoever is inside is inside alone. The kernel drops the guard of a process
 * that dies, and the next one sees from the guard's mark that it has to recover
 * first: no process is ever inside an environment that is being recovered, and
 * none ever waits for a mutex whose holder is dead.
 *
 * What the first run opened stays open, and a process may end without closing it.
 * The next run uses it only if nobody has recovered or replaced the environment since
 * and the process is no child of the one that opened it; else it is left alone for
 * good, as closing it could write over what is there now, and opened anew. After 16
 * such losses in one process every run opens and closes. A database whose file is
 * another one or was written to is opened anew, too; damage that leaves no trace in
 * the file's time is noticed when the page is next read from it.
 *
 * One thread of a process at a time. All signals but those of a fault are
 * blocked during a run; a process with root's rights becomes the owner for that
 * time, as every file must belong to the owner of the directory. A process that
 * catches SIGSEGV, as Exim does in local_scan, may leave a run by siglongjmp from
 * its handler: the next run recovers.
 */
struct og_store_conf {
    const char *directory; /* owned by the caller, outlives every use */
    uid_t uid;             /* owner of all in it; (uid_t)-1: the directory's */
    gid_t gid;             /* (gid_t)-1: the directory's */
    unsigned wait_ms;      /* deadline of one run, in milliseconds; 0: 5000 */
};

enum og_store_mode {
    OG_STORE_READ,   /* changes no database and no log */
    OG_STORE_COUNT,  /* survives any death of processes, not the machine's */
    OG_STORE_COMMIT, /* on the disk before og_store_run returns */
};

enum {
    OG_STORE_MAX_KEY = 1024,      /* bytes, each printable ASCII or a blank */
    OG_STORE_MAX_VALUE = 1 << 20, /* bytes */
};

struct og_txn;

/*
 * What happens inside one run: gets and puts through txn. Anything but OG_OK
 * undoes all and is what og_store_run returns. May be called again after a
 * recovery in the middle; it then starts from the stored state, so it must not
 * build on what an earlier call left in arg. No run inside a run.
 */
typedef enum og_rc og_store_work(struct og_txn *txn, void *arg, struct og_err *err);

/*
 * og_store_create - make the directory (0700), the environment and every
 * database (0600), with conf's owner; what is there already stays as it is
 *
 * A store that has lost one of the databases that every store has is OG_E_STATE, unless it
 * may be made anew, without what was in it: a backup is better.
 * A directory that has to be made needs uid and gid when root calls, else root
 * owns it. Returns OG_OK; OG_E_PERM, OG_E_IO, OG_E_STATE, OG_E_BUSY, OG_E_LIB.
 */
enum og_rc og_store_create(const struct og_store_conf *conf, bool anew,
                           struct og_err *err) OG_CHECKED;

/*
 * og_store_run - call work with a transaction; commit when it returns OG_OK
 *
 * Returns what work returned; OG_E_BUSY when others held the guard until the
 * deadline (nothing happened); OG_E_PERM for a wrong owner or mode; OG_E_IO for
 * a full or read-only file system; OG_E_STATE for a store that is missing,
 * damaged, foreign or of another version; OG_E_LIB. err names path and remedy.
 * After OG_OK the change is there, whoever dies afterwards. An error leaves the
 * store as it was, except that a failed disk flush in OG_STORE_COMMIT says so.
 */
enum og_rc og_store_run(const struct og_store_conf *conf, enum og_store_mode mode,
                        og_store_work *work, void *arg, struct og_err *err) OG_CHECKED;

/*
 * og_txn_get, og_txn_get_for_update - the value of a key
 *
 * db     a database's name, "users.db"
 * value  receives the value in place of its old content; value->max is the ceiling
 *
 * Returns OG_OK; OG_E_NOTFOUND with err untouched, also for a database that does
 * not exist yet; OG_E_SYNTAX, OG_E_LIMIT for a bad key; OG_E_LIMIT, OG_E_NOMEM
 * for the value; OG_E_STATE, OG_E_LIB. The second form announces a put of the
 * same key, for a store whose runs overlap, and is refused in OG_STORE_READ.
 */
enum og_rc og_txn_get(struct og_txn *txn, const char *db, const char *key,
                      struct og_buf *value, struct og_err *err) OG_CHECKED;
enum og_rc og_txn_get_for_update(struct og_txn *txn, const char *db, const char *key,
                                 struct og_buf *value, struct og_err *err) OG_CHECKED;

/* og_txn_get_record - the same for a value that is a record's text form; rec's old content
 * is freed. OG_E_STATE too, when it is none. */
enum og_rc og_txn_get_record(struct og_txn *txn, const char *db, const char *key,
                             bool for_update, struct og_record *rec,
                             struct og_err *err) OG_CHECKED;

/*
 * og_txn_put, og_txn_add, og_txn_delete - change one key
 *
 * put replaces, add returns OG_E_EXISTS when the key is there, delete returns
 * OG_E_NOTFOUND when it is not; both leave err untouched. OG_E_SYNTAX for a key
 * or value that is empty (key only) or holds a non-printable byte, OG_E_LIMIT
 * above a ceiling, OG_E_STATE in OG_STORE_READ, OG_E_IO, OG_E_LIB.
 */
enum og_rc og_txn_put(struct og_txn *txn, const char *db, const char *key,
                      const char *value, struct og_err *err) OG_CHECKED;
enum og_rc og_txn_add(struct og_txn *txn, const char *db, const char *key,
                      const char *value, struct og_err *err) OG_CHECKED;
enum og_rc og_txn_delete(struct og_txn *txn, const char *db, const char *key,
                         struct og_err *err) OG_CHECKED;

/* og_txn_put_record - the same with a record's text form as value */
enum og_rc og_txn_put_record(struct og_txn *txn, const char *db, const char *key,
                             const struct og_record *rec, struct og_err *err) OG_CHECKED;

/* og_txn_directory - where the databases are, for a file that goes with them */
const char *og_txn_directory(const struct og_txn *txn);

/* One entry of a walk; both texts are valid during the call. Anything but OG_OK
 * ends the walk with that code; *stop = true ends it with OG_OK. The visitor may
 * change the database: a key it puts further on is visited later. */
typedef enum og_rc og_txn_visit(const char *key, const char *value, void *arg, bool *stop,
                                struct og_err *err);

/* og_txn_walk - visit the keys that begin with prefix ("" is all) in byte order, those
 * behind the key `after` only ("" is from the first on) */
enum og_rc og_txn_walk(struct og_txn *txn, const char *db, const char *prefix,
                       const char *after, og_txn_visit *visit, void *arg,
                       struct og_err *err) OG_CHECKED;

/*
 * og_store_changes - has anything changed that is not a count?
 *
 * A number that grows with every run in OG_STORE_COMMIT, and with every recovery: what
 * was read is still true while the number is that of before the reading. Takes no
 * guard and two stat() calls. 0: it cannot be told, also before the first run of a
 * process, and when users.db is not the owner's with mode 0600.
 */
uint64_t og_store_changes(const struct og_store_conf *conf);

/* og_txn_changes - the same number inside a run, in which it cannot change: what this run
 * reads is true while og_store_changes() yields it */
uint64_t og_txn_changes(const struct og_txn *txn);

/* One file of a verification: rc OG_OK and "", or what is wrong with it */
typedef void og_store_report(const char *path, enum og_rc rc, const char *text,
                             void *arg);

/*
 * og_store_verify - check every page of every database and report each file
 *
 * Holds the guard meanwhile: about 1 s per 500 MB, in which runs wait. Returns
 * OG_OK when all are sound; else the first damaged file's OG_E_STATE, or as
 * og_store_run when the store cannot be opened at all.
 */
enum og_rc og_store_verify(const struct og_store_conf *conf, og_store_report *report,
                           void *arg, struct og_err *err) OG_CHECKED;

/*
 * og_store_close - close what this process keeps open
 *
 * For who removes the directory and goes on; nobody has to before he ends. Takes
 * the guard, like a run. Returns OG_OK, also when nothing is open; else as
 * og_store_run, and what is open stays so.
 */
enum og_rc og_store_close(const struct og_store_conf *conf,
                          struct og_err *err) OG_CHECKED;

/*
 * og_store_warm - for a process that forks: what its children do first, once before them
 *
 * Uses a small environment in a directory that it makes below another one, "/tmp", and
 * removes: no store of anybody's is looked at. Berkeley DB's functions find each other by
 * name at their first call, and what is found before the fork, the children have found.
 * Returns true when all of it worked; else they are slower, and that is all.
 */
bool og_store_warm(const char *below);

#endif
