/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/rows.h"

#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/lib/clam.h"

/* a signature each, of words that nobody writes */
static const char virus[] = "Test.Virus:0:*:7a7a76697275737a7a\n";       /* zzviruszz */
static const char unwanted[] = "PUA.Win.NetTool.T:0:*:7a7a7075617a7a\n"; /* zzpuazz */
static char directory[] = "/tmp/og-clam-XXXXXX";

static int
remove_entry(const char *path, const struct stat *entry, int flag, struct FTW *walk)
{
    (void)entry;
    (void)flag;
    (void)walk;
    return remove(path);
}

static void
put(const char *name, const char *text)
{
    char path[200];
    FILE *f;

    (void)snprintf(path, sizeof path, "%s/%s", directory, name);
    f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static void
drop(const char *name)
{
    char path[200];

    (void)snprintf(path, sizeof path, "%s/%s", directory, name);
    assert_int_equal(unlink(path), 0);
}

/* what a scan tells, one character or word for each call */
struct told {
    struct og_buf text;
    size_t open;
    const char *skip; /* a type that is not looked into */
};

static bool
enter(const struct og_clam_layer *layer, void *arg)
{
    struct told *told = arg;

    told->open++;
    assert_int_equal(og_buf_printf(&told->text, NULL, "<%s %s %zu ", layer->type + 8,
                                   layer->name, layer->len),
                     OG_OK);
    return told->skip == NULL || strcmp(layer->type, told->skip) != 0;
}

static void
leave(void *arg)
{
    struct told *told = arg;

    assert_true(told->open > 0);
    told->open--;
    assert_int_equal(og_buf_add_text(&told->text, ">", NULL), OG_OK);
}

static void
member(const char *name, uint64_t size, bool encrypted, void *arg)
{
    struct told *told = arg;

    assert_int_equal(og_buf_printf(&told->text, NULL, "[%s %d%s]", name, (int)size,
                                   encrypted ? " encrypted" : ""),
                     OG_OK);
}

static void
alert(const char *signature, void *arg)
{
    struct told *told = arg;
    size_t len = strlen(signature);

    /* text is matched as it is and once more normalised */
    if (told->text.len >= len
        && strcmp(told->text.data + told->text.len - len, signature) == 0)
        return;
    assert_int_equal(og_buf_printf(&told->text, NULL, "!%s", signature), OG_OK);
}

static void
vba(const char *text, size_t len, void *arg)
{
    (void)text;
    (void)len;
    (void)arg;
}

static const struct og_clam_events events = { enter, leave, member, alert, vba };
static const struct og_clam_limits wide = { 100 << 20, 50 << 20, 1000, 10, 10000 };

static void
check(struct og_clam *clam, const char *data, size_t len,
      const struct og_clam_limits *limits, const char *skip, const char *expected)
{
    struct told told = { OG_BUF_INIT(100000), 0, skip };
    enum og_clam_end end;
    struct og_err err = { "" };
    char *exact = exact_copy(data, len);

    assert_int_equal(
        og_clam_scan(clam, exact, len, true, limits, &events, &told, &end, &err), OG_OK);
    assert_int_equal(end, OG_CLAM_DONE);
    assert_int_equal(told.open, 0);
    assert_string_equal(og_buf_text(&told.text), expected);
    og_buf_free(&told.text);
    free(exact);
}

static void
open_with(const char *signatures, bool pua, const char *categories, enum og_rc expected,
          const char *says, struct og_clam **clam)
{
    struct og_clam_conf conf = { signatures, "/tmp", pua, categories };
    struct og_err err = { "" };
    enum og_rc rc = og_clam_open(&conf, NULL, NULL, clam, &err);

    if (rc != expected)
        fail_msg("%s: %s", og_rc_text(rc), err.text);
    if (says != NULL && strstr(err.text, says) == NULL)
        fail_msg("'%s' lacks '%s'", err.text, says);
}

/* a tar archive of one file: enough for a layer in a layer */
static size_t
make_tar(char tar[2048], const char *name, const char *text)
{
    unsigned sum = 0;

    memset(tar, 0, 2048);
    (void)snprintf(tar, 100, "%s", name);
    (void)snprintf(tar + 100, 8, "0000644");
    (void)snprintf(tar + 124, 12, "%011o", (unsigned)strlen(text));
    memset(tar + 148, ' ', 8);
    tar[156] = '0';
    memcpy(tar + 257, "ustar\00000", 8);
    for (size_t i = 0; i < 512; i++)
        sum += (unsigned char)tar[i];
    (void)snprintf(tar + 148, 7, "%06o", sum);
    memcpy(tar + 512, text, strlen(text));
    return 2048;
}

static void
test_without_signatures(void **state)
{
    struct og_clam *clam = NULL;
    char tar[2048];
    size_t len = make_tar(tar, "dir/x.txt", "hello zzviruszz");

    (void)state;
    open_with("", true, "", OG_OK, NULL, &clam);
    assert_int_equal(og_clam_signatures(clam), 0);
    assert_false(og_clam_changed(clam));
    assert_false(og_clam_phish(clam));
    check(clam, "", 0, &wide, NULL, "");
    check(clam, "hello", 5, &wide, NULL, ""); /* libclamav looks at 6 bytes or more */
    check(clam, "hello zzviruszz", 15, &wide, NULL, "<TEXT_ASCII  15 >");
    check(clam, tar, len, &wide, NULL,
          "<POSIX_TAR  2048 [dir/x.txt 15]<TEXT_ASCII dir/x.txt 15 >>");
    check(clam, tar, len, &wide, "CL_TYPE_POSIX_TAR", "<POSIX_TAR  2048 >");
    og_clam_close(clam);
    og_clam_close(NULL);
}

static void
test_signatures(void **state)
{
    struct og_clam *clam = NULL;
    char tar[2048];
    size_t len = make_tar(tar, "x", "hello zzviruszz");

    (void)state;
    put("a.ndb", virus);
    put("a.ndu", unwanted);
    open_with(directory, false, "", OG_OK, NULL, &clam);
    assert_int_equal(og_clam_signatures(clam), 1);
    check(clam, "hello zzviruszz", 15, &wide, NULL,
          "<TEXT_ASCII  15 !Test.Virus.UNOFFICIAL>");
    check(clam, "hello zzpuazz", 13, &wide, NULL, "<TEXT_ASCII  13 >");
    check(clam, tar, len, &wide, NULL,
          "<POSIX_TAR  2048 [x 15]<TEXT_ASCII x 15 !Test.Virus.UNOFFICIAL>"
          "!Test.Virus.UNOFFICIAL>");
    assert_false(og_clam_changed(clam));
    put("b.ndb", virus);
    assert_true(og_clam_changed(clam));
    drop("b.ndb");
    og_clam_close(clam);

    open_with(directory, true, "", OG_OK, NULL, &clam);
    assert_int_equal(og_clam_signatures(clam), 2);
    check(clam, "hello zzpuazz", 13, &wide, NULL,
          "<TEXT_ASCII  13 >!PUA.Win.NetTool.T.UNOFFICIAL");
    og_clam_close(clam);
}

static void
test_damaged(void **state)
{
    struct og_clam *clam = NULL;
    char missing[200];

    (void)state;
    put("broken.ndb", "no signature\n");
    open_with(directory, false, "", OG_E_STATE, "broken.ndb", &clam);
    drop("broken.ndb");
    drop("a.ndb");
    drop("a.ndu");
    open_with(directory, false, "", OG_E_NOTFOUND, directory, &clam);
    (void)snprintf(missing, sizeof missing, "%s/missing", directory);
    open_with(missing, false, "", OG_E_NOTFOUND, missing, &clam);
    assert_null(clam);
}

static void
test_limits(void **state)
{
    struct og_clam_limits limits = wide;
    struct og_clam *clam = NULL;
    char tar[2048];
    size_t len = make_tar(tar, "x", "hello zzviruszz");

    (void)state;
    open_with("", false, "", OG_OK, NULL, &clam);
    limits.file_bytes = 2047;
    check(clam, tar, len, &limits, NULL, "!Heuristics.Limits.Exceeded.MaxFileSize");
    limits = wide;
    limits.files = 1;
    check(clam, tar, len, &limits, NULL,
          "<POSIX_TAR  2048 >!Heuristics.Limits.Exceeded.MaxFiles");
    limits = wide;
    limits.depth = 1;
    check(clam, tar, len, &limits, NULL,
          "<POSIX_TAR  2048 [x 15]>!Heuristics.Limits.Exceeded.MaxRecursion");
    og_clam_close(clam);
}

struct progress {
    unsigned long long done, all;
};

static void
count(unsigned long long done, unsigned long long all, void *arg)
{
    struct progress *progress = arg;

    progress->done = done;
    progress->all = all;
}

static void
test_progress(void **state)
{
    struct og_clam_conf conf = { directory, "/tmp", false, "" };
    struct progress progress = { 0, 0 };
    struct og_clam *clam = NULL;
    struct og_err err = { "" };

    (void)state;
    put("a.ndb", virus);
    assert_int_equal(og_clam_open(&conf, count, &progress, &clam, &err), OG_OK);
    assert_true(progress.all > 0 && progress.done <= progress.all);
    og_clam_close(clam);
    conf.temporary_directory = "/nowhere";
    clam = NULL;
    assert_int_equal(og_clam_open(&conf, NULL, NULL, &clam, &err), OG_E_NOTFOUND);
    assert_non_null(strstr(err.text, "/nowhere"));
    assert_null(clam);
}

/* libclamav itself would see the first of these only */
static void
test_changed(void **state)
{
    const struct {
        const char *text;
        struct timespec written;
        bool changed;
    } writes[] = {
        { virus, { 1790000001, 5 }, true },
        { virus, { 1790000000, 6 }, true },
        { "Test.Virus:0:*:7a7a7669727573\n", { 1790000000, 5 }, true },
        { virus, { 1790000000, 5 }, false },
        { NULL, { 0, 0 }, true },
    };
    struct og_clam_conf conf = { directory, "/tmp", false, "" };
    struct timespec first[2] = { { 0, 0 }, { 1790000000, 5 } };
    struct og_clam *clam = NULL;
    struct og_err err = { "" };
    char path[200];

    (void)state;
    (void)snprintf(path, sizeof path, "%s/a.ndb", directory);
    put("a.ndb", virus);
    assert_int_equal(utimensat(AT_FDCWD, path, first, 0), 0);
    assert_int_equal(og_clam_open(&conf, NULL, NULL, &clam, &err), OG_OK);
    assert_false(og_clam_changed(clam));
    for (size_t i = 0; i < N_ELEMENTS(writes); i++) {
        struct timespec times[2] = { { 0, 0 }, writes[i].written };

        if (writes[i].text == NULL) {
            drop("a.ndb");
        } else {
            put("a.ndb", writes[i].text); /* into the same file */
            assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
        }
        if (og_clam_changed(clam) != writes[i].changed)
            fail_msg("row %zu", i);
    }
    og_clam_close(clam);
}

static int
set_up(void **state)
{
    (void)state;
    return mkdtemp(directory) == NULL;
}

static int
tear_down(void **state)
{
    (void)state;
    return nftw(directory, remove_entry, 4, FTW_DEPTH | FTW_PHYS);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_signatures),
        cmocka_unit_test(test_signatures),
        cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_progress),
        cmocka_unit_test(test_changed),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
