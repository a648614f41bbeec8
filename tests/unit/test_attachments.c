/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/rows.h"

#include "core/check/attachments.h"
#include "core/check/filename.h"

#define RLO "\xe2\x80\xae"  /* right-to-left override */
#define PDI "\xe2\x81\xa9"  /* end of an isolate */
#define ZWSP "\xe2\x80\x8b" /* zero width space */
#define NBSP "\xc2\xa0"

#define TEN "xxxxxxxxxx"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
#define THOUSAND \
    HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED

/* judged by "exe js scr gz tar.gz r00"; what: ending, before, h(idden) r(eversed) c(lass) */
static const struct {
    const char *name, *ending, *before, *what;
} names[] = {
    { "", "", "", "" },
    { ".", "", "", "" },
    { "exe", "", "", "" },
    { ".exe", "exe", "", "" },
    { "a.exe", "exe", "", "" },
    { "a.EXE", "exe", "", "" },
    { "a.exe.txt", "", "", "" },
    { "a.exes", "", "", "" },
    { "a.xexe", "", "", "" },
    { "aexe", "", "", "" },
    { "a.gz", "gz", "", "" },
    { "a.tar.gz", "tar.gz", "", "" },
    { "tar.gz", "gz", "", "" },
    { "invoice.pdf.exe", "exe", "pdf", "" },
    { "invoice.PDF .exe", "exe", "pdf", "" },
    { "invoice.pdf                                        .exe", "exe", "pdf", "" },
    { "setup-1.25.exe", "exe", "", "" }, /* a version */
    { "a.longer.exe", "exe", "", "" },
    { "a.mp3.tar.gz", "tar.gz", "mp3", "" },
    { "a.exe.", "exe", "", "h" },
    { "a.exe...", "exe", "", "h" },
    { "a.exe ", "exe", "", "h" },
    { "a.exe . .", "exe", "", "h" },
    { "a.exe" NBSP, "exe", "", "h" },
    { "a.exe\xe3\x80\x80", "exe", "", "h" },
    { "a.exe\"", "exe", "", "h" },
    { "a. exe", "", "", "" },
    { "a.e\txe", "exe", "", "h" },
    { "a.exe\n", "exe", "", "h" },
    { "a.exe\x01", "exe", "", "h" },
    { "a.exe\xc2\x85", "exe", "", "h" },
    { "a.e" ZWSP "xe", "exe", "", "h" },
    { ZWSP "a.exe" PDI, "exe", "", "h" },
    { "invoice" RLO "fdp.exe", "exe", "", "hr" },
    { "invoice" RLO "fdp.txt", "", "", "r" },
    { "\xd7\xa9\xe2\x80\x8f.exe", "exe", "", "" },
    { "\xd7\xa9\xe2\x80\x8f.txt", "", "", "" }, /* a mark that Hebrew names have */
    { "a.\xef\xbd\x85\xef\xbd\x98\xef\xbd\x85", "exe", "", "h" }, /* full-width */
    { "a\xef\xbc\x8e\xef\xbc\xa5\xef\xbc\xb8\xef\xbc\xa5", "exe", "", "h" },
    { "a\xe2\x80\xa4"
      "exe",
      "exe", "", "h" }, /* one dot leader */
    { "a.exe:$DATA", "exe", "", "h" },
    { "a.exe::$DATA", "exe", "", "h" },
    { "a.txt:b.exe", "exe", "", "" },
    { "a.txt:b.exe:$DATA", "exe", "", "h" },
    { "C:\\x\\a.exe", "exe", "", "" },
    { "dir/a.exe", "exe", "", "" },
    { "a.exe/b.txt", "", "", "" },
    { "a.exe/", "exe", "", "h" },
    { "a.exe\\.", "exe", "", "h" },
    { "a.exe/ ./..", "exe", "", "h" },
    { "dir.exe/.js", "js", "", "" },
    { "dir\\a.exe\\", "exe", "", "h" },
    { "a.exe\xe2\x88\x95"
      "b",
      "", "", "" }, /* a slash that is none */
    { "a.{00020C01-0000-0000-C000-000000000046}", "", "", "c" },
    { "a{b}", "", "", "" },
    { "a.{b}.txt", "", "", "" },
    { "\xff\xfe.exe", "exe", "", "" },
    { "a.exe\xff", "", "", "" },
    { "a\xe0\x80\xae"
      "exe",
      "", "", "" },                  /* no dot: overlong */
    { "a.exe\xe2\x80", "", "", "" }, /* cut */
    { HUNDRED ".exe", "exe", "", "" },
    { THOUSAND "." TEN "xxxxxxxxx.exe", "exe", "", "" }, /* at the ceiling */
    { THOUSAND "." TEN TEN TEN ".scr", "scr", "", "" },  /* above it */
    { THOUSAND THOUSAND THOUSAND ".js", "js", "", "" },
    { "a.r00", "r00", "", "" },
};

static void
test_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(names); i++) {
        struct og_filename look;
        char *exact = exact_copy(names[i].name, strlen(names[i].name) + 1), what[4];

        og_filename_look(exact, "exe js scr gz tar.gz r00", &look);
        (void)snprintf(what, sizeof what, "%s%s%s", look.hidden ? "h" : "",
                       look.reversed ? "r" : "", look.class_id ? "c" : "");
        row_text(i, look.ending, names[i].ending);
        row_text(i, look.before, names[i].before);
        row_text(i, what, names[i].what);
        free(exact);
    }
}

static const struct {
    const char *name;
    size_t size;
    const char *out;
} prints[] = {
    { "", 20, "" },
    { "a.zip/b.exe", 20, "a.zip/b.exe" },
    { "a\r\nb\x7f\"\\c", 20, "a??b???c" },
    { "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\xff", 20, "????" },
    { "0123456789", 11, "0123456789" },
    { "0123456789a", 11, "012...789a" },
    { "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4",
      11, "??????????" },
    { "${run{x}} %s", 20, "${run{x}} %s" },
};

static void
test_print(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(prints); i++) {
        char *exact = exact_copy(prints[i].name, strlen(prints[i].name) + 1);
        char *out = malloc(prints[i].size);

        og_filename_print(exact, out, prints[i].size);
        row_text(i, out, prints[i].out);
        free(exact);
        free(out);
    }
}

#define DEFAULTS "blocked_extensions=exe%20iso%20vbe"
#define FILE_OF(path, name, type, claimed, depth) \
    OG_FOUND_FILE, path, name, type, claimed, depth
#define OTHER(what, path, name) what, path, name, "", "", 0

/* settings, what was found, and the reason */
static const struct {
    const char *settings;
    enum og_found what;
    const char *path, *name, *type, *claimed;
    unsigned depth;
    const char *reason;
} rows[] = {
    { "", FILE_OF("a.txt", "a.txt", "CL_TYPE_TEXT_ASCII", "text/plain", 0), "" },
    { "", FILE_OF("a.exe", "a.exe", "", "", 0), "its name ends in .exe" },
    { "", FILE_OF("a.pdf.exe", "a.pdf.exe", "CL_TYPE_MSEXE", "", 0),
      "its name ends in .pdf.exe" },
    { "", FILE_OF("a.exe.", "a.exe.", "", "", 0), "its name hides that it ends in .exe" },
    { "", FILE_OF("", RLO "fdp.txt", "", "", 0),
      "its name holds a mark that turns the direction of writing" },
    { "", FILE_OF("", "a.{1}", "", "", 0), "its name ends in a class identifier" },
    { "blocked_extensions=none", FILE_OF("a.exe", "a.exe", "CL_TYPE_MSEXE", "", 0), "" },
    { "blocked_extensions=none", FILE_OF("", RLO "x", "", "", 0), "" },
    { "blocked_extensions=tar.gz", FILE_OF("", "a.tar.gz", "", "", 0),
      "its name ends in .tar.gz" },
    { "blocked_extensions=tar.gz", FILE_OF("", "a.gz", "", "", 0), "" },
    { DEFAULTS, FILE_OF("", "photo.jpg", "CL_TYPE_MSEXE", "image/jpeg", 0),
      "it is a Windows program" },
    { DEFAULTS, FILE_OF("", "", "CL_TYPE_MSEXE", "application/x", 0),
      "it is a Windows program" },
    { DEFAULTS, FILE_OF("", "", "CL_TYPE_MSEXE", "text/plain", 0),
      "" }, /* "MZ writes:" */
    { DEFAULTS, FILE_OF("", "x", "CL_TYPE_MSEXE", "text/plain", 0),
      "it is a Windows program" },
    { DEFAULTS, FILE_OF("", "", "CL_TYPE_MSEXE", "", 1), "it is a Windows program" },
    { DEFAULTS, FILE_OF("", "x", "CL_TYPE_ELF", "", 0), "it is a Linux program" },
    { DEFAULTS, FILE_OF("", "x", "CL_TYPE_MACHO_UNIBIN", "", 0),
      "it is a macOS program" },
    { DEFAULTS, FILE_OF("", "x", "CL_TYPE_ISO9660", "", 0), "it is a disk image" },
    { DEFAULTS, FILE_OF("", "x", "CL_TYPE_SCRENC", "", 0), "it is an encoded script" },
    { DEFAULTS, FILE_OF("", "x", "CL_TYPE_MSCHM", "", 0), "" }, /* chm is not listed */
    { DEFAULTS, FILE_OF("", "x", "CL_TYPE_ZIP", "", 0), "" },
    { DEFAULTS, FILE_OF("", "a.exe", "", "", 3), "its name ends in .exe" },
    { DEFAULTS, FILE_OF("", "a.exe", "CL_TYPE_MSEXE", "", 4), "" },
    { "attachment_depth=0", FILE_OF("", "a.exe", "", "", 0), "its name ends in .exe" },
    { "attachment_depth=0", FILE_OF("", "a.exe", "", "", 1), "" },

    { "", OTHER(OG_FOUND_ENCRYPTED, "a.zip", "archive"), "" },
    { "block_encrypted=yes", OTHER(OG_FOUND_ENCRYPTED, "a.zip", "archive"),
      "it is encrypted" },
    { "block_encrypted=yes", OTHER(OG_FOUND_ENCRYPTED, "a.doc", "document"),
      "it is encrypted" },
    { "block_encrypted=archives", OTHER(OG_FOUND_ENCRYPTED, "a.zip", "archive"),
      "it is encrypted" },
    { "block_encrypted=archives", OTHER(OG_FOUND_ENCRYPTED, "a.doc", "document"), "" },
    { "block_encrypted=documents", OTHER(OG_FOUND_ENCRYPTED, "a.zip", "archive"), "" },
    { "block_encrypted=documents", OTHER(OG_FOUND_ENCRYPTED, "a.doc", "document"),
      "it is encrypted" },

    { "", OTHER(OG_FOUND_UNWANTED, "x", "PUA.Win.Packer.Upx-49"), "" },
    { "block_unwanted_attachments=yes",
      OTHER(OG_FOUND_UNWANTED, "x", "PUA.Win.Packer.Upx-49"),
      "it is potentially unwanted, PUA.Win.Packer.Upx-49" },
    { "block_unwanted_attachments=nettool%20packer",
      OTHER(OG_FOUND_UNWANTED, "x", "PUA.Win.Packer.Upx-49"),
      "it is potentially unwanted, PUA.Win.Packer.Upx-49" },
    { "block_unwanted_attachments=NetTool",
      OTHER(OG_FOUND_UNWANTED, "x", "PUA.NetTool.Netcat"),
      "it is potentially unwanted, PUA.NetTool.Netcat" },
    { "block_unwanted_attachments=NetTool",
      OTHER(OG_FOUND_UNWANTED, "x", "PUA.Win.Packer.NetTool"), "" },
    { "block_unwanted_attachments=PUA", OTHER(OG_FOUND_UNWANTED, "x", "PUA.Win.Packer.X"),
      "" },
    { "block_unwanted_attachments=Tool", OTHER(OG_FOUND_UNWANTED, "x", ""), "" },

    { "block_encrypted=yes", OTHER(OG_FOUND_VIRUS, "x", "Eicar"), "" },
    { "block_encrypted=yes", OTHER(OG_FOUND_MACRO, "x", "vba"), "" },
    { "block_encrypted=yes", OTHER(OG_FOUND_PHISH, "x", "x"), "" },
    { "block_encrypted=yes", OTHER(OG_FOUND_LIMIT, "x", "size"), "" },
};

static void
settings_of(const char *text, struct og_settings *set)
{
    struct og_record rec = OG_RECORD_INIT;
    struct og_err err = { "" };

    assert_int_equal(og_settings_defaults(set, &err), OG_OK);
    if (og_record_parse(text, strlen(text), &rec, &err) != OG_OK
        || og_settings_apply(set, &rec, OG_SOURCE_USER, &err) != OG_OK)
        fail_msg("%s: %s", text, err.text);
    og_record_free(&rec);
}

#define TEXT(constant) (char *)(uintptr_t)(constant)

static void
test_blocked(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        struct og_settings set = OG_SETTINGS_INIT;
        struct og_finding found = { .what = rows[i].what,
                                    .path = TEXT(rows[i].path),
                                    .name = TEXT(rows[i].name),
                                    .type = TEXT(rows[i].type),
                                    .claimed = TEXT(rows[i].claimed),
                                    .depth = rows[i].depth };
        char reason[OG_ATTACHMENT_REASON] = "?";
        bool blocked;

        settings_of(rows[i].settings, &set);
        blocked = og_attachment_blocked(&set, &found, reason);
        row_text(i, reason, rows[i].reason);
        assert_int_equal(blocked, rows[i].reason[0] != '\0');
        og_settings_free(&set);
    }
}

static void
add(struct og_findings *list, const char *name, unsigned depth)
{
    struct og_err err = { "" };
    char path[300];
    struct og_finding found = { .what = OG_FOUND_FILE,
                                .path = path,
                                .name = (char *)(uintptr_t)name,
                                .type = path + 299,
                                .claimed = path + 299,
                                .depth = depth };

    (void)snprintf(path, sizeof path, "%s%s", depth > 0 ? "a.zip/" : "", name);
    path[299] = '\0';
    if (og_findings_add(list, &found, &err) != OG_OK)
        fail_msg("%s", err.text);
}

static void
test_check(void **state)
{
    struct og_findings list = OG_FINDINGS_INIT;
    struct og_settings set = OG_SETTINGS_INIT;
    struct og_verdict verdict = OG_VERDICT_ACCEPT;

    (void)state;
    settings_of("maximum_mime_parts=3", &set);
    assert_null(og_attachments_check(&set, &list, &verdict));
    for (int i = 0; i < 3; i++)
        add(&list, i == 0 ? "a" : i == 1 ? "b" : "c", 0);
    add(&list, "d", 1); /* no MIME part */
    assert_null(og_attachments_check(&set, &list, &verdict));
    assert_string_equal(verdict.class, "accepted");
    add(&list, "e", 0);
    assert_null(og_attachments_check(&set, &list, &verdict));
    assert_string_equal(verdict.code, "550 5.6.0");
    assert_string_equal(verdict.class, "parts");
    assert_string_equal(verdict.text, "A message of 4 parts has more than the 3 allowed");
    add(&list, "b\r\n\xc3\xa4\".exe", 1);
    assert_ptr_equal(og_attachments_check(&set, &list, &verdict), &list.list[5]);
    assert_string_equal(verdict.class, "attachment");
    assert_string_equal(
        verdict.text,
        "The file \"a.zip/b????.exe\" is not allowed: its name ends in .exe");
    og_findings_free(&list);
    og_settings_free(&set);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_print),
        cmocka_unit_test(test_blocked),
        cmocka_unit_test(test_check),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
