/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_TESTS_DKIM_SPOOL_H
#define OG_TESTS_DKIM_SPOOL_H

/* Two keys of example.com with their records, and messages as Exim has them: header
 * fields, and the body in a spool file. */

#include "tests/unit/rows.h"

#include <fcntl.h>
#include <ftw.h>
#include <unistd.h>

#include "core/lib/dkim.h"
#include "tests/unit/dkim_leaks.h"

enum {
    SPOOL_START = 19, /* SPOOL_DATA_START_OFFSET */
    MAX_FIELDS = 2000,
};

#define FROM "From: Anna <anna@example.com>\n"

static char dkim_dir[] = "/tmp/og-dkim-XXXXXX";
static char dkim_pem_rsa[OG_KEY_MAX_PEM], dkim_pem_ed25519[OG_KEY_MAX_PEM];
static const struct og_dkim_key dkim_rsa = { OG_KEY_RSA, "r1", dkim_pem_rsa };
static const struct og_dkim_key dkim_ed25519 = { OG_KEY_ED25519, "e1.sub",
                                                 dkim_pem_ed25519 };

static inline void
dkim_path(const char *name, char *path, size_t size)
{
    (void)snprintf(path, size, "%s/%s", dkim_dir, name);
}

static inline void
dkim_write(const char *path, const char *data, size_t len)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

static inline size_t
dkim_split(const char *headers, struct og_dkim_header *out)
{
    size_t n = 0;

    while (*headers != '\0') {
        const char *end = headers;

        do
            end = strchr(end, '\n') + 1;
        while (*end == ' ' || *end == '\t');
        assert_true(n < MAX_FIELDS);
        out[n].field = exact_copy(headers, (size_t)(end - headers));
        out[n++].len = (size_t)(end - headers);
        headers = end;
    }
    return n;
}

static inline void
dkim_forget(struct og_dkim_header *headers, size_t n)
{
    while (n > 0) {
        void *field;

        memcpy(&field, &headers[--n].field, sizeof field);
        free(field);
    }
}

/* a spool file whose offset stands somewhere else */
static inline int
dkim_spool(const char *body, size_t len)
{
    char path[64];
    int fd;

    dkim_path("spool", path, sizeof path);
    fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "1abcde-000001-AB-D\n", SPOOL_START), SPOOL_START);
    if (len > 0)
        assert_int_equal(write(fd, body, len), len);
    assert_int_equal(lseek(fd, 5, SEEK_SET), 5);
    return fd;
}

static inline void
dkim_add_key(const struct og_dkim_key *key, char *pem, struct og_buf *records)
{
    struct og_buf private = OG_BUF_INIT(OG_KEY_MAX_PEM - 1), b64 = OG_BUF_INIT(1000);
    struct og_buf txt = OG_BUF_INIT(1000);
    struct og_err err = { "" };

    assert_int_equal(og_key_generate(key->kind, 2048, &private, &b64, &err), OG_OK);
    memcpy(pem, private.data, private.len + 1);
    assert_int_equal(og_dkim_txt(key->kind, b64.data, &txt, &err), OG_OK);
    assert_int_equal(og_buf_printf(records, &err, "%s._domainkey.example.com %s\n",
                                   key->selector, txt.data),
                     OG_OK);
    og_key_forget(&private);
    og_buf_free(&b64);
    og_buf_free(&txt);
}

static inline int
dkim_set_up(void **state)
{
    struct og_buf records = OG_BUF_INIT(4000);
    char path[64];

    (void)state;
    assert_non_null(mkdtemp(dkim_dir));
    dkim_add_key(&dkim_rsa, dkim_pem_rsa, &records);
    dkim_add_key(&dkim_ed25519, dkim_pem_ed25519, &records);
    dkim_path("records", path, sizeof path);
    dkim_write(path, records.data, records.len);
    og_buf_free(&records);
    return 0;
}

static inline int
dkim_remove_one(const char *path, const struct stat *st, int type, struct FTW *walk)
{
    (void)st;
    (void)type;
    (void)walk;
    return remove(path);
}

static inline int
dkim_tear_down(void **state)
{
    (void)state;
    return nftw(dkim_dir, dkim_remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

#endif
