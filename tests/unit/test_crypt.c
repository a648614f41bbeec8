/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/rows.h"

#include <time.h>

#include "core/lib/crypt.h"

/* from the specifications, the libraries' own tests and the manual of PHP */
static const struct {
    const char *password;
    const char *hash;
} known[] = {
    { "Hello world!",
      "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdc"
      "bYEdFCoEOfaS35inz1" },
    { "Hello world!", "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5" },
    { "U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW" },
    { "correct horse", "$2b$05$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2" },
    { "correct horse", "$2y$05$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2" },
    { "pleaseletmein",
      "$y$jD5.7$LdJMENpBABJJ3hIHjB1Bi.$HboGM6qPrsK.StKYGt6KErmUYtioHreJd98oIugoNB6" },
    { "correct horse",
      "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$zwtVrjrUCmXcyLTs6oxLTQlzifSUkF8RHJ./tK5KU79" },
    { "correct horse",
      "$gy$j9T$F5Jx5fExrKuPp53xLKQ..1$fjSOzYe3VPU6Q.dJqx4tYW6CE1ptRyuKNHZ4IlHBYq1" },
    { "pleaseletmein",
      "$7$C6..../....SodiumChloride$kBGj9fHznVYFQMEn/qDCfrDevf9YDtcDdKvEqHJLV8D" },
    { "rasmuslerdorf", "$1$rasmusle$rISCgZzpwk3UhDidwXvin0" },
    { "rasmuslerdorf", "rl.3StKT.4T8M" },
    { "rasmuslerdorf", "_J9..rasmBYk8r9AiWNc" },
    { "correct horse", "$sha1$20$saltsalt$ACNcqQkE8szyXuLOWkz6Tv9VVWSC" },
    { "correct horse", "$md5,rounds=10$salt$$fgI1aY42v7/UsAhSoHw/C1" },
    { "correct horse", "$3$$cfc43211ba8dc470832267827cac1407" },
};

/* never a match, always OG_E_SYNTAX */
static const char *const broken[] = {
    "",
    "*",
    "*0",
    "*1",
    "!",
    "x",
    "secret",
    "hunter2",
    "rl",
    "rl.3StKT.4T8", /* cut */
    "rl.3StKT.4T8MM",
    "rl.3StKT.4T8\xe4",
    "$",
    "$6$",
    "$y$",
    "$z$salt$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl",
    "{SSHA}DkMTwBl+a/3DQTxCYEApdUtNXGgdUac3",
    "$1$rasmusle$",
    "$1$rasmusle$rISCgZzpwk3UhDidwXvin",   /* cut */
    "$1$rasmusle$rISCgZzpwk3UhDidwXvin0:", /* the next field of a passwd line */
    "$2b$05$abcdefghijklmnopqrstuu",
    "$2b$05$",
    "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$",
    "$y$jzzzz$F5Jx5fExrKuPp53xLKQ..1$zwtVrjrUCmXcyLTs6oxLTQlzifSUkF8RHJ./tK5KU79",
    "!$1$rasmusle$rISCgZzpwk3UhDidwXvin0", /* locked by usermod */
};

static void
test_known(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(known); i++) {
        struct og_err err = { "" };
        size_t len = strlen(known[i].password);
        char *exact = exact_copy(known[i].password, len);
        bool match = false;

        assert_true(og_crypt_scheme_ok(known[i].hash));
        row_rc(i, og_crypt_verify(exact, len, known[i].hash, &match, &err), OG_OK, &err);
        if (!match)
            fail_msg("row %zu: no match", i);
        exact[0] ^= 1;
        row_rc(i, og_crypt_verify(exact, len, known[i].hash, &match, &err), OG_OK, &err);
        if (match)
            fail_msg("row %zu: a wrong password matches", i);
        match = true;
        row_rc(i, og_crypt_verify("", 0, known[i].hash, &match, &err), OG_OK, &err);
        assert_false(match);
        free(exact);
    }
}

static void
test_broken(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(broken); i++) {
        struct og_err err = { "" };
        bool match = false;

        row_rc(i, og_crypt_verify("rasmuslerdorf", 13, broken[i], &match, &err),
               OG_E_SYNTAX, &err);
        assert_false(match);
        assert_string_not_equal(err.text, "");
    }
}

/* the hash of the empty password, made elsewhere, lets nobody in */
static void
test_empty(void **state)
{
    static const char hash[] = "$1$saltsalt$5Jhcit4zN9UlGiA0txPkO0";
    struct og_buf out = OG_BUF_INIT(100);
    struct og_err err = { "" };
    bool match = true;

    (void)state;
    assert_int_equal(og_crypt_verify("", 0, hash, &match, &err), OG_OK);
    assert_false(match);
    assert_int_equal(og_crypt_hash("", 0, &out, &err), OG_E_SYNTAX);
    assert_int_equal(og_crypt_hash("a\0b", 3, &out, &err), OG_E_SYNTAX);
    assert_int_equal(og_crypt_verify("a\0b", 3, hash, &match, &err), OG_E_SYNTAX);
    assert_null(out.data);
}

static void
test_ceiling(void **state)
{
    struct og_buf out = OG_BUF_INIT(100);
    struct og_buf small = OG_BUF_INIT(72); /* a yescrypt hash has 73 */
    struct og_err err = { "" };
    char hash[OG_CRYPT_MAX_HASH + 2];
    char *password = malloc(OG_CRYPT_MAX_PASSWORD + 1);
    bool match = false;

    (void)state;
    assert_non_null(password);
    memset(password, 'p', OG_CRYPT_MAX_PASSWORD + 1);
    assert_int_equal(og_crypt_hash(password, OG_CRYPT_MAX_PASSWORD, &out, &err), OG_OK);
    assert_int_equal(
        og_crypt_verify(password, OG_CRYPT_MAX_PASSWORD, out.data, &match, &err), OG_OK);
    assert_true(match);
    assert_int_equal(
        og_crypt_verify(password, OG_CRYPT_MAX_PASSWORD - 1, out.data, &match, &err),
        OG_OK);
    assert_false(match);
    assert_int_equal(
        og_crypt_verify(password, OG_CRYPT_MAX_PASSWORD + 1, out.data, &match, &err),
        OG_E_LIMIT);
    assert_int_equal(og_crypt_hash(password, OG_CRYPT_MAX_PASSWORD + 1, &out, &err),
                     OG_E_LIMIT);
    assert_int_equal(og_crypt_hash(password, 8, &small, &err), OG_E_LIMIT);
    assert_null(small.data);

    memset(hash, 'a', sizeof hash);
    hash[sizeof hash - 1] = '\0';
    assert_false(og_crypt_scheme_ok(hash));
    free(password);
    og_buf_free(&out);
}

/* bytes above 0x7f and fresh salts */
static void
test_hash(void **state)
{
    static const char password[] = "p\xc3\xa4ss \x01\xff";
    struct og_buf one = OG_BUF_INIT(100), two = OG_BUF_INIT(100);
    struct og_err err = { "" };
    bool match = false;

    (void)state;
    assert_int_equal(og_crypt_hash(password, sizeof password - 1, &one, &err), OG_OK);
    assert_int_equal(og_crypt_hash(password, sizeof password - 1, &two, &err), OG_OK);
    assert_memory_equal(one.data, "$y$", 3);
    assert_string_not_equal(one.data, two.data);
    assert_true(og_crypt_scheme_ok(one.data));
    assert_int_equal(
        og_crypt_verify(password, sizeof password - 1, one.data, &match, &err), OG_OK);
    assert_true(match);
    og_buf_free(&one);
    og_buf_free(&two);
}

static double
cpu_ms(void)
{
    return (double)clock() * 1000 / CLOCKS_PER_SEC;
}

/* the dummy really works: a known login takes no longer than three times as much */
static void
test_dummy(void **state)
{
    struct og_buf out = OG_BUF_INIT(100);
    struct og_err err = { "" };
    double begin, known_ms, dummy_ms;
    bool match;

    (void)state;
    assert_int_equal(og_crypt_hash("secret", 6, &out, &err), OG_OK);
    begin = cpu_ms();
    for (int i = 0; i < 5; i++)
        assert_int_equal(og_crypt_verify("wrong", 5, out.data, &match, &err), OG_OK);
    known_ms = cpu_ms() - begin;
    begin = cpu_ms();
    for (int i = 0; i < 5; i++)
        og_crypt_dummy("wrong", 5);
    dummy_ms = cpu_ms() - begin;
    assert_true(dummy_ms * 3 > known_ms && known_ms * 3 > dummy_ms);
    og_crypt_dummy("", 0);
    og_buf_free(&out);
}

static const struct {
    const char *hash;
    bool ok;
} costs[] = {
    { "$5$saltsalt$x", true },
    { "$6$rounds=5000$saltsalt$x", true },
    { "$6$rounds=1000000$saltsalt$x", true },
    { "$6$rounds=1000001$saltsalt$x", false },
    { "$5$rounds=999999999$saltsalt$x", false },
    { "$5$rounds=99999999999999999999999$saltsalt$x", false },
    { "$2b$12$abcdefghijklmnopqrstuu", true },
    { "$2b$14$abcdefghijklmnopqrstuu", true },
    { "$2y$15$abcdefghijklmnopqrstuu", false },
    { "$2a$31$abcdefghijklmnopqrstuu", false },
    { "$2", false },
    { "$y$j9T$MIpGJlym/cWAIgVzu30q9/$x", true }, /* gensalt's costs 5, 9, 10, 11 */
    { "$y$jDT$MIpGJlym/cWAIgVzu30q9/$x", true },
    { "$y$jET$MIpGJlym/cWAIgVzu30q9/$x", false },
    { "$y$jFT$MIpGJlym/cWAIgVzu30q9/$x", false },
    { "$y$j75$MIpGJlym/cWAIgVzu30q9/$x", true }, /* and 1 */
    { "$y$j9z$MIpGJlym/cWAIgVzu30q9/$x", true },
    { "$y$jDz$MIpGJlym/cWAIgVzu30q9/$x", false },
    { "$y$j9T/z$MIpGJlym/cWAIgVzu30q9/$x", false }, /* more parameters */
    { "$y$j", false },
    { "$gy$jAT$MIpGJlym/cWAIgVzu30q9/$x", true },
    { "$gy$jzT$MIpGJlym/cWAIgVzu30q9/$x", false },
    { "$7$CU..../....saltsalt$x", true },
    { "$7$EU..../....saltsalt$x", true },
    { "$7$FU..../....saltsalt$x", false },
    { "$7$CU....zzzzzsaltsalt$x", false },
    { "$7$C", false },
    { "$sha1$97592$qI1BtUnBX7KMaJ4Nm21ApEnAsQXBW3KCZFqM$x", true },
    { "$sha1$4294967295$qI1BtUnBX7KMaJ4Nm21ApEnAsQXBW3KCZFqM$x", false },
    { "$md5,rounds=112337$mA1BpMnB$$x", true },
    { "$md5,rounds=4294963199$mA1BpMnB$$x", false },
    { "$md5$rounds=4294963199$mA1BpMnB$$x", false },
    { "$md5$mA1BpMnB$$x", true },
    { "$1$saltsalt$x", true },
    { "_zzzzabcdgPimBrfqaZ.", true },
    { "abJnggxhB/yWI", true },
};

static void
test_cost(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(costs); i++)
        if (og_crypt_cost_ok(costs[i].hash) != costs[i].ok)
            fail_msg("row %zu: %s", i, costs[i].hash);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known), cmocka_unit_test(test_broken),
        cmocka_unit_test(test_empty), cmocka_unit_test(test_ceiling),
        cmocka_unit_test(test_hash),  cmocka_unit_test(test_dummy),
        cmocka_unit_test(test_cost),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
