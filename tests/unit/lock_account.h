/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_TESTS_LOCK_ACCOUNT_H
#define OG_TESTS_LOCK_ACCOUNT_H

/* One user with two identities, and changes of their locks */

#include "tests/unit/lock_help.h"

static struct og_sender bob;
static struct og_account user, alice, carol;

/* every test has a user of its own */
static inline void
begin(const char *name, const char *settings)
{
    og_sender_free(&bob);
    bob = sender_of(OG_KIND_USER, name, settings);
    user = (struct og_account){ &bob, "" };
    alice = (struct og_account){ &bob, "header:alice" };
    carol = (struct og_account){ &bob, "header:c arol%" };
}

static inline struct og_lock
lock_now(const struct og_account *account, enum og_level level, int64_t now)
{
    struct og_lock lock;
    struct og_err err = { "" };

    must(og_lock_now(&state_of_test, account, level, "spam 5 in 10m", "why", NULL, now,
                     &lock, &err));
    return lock;
}

static inline struct og_lock
by_hand(const struct og_account *account, enum og_level level, int64_t now, enum og_rc rc)
{
    struct og_lock lock;
    struct og_err err = { "" };

    row_rc(0,
           og_lock_by_hand(&state_of_test, account, level, "asked", "root", now, &lock,
                           &err),
           rc, &err);
    return lock;
}

static inline enum og_rc
release(const struct og_account *account, enum og_level level, int64_t now)
{
    struct og_lock lock;
    struct og_err err = { "" };

    return og_lock_release(&state_of_test, account, level, "", "root", now, &lock, &err);
}

static inline int
lock_account_close(void **state)
{
    (void)state;
    og_sender_free(&bob);
    return state_dir_close();
}

#endif
