/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/rows.h"

#include "core/lib/decrypt.h"

#define BYTES(text) text, sizeof(text) - 1

/* RFC 1321 A.5, FIPS 180-4's examples: the first 8 bytes of the hash of abc */
static const struct {
    const char *name;
    enum og_decrypt_hash kind;
    size_t bytes;
    const char *first;
} hashes[] = {
    { "MD5", OG_MD5, 16, "\x90\x01\x50\x98\x3c\xd2\x4f\xb0" },
    { "sha1", OG_SHA1, 20, "\xa9\x99\x3e\x36\x47\x06\x81\x6a" },
    { "SHA256", OG_SHA256, 32, "\xba\x78\x16\xbf\x8f\x01\xcf\xea" },
    { "SHA384", OG_SHA384, 48, "\xcb\x00\x75\x3f\x45\xa3\x5e\x8b" },
    { "SHA512", OG_SHA512, 64, "\xdd\xaf\x35\xa1\x93\x61\x7a\xba" },
};

static void
test_hashes(void **state)
{
    unsigned char out[OG_DECRYPT_HASH], spun[OG_DECRYPT_HASH];
    enum og_decrypt_hash kind;

    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(hashes); i++) {
        size_t bytes = og_decrypt_hash_bytes(hashes[i].kind);

        assert_true(og_decrypt_hash_named(hashes[i].name, strlen(hashes[i].name), &kind));
        assert_int_equal(hashes[i].kind, kind);
        assert_int_equal(hashes[i].bytes, bytes);
        assert_int_equal(OG_OK, og_decrypt_digest(kind, "a", 1, "bc", 2, out, NULL));
        assert_memory_equal(out, hashes[i].first, 8);
        /* two rounds are the hashes of 0 and 1 with what was there before */
        memcpy(spun, out, sizeof spun);
        assert_int_equal(OG_OK, og_decrypt_spin(kind, 0, spun, NULL));
        assert_memory_equal(spun, out, bytes);
        assert_int_equal(OG_OK, og_decrypt_spin(kind, 2, spun, NULL));
        assert_int_equal(OG_OK,
                         og_decrypt_digest(kind, "\0\0\0\0", 4, out, bytes, out, NULL));
        assert_int_equal(OG_OK,
                         og_decrypt_digest(kind, "\1\0\0\0", 4, out, bytes, out, NULL));
        assert_memory_equal(spun, out, bytes);
    }
    assert_false(og_decrypt_hash_named("SHA", 3, &kind));
    assert_false(og_decrypt_hash_named("", 0, &kind));
    assert_false(og_decrypt_hash_named("WHIRLPOOL", 9, &kind));
}

/* FIPS 197 appendix C; SP 800-38A F.2.2 */
static const struct {
    const char *key;
    size_t key_len;
    const char *iv, *in;
    size_t len;
    enum og_rc rc;
    const char *out;
    size_t out_len;
} rows[] = {
    { BYTES("\0\1\2\3\4\5\6\7\x8\x9\xa\xb\xc\xd\xe\xf"), NULL,
      BYTES("\x69\xc4\xe0\xd8\x6a\x7b\x04\x30\xd8\xcd\xb7\x80\x70\xb4\xc5\x5a"), OG_OK,
      BYTES("\0\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff") },
    { BYTES("\x2b\x7e\x15\x16\x28\xae\xd2\xa6\xab\xf7\x15\x88\x09\xcf\x4f\x3c"),
      "\0\1\2\3\4\5\6\7\x8\x9\xa\xb\xc\xd\xe\xf",
      BYTES("\x76\x49\xab\xac\x81\x19\xb2\x46\xce\xe9\x8e\x9b\x12\xe9\x19\x7d+"), OG_OK,
      BYTES("\x6b\xc1\xbe\xe2\x2e\x40\x9f\x96\xe9\x3d\x7e\x11\x73\x93\x17\x2a") },
    { BYTES("0123456789abcdef"), NULL, BYTES(""), OG_OK, BYTES("") },
    { BYTES("0123456789abcdef"), NULL, BYTES("less than block"), OG_OK, BYTES("") },
    { BYTES("0123456789abcde"), NULL, BYTES("0123456789abcdef"), OG_E_RANGE, BYTES("") },
    { BYTES(""), NULL, BYTES("0123456789abcdef"), OG_E_RANGE, BYTES("") },
    { BYTES("0123456789abcdef"), NULL, BYTES("0123456789abcdef0123456789abcdef"),
      OG_E_LIMIT, BYTES("") },
};

static void
test_aes(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        struct og_buf out = OG_BUF_INIT(16);
        struct og_err err = { "" };
        char *in = exact_copy(rows[i].in, rows[i].len);

        row_rc(i,
               og_decrypt_aes((const unsigned char *)rows[i].key, rows[i].key_len,
                              (const unsigned char *)rows[i].iv,
                              (const unsigned char *)in, rows[i].len, &out, &err),
               rows[i].rc, &err);
        if (out.len != rows[i].out_len
            || (out.len > 0 && memcmp(out.data, rows[i].out, out.len) != 0))
            fail_msg("row %zu: other bytes", i);
        og_buf_free(&out);
        free(in);
    }
}

/* SP 800-38A F.2.1, two blocks */
static void
test_back(void **state)
{
    static const unsigned char key[] = "\x2b\x7e\x15\x16\x28\xae\xd2\xa6\xab\xf7\x15\x88"
                                       "\x09\xcf\x4f\x3c",
                               iv[] = "\0\1\2\3\4\5\6\7\x8\x9\xa\xb\xc\xd\xe\xf",
                               want[] = "\x76\x49\xab\xac\x81\x19\xb2\x46\xce\xe9\x8e\x9b"
                                        "\x12\xe9\x19\x7d\x50\x86\xcb\x9b\x50\x72\x19\xee"
                                        "\x95\xdb\x11\x3a\x91\x76\x78\xb2";
    unsigned char data[] = "\x6b\xc1\xbe\xe2\x2e\x40\x9f\x96\xe9\x3d\x7e\x11\x73\x93\x17"
                           "\x2a\xae\x2d\x8a\x57\x1e\x03\xac\x9c\x9e\xb7\x6f\xac\x45\xaf"
                           "\x8e\x51";
    struct og_err err = { "" };

    (void)state;
    assert_int_equal(og_decrypt_back(key, iv, data, 32, &err), OG_OK);
    assert_memory_equal(data, want, 32);
    assert_int_equal(og_decrypt_back(key, iv, data, 0, &err), OG_OK);
    assert_int_equal(og_decrypt_back(key, iv, data, 15, &err), OG_E_LIB);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hashes),
        cmocka_unit_test(test_aes),
        cmocka_unit_test(test_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
