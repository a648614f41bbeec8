/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/state_dir.h"

#include "core/state/keys.h"

#define L63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static enum og_rc
add(const char *domain, const char *selector, enum og_key_kind kind, const char *pem,
    struct og_err *err)
{
    struct og_signing_key key = OG_SIGNING_KEY_INIT;
    enum og_rc rc;

    key.kind = kind;
    key.bits = kind == OG_KEY_RSA ? 2048 : 256;
    (void)snprintf(key.domain, sizeof key.domain, "%s", domain);
    (void)snprintf(key.selector, sizeof key.selector, "%s", selector);
    assert_int_equal(og_buf_add_text(&key.pem, pem, err), OG_OK);
    rc = og_keys_add(&state_of_test, &key, err);
    og_signing_key_free(&key);
    return rc;
}

static const struct {
    const char *domain, *selector;
    enum og_rc rc;
} adds[] = {
    { "add.example", "s1", OG_OK },
    { "add.example", "s1", OG_E_EXISTS },
    { "Add.EXAMPLE", "S1", OG_E_EXISTS },
    { "add.example", "s1-ed25519", OG_OK },
    { "sub.add.example", "s1", OG_OK },
    { "add.example", L63, OG_OK },
    { "add.example", L63 "a", OG_E_SYNTAX },
    { "add.example", "a.b", OG_OK },
    { "add.example", "", OG_E_SYNTAX },
    { "add.example", "a:b", OG_E_SYNTAX },
    { "add.example", "a.", OG_E_SYNTAX },
    { "", "s1", OG_E_SYNTAX },
    { "a b", "s1", OG_E_SYNTAX },
    { "b\xc3\xbc.example", "s1", OG_E_SYNTAX },
};

static void
test_add(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(adds); i++) {
        struct og_err err = { "" };

        row_rc(i, add(adds[i].domain, adds[i].selector, OG_KEY_RSA, "pem\n", &err),
               adds[i].rc, &err);
        if (adds[i].rc != OG_OK)
            assert_string_not_equal(err.text, "");
    }
}

/* keys that stand there, the ones that sign as `selector/kind` */
static const struct {
    const char *rsa, *ed; /* selectors; NULL: no such key */
    const char *selector, *signing;
} signings[] = {
    { NULL, NULL, "s", "" },
    { "s", NULL, "s", "s/rsa" },
    { "s", NULL, "S", "s/rsa" },
    { "s", NULL, "t", "" },
    { "s", "s-ed25519", "s", "s/rsa s-ed25519/ed25519" },
    { NULL, "s-ed25519", "s", "s-ed25519/ed25519" },
    { NULL, "s", "s", "s/ed25519" },
    { "s", "s-ed25519", "s-ed25519", "s-ed25519/ed25519" },
    { "s-x", "s", "s", "s/ed25519" },
};

static void
test_signing(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(signings); i++) {
        struct og_signing_key keys[OG_KEYS_SIGNING];
        struct og_buf got = OG_BUF_INIT(200);
        struct og_err err = { "" };
        size_t count = 99;

        if (signings[i].rsa != NULL)
            row_rc(i, add("sign.example", signings[i].rsa, OG_KEY_RSA, "p1", &err), OG_OK,
                   &err);
        if (signings[i].ed != NULL)
            row_rc(i, add("sign.example", signings[i].ed, OG_KEY_ED25519, "p2\n", &err),
                   OG_OK, &err);
        row_rc(i,
               og_keys_signing(&state_of_test, "Sign.example", signings[i].selector, keys,
                               &count, &err),
               OG_OK, &err);
        for (size_t k = 0; k < count; k++) {
            row_rc(i,
                   og_buf_printf(&got, &err, "%s%s/%s", k > 0 ? " " : "",
                                 keys[k].selector, og_key_kind_text(keys[k].kind)),
                   OG_OK, &err);
            assert_string_equal(keys[k].domain, "sign.example");
            assert_string_equal(keys[k].pem.data,
                                keys[k].kind == OG_KEY_RSA ? "p1" : "p2\n");
            assert_int_equal(keys[k].bits, keys[k].kind == OG_KEY_RSA ? 2048 : 256);
            assert_int_equal(strlen(keys[k].created), 20);
            og_signing_key_free(&keys[k]);
        }
        row_text(i, og_buf_text(&got), signings[i].signing);
        og_buf_free(&got);
        if (signings[i].rsa != NULL)
            row_rc(i,
                   og_keys_delete(&state_of_test, "sign.example", signings[i].rsa, &err),
                   OG_OK, &err);
        if (signings[i].ed != NULL)
            row_rc(i,
                   og_keys_delete(&state_of_test, "SIGN.example", signings[i].ed, &err),
                   OG_OK, &err);
    }
}

struct seen {
    struct og_buf text;
    size_t count, stop_at;
};

static enum og_rc
see(const struct og_signing_key *key, void *arg, struct og_err *err)
{
    struct seen *seen = arg;
    struct og_signing_key keys[OG_KEYS_SIGNING];
    size_t count = 0;

    /* a visit may use the state */
    assert_int_equal(
        og_keys_signing(&state_of_test, "none.example", "s", keys, &count, err), OG_OK);
    if (++seen->count == seen->stop_at)
        return og_fail(err, OG_E_EXISTS, "enough");
    return og_buf_printf(&seen->text, err, "%s %s;", key->domain, key->selector);
}

static void
check_walk(const char *domain, const char *want)
{
    struct seen seen = { OG_BUF_INIT(10000), 0, 0 };
    struct og_err err = { "" };

    row_rc(0, og_keys_walk(&state_of_test, domain, see, &seen, &err), OG_OK, &err);
    row_text(0, og_buf_text(&seen.text), want);
    og_buf_free(&seen.text);
}

static void
test_walk(void **state)
{
    struct seen seen = { OG_BUF_INIT(10000), 0, 2 };
    struct og_err err = { "" };

    (void)state;
    assert_int_equal(add("walk.example", "b", OG_KEY_RSA, "p", &err), OG_OK);
    assert_int_equal(add("walk.example", "a", OG_KEY_RSA, "p", &err), OG_OK);
    assert_int_equal(add("walk.example.net", "c", OG_KEY_RSA, "p", &err), OG_OK);
    check_walk("walk.example", "walk.example a;walk.example b;");
    check_walk("Walk.Example", "walk.example a;walk.example b;");
    check_walk("walk.exampl", "");
    check_walk("none.example", "");
    row_rc(1, og_keys_walk(&state_of_test, "", see, &seen, &err), OG_E_EXISTS, &err);
    assert_int_equal(seen.count, 2);
    og_buf_reset(&seen.text);
    seen.stop_at = seen.count = 0;
    row_rc(2, og_keys_walk(&state_of_test, "", see, &seen, &err), OG_OK, &err);
    assert_non_null(strstr(seen.text.data, "walk.example.net c;"));
    assert_non_null(strstr(seen.text.data, "add.example s1;"));
    og_buf_free(&seen.text);
    row_rc(3, og_keys_delete(&state_of_test, "walk.example", "c", &err), OG_E_NOTFOUND,
           &err);
    assert_non_null(strstr(err.text, "walk.example has no key with selector c"));
}

static enum og_rc
raw_work(struct og_txn *txn, void *arg, struct og_err *err)
{
    return og_txn_put(txn, "keys.db", "dkim:bad.example:s", arg, err);
}

static const char *const garbage[] = {
    "",
    "garbage",
    "kind=rsa",
    "kind=dsa bits=1 created=x pem=y",
    "kind=rsa created=x pem=y",
    "kind=rsa bits=1 pem=y",
    "kind=rsa bits=1 created=x",
    "kind=rsa bits=1 created=012345678901234567890123456789012 pem=y",
    "kind=rsa bits=1 created=x pem=y pem=z",
};

static void
test_garbage(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(garbage); i++) {
        struct og_signing_key keys[OG_KEYS_SIGNING];
        struct seen seen = { OG_BUF_INIT(10000), 0, 0 };
        struct og_err err = { "" };
        size_t count = 99;
        char raw[100];

        (void)snprintf(raw, sizeof raw, "%s", garbage[i]);
        row_rc(i,
               og_store_run(&state_of_test.store, OG_STORE_COMMIT, raw_work, raw, &err),
               OG_OK, &err);
        row_rc(i, og_keys_signing(&state_of_test, "bad.example", "s", keys, &count, &err),
               OG_E_STATE, &err);
        assert_int_equal(count, 99);
        assert_non_null(strstr(err.text, "bad.example"));
        row_rc(i, og_keys_walk(&state_of_test, "bad.example", see, &seen, &err),
               OG_E_STATE, &err);
        assert_int_equal(seen.count, 0);
    }
}

/* a PEM at the ceiling comes back, one above cannot even be given */
static void
test_ceiling(void **state)
{
    struct og_signing_key keys[OG_KEYS_SIGNING];
    struct og_err err = { "" };
    size_t count = 0;
    char *pem = malloc(OG_KEY_MAX_PEM + 1);

    (void)state;
    assert_non_null(pem);
    memset(pem, '\n', OG_KEY_MAX_PEM); /* three bytes each in the record */
    pem[OG_KEY_MAX_PEM] = '\0';
    row_rc(0, add("large.example", "s", OG_KEY_RSA, pem, &err), OG_OK, &err);
    row_rc(1, og_keys_signing(&state_of_test, "large.example", "s", keys, &count, &err),
           OG_OK, &err);
    assert_int_equal(count, 1);
    assert_string_equal(keys[0].pem.data, pem);
    og_signing_key_free(&keys[0]);
    og_signing_key_free(&keys[0]);
    free(pem);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_add),     cmocka_unit_test(test_signing),
        cmocka_unit_test(test_walk),    cmocka_unit_test(test_garbage),
        cmocka_unit_test(test_ceiling),
    };

    return cmocka_run_group_tests(tests, state_dir_set_up, state_dir_tear_down);
}
