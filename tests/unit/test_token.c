/* SPDX-License-Identifier: BSD-2-Clause */
/* sealed texts, and the tokens that are made of them */
#include "tests/unit/state_dir.h"

#include "core/lib/seal.h"
#include "core/state/secret.h"
#include "core/state/token.h"

static const unsigned char secret[OG_SEAL_SECRET] = { 1, 2, 3 };
static const unsigned char other[OG_SEAL_SECRET] = { 1, 2, 4 };

enum { NOW = 1800000000 };

static void
test_seal_sizes(void **state)
{
    static const size_t rows[] = { 0, 1, 29, 30, 31, 62, 63, 500, OG_SEAL_MAX_PLAIN };
    char data[OG_SEAL_MAX_PLAIN + 1];
    size_t last = 0;

    (void)state;
    memset(data, 0xe4, sizeof data);
    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        struct og_buf text = OG_BUF_INIT(OG_SEAL_MAX_TEXT);
        struct og_buf plain = OG_BUF_INIT(OG_SEAL_MAX_PLAIN);
        struct og_err err = { "" };
        char *exact = exact_copy(data, rows[i]);
        char *sealed;

        row_rc(i, og_seal(secret, "x", exact, rows[i], &text, &err), OG_OK, &err);
        sealed = exact_copy(text.data, text.len);
        row_rc(i, og_unseal(secret, "x", sealed, text.len, &plain, &err), OG_OK, &err);
        assert_int_equal(plain.len, rows[i]);
        assert_memory_equal(og_buf_text(&plain), data, rows[i]);
        assert_int_equal(strspn(text.data,
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvw"
                                "xyz0123456789-_"),
                         text.len);
        assert_true(text.len >= last); /* 0 to 30 bytes look the same */
        assert_true(rows[i] > 30 || last == 0 || text.len == last);
        last = text.len;
        free(exact);
        free(sealed);
        og_buf_free(&text);
        og_buf_free(&plain);
    }
}

static void
test_seal_too_much(void **state)
{
    char data[OG_SEAL_MAX_PLAIN + 1] = "";
    struct og_buf text = OG_BUF_INIT(OG_SEAL_MAX_TEXT), small = OG_BUF_INIT(16);
    struct og_err err = { "" };

    (void)state;
    assert_int_equal(og_seal(secret, "x", data, sizeof data, &text, &err), OG_E_LIMIT);
    assert_int_equal(og_seal(secret, "x", data, 1, &small, &err), OG_E_LIMIT);
    assert_null(text.data);
    og_buf_free(&small);
}

static void
test_seal_is_never_the_same(void **state)
{
    struct og_buf a = OG_BUF_INIT(OG_SEAL_MAX_TEXT), b = OG_BUF_INIT(OG_SEAL_MAX_TEXT);
    struct og_err err = { "" };

    (void)state;
    assert_int_equal(og_seal(secret, "x", "bob", 3, &a, &err), OG_OK);
    assert_int_equal(og_seal(secret, "x", "bob", 3, &b, &err), OG_OK);
    assert_string_not_equal(a.data, b.data);
    og_buf_free(&a);
    og_buf_free(&b);
}

/* one that OpenSSL's AES-256-GCM and HMAC-SHA-256 have made: it is the same form */
static void
test_seal_by_openssl(void **state)
{
    static const char text[] =
        "stdywm51EAPqa3cMmOQ9rkjQRJa5hD9_c6nT2r9fK5nvyVlATM2aurP8cq-tk49i"
        "lHqNT58HilU3SSQ5qYQaE7Mq4vYhTOXIgXEd7shOjJdeyW1Ji5iVdDC_-av9WM5G";
    unsigned char key[OG_SEAL_SECRET];
    struct og_buf plain = OG_BUF_INIT(64);
    struct og_err err = { "" };

    (void)state;
    for (size_t i = 0; i < sizeof key; i++)
        key[i] = (unsigned char)(i * 7 + 1);
    row_rc(0, og_unseal(key, "token 1", text, strlen(text), &plain, &err), OG_OK, &err);
    assert_string_equal(plain.data, "t=2026-11-22T01:00:00Z u=bob@example.com");
    og_buf_free(&plain);
}

/* every byte counts, and every cut is noticed */
static void
test_seal_changed(void **state)
{
    struct og_buf text = OG_BUF_INIT(OG_SEAL_MAX_TEXT), plain = OG_BUF_INIT(64);
    struct og_err err = { "" };

    (void)state;
    assert_int_equal(og_seal(secret, "x", "bob", 3, &text, &err), OG_OK);
    assert_int_equal(og_unseal(other, "x", text.data, text.len, &plain, &err), OG_E_PERM);
    assert_int_equal(og_unseal(secret, "y", text.data, text.len, &plain, &err),
                     OG_E_PERM);
    for (size_t i = 0; i < text.len; i++) {
        char was = text.data[i];

        text.data[i] = was == 'A' ? 'B' : 'A';
        assert_int_not_equal(og_unseal(secret, "x", text.data, text.len, &plain, &err),
                             OG_OK);
        text.data[i] = '=';
        assert_int_equal(og_unseal(secret, "x", text.data, text.len, &plain, &err),
                         OG_E_SYNTAX);
        text.data[i] = was;
        assert_int_not_equal(og_unseal(secret, "x", text.data, i, &plain, &err), OG_OK);
    }
    assert_null(plain.data);
    assert_int_equal(og_unseal(secret, "x", text.data, text.len, &plain, &err), OG_OK);
    og_buf_free(&text);
    og_buf_free(&plain);
}

static void
test_token(void **state)
{
    char text[OG_TOKEN_TEXT], second[OG_TOKEN_TEXT], long_user[OG_NAME_TEXT];
    char long_identity[OG_TOKEN_IDENTITY + 1];
    struct og_token token, again;
    struct og_err err = { "" };

    (void)state;
    assert_int_equal(
        og_token_make(&state_of_test, "bob@example.com", "header:c 42%", NOW, text, &err),
        OG_OK);
    assert_null(strstr(text, "bob"));
    assert_int_equal(og_token_read(&state_of_test, text, NOW + 5, &token, &err), OG_OK);
    assert_string_equal(token.user, "bob@example.com");
    assert_string_equal(token.identity, "header:c 42%");
    assert_int_equal(token.made, NOW);
    assert_int_equal(
        og_token_make(&state_of_test, "bob@example.com", "", NOW, second, &err), OG_OK);
    assert_int_equal(og_token_read(&state_of_test, second, NOW, &again, &err), OG_OK);
    assert_string_equal(again.identity, "");
    assert_string_not_equal(token.message, again.message);

    memset(long_user, 'u', sizeof long_user - 1);
    long_user[sizeof long_user - 1] = '\0';
    memset(long_identity, '\n', sizeof long_identity - 1);
    long_identity[sizeof long_identity - 2] = '\0'; /* the longest there is, 3 for 1 */
    assert_int_equal(
        og_token_make(&state_of_test, long_user, long_identity, NOW, text, &err), OG_OK);
    assert_int_equal(og_token_read(&state_of_test, text, NOW, &token, &err), OG_OK);
    assert_string_equal(token.user, long_user);
    assert_string_equal(token.identity, "");
}

static void
test_token_times(void **state)
{
    static const struct {
        int64_t age;
        enum og_rc rc;
    } rows[] = {
        { 0, OG_OK },     { OG_TOKEN_LIFE, OG_OK }, { OG_TOKEN_LIFE + 1, OG_E_RANGE },
        { -3600, OG_OK }, { -3601, OG_E_RANGE },
    };
    struct og_token token;
    char text[OG_TOKEN_TEXT];
    struct og_err err = { "" };

    (void)state;
    assert_int_equal(og_token_make(&state_of_test, "a@b.c", "", NOW, text, &err), OG_OK);
    for (size_t i = 0; i < N_ELEMENTS(rows); i++)
        row_rc(i, og_token_read(&state_of_test, text, NOW + rows[i].age, &token, &err),
               rows[i].rc, &err);
}

static void
test_token_of_others(void **state)
{
    static const struct {
        const char *text;
        enum og_rc rc;
    } rows[] = {
        { "", OG_E_SYNTAX },
        { "bob@example.com", OG_E_SYNTAX },
        { "AAAA", OG_E_SYNTAX },
        { "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
          "AAAAAA"
          "AA",
          OG_E_PERM }, /* 64 bytes of zeros */
    };
    struct og_token token = { .user = "untouched" };
    struct og_err err = { "" };

    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(rows); i++)
        row_rc(i, og_token_read(&state_of_test, rows[i].text, NOW, &token, &err),
               rows[i].rc, &err);
    assert_string_equal(token.user, "untouched");
}

static void
test_secret_stays(void **state)
{
    unsigned char a[OG_SEAL_SECRET], b[OG_SEAL_SECRET], c[OG_SEAL_SECRET];
    struct og_err err = { "" };

    (void)state;
    assert_int_equal(og_secret_get(&state_of_test, "one", a, &err), OG_OK);
    assert_int_equal(og_secret_get(&state_of_test, "two", b, &err), OG_OK);
    assert_int_equal(og_secret_get(&state_of_test, "one", c, &err), OG_OK);
    assert_memory_equal(a, c, sizeof a);
    assert_memory_not_equal(a, b, sizeof a);
}

static enum og_rc
look_work(struct og_txn *txn, void *arg, struct og_err *err)
{
    (void)err;
    og_secret_look(txn, arg);
    return OG_OK;
}

/* what a run has looked up is known without another one: keys.db is not there meanwhile */
static void
test_secret_looked_up(void **state)
{
    unsigned char a[OG_SEAL_SECRET], b[OG_SEAL_SECRET];
    const struct og_store_conf *store = &state_of_test.store;
    char name[] = "one", none[] = "never-made", path[300], away[310];
    struct og_err err = { "" };

    (void)state;
    (void)snprintf(path, sizeof path, "%s/keys.db", store->directory);
    (void)snprintf(away, sizeof away, "%s.away", path);
    assert_int_equal(og_secret_get(&state_of_test, "one", a, &err), OG_OK);
    assert_int_equal(og_secret_get(&state_of_test, "two", b, &err), OG_OK);
    assert_int_equal(og_store_run(store, OG_STORE_READ, look_work, name, &err), OG_OK);
    assert_int_equal(og_store_run(store, OG_STORE_READ, look_work, none, &err), OG_OK);
    assert_int_equal(rename(path, away), 0);
    assert_int_equal(og_secret_get(&state_of_test, "one", b, &err), OG_OK);
    assert_int_equal(rename(away, path), 0);
    assert_memory_equal(a, b, sizeof a);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_seal_sizes),
        cmocka_unit_test(test_seal_too_much),
        cmocka_unit_test(test_seal_is_never_the_same),
        cmocka_unit_test(test_seal_by_openssl),
        cmocka_unit_test(test_seal_changed),
        cmocka_unit_test(test_token),
        cmocka_unit_test(test_token_times),
        cmocka_unit_test(test_token_of_others),
        cmocka_unit_test(test_secret_stays),
        cmocka_unit_test(test_secret_looked_up),
    };

    return cmocka_run_group_tests(tests, state_dir_set_up, state_dir_tear_down);
}
