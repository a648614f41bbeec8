/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_TESTS_STORE_DIR_H
#define OG_TESTS_STORE_DIR_H

/* A private store for a test, and what most do with it. Root's belongs to nobody, as
 * Exim's do to Exim. */

#include "tests/unit/rows.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/lib/store.h"
#include "tests/unit/shell.h"

enum { STORE_NOBODY = 65534 };

static char store_top[64], store_dir[96]; /* the store's is `state` in the other */
static struct og_store_conf store_conf;

/* Berkeley DB does not free all of an environment that was in panic, and one that another
 * process has recovered is left open for good */
const char *__lsan_default_suppressions(void);
const char *
__lsan_default_suppressions(void)
{
    return "leak:libdb-5.3";
}

/* no store yet, only where it will be */
static inline int
store_set_up_empty(void **state)
{
    (void)state;
    (void)snprintf(store_top, sizeof store_top, "/tmp/og_store.XXXXXX");
    if (mkdtemp(store_top) == NULL || chmod(store_top, 0755) != 0)
        return -1;
    (void)snprintf(store_dir, sizeof store_dir, "%s/state", store_top);
    store_conf = (struct og_store_conf){ .directory = store_dir,
                                         .uid = (uid_t)-1,
                                         .gid = (gid_t)-1 };
    if (geteuid() == 0)
        store_conf.uid = store_conf.gid = STORE_NOBODY;
    return 0;
}

static inline int
store_set_up(void **state)
{
    struct og_err err = { "" };

    if (store_set_up_empty(state) != 0)
        return -1;
    if (og_store_create(&store_conf, false, &err) == OG_OK)
        return 0;
    print_error("%s\n", err.text);
    return -1;
}

static inline int
store_remove_one(const char *path, const struct stat *st, int type, struct FTW *walk)
{
    (void)st;
    (void)type;
    (void)walk;
    return remove(path);
}

static inline int
store_tear_down(void **state)
{
    struct og_err err = { "" };

    (void)state;
    (void)!og_store_close(&store_conf, &err); /* else each test leaves one open */
    return nftw(store_top, store_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* the path of one of its files, until the next call */
static inline const char *
store_file(const char *name)
{
    static char path[160];

    (void)snprintf(path, sizeof path, "%s/%s", store_dir, name);
    return path;
}

/* a command line in the store's parent */
static inline void
store_shell(const char *command)
{
    shell(store_top, command);
}

/* all of it is in the files, and out of shared memory */
static inline void
store_settle(void)
{
    store_shell("db5.3_checkpoint -1 -h state && rm -f state/__db.* state/guard");
}

static inline void
store_spoil(const char *name, off_t at, const char *text, size_t len)
{
    int fd = open(store_file(name), O_WRONLY);

    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, text, len, at), (ssize_t)len);
    assert_int_equal(close(fd), 0);
}

/* the next process takes it that somebody died inside */
static inline void
store_soil(void)
{
    store_spoil("guard", 0, "dirty", 5);
}

/* one call inside a run of its own */
struct store_op {
    const char *db, *key, *value; /* value NULL: get */
    char got[64];                 /* cut to its size */
};

static inline enum og_rc
store_op(struct og_txn *txn, void *arg, struct og_err *err)
{
    struct store_op *op = arg;
    struct og_buf value = OG_BUF_INIT(10000);
    enum og_rc rc;

    if (op->value != NULL)
        return og_txn_put(txn, op->db, op->key, op->value, err);
    rc = og_txn_get(txn, op->db, op->key, &value, err);
    (void)snprintf(op->got, sizeof op->got, "%.63s", og_buf_text(&value));
    og_buf_free(&value);
    return rc;
}

static inline enum og_rc
store_put(enum og_store_mode mode, const char *db, const char *key, const char *value,
          struct og_err *err)
{
    struct store_op op = { db, key, value, "" };

    return og_store_run(&store_conf, mode, store_op, &op, err);
}

static inline enum og_rc
store_get(const char *db, const char *key, char got[64], struct og_err *err)
{
    struct store_op op = { db, key, NULL, "" };
    enum og_rc rc = og_store_run(&store_conf, OG_STORE_READ, store_op, &op, err);

    memcpy(got, op.got, sizeof op.got);
    return rc;
}

/* users.db has this under the key; NULL: it has no such key */
static inline void
store_has(const char *key, const char *value)
{
    struct og_err err = { "" };
    char got[64];

    row_rc((size_t)0, store_get("users.db", key, got, &err),
           value != NULL ? OG_OK : OG_E_NOTFOUND, &err);
    assert_string_equal(got, value != NULL ? value : "");
}

static inline void
store_set(const char *key, const char *value)
{
    struct og_err err = { "" };

    row_rc((size_t)0, store_put(OG_STORE_COUNT, "users.db", key, value, &err), OG_OK,
           &err);
}

static inline void
store_print_bad(const char *path, enum og_rc rc, const char *text, void *arg)
{
    (void)arg;
    if (rc != OG_OK)
        print_error("%s: %s\n", path, text);
}

/* every page of every database is good */
static inline void
store_sound(void)
{
    struct og_err err = { "" };

    row_rc((size_t)0, og_store_verify(&store_conf, store_print_bad, NULL, &err), OG_OK,
           &err);
}

/* a sum over number, size, time of change and every byte of databases and logs */
static inline uint64_t
store_fingerprint(const char *directory)
{
    DIR *d = opendir(directory);
    struct dirent *entry;
    uint64_t total = 0;

    assert_non_null(d);
    while ((entry = readdir(d)) != NULL) {
        uint64_t sum = 1469598103934665603u; /* FNV-1a, 64 bits */
        char chunk[4096];
        struct stat st;
        ssize_t n;
        int fd;

        if ((strstr(entry->d_name, ".db") == NULL
             && strncmp(entry->d_name, "log.", 4) != 0)
            || strncmp(entry->d_name, "__db", 4) == 0)
            continue;
        fd = openat(dirfd(d), entry->d_name, O_RDONLY);
        assert_true(fd >= 0 && fstat(fd, &st) == 0);
        sum += (uint64_t)st.st_size + (uint64_t)st.st_mtim.tv_nsec + (uint64_t)st.st_ino;
        while ((n = read(fd, chunk, sizeof chunk)) > 0)
            for (ssize_t i = 0; i < n; i++)
                sum = (sum ^ (unsigned char)chunk[i]) * 1099511628211u;
        total += sum;
        (void)close(fd);
    }
    (void)closedir(d);
    return total;
}

/* the guard's third word tells each life of the environment from all others */
static inline void
store_generation(char out[17])
{
    char text[64] = "", *rest = text, *word = NULL;
    int fd = open(store_file("guard"), O_RDONLY);

    assert_true(fd >= 0 && read(fd, text, sizeof text - 1) > 0);
    (void)close(fd);
    for (int i = 0; i < 3; i++) {
        rest += strspn(rest, " ");
        word = strsep(&rest, " \n");
        assert_non_null(rest);
    }
    assert_int_equal(strlen(word), 16);
    memcpy(out, word, 17);
}

/* how many this process has open */
static inline int
store_descriptors(void)
{
    int count = 0;

    for (int fd = 0; fd < 1024; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

#endif
