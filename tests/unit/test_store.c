/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/rows.h"

#include <db.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/lib/store.h"

enum { NOBODY = 65534 };

/* Berkeley DB does not free all of an environment that was in panic */
const char *__lsan_default_suppressions(void);
const char *
__lsan_default_suppressions(void)
{
    return "leak:libdb-5.3";
}

static char top[64], dir[96];
static struct og_store_conf conf;

static int
remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

/* an empty parent; root makes stores that belong to nobody, as Exim's do to Exim */
static int
setup(void **state)
{
    (void)state;
    (void)snprintf(top, sizeof top, "/tmp/og_store.XXXXXX");
    if (mkdtemp(top) == NULL || chmod(top, 0755) != 0)
        return -1;
    (void)snprintf(dir, sizeof dir, "%s/state", top);
    conf = (struct og_store_conf){ .directory = dir, .uid = (uid_t)-1, .gid = (gid_t)-1 };
    if (geteuid() == 0)
        conf.uid = conf.gid = NOBODY;
    return 0;
}

static int
teardown(void **state)
{
    struct og_err err = { "" };

    (void)state;
    (void)!og_store_close(&conf, &err); /* else each test leaves an environment open */
    return nftw(top, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static int
setup_made(void **state)
{
    struct og_err err = { "" };

    if (setup(state) != 0)
        return -1;
    if (og_store_create(&conf, &err) == OG_OK)
        return 0;
    print_error("%s\n", err.text);
    return -1;
}

static const char *
in_dir(const char *name)
{
    static char path[160];

    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    return path;
}

/* one call inside a run of its own */
struct op {
    char what; /* g get, u get for update, p put, a add, d delete */
    const char *db, *key, *value;
    char got[64];
};

static enum og_rc
do_op(struct og_txn *txn, void *arg, struct og_err *err)
{
    struct op *op = arg;
    struct og_buf value = OG_BUF_INIT(60);
    enum og_rc rc = OG_E_LIB;

    if (op->what == 'g')
        rc = og_txn_get(txn, op->db, op->key, &value, err);
    else if (op->what == 'u')
        rc = og_txn_get_for_update(txn, op->db, op->key, &value, err);
    else if (op->what == 'p')
        rc = og_txn_put(txn, op->db, op->key, op->value, err);
    else if (op->what == 'a')
        rc = og_txn_add(txn, op->db, op->key, op->value, err);
    else if (op->what == 'd')
        rc = og_txn_delete(txn, op->db, op->key, err);
    (void)snprintf(op->got, sizeof op->got, "%s", og_buf_text(&value));
    og_buf_free(&value);
    return rc;
}

static enum og_rc
one(enum og_store_mode mode, char what, const char *key, const char *value, char *got,
    struct og_err *err)
{
    struct op op = { what, "users.db", key, value, "" };
    enum og_rc rc = og_store_run(&conf, mode, do_op, &op, err);

    if (got != NULL)
        (void)snprintf(got, sizeof op.got, "%s", op.got);
    return rc;
}

static void
expect(const char *key, const char *value)
{
    struct og_err err = { "" };
    char got[64];

    row_rc((size_t)0, one(OG_STORE_READ, 'g', key, NULL, got, &err),
           value != NULL ? OG_OK : OG_E_NOTFOUND, &err);
    assert_string_equal(got, value != NULL ? value : "");
}

static const struct {
    enum og_store_mode mode;
    char what;
    const char *db, *key, *value;
    enum og_rc rc;
} rows[] = {
    { OG_STORE_READ, 'g', "users.db", "a", "", OG_E_NOTFOUND },
    { OG_STORE_COUNT, 'u', "users.db", "a", "", OG_E_NOTFOUND },
    { OG_STORE_COUNT, 'd', "users.db", "a", "", OG_E_NOTFOUND },
    { OG_STORE_COUNT, 'p', "users.db", "a", "1", OG_OK },
    { OG_STORE_READ, 'g', "users.db", "a", "1", OG_OK },
    { OG_STORE_COMMIT, 'a', "users.db", "a", "2", OG_E_EXISTS },
    { OG_STORE_COMMIT, 'p', "users.db", "a", "2", OG_OK },
    { OG_STORE_COUNT, 'u', "users.db", "a", "2", OG_OK },
    { OG_STORE_COMMIT, 'a', "users.db", "b c", "", OG_OK },
    { OG_STORE_READ, 'g', "users.db", "b c", "", OG_OK },
    { OG_STORE_READ, 'g', "keys.db", "a", "", OG_E_NOTFOUND },
    { OG_STORE_COMMIT, 'd', "users.db", "a", "", OG_OK },
    { OG_STORE_READ, 'g', "users.db", "a", "", OG_E_NOTFOUND },
    { OG_STORE_READ, 'p', "users.db", "a", "1", OG_E_STATE },
    { OG_STORE_READ, 'a', "users.db", "a", "1", OG_E_STATE },
    { OG_STORE_READ, 'd', "users.db", "b c", "", OG_E_STATE },
    { OG_STORE_READ, 'u', "users.db", "b c", "", OG_E_STATE },
    { OG_STORE_READ, 'g', "nosuch.db", "a", "", OG_E_STATE },
    { OG_STORE_COUNT, 'p', "nosuch.db", "a", "", OG_E_STATE },
    { OG_STORE_COUNT, 'p', "users.db", "", "1", OG_E_SYNTAX },
    { OG_STORE_READ, 'g', "users.db", "", "", OG_E_SYNTAX },
    { OG_STORE_COUNT, 'p', "users.db", "a\n", "1", OG_E_SYNTAX },
    { OG_STORE_COUNT, 'p', "users.db", "\x7f", "1", OG_E_SYNTAX },
    { OG_STORE_COUNT, 'p', "users.db", "\xc3\xa4", "1", OG_E_SYNTAX },
    { OG_STORE_COUNT, 'p', "users.db", "a", "1\n", OG_E_SYNTAX },
};

static void
test_operations(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        struct op op = { rows[i].what, rows[i].db, rows[i].key, rows[i].value, "" };
        struct og_err err = { "" };
        enum og_rc rc = og_store_run(&conf, rows[i].mode, do_op, &op, &err);

        row_rc(i, rc, rows[i].rc, &err);
        if (rc == OG_OK && (op.what == 'g' || op.what == 'u'))
            row_text(i, op.got, rows[i].value);
        assert_int_equal(err.text[0] == '\0',
                         rc == OG_OK || rc == OG_E_NOTFOUND || rc == OG_E_EXISTS);
    }
}

static enum og_rc
put_and_fail(struct og_txn *txn, void *arg, struct og_err *err)
{
    enum og_rc rc = og_txn_put(txn, "users.db", "kept", "changed", err);

    (void)arg;
    if (rc == OG_OK)
        rc = og_txn_put(txn, "keys.db", "new", "1", err);
    return rc == OG_OK ? og_fail(err, OG_E_RANGE, "no") : rc;
}

static void
test_rollback(void **state)
{
    struct og_err err = { "" };

    (void)state;
    assert_int_equal(one(OG_STORE_COUNT, 'p', "kept", "old", NULL, &err), OG_OK);
    assert_int_equal(og_store_run(&conf, OG_STORE_COMMIT, put_and_fail, NULL, &err),
                     OG_E_RANGE);
    assert_string_equal(err.text, "no");
    expect("kept", "old");
}

/* somebody else breaks the environment while we are in it */
static enum og_rc
panic_once(struct og_txn *txn, void *arg, struct og_err *err)
{
    int *calls = arg;
    char text[32];
    enum og_rc rc = og_txn_put(txn, "users.db", "early", "1", err);
    DB_ENV *env;

    (void)snprintf(text, sizeof text, "%d", ++*calls);
    if (*calls == 1) {
        assert_int_equal(db_env_create(&env, 0), 0);
        env->set_errcall(env, NULL);
        env->set_errfile(env, NULL);
        assert_int_equal(
            env->open(env, dir, DB_INIT_TXN | DB_INIT_LOG | DB_INIT_MPOOL, 0600), 0);
        (void)env->set_flags(env, DB_PANIC_ENVIRONMENT, 1);
        (void)env->close(env, 0);
    }
    if (rc == OG_OK)
        rc = og_txn_put(txn, "users.db", "calls", text, err);
    return rc;
}

static void
test_retry(void **state)
{
    struct og_err err = { "" };
    int calls = 0;

    (void)state;
    row_rc((size_t)0, og_store_run(&conf, OG_STORE_COUNT, panic_once, &calls, &err),
           OG_OK, &err);
    assert_int_equal(calls, 2);
    expect("calls", "2");
}

static enum og_rc
fill_walk(struct og_txn *txn, void *arg, struct og_err *err)
{
    static const char *const keys[] = {
        "b/2", "a", "b/10", "c", "b/1", "b", "b0", "B/1"
    };
    enum og_rc rc = OG_OK;

    (void)arg;
    for (size_t i = 0; i < N_ELEMENTS(keys) && rc == OG_OK; i++)
        rc = og_txn_put(txn, "users.db", keys[i], keys[i], err);
    return rc;
}

struct walk {
    const char *prefix, *stop_at;
    struct og_txn *txn; /* set: delete what is visited */
    enum og_rc answer;
    char seen[128];
    const char *after;
};

static enum og_rc
see(const char *key, const char *value, void *arg, bool *stop, struct og_err *err)
{
    struct walk *walk = arg;
    size_t used = strlen(walk->seen);

    assert_string_equal(key, value);
    (void)snprintf(walk->seen + used, sizeof walk->seen - used, "%s ", key);
    *stop = walk->stop_at != NULL && strcmp(key, walk->stop_at) == 0;
    if (walk->txn != NULL)
        return og_txn_delete(walk->txn, "users.db", key, err);
    return walk->answer;
}

static enum og_rc
do_walk(struct og_txn *txn, void *arg, struct og_err *err)
{
    struct walk *walk = arg;

    if (walk->txn != NULL)
        walk->txn = txn;
    return og_txn_walk(txn, "users.db", walk->prefix,
                       walk->after != NULL ? walk->after : "", see, walk, err);
}

static void
test_walk(void **state)
{
    static const struct {
        const char *prefix, *stop_at;
        enum og_rc answer;
        const char *seen;
        const char *after;
    } walks[] = {
        { "", NULL, OG_OK, "B/1 a b b/1 b/10 b/2 b0 c ", NULL },
        { "b/", NULL, OG_OK, "b/1 b/10 b/2 ", NULL },
        { "b/1", NULL, OG_OK, "b/1 b/10 ", NULL },
        { "b", "b/10", OG_OK, "b b/1 b/10 ", NULL },
        { "c", NULL, OG_OK, "c ", NULL },
        { "d", NULL, OG_OK, "", NULL },
        { "a", NULL, OG_E_RANGE, "a ", NULL },
        { "\n", NULL, OG_E_SYNTAX, "", NULL },
        { "", NULL, OG_OK, "b/10 b/2 b0 c ", "b/1" },
        { "", NULL, OG_OK, "b/2 b0 c ", "b/11" },
        { "b/", NULL, OG_OK, "b/1 b/10 b/2 ", "a" },
        { "b/", NULL, OG_OK, "", "b/2" },
        { "b/", NULL, OG_OK, "", "c" },
    };
    struct walk gone = { "b/", NULL, (struct og_txn *)&gone, OG_OK, "", NULL };
    struct walk rest = { "", NULL, NULL, OG_OK, "", NULL };
    struct og_err err = { "" };

    (void)state;
    assert_int_equal(og_store_run(&conf, OG_STORE_COUNT, fill_walk, NULL, &err), OG_OK);
    for (size_t i = 0; i < N_ELEMENTS(walks); i++) {
        struct walk walk = { walks[i].prefix, walks[i].stop_at, NULL, walks[i].answer, "",
                             walks[i].after };
        enum og_rc rc = og_store_run(&conf, OG_STORE_READ, do_walk, &walk, &err);

        row_rc(i, rc, i == 7 ? OG_E_SYNTAX : walks[i].answer, &err);
        row_text(i, walk.seen, walks[i].seen);
    }
    row_rc((size_t)0, og_store_run(&conf, OG_STORE_COUNT, do_walk, &gone, &err), OG_OK,
           &err);
    assert_string_equal(gone.seen, "b/1 b/10 b/2 ");
    assert_int_equal(og_store_run(&conf, OG_STORE_READ, do_walk, &rest, &err), OG_OK);
    assert_string_equal(rest.seen, "B/1 a b b0 c ");
}

struct big {
    size_t key_len, value_len;
    enum og_rc read;
};

static enum og_rc
put_big(struct og_txn *txn, void *arg, struct og_err *err)
{
    struct big *big = arg;
    char *key = calloc(1, big->key_len + 1), *value = calloc(1, big->value_len + 1);
    struct og_buf back = OG_BUF_INIT(OG_STORE_MAX_VALUE), small = OG_BUF_INIT(3);
    enum og_rc rc;

    memset(key, 'k', big->key_len);
    memset(value, 'v', big->value_len);
    rc = og_txn_put(txn, "users.db", key, value, err);
    if (rc == OG_OK) {
        rc = og_txn_get(txn, "users.db", key, &back, err);
        assert_string_equal(og_buf_text(&back), value);
        big->read = og_txn_get(txn, "users.db", key, &small, err);
    }
    og_buf_free(&back);
    og_buf_free(&small);
    free(key);
    free(value);
    return rc;
}

static void
test_ceilings(void **state)
{
    static const struct {
        size_t key_len, value_len;
        enum og_rc rc, small;
    } sizes[] = {
        { OG_STORE_MAX_KEY, 1, OG_OK, OG_OK },
        { OG_STORE_MAX_KEY + 1, 1, OG_E_LIMIT, OG_OK },
        { 1, OG_STORE_MAX_VALUE, OG_OK, OG_E_LIMIT },
        { 1, OG_STORE_MAX_VALUE + 1, OG_E_LIMIT, OG_OK },
        { 2, 3, OG_OK, OG_OK },
        { 2, 4, OG_OK, OG_E_LIMIT },
    };

    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(sizes); i++) {
        struct big big = { sizes[i].key_len, sizes[i].value_len, OG_OK };
        struct og_err err = { "" };

        row_rc(i, og_store_run(&conf, OG_STORE_COUNT, put_big, &big, &err), sizes[i].rc,
               &err);
        row_rc(i, big.read, sizes[i].small, &err);
    }
}

/* a sum over name, size, time of change and every byte of databases and logs */
static uint64_t
fingerprint(void)
{
    DIR *d = opendir(dir);
    struct dirent *entry;
    uint64_t total = 0;

    assert_non_null(d);
    while ((entry = readdir(d)) != NULL) {
        uint64_t sum = 1469598103934665603u;
        char chunk[4096];
        struct stat st;
        ssize_t n;
        int fd;

        if (strstr(entry->d_name, ".db") == NULL
            && strncmp(entry->d_name, "log.", 4) != 0)
            continue;
        if (strncmp(entry->d_name, "__db", 4) == 0)
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

static void
test_read_changes_nothing(void **state)
{
    struct walk walk = { "", NULL, NULL, OG_OK, "", NULL };
    struct og_err err = { "" };
    uint64_t before;

    (void)state;
    assert_int_equal(og_store_run(&conf, OG_STORE_COUNT, fill_walk, NULL, &err), OG_OK);
    before = fingerprint();
    for (int i = 0; i < 50; i++) {
        expect("a", "a");
        expect("nosuch", NULL);
        walk.seen[0] = '\0';
        assert_int_equal(og_store_run(&conf, OG_STORE_READ, do_walk, &walk, &err), OG_OK);
    }
    assert_true(fingerprint() == before);
}

static void
test_create(void **state)
{
    struct og_err err = { "" };
    struct stat st;

    (void)state;
    assert_int_equal(one(OG_STORE_READ, 'g', "a", NULL, NULL, &err), OG_E_STATE);
    assert_non_null(strstr(err.text, "outgatectl init"));
    assert_non_null(strstr(err.text, dir));
    row_rc((size_t)1, og_store_create(&conf, &err), OG_OK, &err);
    assert_int_equal(one(OG_STORE_COMMIT, 'p', "a", "1", NULL, &err), OG_OK);
    row_rc((size_t)2, og_store_create(&conf, &err), OG_OK, &err);
    expect("a", "1");
    assert_int_equal(stat(dir, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0700);
    for (size_t i = 0; i < 3; i++) {
        static const char *const names[] = { "users.db", "keys.db", "guard" };

        assert_int_equal(stat(in_dir(names[i]), &st), 0);
        assert_int_equal(st.st_mode & 07777, 0600);
        assert_int_equal(st.st_uid, geteuid() == 0 ? NOBODY : geteuid());
    }
    conf.directory = "/dev/null";
    assert_int_equal(one(OG_STORE_READ, 'g', "a", NULL, NULL, &err), OG_E_STATE);
    conf.directory = dir;
}

/* an empty directory is no store yet */
static void
test_no_store(void **state)
{
    struct og_err err = { "" };

    (void)state;
    assert_int_equal(mkdir(dir, 0700), 0);
    if (geteuid() == 0)
        assert_int_equal(chown(dir, NOBODY, NOBODY), 0);
    assert_int_equal(one(OG_STORE_COUNT, 'p', "a", "1", NULL, &err), OG_E_STATE);
    assert_non_null(strstr(err.text, "outgatectl init"));
}

static void
spoil(const char *name, off_t at, const char *text, size_t len)
{
    int fd = open(in_dir(name), O_WRONLY);

    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, text, len, at), (ssize_t)len);
    (void)close(fd);
}

static void
note(const char *path, enum og_rc rc, const char *text, void *arg)
{
    char *seen = arg;

    (void)snprintf(seen + strlen(seen), 1000 - strlen(seen), "%s=%s%s;",
                   strrchr(path, '/') + 1, og_rc_text(rc), text[0] != '\0' ? "!" : "");
}

static enum og_rc
fill_pages(struct og_txn *txn, void *arg, struct og_err *err)
{
    char key[32];
    enum og_rc rc = OG_OK;

    (void)arg;
    for (int i = 0; i < 2000 && rc == OG_OK; i++) {
        (void)snprintf(key, sizeof key, "key%05d", i);
        rc = og_txn_put(txn, "users.db", key, "some value of a few dozen bytes", err);
    }
    return rc;
}

/* force everything to the files and out of shared memory */
static void
settle(void)
{
    char command[400];

    (void)snprintf(command, sizeof command,
                   "db5.3_checkpoint -1 -h %s && rm -f %s/__db.* %s/guard", dir, dir,
                   dir);
    assert_int_equal(system(command), 0);
}

static void
test_damage(void **state)
{
    static const char text[] = "this is a text and no database at all. ";
    static const struct {
        off_t at;
        off_t cut; /* -1: write text there */
        const char *key;
    } damage[] = {
        { 0, -1, "key00001" },  { 4096, -1, "key00001" }, { 12288 + 100, -1, "all" },
        { 0, 100, "key00001" }, { 0, 20000, "all" },
    };
    char junk[4096];

    (void)state;
    for (size_t i = 0; i < sizeof junk; i++)
        junk[i] = text[i % (sizeof text - 1)];
    for (size_t i = 0; i < N_ELEMENTS(damage); i++) {
        struct og_err err = { "" };
        char seen[1000] = "";
        enum og_rc rc = OG_OK;

        if (i > 0) {
            void *none = NULL;

            assert_int_equal(teardown(&none), 0);
            assert_int_equal(setup_made(&none), 0);
        }
        assert_int_equal(og_store_run(&conf, OG_STORE_COMMIT, fill_pages, NULL, &err),
                         OG_OK);
        row_rc(i, og_store_verify(&conf, note, seen, &err), OG_OK, &err);
        assert_ptr_equal(strstr(seen, "users.db=ok;"), seen);
        assert_null(strchr(seen, '!'));
        settle();
        if (damage[i].cut >= 0)
            assert_int_equal(truncate(in_dir("users.db"), damage[i].cut), 0);
        else
            spoil("users.db", damage[i].at, junk, i == 2 ? 50 : sizeof junk);
        seen[0] = '\0';
        rc = og_store_verify(&conf, note, seen, &err);
        row_rc(i, rc, OG_E_STATE, &err);
        assert_ptr_equal(strstr(seen, "users.db=state not usable!;"), seen);
        assert_null(strchr(strchr(seen, ';'), '!'));
        if (strcmp(damage[i].key, "all") != 0) {
            rc = one(OG_STORE_READ, 'g', damage[i].key, NULL, NULL, &err);
            row_rc(i, rc, OG_E_STATE, &err);
            assert_non_null(strstr(err.text, "users.db"));
            rc = one(OG_STORE_COUNT, 'p', damage[i].key, "1", NULL, &err);
            row_rc(i, rc, OG_E_STATE, &err);
        }
    }
}

static int
in_child(int (*body)(void))
{
    pid_t pid = fork();
    int status;

    assert_true(pid >= 0);
    if (pid == 0) {
        (void)signal(SIGSEGV, SIG_DFL); /* cmocka would go on with the other tests */
        (void)signal(SIGBUS, SIG_DFL);
        _exit(body());
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static int
as_stranger(void)
{
    struct og_err err = { "" };
    char uid[16];

    (void)snprintf(uid, sizeof uid, "uid %d", NOBODY);
    if (setgid(1) != 0 || setuid(1) != 0)
        return 2;
    conf.uid = (uid_t)-1;
    if (one(OG_STORE_READ, 'g', "a", NULL, NULL, &err) != OG_E_PERM)
        return 3;
    return strstr(err.text, uid) != NULL && strstr(err.text, "uid 1") != NULL
                   && strstr(err.text, dir) != NULL
               ? 0
               : 4;
}

static int
as_owner(void)
{
    struct og_err err = { "" };

    if (setgid(NOBODY) != 0 || setuid(NOBODY) != 0)
        return 2;
    return one(OG_STORE_COMMIT, 'p', "a", "owner", NULL, &err) == OG_OK ? 0 : 3;
}

/* shared memory is looked at by who opens it */
static int
as_newcomer(void)
{
    struct og_err err = { "" };

    if (one(OG_STORE_READ, 'g', "a", NULL, NULL, &err) != OG_E_PERM)
        return 2;
    return strstr(err.text, in_dir("__db.002")) != NULL ? 0 : 3;
}

static enum og_rc
who_am_i(struct og_txn *txn, void *arg, struct og_err *err)
{
    sigset_t mask;
    int *seen = arg;

    (void)txn;
    (void)err;
    (void)pthread_sigmask(SIG_BLOCK, NULL, &mask);
    seen[0] = (int)geteuid();
    seen[1] = (int)getegid();
    seen[2] = sigismember(&mask, SIGALRM) == 1 && sigismember(&mask, SIGTERM) == 1
              && sigismember(&mask, SIGSEGV) == 0 && sigismember(&mask, SIGBUS) == 0;
    return OG_OK;
}

static void
test_ids_and_signals(void **state)
{
    struct og_err err = { "" };
    struct stat st;
    sigset_t mask;
    int seen[3];
    mode_t mask_before = umask(0), mask_after;

    (void)state;
    assert_int_equal(og_store_run(&conf, OG_STORE_COUNT, who_am_i, seen, &err), OG_OK);
    mask_after = umask(mask_before);
    assert_int_equal(mask_after, 0);
    assert_true(seen[2]);
    (void)pthread_sigmask(SIG_BLOCK, NULL, &mask);
    assert_int_equal(sigismember(&mask, SIGALRM), 0);
    if (geteuid() != 0) {
        print_message("not root: the changes of identity are not tested\n");
        return;
    }
    assert_int_equal(seen[0], NOBODY);
    assert_int_equal(seen[1], NOBODY);
    assert_int_equal(getegid(), 0);
    assert_int_equal(in_child(as_stranger), 0);
    assert_int_equal(in_child(as_owner), 0);
    expect("a", "owner");

    conf.uid = 1; /* the directory is somebody else's than the configuration says */
    assert_int_equal(one(OG_STORE_READ, 'g', "a", NULL, NULL, &err), OG_E_PERM);
    conf.uid = (uid_t)-1;
    expect("a", "owner");
    assert_int_equal(geteuid(), 0);

    assert_int_equal(chown(in_dir("users.db"), 1, 1), 0);
    assert_int_equal(one(OG_STORE_READ, 'g', "a", NULL, NULL, &err), OG_E_PERM);
    assert_non_null(strstr(err.text, in_dir("users.db")));
    assert_int_equal(chown(in_dir("users.db"), NOBODY, NOBODY), 0);
    expect("a", "owner");
    assert_int_equal(chown(in_dir("__db.002"), 0, 0), 0);
    assert_int_equal(chown(in_dir("guard"), 0, 0), 0);
    assert_int_equal(one(OG_STORE_READ, 'g', "a", NULL, NULL, &err), OG_E_PERM);
    assert_non_null(strstr(err.text, in_dir("guard")));
    assert_int_equal(chown(in_dir("guard"), NOBODY, NOBODY), 0);
    assert_int_equal(in_child(as_newcomer), 0);
    assert_int_equal(chown(in_dir("__db.002"), NOBODY, NOBODY), 0);
    expect("a", "owner");
    assert_int_equal(stat(in_dir("log.0000000001"), &st), 0);
    assert_int_equal(st.st_uid, NOBODY);
    assert_int_equal(st.st_mode & 07777, 0600);
}

/* put until the file system is full, then make room */
static int
on_full_disk(void)
{
    static char value[8000];
    struct og_err err = { "" };
    char key[32], got[64];
    int done = 0;
    enum og_rc rc = OG_OK;

    if (unshare(CLONE_NEWNS) != 0
        || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0
        || mkdir(dir, 0700) != 0
        || mount("none", dir, "tmpfs", 0, "size=5m,mode=0700,uid=65534,gid=65534") != 0)
        return 2;
    if (og_store_create(&conf, &err) != OG_OK) {
        print_message("%s\n", err.text);
        return 3;
    }
    if (one(OG_STORE_COMMIT, 'p', "first", "kept", NULL, &err) != OG_OK)
        return 4;
    memset(value, 'v', sizeof value - 1);
    for (; done < 1000 && rc == OG_OK; done += rc == OG_OK) {
        (void)snprintf(key, sizeof key, "key%d", done);
        rc =
            one(done % 2 ? OG_STORE_COUNT : OG_STORE_COMMIT, 'p', key, value, NULL, &err);
    }
    print_message("full after %d: %s\n", done, err.text);
    if (rc != OG_E_IO || strstr(err.text, "no space left") == NULL
        || strstr(err.text, "make room") == NULL)
        return 5;
    for (int i = 0; i < 20; i++) { /* and again, also with a recovery: never a crash */
        if (i % 4 == 3)
            spoil("guard", 0, "dirty", 5);
        if ((rc = one(OG_STORE_COUNT, 'p', "full", value, NULL, &err)) != OG_E_IO
            && rc != OG_OK)
            return 6;
    }
    if (mount("none", dir, NULL, MS_REMOUNT, "size=12m") != 0)
        return 7;
    if ((rc = one(OG_STORE_READ, 'g', "first", NULL, got, &err)) != OG_OK
        || strcmp(got, "kept") != 0) {
        print_message("after: %s\n", err.text);
        return 8;
    }
    for (int i = 0; i < done; i++) { /* OG_E_LIMIT: there, and larger than our buffer */
        (void)snprintf(key, sizeof key, "key%d", i);
        if (one(OG_STORE_READ, 'g', key, NULL, NULL, &err) != OG_E_LIMIT)
            return 9;
    }
    return one(OG_STORE_COMMIT, 'p', "last", "1", NULL, &err) == OG_OK ? 0 : 10;
}

static int
on_read_only(void)
{
    struct og_err err = { "" };

    if (unshare(CLONE_NEWNS) != 0
        || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0
        || mount(dir, dir, NULL, MS_BIND, NULL) != 0
        || mount("none", dir, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) != 0)
        return 2;
    if (one(OG_STORE_READ, 'g', "a", NULL, NULL, &err) != OG_E_IO)
        return 3;
    return strstr(err.text, "read-only") != NULL ? 0 : 4;
}

static void
test_full_disk(void **state)
{
    (void)state;
    if (geteuid() != 0) {
        print_message("not root: a small file system cannot be mounted\n");
        skip();
    }
    assert_int_equal(in_child(on_full_disk), 0);
    assert_int_equal(rmdir(dir), 0);
}

static void
test_read_only(void **state)
{
    (void)state;
    if (geteuid() != 0) {
        print_message("not root: nothing can be mounted\n");
        skip();
    }
    assert_int_equal(in_child(on_read_only), 0);
    expect("a", NULL);
}

static enum og_rc
put_new(struct og_txn *txn, void *arg, struct og_err *err)
{
    (void)arg;
    return og_txn_put(txn, "recipients.db", "k", "v", err);
}

/* a directory made before recipients.db was in the table */
static void
test_new_database(void **state)
{
    struct op op = { 'g', "recipients.db", "k", NULL, "" };
    struct og_err err = { "" };
    struct stat st;

    (void)state;
    settle();
    assert_int_equal(unlink(in_dir("recipients.db")), 0);
    row_rc((size_t)0, og_store_run(&conf, OG_STORE_READ, do_op, &op, &err), OG_E_NOTFOUND,
           &err);
    assert_int_equal(stat(in_dir("recipients.db"), &st), -1);
    row_rc((size_t)1, og_store_run(&conf, OG_STORE_COUNT, put_new, NULL, &err), OG_OK,
           &err);
    row_rc((size_t)2, og_store_run(&conf, OG_STORE_READ, do_op, &op, &err), OG_OK, &err);
    assert_string_equal(op.got, "v");
    assert_int_equal(stat(in_dir("recipients.db"), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
}

static void
test_dump(void **state)
{
    struct og_err err = { "" };
    char command[200], out[2000] = "";
    FILE *pipe;
    size_t n;

    (void)state;
    assert_int_equal(one(OG_STORE_COUNT, 'p', "alice@example.org",
                         "kind=user note=two%20words", NULL, &err),
                     OG_OK);
    (void)snprintf(command, sizeof command, "db5.3_dump -p -h %s users.db 2>&1", dir);
    pipe = popen(command, "r");
    assert_non_null(pipe);
    n = fread(out, 1, sizeof out - 1, pipe);
    out[n] = '\0';
    assert_int_equal(pclose(pipe), 0);
    assert_non_null(
        strstr(out, "\n alice@example.org\n kind=user note=two%20words\nDATA=END"));
    expect("alice@example.org", "kind=user note=two%20words");
}

static int ready[2];

static enum og_rc
hold(struct og_txn *txn, void *arg, struct og_err *err)
{
    enum og_rc rc = og_txn_put(txn, "users.db", "held", "1", err);

    (void)arg;
    (void)!write(ready[1], "x", 1);
    (void)pause();
    return rc;
}

/* somebody inside who does not leave; then is killed with a change half done */
static void
test_busy(void **state)
{
    struct timespec from, to;
    struct og_err err = { "" };
    char c, pid_text[16];
    pid_t pid;
    long ms;

    (void)state;
    assert_int_equal(pipe(ready), 0);
    if ((pid = fork()) == 0)
        _exit(og_store_run(&conf, OG_STORE_COUNT, hold, NULL, &err) == OG_OK ? 0 : 1);
    assert_int_equal(read(ready[0], &c, 1), 1);
    conf.wait_ms = 200;
    (void)clock_gettime(CLOCK_MONOTONIC, &from);
    assert_int_equal(one(OG_STORE_COUNT, 'p', "a", "1", NULL, &err), OG_E_BUSY);
    (void)clock_gettime(CLOCK_MONOTONIC, &to);
    ms = (to.tv_sec - from.tv_sec) * 1000 + (to.tv_nsec - from.tv_nsec) / 1000000;
    assert_in_range(ms, 199, 4000);
    (void)snprintf(pid_text, sizeof pid_text, "%d", (int)pid);
    assert_non_null(strstr(err.text, pid_text));
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    conf.wait_ms = 0;
    row_rc((size_t)0, one(OG_STORE_COUNT, 'p', "a", "1", NULL, &err), OG_OK, &err);
    expect("held", NULL);
    (void)close(ready[0]);
    (void)close(ready[1]);
}

static sigjmp_buf crashed;
static void *no_page; /* mapped without rights */

static void
jump(int number)
{
    siglongjmp(crashed, number);
}

static enum og_rc
crash(struct og_txn *txn, void *arg, struct og_err *err)
{
    enum og_rc rc = og_txn_put(txn, "users.db", "crash", "1", err);

    if (arg != NULL)
        (void)raise(SIGSEGV);
    else
        *(volatile int *)no_page = 1;
    return rc;
}

/* Exim leaves a crashed local_scan by siglongjmp and goes on for hours */
static void
test_crash(void **state)
{
    struct sigaction act = { .sa_handler = jump }, old;
    struct og_err err = { "" };

    (void)state;
    no_page = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(no_page != MAP_FAILED);
    (void)sigaction(SIGSEGV, &act, &old);
    for (volatile int i = 0; i < 2; i++) {
        if (sigsetjmp(crashed, 1) == 0) {
            (void)!og_store_run(&conf, OG_STORE_COUNT, crash, i == 1 ? &conf : NULL,
                                &err);
            fail_msg("no crash");
        }
        if (geteuid() != 0 && getuid() == 0)
            assert_int_equal(seteuid(0) | setegid(0), 0); /* Exim never has root there */
        conf.wait_ms = 1000;
        row_rc((size_t)i, one(OG_STORE_COUNT, 'p', "after", "1", NULL, &err), OG_OK,
               &err);
        expect("crash", NULL);
    }
    (void)sigaction(SIGSEGV, &old, NULL);
    (void)munmap(no_page, 4096);
}

static enum og_rc
nest(struct og_txn *txn, void *arg, struct og_err *err)
{
    (void)txn;
    (void)arg;
    return og_store_run(&conf, OG_STORE_READ, who_am_i, NULL, err);
}

static int
without_descriptors(void)
{
    struct og_err err = { "" };

    (void)close(0);
    (void)close(1);
    (void)close(2);
    if (one(OG_STORE_COMMIT, 'p', "a", "1", NULL, &err) != OG_OK)
        return 2;
    return fcntl(0, F_GETFD) < 0 && fcntl(1, F_GETFD) < 0 && fcntl(2, F_GETFD) < 0 ? 0
                                                                                   : 3;
}

static void
test_odd_callers(void **state)
{
    struct og_err err = { "" };

    (void)state;
    assert_int_equal(og_store_run(&conf, OG_STORE_COUNT, nest, NULL, &err), OG_E_STATE);
    assert_int_equal(in_child(without_descriptors), 0);
    expect("a", "1");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_operations, setup_made, teardown),
        cmocka_unit_test_setup_teardown(test_rollback, setup_made, teardown),
        cmocka_unit_test_setup_teardown(test_retry, setup_made, teardown),
        cmocka_unit_test_setup_teardown(test_walk, setup_made, teardown),
        cmocka_unit_test_setup_teardown(test_ceilings, setup_made, teardown),
        cmocka_unit_test_setup_teardown(test_read_changes_nothing, setup_made, teardown),
        cmocka_unit_test_setup_teardown(test_create, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_store, setup, teardown),
        cmocka_unit_test_setup_teardown(test_damage, setup_made, teardown),
        cmocka_unit_test_setup_teardown(test_ids_and_signals, setup_made, teardown),
        cmocka_unit_test_setup_teardown(test_full_disk, setup, teardown),
        cmocka_unit_test_setup_teardown(test_read_only, setup_made, teardown),
        cmocka_unit_test_setup_teardown(test_new_database, setup_made, teardown),
        cmocka_unit_test_setup_teardown(test_dump, setup_made, teardown),
        cmocka_unit_test_setup_teardown(test_busy, setup_made, teardown),
        cmocka_unit_test_setup_teardown(test_crash, setup_made, teardown),
        cmocka_unit_test_setup_teardown(test_odd_callers, setup_made, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
