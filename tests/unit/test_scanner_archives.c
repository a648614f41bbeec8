/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/rows.h"
#include "tests/unit/scan_run.h"
#include "tests/unit/tar_make.h"
#include "tests/unit/zip_make.h"

enum { ZIP_NAME = 65535 }; /* bytes; the field has two */

static char *
scan_file(const char *data, size_t len)
{
    char *exact = exact_copy(data, len), *found = scan(&wide, NULL, "a", exact, len);

    free(exact);
    return found;
}

/* says NULL: there is no limit */
static void
check_limit(const struct og_buf *file, size_t len, const char *says)
{
    char *found = scan_file(file->data, len);

    if ((strstr(found, "found=limit") != NULL) != (says != NULL)
        || (says != NULL && strstr(found, says) == NULL))
        fail_msg("%zu bytes: %s", len, found);
    free(found);
}

static void
set_number(struct og_buf *file, size_t at, unsigned long number, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        file->data[at + i] = (char)(number >> 8 * i);
}

/* a zip file with one member of len zeros, deflated */
static void
zip_zeros(size_t len, struct og_buf *file)
{
    static const char name[] = "b";
    size_t list;
    char *zeros = calloc(1, len);
    Bytef packed[4096];
    z_stream z = { .next_in = (Bytef *)zeros,
                   .avail_in = (uInt)len,
                   .next_out = packed,
                   .avail_out = sizeof packed };

    assert_non_null(zeros);
    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY), Z_OK);
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    zip_make(name, (const char *)packed, z.total_out, file);
    list = 30 + strlen(name) + z.total_out;
    for (size_t i = 0; i < 2; i++) { /* both heads: method, CRC, size unpacked */
        size_t at = i == 0 ? 8 : list + 10;

        set_number(file, at, 8, 2);
        set_number(file, at + 6, crc32(0, (const Bytef *)zeros, (uInt)len), 4);
        set_number(file, at + 14, len, 4);
    }
    (void)deflateEnd(&z);
    free(zeros);
}

/* what libclamav cuts without a word */
static void
test_member_sizes(void **state)
{
    static const size_t over[] = { 1, 4096, 1 << 18, (1 << 20) + 1 };

    (void)state;
    for (size_t i = 0; i <= N_ELEMENTS(over); i++) {
        struct og_buf file = OG_BUF_INIT(1 << 20);

        zip_zeros(wide.max_file_bytes + (i > 0 ? over[i - 1] : 0), &file);
        check_limit(&file, file.len, i > 0 ? "name=size" : NULL);
        og_buf_free(&file);
    }
}

/* the list of members is what libclamav reads, others go from head to head */
static void
test_zip_without_list(void **state)
{
    struct og_buf file = OG_BUF_INIT(4096);
    size_t heads = 30 + 5 + 11;

    (void)state;
    zip_make("b.txt", "hello world", 11, &file);
    check_limit(&file, file.len, NULL);
    check_limit(&file, heads, "found=limit path=a name=format");
    check_limit(&file, heads - 1, "found=limit path=a name=format");
    check_limit(&file, 30, "found=limit path=a name=format");
    og_buf_free(&file);
}

/* what nobody here opens; the first one has a.js, stored, of the others there is the head */
#define RAR4(flags)                                          \
    "Rar!\x1a\7\0\xcf\x90\x73" flags "\0\xd\0\0\0\0\0\0\0"   \
    "\0\0\x74\0\x80\x24\0\5\0\0\0\5\0\0\0\3\x86\xa6\x10\x36" \
    "\0\0\x21\0\x14\x30\4\0\x20\0\0\0a.jshello"
#define RAR5(type) "Rar!\x1a\7\1\0\0\0\0\0\x83\0" type "\0\0\0\0\0\0\0\0\0\0\0"
#define ACE "\0\0\x31\0\0\0\x90**ACE**"

static const struct {
    const char *data;
    size_t len;
    const char *says; /* NULL: nothing */
} closed[] = {
    { RAR4("\0"), sizeof RAR4("\0") - 1, "found=limit path=a name=format" },
    { RAR4("\x80"), sizeof RAR4("\x80") - 1, "found=encrypted path=a name=archive" },
    { RAR5("\1"), sizeof RAR5("\1") - 1, "found=limit path=a name=format" },
    { RAR5("\4"), sizeof RAR5("\4") - 1, "found=encrypted path=a name=archive" },
    { RAR5("\4"), 9, "found=limit path=a name=format" },
    { ACE, sizeof ACE - 1, "found=limit path=a name=format" },
    { ACE, sizeof ACE - 2, NULL },
    { "MSWIM\0\0\0\xd0\0\0\0\0\xd", 14, "found=limit path=a name=format" },
    { "MSWIM\0\0\1\xd0\0\0\0\0\xd", 14, NULL },
};

static void
test_closed(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(closed); i++) {
        char *found = scan_file(closed[i].data, closed[i].len);
        bool any =
            strstr(found, "found=limit") != NULL || strstr(found, "encrypted") != NULL;

        if (any != (closed[i].says != NULL)
            || (closed[i].says != NULL && strstr(found, closed[i].says) == NULL))
            fail_msg("row %zu: %s", i, found);
        free(found);
    }
}

/* does a finding end like this? */
static void
check_end(size_t len, const char *found, const char *end)
{
    char field[64];

    (void)snprintf(field, sizeof field, "%s ", end);
    if (strstr(found, field) == NULL)
        fail_msg("name of %zu bytes: %s", len, found);
}

static void
test_zip_names(void **state)
{
    static const size_t rows[] = { 4, 254, 255, 256, 1023, 1024, 1025, ZIP_NAME };

    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        struct og_buf file = OG_BUF_INIT(1 << 20);
        char *name = malloc(rows[i] + 1), *found;

        assert_non_null(name);
        memset(name, 'n', rows[i]);
        memcpy(name + rows[i] - 3, ".js", 4);
        zip_make(name, "hello world", 11, &file);
        found = scan_file(file.data, file.len);
        check_end(rows[i], found, ".js");
        free(found);
        free(name);
        og_buf_free(&file);
    }
}

/* a name in UTF-8 beside the name, in the list or at the member: some unpack it by that */
static void
test_zip_other_names(void **state)
{
    static const char name[] = "b.js";

    (void)state;
    for (int local = 0; local < 2; local++) {
        struct og_buf plain = OG_BUF_INIT(4096), file = OG_BUF_INIT(4096);
        size_t head = 30 + 5, list = head + 11, at = local ? head : list + 46 + 5;
        char *found;

        zip_make("b.txt", "hello world", 11, &plain);
        assert_int_equal(og_buf_add(&file, plain.data, at, NULL), OG_OK);
        zip_number(&file, 0x7075, 2);
        zip_number(&file, 5 + strlen(name), 2);
        zip_number(&file, 1, 1);
        zip_number(&file, crc32(0, (const Bytef *)"b.txt", 5), 4);
        assert_int_equal(og_buf_add_text(&file, name, NULL), OG_OK);
        assert_int_equal(og_buf_add(&file, plain.data + at, plain.len - at, NULL), OG_OK);
        set_number(&file, local ? 28 : list + 30, file.len - plain.len, 2);
        set_number(&file, file.len - 10, local ? 46 + 5 : 46 + 5 + file.len - plain.len,
                   4);
        set_number(&file, file.len - 6, local ? list + file.len - plain.len : list, 4);
        found = scan_file(file.data, file.len);
        check_end((size_t)local, found, "path=a/b.txt name=b.txt");
        if (strstr(found, "path=a/b.js name=b.js") == NULL)
            fail_msg("local %d: %s", local, found);
        free(found);
        og_buf_free(&plain);
        og_buf_free(&file);
    }
}

/* gzip tells no list: its file's name is its own without the ending, or stands inside */
static void
test_gzip_names(void **state)
{
    static const struct {
        const char *name, *inside; /* NULL: none */
        const char *says[2];
    } rows[] = {
        { "b.js.gz", NULL, { "path=b.js.gz/b.js name=b.js" } },
        { "b.gz", "c.js", { "path=b.gz/c.js name=c.js", "path=b.gz/b name=b" } },
        { "b.gz", "../c.js", { "path=b.gz/c.js name=c.js" } },
        { "b.gz", "b", { "path=b.gz/b name=b" } },
        { "b", "", { "name=b" } },
    };

    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        char *inside = rows[i].inside != NULL ? strdup(rows[i].inside) : NULL, *exact,
             *found;
        unsigned char packed[1000];
        gz_header head = { .name = (Bytef *)inside,
                           .extra = (Bytef *)(uintptr_t) "x",
                           .extra_len = inside != NULL ? 1 : 0 };
        z_stream z = { .next_in = (Bytef *)(uintptr_t) "hello world",
                       .avail_in = 11,
                       .next_out = packed,
                       .avail_out = sizeof packed };

        assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY),
                         Z_OK);
        assert_int_equal(deflateSetHeader(&z, &head), Z_OK);
        assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
        exact = exact_copy((const char *)packed, z.total_out);
        found = scan(&wide, NULL, rows[i].name, exact, z.total_out);
        for (size_t k = 0; k < 2 && rows[i].says[k] != NULL; k++)
            if (strstr(found, rows[i].says[k]) == NULL)
                fail_msg("row %zu: %s", i, found);
        (void)deflateEnd(&z);
        free(found);
        free(exact);
        free(inside);
    }
}

static const struct {
    struct tar_entry entries[2];
    const char *says;
} tars[] = {
    { { { '0', "b.js", NULL, "hello world", 0, NULL } }, "path=a/b.js name=b.js" },
    { { { 'L', "l", NULL, "c/b.js", 0, NULL }, { '0', "c/b", NULL, "hello", 0, NULL } },
      "path=a/c/b.js name=b.js" },
    { { { 'x', "p", NULL, "13 path=b.js\n", 0, NULL },
        { '0', "b", NULL, "hello world", 0, NULL } },
      "path=a/b.js name=b.js" },
    { { { '0', "b", NULL, "hello world", 0, NULL },
        { '1', "b.js", NULL, NULL, 0, NULL } },
      "path=a/b.js name=b.js" },
    { { { '0', "b", "\x80", "hello world", 0, NULL } },
      "found=limit path=a name=format" },
    { { { 'x', "p", NULL, "11 size=12\n", 0, NULL },
        { '0', "b", "0", "hello world", 0, NULL } },
      "found=limit path=a name=format" },
};

static void
test_tars(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(tars); i++) {
        char data[16 * OG_TAR_BLOCK], *found;
        size_t len = 0;

        for (size_t k = 0; k < 2 && tars[i].entries[k].name != NULL; k++)
            len += tar_put(data + len, &tars[i].entries[k]);
        memset(data + len, 0, (size_t)2 * OG_TAR_BLOCK);
        found = scan_file(data, len + (size_t)2 * OG_TAR_BLOCK);
        if (strstr(found, tars[i].says) == NULL)
            fail_msg("row %zu: %s", i, found);
        free(found);
    }
}

/* libxml2 writes to standard error what it thinks of an encoding */
static void
test_silence(void **state)
{
    static const char data[] = "<?xml version=\"1.0\" encoding=\"shift_jis\"?>"
                               "<?mso-application progid=\"Excel.Sheet\"?><Workbook>"
                               "\xff\xfe\x81\xff\xff\xff\xff\xff</Workbook>";
    int fd = memfd_create("stderr", MFD_CLOEXEC), before = dup(STDERR_FILENO);

    (void)state;
    assert_true(fd >= 0 && before >= 0);
    assert_true(dup2(fd, STDERR_FILENO) >= 0);
    free(scan_file(data, sizeof data - 1));
    assert_true(dup2(before, STDERR_FILENO) >= 0);
    assert_int_equal(lseek(fd, 0, SEEK_END), 0);
    (void)close(fd);
    (void)close(before);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_member_sizes),
        cmocka_unit_test(test_zip_without_list),
        cmocka_unit_test(test_closed),
        cmocka_unit_test(test_zip_names),
        cmocka_unit_test(test_zip_other_names),
        cmocka_unit_test(test_gzip_names),
        cmocka_unit_test(test_tars),
        cmocka_unit_test(test_silence),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
