/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/rows.h"

#include "core/lib/digest.h"

/* FIPS 180-4 examples */
static const struct {
    const char *in;
    const char *hex;
} rows[] = {
    { "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
    { "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
    { "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
};

static void
test_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        unsigned char hash[OG_DIGEST_BYTES];
        char hex[OG_DIGEST_HEX];
        size_t len = strlen(rows[i].in);
        char *exact = exact_copy(rows[i].in, len);

        og_digest_of(exact, len, hash);
        for (size_t k = 0; k < sizeof hash; k++)
            (void)snprintf(hex + 2 * k, 3, "%02x", hash[k]);
        row_text(i, hex, rows[i].hex);
        free(exact);
    }
}

static void
test_pieces(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(rows); i++)
        for (size_t piece = 1; piece < 60; piece += 7) {
            struct og_digest digest = OG_DIGEST_INIT;
            char hex[OG_DIGEST_HEX];
            size_t len = strlen(rows[i].in);
            struct og_err err = { "" };

            row_rc(i, og_digest_open(&digest, &err), OG_OK, &err);
            for (size_t at = 0; at < len; at += piece)
                og_digest_add(&digest, rows[i].in + at,
                              len - at < piece ? len - at : piece);
            og_digest_end(&digest, hex);
            row_text(i, hex, rows[i].hex);
            assert_null(digest.context);
            og_digest_free(&digest); /* a free one is fine */
        }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole),
        cmocka_unit_test(test_pieces),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
