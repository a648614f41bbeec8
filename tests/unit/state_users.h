/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_TESTS_STATE_USERS_H
#define OG_TESTS_STATE_USERS_H

/* users of the private Outgate of state_dir.h */

#include "tests/unit/state_dir.h"

#include "core/state/users.h"

static inline struct og_name
name_of(enum og_user_kind kind, const char *text)
{
    struct og_name name;
    struct og_err err = { "" };

    if (og_name_parse(kind, text, "host.example", &name, &err) != OG_OK)
        fail_msg("%s", err.text);
    return name;
}

/* record is its text form */
static inline enum og_rc
add(enum og_user_kind kind, const char *text, const char *record, struct og_err *err)
{
    struct og_user user = { name_of(kind, text), OG_RECORD_INIT };
    enum og_rc rc = og_record_parse(record, strlen(record), &user.record, err);

    assert_int_equal(rc, OG_OK);
    rc = og_users_add(&state_of_test, &user, err);
    og_user_free(&user);
    return rc;
}

static inline void
must_add(enum og_user_kind kind, const char *text, const char *record)
{
    struct og_err err = { "" };

    if (add(kind, text, record, &err) != OG_OK)
        fail_msg("%s: %s", text, err.text);
}

static inline void
must_delete(enum og_user_kind kind, const char *text)
{
    struct og_name name = name_of(kind, text);
    struct og_err err = { "" };

    if (og_users_delete(&state_of_test, &name, NULL, &err) != OG_OK)
        fail_msg("%s: %s", text, err.text);
}

#endif
