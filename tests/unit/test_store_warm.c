/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/rows.h"

#include <db.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/lib/store.h"

/* What stays open between the runs of a process, and what happens around it */

enum {
    NOBODY = 65534,
    DEATHS = 5000,
    LOSSES = 16, /* as store.h says */
};

/* what is left open for good is no leak of ours */
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

static int
setup(void **state)
{
    struct og_err err = { "" };

    (void)state;
    (void)snprintf(top, sizeof top, "/tmp/og_warm.XXXXXX");
    if (mkdtemp(top) == NULL || chmod(top, 0755) != 0)
        return -1;
    (void)snprintf(dir, sizeof dir, "%s/state", top);
    conf = (struct og_store_conf){ .directory = dir, .uid = (uid_t)-1, .gid = (gid_t)-1 };
    if (geteuid() == 0)
        conf.uid = conf.gid = NOBODY;
    if (og_store_create(&conf, &err) == OG_OK)
        return 0;
    print_error("%s\n", err.text);
    return -1;
}

static int
teardown(void **state)
{
    struct og_err err = { "" };

    (void)state;
    (void)!og_store_close(&conf, &err);
    return nftw(top, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static const char *
in_dir(const char *name)
{
    static char path[160];

    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    return path;
}

/* a command of the shell in the store's parent */
static void
shell(const char *command)
{
    char line[400];

    (void)snprintf(line, sizeof line, "cd %s && %s", top, command);
    if (system(line) != 0)
        fail_msg("%s", line);
}

struct op {
    const char *db, *key, *value; /* value NULL: get */
    char got[64];
};

static enum og_rc
do_op(struct og_txn *txn, void *arg, struct og_err *err)
{
    struct op *op = arg;
    struct og_buf value = OG_BUF_INIT(10000);
    enum og_rc rc;

    if (op->value != NULL)
        return og_txn_put(txn, op->db, op->key, op->value, err);
    rc = og_txn_get(txn, op->db, op->key, &value, err);
    (void)snprintf(op->got, sizeof op->got, "%.63s", og_buf_text(&value));
    og_buf_free(&value);
    return rc;
}

static enum og_rc
put(enum og_store_mode mode, const char *db, const char *key, const char *value,
    struct og_err *err)
{
    struct op op = { db, key, value, "" };

    return og_store_run(&conf, mode, do_op, &op, err);
}

static enum og_rc
get(const char *db, const char *key, char got[64], struct og_err *err)
{
    struct op op = { db, key, NULL, "" };
    enum og_rc rc = og_store_run(&conf, OG_STORE_READ, do_op, &op, err);

    memcpy(got, op.got, sizeof op.got);
    return rc;
}

static void
has(const char *key, const char *value)
{
    struct og_err err = { "" };
    char got[64];

    row_rc((size_t)0, get("users.db", key, got, &err), OG_OK, &err);
    assert_string_equal(got, value);
}

static void
set(const char *key, const char *value)
{
    struct og_err err = { "" };

    row_rc((size_t)0, put(OG_STORE_COUNT, "users.db", key, value, &err), OG_OK, &err);
}

static void
silent(const char *path, enum og_rc rc, const char *text, void *arg)
{
    (void)arg;
    if (rc != OG_OK)
        print_error("%s: %s\n", path, text);
}

static void
sound(void)
{
    struct og_err err = { "" };

    row_rc((size_t)0, og_store_verify(&conf, silent, NULL, &err), OG_OK, &err);
}

/* the guard's words: the fourth tells each life of the environment from all others */
static void
generation(char out[17])
{
    char text[64] = "";
    int fd = open(in_dir("guard"), O_RDONLY);

    assert_true(fd >= 0 && read(fd, text, sizeof text - 1) > 0);
    (void)close(fd);
    assert_int_equal(sscanf(text, "%*s %*d %16[0-9a-f]", out), 1);
}

static int
descriptors(void)
{
    int count = 0;

    for (int fd = 0; fd < 1024; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
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

static int ready[2], go[2];

/* a child that runs body; it says that it is ready, and waits for us */
static pid_t
start(int (*body)(void))
{
    pid_t pid;
    char c;

    assert_int_equal(pipe2(ready, O_CLOEXEC) | pipe2(go, O_CLOEXEC), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        _exit(body());
    (void)(close(ready[1]) | close(go[0])); /* so that its death is noticed */
    if (read(ready[0], &c, 1) != 1)
        fail_msg("the child ended early");
    return pid;
}

static bool
wait_for_parent(void)
{
    char c;

    return write(ready[1], "x", 1) == 1 && read(go[0], &c, 1) == 1;
}

static int
finish(pid_t pid, bool by_kill)
{
    int status;

    if (by_kill)
        assert_int_equal(kill(pid, SIGKILL), 0);
    else
        assert_int_equal(write(go[1], "x", 1), 1);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    (void)(close(ready[0]) | close(go[1]));
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

/* nothing is opened in the second run of a process, nor by who was root before */
static int
stays_open(void)
{
    int before;

    has("a", "1");
    set("a", "1");
    before = descriptors();
    has("a", "1");
    set("a", "2");
    if (geteuid() == 0 && (setgid(NOBODY) != 0 || setuid(NOBODY) != 0))
        return 2;
    has("a", "2");
    set("a", "3");
    return descriptors() == before ? 0 : 3;
}

static void
test_stays_open(void **state)
{
    (void)state;
    set("a", "1");
    assert_int_equal(in_child(stays_open), 0);
    has("a", "3");
}

static enum og_rc
hold(struct og_txn *txn, void *arg, struct og_err *err)
{
    enum og_rc rc = og_txn_put(txn, "users.db", "half", "1", err);

    (void)arg;
    return rc == OG_OK && wait_for_parent() ? rc : OG_E_LIB;
}

static int
held(void)
{
    struct og_err err = { "" };

    return og_store_run(&conf, OG_STORE_COUNT, hold, NULL, &err) == OG_OK ? 0 : 1;
}

static int
change(void)
{
    struct og_err err = { "" };

    return put(OG_STORE_COUNT, "users.db", "a", "changed", &err) == OG_OK ? 0 : 1;
}

/* somebody dies inside, somebody else recovers and goes on: what we have open is of
 * an environment that is gone */
static void
test_recovered_by_another(void **state)
{
    struct og_err err = { "" };
    char before[17], after[17], got[64];

    (void)state;
    set("a", "1");
    has("a", "1");
    generation(before);
    assert_int_equal(finish(start(held), true), 1000 + SIGKILL);
    /* a last piece of the region may do for some */
    for (int i = 0; i < 200; i++) {
        assert_int_equal(in_child(change), 0);
        generation(after);
        if (strcmp(before, after) != 0)
            break;
    }
    assert_string_not_equal(before, after);
    has("a", "changed");
    set("b", "ours");
    assert_int_equal(get("users.db", "half", got, &err), OG_E_NOTFOUND);
    assert_int_equal(in_child(change), 0);
    has("b", "ours");
    generation(before);
    assert_string_equal(before, after); /* we did not do it again */
    sound();
}

static int
is_five(void)
{
    has("a", "5");
    return 0;
}

/* the tools of Berkeley DB know nothing of our guard */
static void
test_recovered_by_hand(void **state)
{
    struct og_err err = { "" };

    (void)state;
    row_rc((size_t)0, put(OG_STORE_COMMIT, "users.db", "a", "1", &err), OG_OK, &err);
    has("a", "1");
    shell("db5.3_recover -h state && chown --reference=state/users.db state/*");
    has("a", "1");
    set("a", "2");
    shell("rm state/__db.*");
    has("a", "2");
    set("a", "3");
    assert_int_equal(in_child(change), 0);
    has("a", "changed");
    row_rc((size_t)1, put(OG_STORE_COMMIT, "users.db", "a", "4", &err), OG_OK, &err);
    shell("db5.3_recover -e -h state && chown --reference=state/users.db state/*");
    set("a", "5"); /* not into memory that is no longer the environment's */
    assert_int_equal(in_child(is_five), 0);
    sound();
}

static int
count_in_child(void)
{
    int before = descriptors();

    has("a", "1");
    if (descriptors() <= before)
        return 2;
    for (int i = 0; i < 50; i++) {
        has("a", "1");
        set("child", "1");
    }
    return wait_for_parent() ? 0 : 1;
}

/* parent and child use what each opened itself, also while the other is there */
static void
test_fork(void **state)
{
    pid_t pid;

    (void)state;
    set("a", "1");
    has("a", "1");
    pid = start(count_in_child);
    for (int i = 0; i < 50; i++) {
        has("child", "1");
        set("parent", "1");
    }
    assert_int_equal(finish(pid, false), 0);
    has("parent", "1");
    has("child", "1");
    sound();
}

static enum og_rc
put_and_fail(struct og_txn *txn, void *arg, struct og_err *err)
{
    enum og_rc rc = og_txn_put(txn, "users.db", "a", "undone", err);

    (void)arg;
    if (rc == OG_OK)
        rc = og_txn_put(txn, "recipients.db", "a", "undone", err);
    return rc == OG_OK ? og_fail(err, OG_E_RANGE, "no") : rc;
}

static int
undone(void)
{
    struct og_err err = { "" };
    char got[64];

    for (int i = 0; i < 3; i++) {
        if (og_store_run(&conf, OG_STORE_COUNT, put_and_fail, NULL, &err) != OG_E_RANGE
            || get("recipients.db", "a", got, &err) != OG_E_NOTFOUND)
            return 2;
        has("a", "1");
    }
    if (put(OG_STORE_COUNT, "recipients.db", "a", "2", &err) != OG_OK
        || get("recipients.db", "a", got, &err) != OG_OK || strcmp(got, "2") != 0)
        return 3;
    set("a", "2");
    has("a", "2");
    return 0;
}

/* what a run opened is good for the next one, also when all it did was undone, and
 * also when it made the file */
static void
test_undone(void **state)
{
    (void)state;
    set("a", "1");
    assert_int_equal(in_child(undone), 0);
    has("a", "2");
    set("a", "1");
    shell("db5.3_checkpoint -1 -h state && rm state/recipients.db state/__db.* "
          "state/guard");
    assert_int_equal(in_child(undone), 0);
    has("a", "2");
    sound();
}

static int orphans[2];

static enum og_rc
die_inside(struct og_txn *txn, void *arg, struct og_err *err)
{
    (void)txn;
    (void)arg;
    (void)err;
    (void)raise(SIGKILL);
    return OG_E_LIB;
}

static int
leave_an_orphan(void)
{
    struct og_err err = { "" };
    char c;

    set("a", "2");
    if (fork() == 0) { /* has all descriptors of its parent */
        (void)!write(ready[1], "x", 1);
        _exit(read(orphans[0], &c, 1) == 1 ? 0 : 1);
    }
    (void)!og_store_run(&conf, OG_STORE_COUNT, die_inside, NULL, &err);
    return 1;
}

/* the locks of a parent that died inside do not live on in its child */
static void
test_orphan(void **state)
{
    pid_t pid;

    (void)state;
    set("a", "1");
    assert_int_equal(pipe2(orphans, O_CLOEXEC), 0);
    pid = start(leave_an_orphan);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    has("a", "2");
    set("a", "3");
    has("a", "3");
    assert_int_equal(write(orphans[1], "x", 1), 1);
    (void)(close(ready[0]) | close(go[1]) | close(orphans[0]) | close(orphans[1]));
}

static void
fingerprint(const char *where, char out[80])
{
    char line[200];
    FILE *pipe;

    (void)snprintf(line, sizeof line,
                   "cd %s/%s && { stat -c %%i,%%s,%%y *.db log.*; cat *.db log.*; } "
                   "| sha1sum",
                   top, where);
    pipe = popen(line, "r");
    assert_non_null(pipe);
    assert_non_null(fgets(out, 80, pipe));
    assert_int_equal(pclose(pipe), 0);
}

static int
read_first(void)
{
    has("a", "1");
    has("a", "1");
    return 0;
}

static void
test_first_read_changes_nothing(void **state)
{
    char before[80], after[80];

    (void)state;
    set("a", "1");
    fingerprint("state", before);
    assert_int_equal(in_child(read_first), 0);
    has("a", "1");
    fingerprint("state", after);
    assert_string_equal(before, after);
}

static void
test_other_directory(void **state)
{
    struct og_err err = { "" };
    char before[80], after[80], got[64];

    (void)state;
    set("a", "1");
    has("a", "1");
    shell("mv state away");
    assert_int_equal(get("users.db", "a", got, &err), OG_E_STATE);
    assert_non_null(strstr(err.text, "outgatectl init"));
    assert_int_equal(put(OG_STORE_COUNT, "users.db", "a", "2", &err), OG_E_STATE);
    shell("mv away state");
    has("a", "1");

    shell("cp -a state copy && mv state away && mv copy state");
    fingerprint("away", before);
    has("a", "1");
    set("a", "in the copy");
    has("a", "in the copy");
    fingerprint("away", after);
    assert_string_equal(before, after);
    shell("mv state copy && mv away state");
    has("a", "1");

    shell("mv state away");
    row_rc((size_t)0, og_store_create(&conf, &err), OG_OK, &err);
    assert_int_equal(get("users.db", "a", got, &err), OG_E_NOTFOUND);
    shell("rm -r state && mv away state");
    has("a", "1");
    sound();
}

/* each harm is told as to a new process, and is over when it is */
static void
test_other_file(void **state)
{
    static const struct {
        const char *harm, *repair;
        enum og_rc rc;
    } rows[] = {
        { "chmod 000 state/users.db", "chmod 600 state/users.db", OG_E_PERM },
        { "chmod 660 state/users.db", "chmod 600 state/users.db", OG_E_PERM },
        { "mv state/users.db kept; cp -p /bin/true state/users.db; "
          "chmod 600 state/users.db; chown --reference=kept state/users.db",
          "mv kept state/users.db", OG_E_STATE },
        { "mv state/users.db kept; mkdir state/users.db",
          "rmdir state/users.db; mv kept state/users.db", OG_E_STATE },
        { "mv state/users.db kept", "rm -f state/users.db; mv kept state/users.db",
          OG_E_STATE },
    };

    (void)state;
    set("a", "1");
    shell("db5.3_checkpoint -1 -h state");
    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        struct og_err err = { "" };
        char got[64];

        has("a", "1");
        shell(rows[i].harm);
        row_rc(i, get("users.db", "a", got, &err), rows[i].rc, &err);
        assert_non_null(strstr(err.text, in_dir("users.db")));
        if (i + 1 < N_ELEMENTS(rows)) { /* what is gone is made anew */
            row_rc(i, put(OG_STORE_COUNT, "users.db", "a", "2", &err), rows[i].rc, &err);
        }
        shell(rows[i].repair);
        has("a", "1");
        set("a", "1");
    }
    shell("cp -p state/users.db kept && mv kept state/users.db");
    has("a", "1");
    set("a", "2");
    shell("db5.3_checkpoint -1 -h state");
    has("a", "2");
    sound();
}

static const char *const used[] = { "users.db", "ledger.db", "auth.db" };

static enum og_rc
add_ones(struct og_txn *txn, void *arg, struct og_err *err)
{
    enum og_rc rc = OG_OK;

    (void)arg;
    for (size_t i = 0; i < N_ELEMENTS(used) && rc == OG_OK; i++) {
        struct og_buf value = OG_BUF_INIT(64);
        char text[32];

        rc = og_txn_get_for_update(txn, used[i], "n", &value, err);
        (void)snprintf(text, sizeof text, "%lu",
                       strtoul(og_buf_text(&value), NULL, 10) + 1);
        if (rc == OG_OK || rc == OG_E_NOTFOUND)
            rc = og_txn_put(txn, used[i], "n", text, err);
        og_buf_free(&value);
    }
    return rc;
}

/* how many databases the log has to name at a checkpoint */
static unsigned
open_in_log(void)
{
    DB_LOG_STAT *stat;
    DB_ENV *env;
    unsigned count;

    assert_int_equal(db_env_create(&env, 0), 0);
    assert_int_equal(env->open(env, dir, DB_INIT_TXN | DB_INIT_LOG | DB_INIT_MPOOL, 0600),
                     0);
    assert_int_equal(env->log_stat(env, &stat, 0), 0);
    count = stat->st_nfileid;
    free(stat);
    (void)env->close(env, 0);
    return count;
}

/* Exim's processes end by _exit: whatever they leave does not add up */
static void
test_death_while_idle(void **state)
{
    char before[17], after[17], want[16], got[64];
    struct og_err err = { "" };
    unsigned most = 0;

    (void)state;
    set("a", "1");
    generation(before);
    for (int i = 1; i <= DEATHS; i++) {
        int status;
        pid_t pid = fork();

        assert_true(pid >= 0);
        if (pid == 0) {
            if (get("users.db", "a", got, &err) == OG_OK
                && og_store_run(&conf, OG_STORE_COUNT, add_ones, NULL, &err) == OG_OK)
                (void)raise(SIGKILL);
            print_error("%s\n", err.text);
            _exit(1);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFSIGNALED(status));
        if (i % 100 == 0 && open_in_log() > most)
            most = open_in_log();
    }
    print_message("at most %u databases open in the log\n", most);
    generation(after);
    assert_string_equal(before, after); /* nothing was ever used up */
    assert_in_range(most, 1, DEATHS * N_ELEMENTS(used) / 4);
    (void)snprintf(want, sizeof want, "%d", DEATHS);
    for (size_t i = 0; i < N_ELEMENTS(used); i++) {
        row_rc(i, get(used[i], "n", got, &err), OG_OK, &err);
        row_text(i, got, want);
    }
    sound();
}

/* another program that opens and opens, until it cannot any more, and ends */
static int
use_up_the_log(void)
{
    DB_ENV *env;
    int ret = 0;

    if (geteuid() == 0 && (setgid(NOBODY) != 0 || setuid(NOBODY) != 0))
        return 2;
    if (db_env_create(&env, 0) != 0
        || env->open(env, dir, DB_INIT_TXN | DB_INIT_LOG | DB_INIT_MPOOL, 0600) != 0)
        return 3;
    env->set_errcall(env, NULL);
    env->set_errfile(env, NULL);
    for (int i = 0; i < 20000 && ret == 0; i++) {
        DB_TXN *txn;
        DB *db;

        if (env->txn_begin(env, NULL, &txn, 0) != 0 || db_create(&db, env, 0) != 0)
            return 4;
        ret = db->open(db, txn, "keys.db", NULL, DB_BTREE, 0, 0600);
        if (ret == 0)
            ret = txn->commit(txn, DB_TXN_NOSYNC);
        else
            (void)(db->close(db, 0) | txn->abort(txn));
    }
    return ret == ENOMEM ? 0 : 5;
}

static void
test_region_full(void **state)
{
    char before[17], after[17];

    (void)state;
    set("a", "1");
    has("a", "1");
    generation(before);
    assert_int_equal(in_child(use_up_the_log), 0);
    set("a", "2");
    has("a", "2");
    /* a last piece of the region may do for some */
    for (int i = 0; i < 200; i++) {
        assert_int_equal(in_child(change), 0);
        generation(after);
        if (strcmp(before, after) != 0)
            break;
    }
    assert_string_not_equal(before, after);
    has("a", "changed");
    sound();
}

static int
idle_then_commit(void)
{
    struct og_err err = { "" };

    set("idle", "before");
    if (!wait_for_parent())
        return 2;
    if (put(OG_STORE_COMMIT, "users.db", "idle", "after", &err) != OG_OK
        || put(OG_STORE_COMMIT, "keys.db", "idle", "new", &err) != OG_OK)
        return 3;
    (void)raise(SIGKILL);
    return 4;
}

/* while a process is idle, the log file that it wrote to is removed */
static void
test_log_moves_on(void **state)
{
    static char value[8000];
    struct og_err err = { "" };
    char key[16], got[64];
    struct stat st;
    pid_t pid;

    (void)state;
    pid = start(idle_then_commit);
    memset(value, 'v', sizeof value - 1);
    for (int i = 0; i < 2600; i++) {
        (void)snprintf(key, sizeof key, "key%d", i % 100);
        value[0] = (char)('a' + i % 26);
        row_rc((size_t)i, put(OG_STORE_COUNT, "ledger.db", key, value, &err), OG_OK,
               &err);
    }
    assert_int_equal(stat(in_dir("log.0000000001"), &st), -1);
    assert_int_equal(stat(in_dir("log.0000000010"), &st), -1);
    assert_int_equal(finish(pid, false), 1000 + SIGKILL);
    shell("printf dirty | dd of=state/guard conv=notrunc status=none; rm state/__db.*");
    has("idle", "after");
    row_rc((size_t)0, get("keys.db", "idle", got, &err), OG_OK, &err);
    assert_string_equal(got, "new");
    for (int i = 2500; i < 2600; i++) {
        (void)snprintf(key, sizeof key, "key%d", i % 100);
        row_rc((size_t)i, get("ledger.db", key, got, &err), OG_OK, &err);
        assert_int_equal(got[0], 'a' + i % 26);
    }
    sound();
}

/* whoever loses what he has open too often opens and closes each time */
static int
many_losses(void)
{
    int count = 0;

    for (int i = 0; i < LOSSES * 2; i++) {
        has("a", "1");
        set("a", "1");
        if (i == LOSSES + 2)
            count = descriptors();
        shell("printf dirty | dd of=state/guard conv=notrunc status=none");
        if (in_child(read_first) != 0)
            return 2;
    }
    has("a", "1");
    return descriptors() == count ? 0 : 3;
}

static void
test_many_losses(void **state)
{
    (void)state;
    set("a", "1");
    assert_int_equal(in_child(many_losses), 0);
    sound();
}

static long
private_kib(void)
{
    FILE *f = fopen("/proc/self/smaps_rollup", "r");
    char line[200];
    long kib, total = 0;

    while (f != NULL && fgets(line, sizeof line, f) != NULL)
        if (sscanf(line, "Private_%*[a-zA-Z]: %ld kB", &kib) == 1)
            total += kib;
    if (f != NULL)
        (void)fclose(f);
    return total;
}

static int
memory(void)
{
    struct og_err err = { "" };
    long before = private_kib(), after;
    char got[64];

    for (int i = 0; i < 200; i++)
        if (get("users.db", "a", got, &err) != OG_OK
            || og_store_run(&conf, OG_STORE_COUNT, add_ones, NULL, &err) != OG_OK)
            return 2;
    after = private_kib();
    print_message("%ld KiB before, %ld after\n", before, after);
    return before > 0 && after - before < 2048 ? 0 : 3;
}

static void
test_memory(void **state)
{
    (void)state;
#ifdef __SANITIZE_ADDRESS__
    skip();
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
    skip();
#endif
#endif
    set("a", "1");
    assert_int_equal(in_child(memory), 0);
}

static void
test_close(void **state)
{
    struct og_err err = { "" };
    int before;

    (void)state;
    row_rc((size_t)0, og_store_close(&conf, &err), OG_OK, &err);
    before = descriptors();
    set("a", "1");
    has("a", "1");
    row_rc((size_t)1, og_store_close(&conf, &err), OG_OK, &err);
    row_rc((size_t)2, og_store_close(&conf, &err), OG_OK, &err);
    assert_in_range(descriptors(), before, before + 1); /* our number as a member */
    has("a", "1");
}

static int
child_works(void)
{
    struct og_err err = { "" };
    char got[64];

    return put(OG_STORE_COUNT, "users.db", "child", "1", &err) == OG_OK
                   && get("users.db", "child", got, &err) == OG_OK
               ? 0
               : 1;
}

/* what a process does before it forks leaves nothing behind, and nothing open */
static void
test_before_forks(void **state)
{
    char below[160];

    (void)state;
    (void)snprintf(below, sizeof below, "%s/empty", top);
    assert_false(og_store_warm(below)); /* not there */
    assert_int_equal(mkdir(below, 0700), 0);
    assert_true(og_store_warm(below));
    assert_int_equal(rmdir(below), 0); /* empty */
    assert_int_equal(in_child(child_works), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_stays_open, setup, teardown),
        cmocka_unit_test_setup_teardown(test_recovered_by_another, setup, teardown),
        cmocka_unit_test_setup_teardown(test_recovered_by_hand, setup, teardown),
        cmocka_unit_test_setup_teardown(test_fork, setup, teardown),
        cmocka_unit_test_setup_teardown(test_undone, setup, teardown),
        cmocka_unit_test_setup_teardown(test_orphan, setup, teardown),
        cmocka_unit_test_setup_teardown(test_first_read_changes_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(test_other_directory, setup, teardown),
        cmocka_unit_test_setup_teardown(test_other_file, setup, teardown),
        cmocka_unit_test_setup_teardown(test_death_while_idle, setup, teardown),
        cmocka_unit_test_setup_teardown(test_region_full, setup, teardown),
        cmocka_unit_test_setup_teardown(test_log_moves_on, setup, teardown),
        cmocka_unit_test_setup_teardown(test_many_losses, setup, teardown),
        cmocka_unit_test_setup_teardown(test_memory, setup, teardown),
        cmocka_unit_test_setup_teardown(test_close, setup, teardown),
        cmocka_unit_test_setup_teardown(test_before_forks, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
