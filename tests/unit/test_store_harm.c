/* SPDX-License-Identifier: BSD-2-Clause */
/* What happens to a store's files behind its back is told, and over when it is */
#include "tests/unit/store_dir.h"

#include <sched.h>
#include <sys/mount.h>

#include "tests/unit/child.h"

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
        char seen[1000] = "", got[64];
        enum og_rc rc = OG_OK;

        if (i > 0) {
            void *none = NULL;

            assert_int_equal(store_tear_down(&none), 0);
            assert_int_equal(store_set_up(&none), 0);
        }
        assert_int_equal(
            og_store_run(&store_conf, OG_STORE_COMMIT, fill_pages, NULL, &err), OG_OK);
        row_rc(i, og_store_verify(&store_conf, note, seen, &err), OG_OK, &err);
        assert_ptr_equal(strstr(seen, "users.db=ok;"), seen);
        assert_null(strchr(seen, '!'));
        store_settle();
        if (damage[i].cut >= 0)
            assert_int_equal(truncate(store_file("users.db"), damage[i].cut), 0);
        else
            store_spoil("users.db", damage[i].at, junk, i == 2 ? 50 : sizeof junk);
        seen[0] = '\0';
        rc = og_store_verify(&store_conf, note, seen, &err);
        row_rc(i, rc, OG_E_STATE, &err);
        assert_ptr_equal(strstr(seen, "users.db=state not usable!;"), seen);
        assert_null(strchr(strchr(seen, ';'), '!'));
        if (strcmp(damage[i].key, "all") != 0) {
            rc = store_get("users.db", damage[i].key, got, &err);
            row_rc(i, rc, OG_E_STATE, &err);
            assert_non_null(strstr(err.text, "users.db"));
            rc = store_put(OG_STORE_COUNT, "users.db", damage[i].key, "1", &err);
            row_rc(i, rc, OG_E_STATE, &err);
        }
    }
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
        || mkdir(store_dir, 0700) != 0
        || mount("none", store_dir, "tmpfs", 0, "size=5m,mode=0700,uid=65534,gid=65534")
               != 0)
        return 2;
    if (og_store_create(&store_conf, false, &err) != OG_OK) {
        print_message("%s\n", err.text);
        return 3;
    }
    if (store_put(OG_STORE_COMMIT, "users.db", "first", "kept", &err) != OG_OK)
        return 4;
    memset(value, 'v', sizeof value - 1);
    for (; done < 1000 && rc == OG_OK; done += rc == OG_OK) {
        (void)snprintf(key, sizeof key, "key%d", done);
        rc = store_put(done % 2 ? OG_STORE_COUNT : OG_STORE_COMMIT, "users.db", key,
                       value, &err);
    }
    print_message("full after %d: %s\n", done, err.text);
    if (rc != OG_E_IO || strstr(err.text, "no space left") == NULL
        || strstr(err.text, "make room") == NULL)
        return 5;
    for (int i = 0; i < 20; i++) { /* and again, also with a recovery: never a crash */
        if (i % 4 == 3)
            store_soil();
        if ((rc = store_put(OG_STORE_COUNT, "users.db", "full", value, &err)) != OG_E_IO
            && rc != OG_OK)
            return 6;
    }
    if (mount("none", store_dir, NULL, MS_REMOUNT, "size=12m") != 0)
        return 7;
    if ((rc = store_get("users.db", "first", got, &err)) != OG_OK
        || strcmp(got, "kept") != 0) {
        print_message("after: %s\n", err.text);
        return 8;
    }
    for (int i = 0; i < done; i++) {
        (void)snprintf(key, sizeof key, "key%d", i);
        if (store_get("users.db", key, got, &err) != OG_OK || got[0] != 'v')
            return 9;
    }
    return store_put(OG_STORE_COMMIT, "users.db", "last", "1", &err) == OG_OK ? 0 : 10;
}

static int
on_read_only(void)
{
    struct og_err err = { "" };
    char got[64];

    if (unshare(CLONE_NEWNS) != 0
        || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0
        || mount(store_dir, store_dir, NULL, MS_BIND, NULL) != 0
        || mount("none", store_dir, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) != 0)
        return 2;
    if (store_get("users.db", "a", got, &err) != OG_E_IO)
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
    assert_int_equal(rmdir(store_dir), 0);
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
    store_has("a", NULL);
}

static void
test_other_directory(void **state)
{
    struct og_err err = { "" };
    char away[96], got[64];
    uint64_t before;

    (void)state;
    store_set("a", "1");
    store_has("a", "1");
    store_shell("mv state away");
    assert_int_equal(store_get("users.db", "a", got, &err), OG_E_STATE);
    assert_non_null(strstr(err.text, "outgatectl init"));
    assert_int_equal(store_put(OG_STORE_COUNT, "users.db", "a", "2", &err), OG_E_STATE);
    store_shell("mv away state");
    store_has("a", "1");

    store_shell("cp -a state copy && mv state away && mv copy state");
    (void)snprintf(away, sizeof away, "%s/away", store_top);
    before = store_fingerprint(away);
    store_has("a", "1");
    store_set("a", "in the copy");
    store_has("a", "in the copy");
    assert_true(store_fingerprint(away) == before);
    store_shell("mv state copy && mv away state");
    store_has("a", "1");

    store_shell("mv state away");
    row_rc((size_t)0, og_store_create(&store_conf, false, &err), OG_OK, &err);
    assert_int_equal(store_get("users.db", "a", got, &err), OG_E_NOTFOUND);
    store_shell("rm -r state && mv away state");
    store_has("a", "1");
    store_sound();
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
    struct og_err err = { "" };
    char got[64];

    (void)state;
    store_set("a", "1");
    store_shell("db5.3_checkpoint -1 -h state");
    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        store_has("a", "1");
        store_shell(rows[i].harm);
        row_rc(i, store_get("users.db", "a", got, &err), rows[i].rc, &err);
        assert_non_null(strstr(err.text, store_file("users.db")));
        row_rc(i, store_put(OG_STORE_COUNT, "users.db", "a", "2", &err), rows[i].rc,
               &err);
        if (rows[i].rc == OG_E_STATE)
            row_rc(i, og_store_create(&store_conf, false, &err), OG_E_STATE, &err);
        store_shell(rows[i].repair);
        store_has("a", "1");
        store_set("a", "1");
    }
    store_shell("mv state/users.db kept");
    row_rc((size_t)0, og_store_create(&store_conf, true, &err), OG_OK, &err);
    row_rc((size_t)0, store_get("users.db", "a", got, &err), OG_E_NOTFOUND, &err);
    store_shell("mv kept state/users.db");
    store_has("a", "1");
    store_shell("cp -p state/users.db kept && mv kept state/users.db");
    store_has("a", "1");
    store_set("a", "2");
    store_shell("db5.3_checkpoint -1 -h state");
    store_has("a", "2");
    store_sound();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_damage, store_set_up, store_tear_down),
        cmocka_unit_test_setup_teardown(test_full_disk, store_set_up_empty,
                                        store_tear_down),
        cmocka_unit_test_setup_teardown(test_read_only, store_set_up, store_tear_down),
        cmocka_unit_test_setup_teardown(test_other_directory, store_set_up,
                                        store_tear_down),
        cmocka_unit_test_setup_teardown(test_other_file, store_set_up, store_tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
