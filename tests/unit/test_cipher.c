/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/rows.h"

#include "core/lib/cipher.h"

static void
to_hex(const unsigned char *data, size_t len, char *out)
{
    for (size_t i = 0; i < len; i++)
        (void)snprintf(out + 2 * i, 3, "%02x", data[i]);
}

/* of "abc", in two parts: FIPS 180-4's examples, RFC 1321 appendix A.5 */
static const struct {
    enum og_hash_kind kind;
    const char *hex;
} hashes[] = {
    { OG_HASH_MD5, "900150983cd24fb0d6963f7d28e17f72" },
    { OG_HASH_SHA1, "a9993e364706816aba3e25717850c26c9cd0d89d" },
    { OG_HASH_SHA256,
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
    { OG_HASH_SHA384, "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded163"
                      "1a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7" },
    { OG_HASH_SHA512,
      "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
      "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f" },
};

static void
test_hashes(void **state)
{
    static const struct og_hash_part parts[] = { { "a", 1 }, { "bc", 2 } };

    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(hashes); i++) {
        unsigned char out[OG_HASH_MAX];
        struct og_err err = { "" };
        char hex[2 * OG_HASH_MAX + 1];

        row_rc(i, og_hash(hashes[i].kind, parts, 2, out, &err), OG_OK, &err);
        to_hex(out, og_hash_bytes(hashes[i].kind), hex);
        row_text(i, hex, hashes[i].hex);
    }
}

/* NIST SP 800-38A sections F.1.1 and F.2.1, first block */
static void
test_aes(void **state)
{
    static const unsigned char key[] = "\x2b\x7e\x15\x16\x28\xae\xd2\xa6\xab\xf7\x15\x88"
                                       "\x09\xcf\x4f\x3c",
                               plain[] = "\x6b\xc1\xbe\xe2\x2e\x40\x9f\x96\xe9\x3d\x7e"
                                         "\x11\x73\x93\x17\x2a",
                               iv[] = "\0\1\2\3\4\5\6\7\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f";
    unsigned char out[OG_AES_BLOCK];
    struct og_err err = { "" };
    char hex[33];

    (void)state;
    assert_int_equal(og_aes(OG_AES_ECB, true, key, 16, NULL, plain, 16, out, &err),
                     OG_OK);
    to_hex(out, 16, hex);
    assert_string_equal(hex, "3ad77bb40d7a3660a89ecaf32466ef97");
    assert_int_equal(og_aes(OG_AES_CBC, true, key, 16, iv, plain, 16, out, &err), OG_OK);
    to_hex(out, 16, hex);
    assert_string_equal(hex, "7649abac8119b246cee98e9b12e9197d");
    assert_int_equal(og_aes(OG_AES_CBC, false, key, 16, iv, out, 16, out, &err), OG_OK);
    assert_memory_equal(out, plain, 16);
    assert_int_equal(og_aes(OG_AES_CBC, false, key, 16, iv, out, 0, out, &err), OG_OK);
    assert_int_equal(og_aes(OG_AES_CBC, false, key, 16, iv, out, 15, out, &err),
                     OG_E_RANGE);
    assert_int_equal(og_aes(OG_AES_CBC, false, key, 15, iv, out, 16, out, &err),
                     OG_E_RANGE);
}

/* RFC 6229 has only the stream; these are the examples of many an encyclopedia */
static void
test_rc4(void **state)
{
    unsigned char out[16];
    char hex[33];

    (void)state;
    og_rc4((const unsigned char *)"Key", 3, (const unsigned char *)"Plaintext", 9, out);
    to_hex(out, 9, hex);
    assert_string_equal(hex, "bbf316e8d940af0ad3");
    og_rc4((const unsigned char *)"Wiki", 4, (const unsigned char *)"pedia", 5, out);
    to_hex(out, 5, hex);
    assert_string_equal(hex, "1021bf0420");
    og_rc4((const unsigned char *)"k", 1, NULL, 0, out);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hashes),
        cmocka_unit_test(test_aes),
        cmocka_unit_test(test_rc4),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
