/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/rows.h"

#include "core/lib/key.h"

/* RFC 8463 appendix A.2 */
static const char rfc8463_pem[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
    "-----END PRIVATE KEY-----\n";
static const char rfc8463_public[] = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

static const struct {
    const char *pem;
    enum og_rc rc;
    const char *text;
} bad[] = {
    { "", OG_E_SYNTAX, "no private key in PEM form" },
    { "-----BEGIN PRIVATE KEY-----", OG_E_SYNTAX, "no private key in PEM form" },
    { "-----BEGIN PRIVATE KEY----------END PRIVATE KEY-----", OG_E_SYNTAX,
      "no private key in PEM form" },
    { "x", OG_E_SYNTAX, "no private key in PEM form" },
    { "-----BEGIN PRIVATE KEY-----\n"
      "MII=\n"
      "-----END PRIVATE KEY-----\n",
      OG_E_SYNTAX, "no private key in PEM form" },
    { "-----BEGIN PUBLIC KEY-----\n"
      "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"
      "-----END PUBLIC KEY-----\n",
      OG_E_SYNTAX, "no private key in PEM form" },
    { "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
      "MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAijxizZdsyG6gICCAAw\n"
      "DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEA6QgtH/GRMKenTGiWvGs+0EQIx1\n"
      "Ci5IwnZ7gFAPr9CZjihbIJGCxn0Zvt25Al53w/Hzc/n8be+yVmFRHZ//iUn9rG7r\n"
      "VoE/Lfll0P/P8VIPH/E=\n"
      "-----END ENCRYPTED PRIVATE KEY-----\n",
      OG_E_SYNTAX, "the private key is encrypted" },
    { "-----BEGIN RSA PRIVATE KEY-----\n"
      "Proc-Type: 4,ENCRYPTED\n"
      "DEK-Info: AES-128-CBC,B5874A70FFEDF153C1A87DD09A34E0DC\n"
      "\n"
      "k32l8XvP/eiSatif+NAAmRNGG7tJLXaezr5/7H1AY0L7rTPrgTndPrb9E+xNGEb6\n"
      "Ky+VUwy75SuFOb2yUv89vxGHDcXytLa6YS3b7XGlElNhJuedRG5TXQKn987Nuerw\n"
      "rx0bXC0NoNbYLcCFTH0rbU1v0zC6jysPBZs39l/FgSr49b0MyVyLdzee9JhbaP1x\n"
      "l6At7M9jY3Zrs5KcHLV2O6bQWymJUjRegVrNQptTzuGpxHuCvYoOBPfnVNDsAJKM\n"
      "JPcyhM9OwOlaj8RXSGls0lunS/Y16RD3EvdxH54rPlx48rEVrzNyZvTKpY//FwhZ\n"
      "Z9goFmmwSVuYbEUiPpV3ccnsJ28AkbCNl4TBgjWwMHeeJIQVG0A50+4MK8p/d79M\n"
      "SI7l/sX5EVLSve75gxFZFiuqmrY1r0rztdJP3408a4Q=\n"
      "-----END RSA PRIVATE KEY-----\n",
      OG_E_SYNTAX, "the private key is encrypted" },
    { "-----BEGIN PRIVATE KEY-----\n"
      "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgr/fTUXp1BVt8QOC3\n"
      "VtrtffMSt31MoIyvQKXDahje+QGhRANCAARkdGR/H2jnOKnMYvDlbwwLOM+0d77d\n"
      "nyyn4ypf/TsBCftR7N+OKccAJFuOe7HhM1ROhN8mq7yBBGcJtq3Uf4dj\n"
      "-----END PRIVATE KEY-----\n",
      OG_E_SYNTAX, "a key of type EC cannot sign DKIM" },
    { "-----BEGIN PRIVATE KEY-----\n"
      "MEcCAQAwBQYDK2VxBDsEOaW0ymsLAEUbC3bQRL9OGIpacqxc2sHZ2r8fu/1CfEcD\n"
      "aji7msGtaalZxTNCjMGR/S8TgJfrM3843A==\n"
      "-----END PRIVATE KEY-----\n",
      OG_E_SYNTAX, "a key of type ED448 cannot sign DKIM" },
    { "-----BEGIN PRIVATE KEY-----\n"
      "MC4CAQAwBQYDK2VuBCIEIIg0LvHcqcWJ50aphdgjLjm8jCz1sSUjW0earQC1fMNi\n"
      "-----END PRIVATE KEY-----\n",
      OG_E_SYNTAX, "a key of type X25519 cannot sign DKIM" },
    { "-----BEGIN PRIVATE KEY-----\n"
      "MIIBUgIBADANBgkqhkiG9w0BAQEFAASCATwwggE4AgEAAkEAqbhygyuJAnoHhXQN\n"
      "pOSfW+Cg9gsm0AmmaVcyWbuAzIK3Qo3xNu1VNttkZqMs7UDWpPNlrdXeV2vThWWZ\n"
      "FY9RJQIDAQABAkB19y4g3fGtNwRjTfbt1bquMcOvQLEJiKuSLHlixWEQw+hRGbhX\n"
      "l2jepJWlBDAaloYBZzL38CcdvJZGSAfgVM1BAiEA28mX11jplqVzqqTYWjWPwGe3\n"
      "s7X0QgQ6Fwy6FBQvQYcCIQDFrxTM45dMmzh+cj+ZciWebBjILuTxZoGP2vYSq8py\n"
      "8wIgTmvn2dbHwhDW7JRU/hsOZ8CaM21A8i0/7OmFm5R4KBECH3ewieeD5Rd847er\n"
      "dNZzRlOlH1wVCIkgh1GSQWsMmIcCIFKoshf4t+QTipMOT83keo1sn2YAm+QIR+04\n"
      "3c6eTEfn\n"
      "-----END PRIVATE KEY-----\n",
      OG_E_RANGE, "RSA key of 512 bits, DKIM wants 1024 to 4096" },
    { "-----BEGIN PRIVATE KEY-----\n"
      "MIICcAIBADANBgkqhkiG9w0BAQEFAASCAlowggJWAgEAAoGAAKfhqZFcKM/5WuYs\n"
      "muXLIwzt+rsBllQaZ6BbdpBISN6cJPxND5tPR/AG8NTyguvk12ee+o4kec+qsW3a\n"
      "eGV/Y0SmI5FAafwFovK2cEQK1d0SaKiieusU5xEirp70wAhM1PJLdpsgdDx+NvnW\n"
      "XOdDqA2MtdKGsaHgdkPY7AsU2DsCAwEAAQJ/AxwdBgJNBz05P9ZHsEYJCi5GXLx0\n"
      "ym4KyV+oXJfaMbV2we2zgk7/qCSYxXkQj8oXa2X4gjWOxBgHXV+Up1yqu5neS/zg\n"
      "0hoNTU9phuOzA5FoeLkUy82MeSmH1wHnPPAJ6BmokU6xqDFKfmnRhSPRkQKuQJv5\n"
      "h6yf/uXElS4OkQJADVuI6fFrrNmDExpFHLExTWqDuA+XGik6nw3wHL6HhEgcwL6U\n"
      "G5xQ9nuXxol3NowKdoBiMn65xn99CfU2FjZxZQJADJF6oZP9QlYAzHsYiIPWe1Kx\n"
      "dYSm5e9pPPCvNloEdqzReBLb996cILJYaMvbXcXOVngHBFvdyF4XRVOVSD1ZHwJA\n"
      "AJkJHpcsX3b4k8FIOImBkFpk/LbN52DS+81O4qpwPC5SAxpEXJv5T56mYz9Bs5I+\n"
      "4aDLREFBpS2NdgWgXwwetQJAA2x6CJwk6LY+/3UlCMNJYUz0lLvvL0IZ3AUA5gB9\n"
      "qMqJQXl5vLtCstGCrgGin5fsDrghyTkxYIzpL/SF/SjhJwJAAOxO2swJTjYz/ylB\n"
      "/J1F4A9tCgjXd3FflpU4pU3DDx0SxwOKtW+O3pPRUSfM+/fnkiXcMRGYt47KeFW+\n"
      "aJYkPQ==\n"
      "-----END PRIVATE KEY-----\n",
      OG_E_RANGE, "RSA key of 1016 bits, DKIM wants 1024 to 4096" },
};

static void
test_rfc(void **state)
{
    struct og_buf text = OG_BUF_INIT(100);
    struct og_buf small = OG_BUF_INIT(43);
    struct og_buf before = OG_BUF_INIT(1000);
    struct og_err err = { "" };
    enum og_key_kind kind = OG_KEY_RSA;
    int bits = 0;

    (void)state;
    assert_int_equal(og_key_public(rfc8463_pem, &kind, &bits, &text, &err), OG_OK);
    assert_int_equal(kind, OG_KEY_ED25519);
    assert_int_equal(bits, 256);
    assert_string_equal(og_buf_text(&text), rfc8463_public);
    assert_int_equal(og_key_public(rfc8463_pem, &kind, &bits, NULL, &err), OG_OK);
    bits = 7;
    assert_int_equal(og_key_public(rfc8463_pem, &kind, &bits, &small, &err), OG_E_LIMIT);
    assert_int_equal(bits, 7);
    assert_null(small.data);
    assert_int_equal(og_buf_printf(&before, &err, "a remark\n\n%s", rfc8463_pem), OG_OK);
    assert_int_equal(og_key_public(before.data, &kind, &bits, &text, &err), OG_OK);
    og_buf_free(&text);
    og_buf_free(&before);
}

static void
test_bad(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(bad); i++) {
        struct og_buf text = OG_BUF_INIT(1000);
        struct og_err err = { "" };
        enum og_key_kind kind = OG_KEY_RSA;
        int bits = 7;
        struct og_buf block = OG_BUF_INIT(OG_KEY_MAX_PEM);
        enum og_rc rc = bad[i].rc == OG_E_RANGE ? OG_OK : bad[i].rc;

        row_rc(i, og_key_peek(bad[i].pem, &kind, &block, &err), rc, &err);
        if (rc != OG_OK)
            assert_memory_equal(err.text, bad[i].text, 13); /* names may differ */
        assert_true((block.data != NULL) == (rc == OG_OK));
        og_key_forget(&block);
        row_rc(i, og_key_public(bad[i].pem, &kind, &bits, &text, &err), bad[i].rc, &err);
        row_text(i, err.text, bad[i].text);
        assert_int_equal(bits, 7);
        assert_null(text.data);
    }
}

/* each cut of a good key is refused; only its very last line end may be missing */
static void
test_cut(void **state)
{
    (void)state;
    for (size_t len = 0; len < sizeof rfc8463_pem - 2; len++) {
        struct og_err err = { "" };
        enum og_key_kind kind;
        int bits;
        struct og_buf block = OG_BUF_INIT(OG_KEY_MAX_PEM);
        char *cut = malloc(len + 1);

        assert_non_null(cut);
        memcpy(cut, rfc8463_pem, len);
        cut[len] = '\0';
        row_rc(len, og_key_public(cut, &kind, &bits, NULL, &err), OG_E_SYNTAX, &err);
        row_rc(len, og_key_peek(cut, &kind, &block, &err), OG_E_SYNTAX, &err);
        free(cut);
    }
}

static void
test_ceiling(void **state)
{
    char *pem = malloc(OG_KEY_MAX_PEM + 2);
    size_t len = strlen(rfc8463_pem);
    struct og_err err = { "" };
    enum og_key_kind kind;
    int bits;

    (void)state;
    assert_non_null(pem);
    memset(pem, '\n', OG_KEY_MAX_PEM + 1);
    memcpy(pem, rfc8463_pem, len);
    pem[OG_KEY_MAX_PEM + 1] = '\0';
    assert_int_equal(og_key_public(pem, &kind, &bits, NULL, &err), OG_E_LIMIT);
    pem[OG_KEY_MAX_PEM] = '\0';
    assert_int_equal(og_key_public(pem, &kind, &bits, NULL, &err), OG_OK);
    free(pem);
}

static const struct {
    enum og_key_kind kind;
    int bits;
    enum og_rc rc;
    size_t public_len;
} sizes[] = {
    { OG_KEY_RSA, 0, OG_E_RANGE, 0 },    { OG_KEY_RSA, -1, OG_E_RANGE, 0 },
    { OG_KEY_RSA, 1016, OG_E_RANGE, 0 }, { OG_KEY_RSA, 1024, OG_OK, 216 },
    { OG_KEY_RSA, 1028, OG_E_RANGE, 0 }, { OG_KEY_RSA, 2048, OG_OK, 392 },
    { OG_KEY_RSA, 4104, OG_E_RANGE, 0 }, { OG_KEY_ED25519, 0, OG_OK, 44 },
    { OG_KEY_ED25519, 4104, OG_OK, 44 },
};

static void
test_generate(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(sizes); i++) {
        struct og_buf pem = OG_BUF_INIT(OG_KEY_MAX_PEM), text = OG_BUF_INIT(1000);
        struct og_buf again = OG_BUF_INIT(OG_KEY_MAX_PEM);
        struct og_err err = { "" };
        enum og_key_kind kind;
        int bits;

        row_rc(i, og_key_generate(sizes[i].kind, sizes[i].bits, &pem, &text, &err),
               sizes[i].rc, &err);
        assert_int_equal(text.len, sizes[i].public_len);
        if (sizes[i].rc == OG_OK) {
            row_rc(i, og_key_public(pem.data, &kind, &bits, &again, &err), OG_OK, &err);
            assert_int_equal(kind, sizes[i].kind);
            assert_int_equal(bits, kind == OG_KEY_RSA ? sizes[i].bits : 256);
            assert_string_equal(text.data, again.data);
            kind = kind == OG_KEY_RSA ? OG_KEY_ED25519 : OG_KEY_RSA;
            row_rc(i, og_key_peek(pem.data, &kind, &again, &err), OG_OK, &err);
            assert_int_equal(kind, sizes[i].kind);
            assert_memory_equal(again.data, pem.data, again.len);
            assert_int_equal(again.len + 1, pem.len); /* the last line end */
        } else {
            assert_null(pem.data);
            assert_string_not_equal(err.text, "");
        }
        og_key_forget(&pem);
        og_buf_free(&text);
        og_buf_free(&again);
    }
}

/* a ceiling that one of both outputs passes leaves both alone */
static void
test_small(void **state)
{
    struct og_buf pem = OG_BUF_INIT(100), text = OG_BUF_INIT(100);
    struct og_err err = { "" };

    (void)state;
    assert_int_equal(og_key_generate(OG_KEY_ED25519, 0, &pem, &text, &err), OG_E_LIMIT);
    assert_null(pem.data);
    assert_null(text.data);
    pem.max = 1000;
    text.max = 43;
    assert_int_equal(og_key_generate(OG_KEY_ED25519, 0, &pem, &text, &err), OG_E_LIMIT);
    assert_null(pem.data);
    assert_null(text.data);
    og_key_forget(&pem);
}

static void
test_random_id(void **state)
{
    char id[OG_KEY_MAX_ID + 2], other[OG_KEY_MAX_ID + 2];
    struct og_err err = { "" };
    size_t seen[256] = { 0 };
    size_t letters = 0;

    (void)state;
    memset(id, '#', sizeof id);
    assert_int_equal(og_key_random_id(id, 0, &err), OG_E_RANGE);
    assert_int_equal(og_key_random_id(id, OG_KEY_MAX_ID + 1, &err), OG_E_RANGE);
    assert_int_equal(id[0], '#');
    for (size_t n = 1; n <= OG_KEY_MAX_ID; n++) {
        memset(id, '#', sizeof id);
        assert_int_equal(og_key_random_id(id, n, &err), OG_OK);
        assert_int_equal(strlen(id), n);
        assert_int_equal(id[n + 1], '#');
        assert_int_equal(strspn(id, "bcdfghjkmnpqrstvwxz23456789"), n);
    }
    assert_int_equal(og_key_random_id(other, OG_KEY_MAX_ID, &err), OG_OK);
    assert_string_not_equal(id, other);
    for (size_t i = 0; i < 2000; i++) {
        assert_int_equal(og_key_random_id(id, 27, &err), OG_OK);
        for (size_t k = 0; k < 27; k++)
            seen[(unsigned char)id[k]]++;
    }
    for (size_t i = 0; i < 256; i++) {
        letters += seen[i] > 0;
        if (seen[i] > 0 && (seen[i] < 1600 || seen[i] > 2400)) /* 9 sigma from 2000 */
            fail_msg("'%c' came %zu times", (int)i, seen[i]);
    }
    assert_int_equal(letters, 27);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rfc),       cmocka_unit_test(test_bad),
        cmocka_unit_test(test_cut),       cmocka_unit_test(test_ceiling),
        cmocka_unit_test(test_generate),  cmocka_unit_test(test_small),
        cmocka_unit_test(test_random_id),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
