/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/rows.h"

#include "core/base/siphash.h"

/* key 00..0f, text 00 01 02 ...: of the paper's appendix A and its authors' vectors */
static const struct {
    size_t len;
    uint64_t hash;
} rows[] = {
    { 0, UINT64_C(0x726fdb47dd0e0e31) },
    { 1, UINT64_C(0x74f839c593dc67fd) },
    { 8, UINT64_C(0x93f5f5799a932462) },
    { 15, UINT64_C(0xa129ca6149be45e5) },
};

static void
test_vectors(void **state)
{
    struct og_siphash_key key = { UINT64_C(0x0706050403020100),
                                  UINT64_C(0x0f0e0d0c0b0a0908) };

    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        char text[16];
        char *exact;

        for (size_t k = 0; k < sizeof text; k++)
            text[k] = (char)k;
        exact = exact_copy(text, rows[i].len);
        assert_true(og_siphash(&key, exact, rows[i].len) == rows[i].hash);
        free(exact);
    }
}

static void
test_key(void **state)
{
    struct og_siphash_key a = og_siphash_new_key(), b = og_siphash_new_key();

    (void)state;
    assert_true(og_siphash(&a, "x", 1) != og_siphash(&b, "x", 1));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_key),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
