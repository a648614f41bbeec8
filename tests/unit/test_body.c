/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/rows.h"

#include <unistd.h>

#include "core/mail/body.h"

enum { START = 19, CHUNK = 16384 };

static FILE *spool;

/* the spool file holds START bytes and the body; its offset stands elsewhere */
static int
write_body(const char *body, size_t len)
{
    assert_int_equal(ftruncate(fileno(spool), 0), 0);
    assert_int_equal(pwrite(fileno(spool), "1abcde-000001-AB-D\n", START, 0), START);
    if (len > 0)
        assert_int_equal(pwrite(fileno(spool), body, len, START), len);
    assert_int_equal(lseek(fileno(spool), 5, SEEK_SET), 5);
    return fileno(spool);
}

/* line by line, all in memory */
static void
model_add(const char *text, size_t len, struct og_measure *measure)
{
    size_t line = 0;

    for (size_t i = 0; i < len; i++) {
        size_t length;

        if (text[i] != '\n')
            continue;
        length = i - line;
        if (length > 0 && text[i - 1] == '\r')
            length--;
        if (length > measure->longest_line)
            measure->longest_line = length;
        measure->size += length + 2;
        line = i + 1;
    }
    if (line < len) {
        if (len - line > measure->longest_line)
            measure->longest_line = len - line;
        measure->size += len - line + 2;
    }
}

static void
check(size_t row, const char *header, const char *body, size_t len, uint64_t size,
      uint64_t longest)
{
    struct og_headers headers = OG_HEADERS_INIT;
    struct og_measure measure = { 77, 77 };
    struct og_err err = { "" };
    char *exact = exact_copy(header, strlen(header));
    int fd = write_body(body, len);

    if (header[0] != '\0')
        assert_int_equal(og_headers_add(&headers, exact, strlen(header), &err), OG_OK);
    row_rc(row, og_body_measure(&headers, fd, START, &measure, &err), OG_OK, &err);
    if (measure.size != size || measure.longest_line != longest)
        fail_msg("row %zu: %" PRIu64 " bytes, longest %" PRIu64 ", expected %" PRIu64
                 " and %" PRIu64,
                 row, measure.size, measure.longest_line, size, longest);
    assert_int_equal(lseek(fd, 0, SEEK_CUR), 5);
    og_headers_free(&headers);
    free(exact);
}

/* the body is fill x 'a', then body */
static const struct {
    const char *header;
    size_t fill;
    const char *body;
    uint64_t size, longest;
} rows[] = {
    { "", 0, "", 2, 0 },
    { "", 0, "\n", 4, 0 },
    { "", 0, "\r\n", 4, 0 },
    { "", 0, "a", 5, 1 },
    { "", 0, "a\n", 5, 1 },
    { "", 0, "a\r\n", 5, 1 },
    { "", 0, "\r", 5, 1 },
    { "", 0, "a\r", 6, 2 },
    { "", 0, "a\r\r\n", 6, 2 },
    { "", 0, "a\rb\n", 7, 3 },
    { "", 0, "\n\n\n", 8, 0 },
    { "", 0, "a\n\nbb\n", 11, 2 },
    { "X: yyyyy\n", 0, "", 12, 8 },
    { "X: yyyyy\n", 0, "a\n", 15, 8 },
    { "X: y\n zzzzzz\n", 0, "a\n", 20, 7 }, /* folds are lines */
    { "X: y\r\n", 0, "", 8, 4 },
    { "", 998, "\n", 1002, 998 },
    { "", 998, "\r\n", 1002, 998 },
    { "", 999, "\n", 1003, 999 },
    /* a chunk ends before, between and behind CR and LF */
    { "", CHUNK - 2, "\r\n", CHUNK + 2, CHUNK - 2 },
    { "", CHUNK - 1, "\r\n", CHUNK + 3, CHUNK - 1 },
    { "", CHUNK, "\r\n", CHUNK + 4, CHUNK },
    { "", CHUNK - 1, "\rb\n", CHUNK + 5, CHUNK + 1 },
    { "", CHUNK - 1, "\r", CHUNK + 4, CHUNK },
    { "", CHUNK - 1, "\n\r\n", CHUNK + 5, CHUNK - 1 },
    { "", CHUNK, "", CHUNK + 4, CHUNK },
    { "", 3 * CHUNK - 1, "\r\n", 3 * CHUNK + 3, 3 * CHUNK - 1 },
    { "", 100 * CHUNK, "\nb\n", 100 * CHUNK + 7, 100 * CHUNK },
};

static void
test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        size_t len = strlen(rows[i].body);
        char *body = malloc(rows[i].fill + len + 1);

        assert_non_null(body);
        memset(body, 'a', rows[i].fill);
        memcpy(body + rows[i].fill, rows[i].body, len);
        check(i, rows[i].header, body, rows[i].fill + len, rows[i].size, rows[i].longest);
        free(body);
    }
}

static void
test_model(void **state)
{
    static const char bytes[] = { 'a', '\r', '\n', '\0' };
    static char body[3 * CHUNK];
    unsigned long long seed = 1;

    (void)state;
    for (size_t round = 0; round < 2000; round++) {
        struct og_measure want = { 2, 0 };
        size_t len, rare;

        seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
        len = round % 2 == 0 ? (seed >> 33) % sizeof body
                             : CHUNK - 2 + (seed >> 33) % 5; /* around one chunk */
        rare = (seed >> 20) % 3 == 0 ? 1 : 200;
        for (size_t i = 0; i < len; i++) {
            seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
            body[i] = (seed >> 40) % rare == 0 || (i + 3 > CHUNK && i < CHUNK + 2)
                          ? bytes[(seed >> 33) % sizeof bytes]
                          : 'b';
        }
        model_add(body, len, &want);
        check(round, "", body, len, want.size, want.longest_line);
    }
}

static void
test_bad_fd(void **state)
{
    struct og_headers headers = OG_HEADERS_INIT;
    struct og_measure measure = { 7, 7 };
    struct og_err err = { "" };

    (void)state;
    assert_int_equal(og_body_measure(&headers, -1, START, &measure, &err), OG_E_IO);
    assert_int_equal(measure.size, 7);
    assert_string_not_equal(err.text, "");
}

static int
setup(void **state)
{
    (void)state;
    spool = tmpfile();
    assert_non_null(spool);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    return fclose(spool);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_model),
        cmocka_unit_test(test_bad_fd),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
