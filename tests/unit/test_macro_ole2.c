/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/rows.h"

#include "core/macro/ole2.h"

/* header, FAT, directory, mini FAT, mini stream, and two sectors of a large stream */
enum { SECTOR = 512, SECTORS = 7, SIZE = SECTOR * SECTORS, ENTRY = 128 };
enum { AT_FAT = SECTOR, AT_DIRECTORY = 2 * SECTOR, AT_MINI_FAT = 3 * SECTOR };

static void
put(unsigned char *file, size_t at, uint32_t value)
{
    for (size_t i = 0; i < 4; i++)
        file[at + i] = (unsigned char)(value >> 8 * i);
}

static void
put_entry(unsigned char *file, size_t i, const char *name, unsigned type, uint32_t start,
          uint32_t size)
{
    size_t at = AT_DIRECTORY + i * ENTRY;

    for (size_t n = 0; name[n] != '\0'; n++)
        file[at + n * 2] = (unsigned char)name[n];
    file[at + 64] = (unsigned char)(strlen(name) * 2 + 2);
    file[at + 66] = (unsigned char)type;
    for (size_t field = 68; field < 80; field += 4)
        put(file, at + field, UINT32_MAX);
    put(file, at + 116, start);
    put(file, at + 120, size);
}

/* root: `Storage` with `small` (70 bytes) and, on its right, `large` (600) */
static void
make(unsigned char file[SIZE])
{
    static const uint32_t fat[] = { 0xfffffffd, 0xfffffffe, 0xfffffffe,
                                    0xfffffffe, 5,          0xfffffffe };

    memset(file, 0, SIZE);
    memcpy(file, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8);
    file[26] = 3;
    file[30] = 9;
    file[32] = 6;
    put(file, 44, 1);
    put(file, 48, 1);
    put(file, 56, 100); /* larger streams have sectors of their own */
    put(file, 60, 2);
    put(file, 64, 1);
    put(file, 68, 0xfffffffe);
    for (size_t i = 0; i < 109; i++)
        put(file, 76 + i * 4, i == 0 ? 0 : UINT32_MAX);
    memset(file + AT_FAT, 0xff, SECTOR);
    for (size_t i = 0; i < N_ELEMENTS(fat); i++)
        put(file, AT_FAT + i * 4, fat[i]);
    put_entry(file, 0, "Root Entry", 5, 3, 128);
    put_entry(file, 1, "Storage", 1, 0, 0);
    put_entry(file, 2, "small", 2, 0, 70);
    put_entry(file, 3, "large", 2, 4, 600);
    put(file, AT_DIRECTORY + 76, 1);
    put(file, AT_DIRECTORY + ENTRY + 76, 2);
    put(file, AT_DIRECTORY + 2 * ENTRY + 72, 3);
    memset(file + AT_MINI_FAT, 0xff, SECTOR);
    put(file, AT_MINI_FAT, 1);
    put(file, AT_MINI_FAT + 4, 0xfffffffe);
    memset(file + 4 * SECTOR, 's', 128);
    memset(file + 5 * SECTOR, 'l', 2 * SECTOR);
}

static const struct {
    size_t at; /* this number is changed */
    uint32_t value;
    size_t len; /* bytes of the file that are left */
    enum og_rc rc;
    size_t small, large; /* bytes that can be read */
} rows[] = {
    { 0, 0xe011cfd0, SIZE, OG_OK, 70, 600 },
    { 0, 0xe011cfd1, SIZE, OG_E_SYNTAX, 0, 0 },
    { 0, 0xe011cfd0, 0, OG_E_SYNTAX, 0, 0 },
    { 0, 0xe011cfd0, SECTOR - 1, OG_E_SYNTAX, 0, 0 },
    { 0, 0xe011cfd0, SECTOR, OG_E_SYNTAX, 0, 0 },
    { 0, 0xe011cfd0, AT_MINI_FAT, OG_OK, 0, 0 },
    { 0, 0xe011cfd0, 5 * SECTOR + 10, OG_OK, 70, 10 },
    { 0, 0xe011cfd0, SIZE - 500, OG_OK, 70, 524 },
    { 48, 0xfffffffe, SIZE, OG_E_SYNTAX, 0, 0 },  /* no directory */
    { 48, 99, SIZE, OG_E_SYNTAX, 0, 0 },          /* outside */
    { AT_FAT + 4 * 1, 1, SIZE, OG_OK, 70, 600 },  /* a directory in a circle */
    { AT_FAT + 4 * 5, 4, SIZE, OG_OK, 70, 600 },  /* a stream in a circle */
    { AT_FAT + 4 * 4, 4, SIZE, OG_OK, 70, 600 },  /* on one sector */
    { AT_FAT + 4 * 4, 77, SIZE, OG_OK, 70, 512 }, /* out of the file */
    { AT_MINI_FAT, 0, SIZE, OG_OK, 70, 600 },     /* a mini stream in a circle */
    { AT_MINI_FAT, 99, SIZE, OG_OK, 64, 600 },    /* out of the mini stream */
    { AT_DIRECTORY + 3 * ENTRY + 120, UINT32_MAX, SIZE, OG_OK, 70, 1024 },
    { AT_DIRECTORY + 2 * ENTRY + 116, UINT32_MAX, SIZE, OG_OK, 0, 600 },
    { AT_DIRECTORY + 3 * ENTRY + 72, 1, SIZE, OG_OK, 70, 600 }, /* a tree in a circle */
    { 30, 0x00060000, SIZE, OG_OK, 70, 600 }, /* sectors of 1 byte are taken for 512 */
    { 68, 3, SIZE, OG_OK, 70, 600 },          /* more FAT, in a sector that is none */
};

static size_t
read_named(struct og_ole2 *ole, const char *name)
{
    struct og_buf out = OG_BUF_INIT(1 << 20);
    int i = og_ole2_find(ole, og_ole2_find(ole, 0, "STORAGE"), name);
    size_t len = 0;

    if (i > 0) {
        assert_int_equal(OG_OK, og_ole2_read(ole, i, &out, NULL));
        len = out.len;
        for (size_t n = 0; n < len; n++)
            assert_true(out.data[n] == name[0] || out.data[n] == 0);
    }
    og_buf_free(&out);
    return len;
}

static void
test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        unsigned char file[SIZE];
        struct og_err err = { "" };
        struct og_ole2 *ole = NULL;
        char *exact;

        make(file);
        put(file, rows[i].at, rows[i].value);
        exact = exact_copy((const char *)file, rows[i].len);
        row_rc(i, og_ole2_open(exact, rows[i].len, &ole, &err), rows[i].rc, &err);
        if (ole != NULL) {
            size_t small = read_named(ole, "small"), large = read_named(ole, "large");

            if (small != rows[i].small || large != rows[i].large)
                fail_msg("row %zu: %zu and %zu bytes", i, small, large);
        }
        og_ole2_close(ole);
        free(exact);
    }
}

/* the same stream again and again: there is an end to it */
static void
test_budget(void **state)
{
    struct og_ole2 *ole = NULL;
    unsigned char file[SIZE];
    size_t all = 0;
    enum og_rc rc;

    (void)state;
    make(file);
    assert_int_equal(OG_OK, og_ole2_open((const char *)file, SIZE, &ole, NULL));
    do {
        struct og_buf out = OG_BUF_INIT(1 << 20);

        rc = og_ole2_read(ole, 3, &out, NULL);
        all += out.len;
        og_buf_free(&out);
    } while (rc == OG_OK);
    assert_int_equal(OG_E_LIMIT, rc);
    assert_true(all > 3 * SIZE && all < 5 * SIZE);
    og_ole2_close(ole);
}

/* at the ceiling, one above */
static void
test_ceiling(void **state)
{
    struct og_buf out = OG_BUF_INIT(600);
    struct og_ole2 *ole = NULL;
    unsigned char file[SIZE];

    (void)state;
    make(file);
    assert_int_equal(OG_OK, og_ole2_open((const char *)file, SIZE, &ole, NULL));
    assert_int_equal(4, og_ole2_count(ole));
    assert_int_equal(OG_OK, og_ole2_read(ole, 3, &out, NULL));
    og_buf_reset(&out);
    out.max = 599;
    assert_int_equal(OG_E_LIMIT, og_ole2_read(ole, 3, &out, NULL));
    assert_true(og_ole2_named(og_ole2_entry(ole, 3), "LARGE"));
    assert_false(og_ole2_named(og_ole2_entry(ole, 3), "larg"));
    assert_false(og_ole2_named(og_ole2_entry(ole, 3), "larger"));
    assert_int_equal(-1, og_ole2_find(ole, 0, "large"));
    assert_int_equal(-1, og_ole2_find(ole, -1, "large"));
    og_buf_free(&out);
    og_ole2_close(ole);
    og_ole2_close(NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_budget),
        cmocka_unit_test(test_ceiling),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
