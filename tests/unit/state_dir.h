/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_TESTS_STATE_DIR_H
#define OG_TESTS_STATE_DIR_H

/* A private Outgate for a test: a directory with outgate.conf, state and events.log.
 * Root lets Debian-exim own it where that account exists, so that the change of rights
 * is tried as well. */

#include "tests/unit/rows.h"

#include <ftw.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/state/state.h"

static char state_dir[] = "/tmp/og-state-XXXXXX";
static struct og_state state_of_test = OG_STATE_INIT;

static inline const struct passwd *
state_dir_owner(void)
{
    const struct passwd *exim = geteuid() == 0 ? getpwnam("Debian-exim") : NULL;

    return exim != NULL ? exim : getpwuid(geteuid());
}

/* more are further lines of outgate.conf */
static inline void
state_dir_open(const char *more)
{
    const struct passwd *owner;
    struct og_err err = { "" };
    char path[200];
    FILE *conf;

    assert_non_null(mkdtemp(state_dir));
    owner = state_dir_owner();
    assert_non_null(owner);
    assert_int_equal(chown(state_dir, owner->pw_uid, owner->pw_gid), 0);
    (void)snprintf(path, sizeof path, "%s/outgate.conf", state_dir);
    conf = fopen(path, "w");
    assert_non_null(conf);
    assert_true(fprintf(conf,
                        "user = %s\nstate_directory = %s/state\n"
                        "events_log = %s/events.log\nstate_timeout = 20s\n"
                        "primary_hostname = host.example\n%s",
                        owner->pw_name, state_dir, state_dir, more)
                > 0);
    assert_int_equal(fclose(conf), 0);
    assert_int_equal(chmod(path, 0644), 0);
    if (og_state_open(path, &state_of_test, &err) != OG_OK
        || og_store_create(&state_of_test.store, false, &err) != OG_OK)
        fail_msg("%s", err.text);
}

static inline int
state_dir_remove_one(const char *path, const struct stat *st, int type, struct FTW *walk)
{
    (void)st;
    (void)type;
    (void)walk;
    return remove(path);
}

static inline int
state_dir_close(void)
{
    og_state_free(&state_of_test);
    return nftw(state_dir, state_dir_remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* for cmocka_run_group_tests() */
static inline int
state_dir_set_up(void **state)
{
    (void)state;
    state_dir_open("");
    return 0;
}

static inline int
state_dir_tear_down(void **state)
{
    (void)state;
    return state_dir_close();
}

#endif
