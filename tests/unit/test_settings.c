/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/rows.h"

#include "core/base/settings.h"
#include "core/base/settings_kind.h"
#include "core/base/settings_scan.h"

static const struct og_setting *
row_of(const char *name)
{
    const struct og_setting *row = og_setting_find(name);

    if (row == NULL)
        fail_msg("no setting %s", name);
    return row;
}

/* the row's value as text; the caller frees out */
static const char *
print(const struct og_settings *set, const struct og_setting *row, struct og_buf *out)
{
    struct og_err err = { "" };

    og_buf_reset(out);
    if (og_setting_print(set, row, out, &err) != OG_OK)
        fail_msg("%s: %s", row->name, err.text);
    return og_buf_text(out);
}

/* a text of len bytes that a text row's kind can read */
static char *
text_of(const struct og_setting *row, size_t len)
{
    char *text = malloc(len + 1);

    assert_non_null(text);
    memset(text, 'a', len);
    text[len] = '\0';
    for (size_t i = 60; i + 1 < len && strstr(row->kind->form, "domain") != NULL; i += 61)
        text[i] = '.'; /* labels have a length of their own */
    if (len > 0 && strstr(row->kind->form, "path") != NULL)
        text[0] = '/';
    return text;
}

static void
check_number_bounds(struct og_settings *set, const struct og_setting *row)
{
    const uint64_t edges[] = { row->lo - 1, row->lo, row->hi, row->hi + 1 };

    for (size_t i = 0; i < N_ELEMENTS(edges); i++) {
        struct og_err err = { "" };
        char text[32];
        enum og_rc want = i == 0 || i == 3 ? OG_E_RANGE : OG_OK;

        if (row->kind->words != NULL || (i == 0 && row->lo == 0))
            continue;
        (void)snprintf(text, sizeof text, "%" PRIu64, edges[i]);
        if (og_settings_set(set, row, text, OG_SOURCE_USER, &err) != want)
            fail_msg("%s: %s: %s", row->name, text, err.text);
        if (want != OG_OK)
            assert_non_null(strstr(err.text, row->name));
    }
}

static void
check_text_bounds(struct og_settings *set, const struct og_setting *row)
{
    const size_t edges[] = { row->lo - 1, row->lo, row->hi, row->hi + 1, 5000 };

    for (size_t i = 0; i < N_ELEMENTS(edges); i++) {
        struct og_err err = { "" };
        char *text;
        enum og_rc want = i == 0 || i >= 3 ? OG_E_RANGE : OG_OK;

        if (i == 0 && (row->lo == 0 || strstr(row->kind->form, "path") != NULL))
            continue;
        text = text_of(row, edges[i]);
        if (og_settings_set(set, row, text, OG_SOURCE_USER, &err) != want)
            fail_msg("%s: %zu bytes: %s", row->name, edges[i], err.text);
        free(text);
    }
}

static void
check_row(const struct og_setting *row)
{
    struct og_settings set = OG_SETTINGS_INIT;
    struct og_buf first = OG_BUF_INIT(5000), second = OG_BUF_INIT(5000);
    struct og_err err = { "" };

    assert_int_equal(og_settings_defaults(&set, &err), OG_OK);
    assert_int_equal(set.source[row - og_setting_rows], OG_SOURCE_DEFAULT);
    (void)print(&set, row, &first);
    if (og_settings_set(&set, row, og_buf_text(&first), OG_SOURCE_SERVER, &err) != OG_OK)
        fail_msg("%s: %s", row->name, err.text);
    assert_int_equal(set.source[row - og_setting_rows], OG_SOURCE_SERVER);
    assert_string_equal(print(&set, row, &second), og_buf_text(&first));
    if (!row->kind->is_text && row->kind != &og_kind_score)
        check_number_bounds(&set, row);
    else if (row->kind == &og_kind_text || row->kind == &og_kind_path
             || row->kind == &og_kind_domain || row->kind == &og_kind_selector)
        check_text_bounds(&set, row); /* other kinds have a grammar of their own */
    og_settings_free(&set);
    og_buf_free(&first);
    og_buf_free(&second);
}

static void
test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < OG_SETTINGS; i++) {
        const struct og_setting *row = &og_setting_rows[i];
        struct og_record rec = OG_RECORD_INIT;
        size_t help = strlen(row->help);

        if (help < 10 || row->help[help - 1] != '.' || strchr(row->help, '\n') != NULL)
            fail_msg("%s: help", row->name);
        assert_ptr_equal(og_setting_find(row->name), row); /* the name is its only one */
        assert_true(row->lo <= row->hi);
        assert_int_equal(og_record_set_text(&rec, row->name, "x", NULL), OG_OK);
        og_record_free(&rec);
        check_row(row);
    }
    assert_null(og_setting_find(""));
    assert_null(og_setting_find("User"));
    assert_null(og_setting_find("no_such_setting"));
}

#define A63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

#define A43 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

/* what a value is read as, printed back */
static const struct {
    const char *name, *in;
    enum og_rc rc;
    const char *out;
} rows[] = {
    { "quarantine", "SPAM, macro", OG_OK, "spam macro" },
    { "quarantine", "", OG_OK, "" },
    { "quarantine", "spam fan-out", OG_E_SYNTAX, NULL }, /* refuses nothing */
    { "quarantine", "Virus,spam", OG_E_SYNTAX, NULL },
    { "language", "DE", OG_OK, "de" },
    { "language", "pt_BR", OG_OK, "pt-br" },
    { "language", "zh-Hant-TW", OG_OK, "zh-hant-tw" },
    { "language", "es-419", OG_OK, "es-419" },
    { "language", "abcdefgh", OG_OK, "abcdefgh" },
    { "language", "abcdefghi", OG_E_SYNTAX, NULL },
    { "language", "de-abcdefghi", OG_E_SYNTAX, NULL },
    { "language", "aa-bbbbbb-ccccc", OG_OK, "aa-bbbbbb-ccccc" }, /* at the ceiling */
    { "language", "aa-bbbbbb-cccccc", OG_E_RANGE, NULL },
    { "language", "d", OG_E_SYNTAX, NULL },
    { "language", "d1", OG_E_SYNTAX, NULL },
    { "language", "de-", OG_E_SYNTAX, NULL },
    { "language", "-de", OG_E_SYNTAX, NULL },
    { "language", "de--at", OG_E_SYNTAX, NULL },
    { "language", "de at", OG_E_SYNTAX, NULL },
    { "language", "de.UTF-8", OG_E_SYNTAX, NULL },
    { "language", "\xc3\xa4\xc3\xb6", OG_E_SYNTAX, NULL },
    { "language", "", OG_E_SYNTAX, NULL },
    { "time_zone", "Europe/Berlin", OG_OK, "Europe/Berlin" },
    { "time_zone", "America/Port-au-Prince", OG_OK, "America/Port-au-Prince" },
    { "time_zone", "Etc/GMT+5", OG_OK, "Etc/GMT+5" },
    { "time_zone", A63 "a", OG_OK, A63 "a" },
    { "time_zone", A63 "aa", OG_E_RANGE, NULL },
    { "time_zone", "/etc/passwd", OG_E_SYNTAX, NULL },
    { "time_zone", "../../etc/passwd", OG_E_SYNTAX, NULL },
    { "time_zone", "a//b", OG_E_SYNTAX, NULL },
    { "time_zone", "a/", OG_E_SYNTAX, NULL },
    { "time_zone", ":UTC", OG_E_SYNTAX, NULL },
    { "time_zone", "", OG_E_RANGE, NULL },
    { "unlock_url", "", OG_OK, "" },
    { "unlock_url", "https://x.example/?t={token}&a=1", OG_OK,
      "https://x.example/?t={token}&a=1" },
    { "unlock_url", "https://x.example/", OG_E_SYNTAX, NULL },
    { "unlock_url", "https:///{token}", OG_E_SYNTAX, NULL },
    { "unlock_url", "javascript:{token}", OG_E_SYNTAX, NULL },
    { "unlock_url", "x.example/{token}", OG_E_SYNTAX, NULL },
    { "unlock_url", "http://x/{token} b", OG_E_SYNTAX, NULL },
    { "unlock_url", "http://x/{token}\"", OG_E_SYNTAX, NULL },
    { "unlock_url", "http://x/{token}\n", OG_E_SYNTAX, NULL },
    { "unlock_url", "http://x/{tok", OG_E_SYNTAX, NULL },
    { "exim_command", "/usr/sbin/exim4 -C /x", OG_OK, "/usr/sbin/exim4 -C /x" },
    { "exim_command", "exim4", OG_E_SYNTAX, NULL },
    { "exim_command", "", OG_E_SYNTAX, NULL },
    { "on_event", "", OG_OK, "" },
    { "on_event", "/x y", OG_OK, "/x y" },
    { "on_event", "x", OG_E_SYNTAX, NULL },
    { "on_event", "/x\ty", OG_E_SYNTAX, NULL },
    { "on_event_classes", "Lock, spam,fan-out", OG_OK, "lock spam fan-out" },
    { "on_event_classes", "all", OG_OK, "all" },
    { "on_event_classes", "lock;spam", OG_E_SYNTAX, NULL },
    { "on_event_classes", " , ", OG_E_SYNTAX, NULL },
    { "scan_unwanted_categories", "Packed,NetTool", OG_OK, "Packed NetTool" },
    { "scan_unwanted_categories", "", OG_OK, "" },
    { "scan_unwanted_categories", "Packed;Tool", OG_E_SYNTAX, NULL },
    { "admin_contact", "", OG_OK, "" },
    { "admin_contact", "Abuse+x@Example.com", OG_OK, "Abuse+x@Example.com" },
    { "admin_contact", "a@b\xc3\xbc.example", OG_OK, "a@b\xc3\xbc.example" },
    { "admin_contact", "postmaster", OG_E_SYNTAX, NULL },
    { "admin_contact", "A <a@b.example>", OG_E_SYNTAX, NULL },
    { "admin_contact", "a@b.example, c@b.example", OG_E_SYNTAX, NULL },
    { "admin_contact", "a\r\nBcc: c@b.example", OG_E_SYNTAX, NULL },
    { "lock_template", "Mine", OG_OK, "mine" },
    { "lock_template", "../x", OG_E_SYNTAX, NULL },
    { "allowed_senders", "*@X.example *.y.example, * @z.example", OG_OK,
      "*@x.example *.y.example * @z.example" },
    { "allowed_senders", "a@*.example *@*", OG_OK, "a@*.example *@*" },
    { "allowed_senders", "a@@b", OG_E_SYNTAX, NULL },
    { "allowed_senders", "*x.example", OG_E_SYNTAX, NULL },
    { "allowed_senders", "mail.*.example", OG_E_SYNTAX, NULL },
    { "allowed_senders", ".x.example", OG_E_SYNTAX, NULL },
    { "allowed_senders", "a@", OG_E_SYNTAX, NULL },
    { "allowed_senders", "*.", OG_E_SYNTAX, NULL },
    { "allowed_senders", "x..y", OG_E_SYNTAX, NULL },
    { "maximum_message_size", "50M", OG_OK, "50M" },
    { "maximum_message_size", "50m", OG_OK, "50M" },
    { "maximum_message_size", "51200K", OG_OK, "50M" },
    { "maximum_message_size", "52428800", OG_OK, "50M" },
    { "maximum_message_size", "52428801", OG_OK, "52428801" },
    { "maximum_message_size", "1G", OG_OK, "1G" },
    { "maximum_message_size", "4G", OG_OK, "4G" },
    { "maximum_message_size", "0", OG_OK, "0" },
    { "maximum_message_size", "0G", OG_OK, "0" },
    { "maximum_message_size", "1023", OG_OK, "1023" },
    { "maximum_message_size", "0010", OG_OK, "10" },
    { "maximum_message_size", "5G", OG_E_RANGE, NULL },
    { "maximum_message_size", "18446744073709551615", OG_E_RANGE, NULL },
    { "maximum_message_size", "18446744073709551616", OG_E_SYNTAX, NULL },
    { "maximum_message_size", "18446744073709551615K", OG_E_SYNTAX, NULL },
    { "maximum_message_size", "17179869184G", OG_E_SYNTAX, NULL }, /* 2^64 */
    { "maximum_message_size", "17179869183G", OG_E_RANGE, NULL },
    { "maximum_message_size", "1T", OG_E_SYNTAX, NULL },
    { "maximum_message_size", "1MB", OG_E_SYNTAX, NULL },
    { "maximum_message_size", "1 M", OG_E_SYNTAX, NULL },
    { "maximum_message_size", "1.5M", OG_E_SYNTAX, NULL },
    { "maximum_message_size", "-1", OG_E_SYNTAX, NULL },
    { "maximum_message_size", "+1", OG_E_SYNTAX, NULL },
    { "maximum_message_size", " 1", OG_E_SYNTAX, NULL },
    { "maximum_message_size", "1 ", OG_E_SYNTAX, NULL },
    { "maximum_message_size", "0x10", OG_E_SYNTAX, NULL },
    { "maximum_message_size", "M", OG_E_SYNTAX, NULL },
    { "maximum_message_size", "", OG_E_SYNTAX, NULL },
    { "maximum_line_length", "998", OG_OK, "998" },
    { "maximum_line_length", "1K", OG_E_SYNTAX, NULL },
    { "maximum_line_length", "-1", OG_E_SYNTAX, NULL },
    { "maximum_line_length", "99999999999999999999", OG_E_SYNTAX, NULL },
    { "maximum_line_length", "", OG_E_SYNTAX, NULL },
    { "state_timeout", "5", OG_OK, "5s" },
    { "state_timeout", "60s", OG_OK, "1m" },
    { "state_timeout", "1m", OG_OK, "1m" },
    { "state_timeout", "0", OG_E_RANGE, NULL },
    { "state_timeout", "61", OG_E_RANGE, NULL },
    { "state_timeout", "1h30m", OG_E_RANGE, NULL },
    { "state_timeout", "99999999999999999999w", OG_E_RANGE, NULL },
    { "state_timeout", "1.5s", OG_E_SYNTAX, NULL },
    { "state_timeout", "-5s", OG_E_SYNTAX, NULL },
    { "state_timeout", "", OG_E_SYNTAX, NULL },
    { "enabled", "yes", OG_OK, "yes" },
    { "enabled", "NO", OG_OK, "no" },
    { "enabled", "Yes", OG_OK, "yes" },
    { "enabled", "ye", OG_E_SYNTAX, NULL },
    { "enabled", "yess", OG_E_SYNTAX, NULL },
    { "enabled", "1", OG_E_SYNTAX, NULL },
    { "enabled", "true", OG_E_SYNTAX, NULL },
    { "enabled", "", OG_E_SYNTAX, NULL },
    { "identification_method", "Envelope-Sender", OG_OK, "envelope-sender" },
    { "identification_method", "authentication-user", OG_OK, "authentication-user" },
    { "identification_method", "header", OG_OK, "header" },
    { "identification_method", "headers", OG_E_SYNTAX, NULL },
    { "identification_missing", "REJECT", OG_OK, "reject" },
    { "identification_missing", "defer", OG_E_SYNTAX, NULL },
    { "checks", "", OG_OK, "" },
    { "checks", "  ", OG_OK, "" },
    { "checks", "dkim", OG_OK, "dkim" },
    { "checks", "DKIM,identity", OG_OK, "dkim identity" },
    { "checks", " structure ,\tdkim , ", OG_OK, "structure dkim" },
    { "checks", "dkim identity dkim", OG_E_SYNTAX, NULL },
    { "checks", "dkim DKIM", OG_E_SYNTAX, NULL },
    { "checks", "dki", OG_E_SYNTAX, NULL },
    { "checks", "dkims", OG_E_SYNTAX, NULL },
    { "checks", "dkim; identity", OG_E_SYNTAX, NULL },
    { "primary_hostname", "Mail.Example.COM", OG_OK, "mail.example.com" },
    { "primary_hostname", "", OG_OK, "" },
    { "primary_hostname", "a_b-c.example", OG_OK, "a_b-c.example" },
    { "primary_hostname", ".", OG_E_SYNTAX, NULL },
    { "primary_hostname", "a..b", OG_E_SYNTAX, NULL },
    { "primary_hostname", ".a", OG_E_SYNTAX, NULL },
    { "primary_hostname", "a.", OG_E_SYNTAX, NULL },
    { "primary_hostname", "a b", OG_E_SYNTAX, NULL },
    { "primary_hostname", "a@b", OG_E_SYNTAX, NULL },
    { "primary_hostname", "b\xc3\xbc.example", OG_E_SYNTAX, NULL },
    { "primary_hostname", A63 ".example", OG_OK, A63 ".example" },
    { "primary_hostname", A63 "a.example", OG_E_RANGE, NULL },
    { "dkim_selector", "S1", OG_OK, "s1" },
    { "dkim_selector", "s1.sub", OG_OK, "s1.sub" },
    { "dkim_selector", "s1.", OG_E_SYNTAX, NULL }, /* og_dkim_sign would refuse it */
    { "dkim_selector", ".s1", OG_E_SYNTAX, NULL },
    { "dkim_selector", "a..b", OG_E_SYNTAX, NULL },
    { "dkim_selector", "a;b", OG_E_SYNTAX, NULL },
    { "dkim_selector", "", OG_E_RANGE, NULL },
    { "user", "exim", OG_OK, "exim" },
    { "user", "\xc3\xa4", OG_OK, "\xc3\xa4" },
    { "user", "a\nb", OG_E_SYNTAX, NULL },
    { "user", "a\x7f", OG_E_SYNTAX, NULL },
    { "user", "", OG_E_RANGE, NULL },
    { "events_log", "/x", OG_OK, "/x" },
    { "events_log", "/", OG_E_RANGE, NULL },
    { "events_log", "x", OG_E_SYNTAX, NULL },
    { "events_log", "./x", OG_E_SYNTAX, NULL },
    { "events_log", "", OG_E_SYNTAX, NULL },
    { "events_log", "/a\tb", OG_E_SYNTAX, NULL },
    { "signature_directory", "", OG_OK, "" },
    { "signature_directory", "x", OG_E_SYNTAX, NULL },
    { "scan_temporary_directory", "tmp", OG_E_SYNTAX, NULL },
    { "checks", "virus spam macros attachments fingerprint", OG_OK,
      "virus spam macros attachments fingerprint" },
    { "blocked_extensions", "none", OG_OK, "none" },
    { "blocked_extensions", "NONE", OG_OK, "none" },
    { "blocked_extensions", "none exe", OG_E_SYNTAX, NULL },
    { "blocked_extensions", "exe, none", OG_E_SYNTAX, NULL },
    { "blocked_extensions", "nones", OG_OK, "nones" },
    { "blocked_extensions", "EXE,tar.gz  7z", OG_OK, "exe tar.gz 7z" },
    { "blocked_extensions", ".exe", OG_E_SYNTAX, NULL },
    { "blocked_extensions", "exe.", OG_E_SYNTAX, NULL },
    { "blocked_extensions", "tar..gz", OG_E_SYNTAX, NULL },
    { "blocked_extensions", "*.exe", OG_E_SYNTAX, NULL },
    { "blocked_extensions", "a/b", OG_E_SYNTAX, NULL },
    { "blocked_extensions", "\xc3\xa4", OG_E_SYNTAX, NULL },
    { "blocked_extensions", " , ", OG_E_SYNTAX, NULL },
    { "block_unwanted_attachments", "Yes", OG_OK, "yes" },
    { "block_unwanted_attachments", "NO", OG_OK, "no" },
    { "block_unwanted_attachments", "Packed,NetTool", OG_OK, "Packed NetTool" },
    { "block_unwanted_attachments", "Packed no", OG_E_SYNTAX, NULL },
    { "block_unwanted_attachments", "Packed!", OG_E_SYNTAX, NULL },
    { "block_unwanted_attachments", " ", OG_E_SYNTAX, NULL },
    { "block_encrypted", "Archives", OG_OK, "archives" },
    { "block_encrypted", "archive", OG_E_SYNTAX, NULL },
    { "scan_limit_response", "accept", OG_OK, "accept" },
    { "scan_limit_response", "defer", OG_E_SYNTAX, NULL },
    { "spam_threshold", "FILTER", OG_OK, "filter" },
    { "spam_threshold", "7", OG_OK, "7.0" },
    { "spam_threshold", "0.1", OG_OK, "0.1" },
    { "spam_threshold", "1000", OG_OK, "1000.0" },
    { "spam_threshold", "1000.1", OG_E_RANGE, NULL },
    { "spam_threshold", "0", OG_E_RANGE, NULL },
    { "spam_threshold", "0.0", OG_E_RANGE, NULL },
    { "spam_threshold", "7.25", OG_E_SYNTAX, NULL },
    { "spam_threshold", "7.", OG_E_SYNTAX, NULL },
    { "spam_threshold", "-1", OG_E_SYNTAX, NULL },
    { "spam_threshold", "99999999999999999999", OG_E_SYNTAX, NULL },
    { "spam_threshold", "", OG_E_SYNTAX, NULL },
    { "tripwires", "", OG_OK, "" },
    { "tripwires", "Trap@X.example, *.trap.example", OG_OK,
      "trap@x.example *.trap.example" },
    { "tripwires", "/etc/outgate/Trip wires", OG_OK, "/etc/outgate/Trip wires" },
    { "tripwires", "trap@", OG_E_SYNTAX, NULL },
    { "scanner", "scand", OG_OK, "scand" },
    { "scanner", "embedded", OG_OK, "embedded" },
    { "scanner", "scand:/run/a b", OG_OK, "scand:/run/a b" },
    { "scanner", "clamd:/" A63, OG_OK, "clamd:/" A63 },
    { "scanner", "clamd:/" A43 A63, OG_OK, "clamd:/" A43 A63 }, /* at the ceiling */
    { "scanner", "clamd:/a" A43 A63, OG_E_RANGE, NULL },
    { "scanner", "clamd", OG_E_SYNTAX, NULL },
    { "scanner", "clamd:", OG_E_SYNTAX, NULL },
    { "scanner", "scand:", OG_E_SYNTAX, NULL },
    { "scanner", "scand:run", OG_E_SYNTAX, NULL },
    { "scanner", "scand:/a\n", OG_E_SYNTAX, NULL },
    { "scanner", "scandal", OG_E_SYNTAX, NULL },
    { "scanner", "", OG_E_SYNTAX, NULL },
    { "scanner_failure", "Accept", OG_OK, "accept" },
    { "scanner_failure", "reject", OG_E_SYNTAX, NULL },
    { "identification_headers", "X-A , X-B /(.)/i  keep", OG_OK, "X-A, X-B /(.)/i keep" },
    { "identification_headers", "X-A /(\n)/", OG_E_SYNTAX, NULL },
    { "identification_headers", "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q", OG_E_RANGE, NULL },
};

static void
test_values(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        const struct og_setting *row = row_of(rows[i].name);
        struct og_settings set = OG_SETTINGS_INIT;
        struct og_buf out = OG_BUF_INIT(5000), before = OG_BUF_INIT(5000);
        struct og_err err = { "" };
        char *exact = exact_copy(rows[i].in, strlen(rows[i].in) + 1);

        assert_int_equal(og_settings_defaults(&set, &err), OG_OK);
        (void)print(&set, row, &before);
        row_rc(i, og_settings_set(&set, row, exact, OG_SOURCE_DOMAIN, &err), rows[i].rc,
               &err);
        free(exact);
        row_text(i, print(&set, row, &out),
                 rows[i].rc == OG_OK ? rows[i].out : og_buf_text(&before));
        assert_int_equal(set.source[row - og_setting_rows],
                         rows[i].rc == OG_OK ? OG_SOURCE_DOMAIN : OG_SOURCE_DEFAULT);
        if (rows[i].rc != OG_OK && strstr(err.text, rows[i].name) == NULL)
            fail_msg("row %zu: '%s' does not name the setting", i, err.text);
        og_settings_free(&set);
        og_buf_free(&out);
        og_buf_free(&before);
    }
}

static const struct {
    const char *text;
    enum og_scanner_mode mode;
    const char *socket;
} scanners[] = {
    { "scand", OG_SCANNER_SCAND, OG_SCAND_SOCKET },
    { "scand:/a", OG_SCANNER_SCAND, "/a" },
    { "clamd:/a:b", OG_SCANNER_CLAMD, "/a:b" },
    { "embedded", OG_SCANNER_EMBEDDED, "" },
};

static void
test_scanner(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(scanners); i++) {
        const char *socket = NULL;

        assert_int_equal(og_scanner_mode(scanners[i].text, &socket), scanners[i].mode);
        row_text(i, socket, scanners[i].socket);
    }
}

static const struct {
    const char *checks;
    bool asked;
} asked[] = {
    { "", false },
    { "identity lock structure from dkim limits", false },
    { "virus", true },
    { "identity virus", true },
    { "spam limits", true },
    { "identity macros limits", true },
    { "viruses antivirus", false },
};

static void
test_asked(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(asked); i++)
        if (og_scanner_is_asked(asked[i].checks) != asked[i].asked)
            fail_msg("row %zu", i);
}

static const struct {
    const char *record;
    enum og_rc rc;
    const char *size, *selector; /* afterwards */
    enum og_source size_source;
} records[] = {
    { "", OG_OK, "50M", "default", OG_SOURCE_DEFAULT },
    { "password=x created=y unknown=z", OG_OK, "50M", "default", OG_SOURCE_DEFAULT },
    { "maximum_message_size=1K dkim_selector=S", OG_OK, "1K", "s", OG_SOURCE_DOMAIN },
    { "maximum_message_size=1X", OG_E_SYNTAX, "50M", "default", OG_SOURCE_DEFAULT },
    { "maximum_message_size=", OG_E_SYNTAX, "50M", "default", OG_SOURCE_DEFAULT },
    { "maximum_message_size=5G", OG_E_RANGE, "50M", "default", OG_SOURCE_DEFAULT },
    { "dkim_selector=a%00b", OG_E_SYNTAX, "50M", "default", OG_SOURCE_DEFAULT },
    /* a setting of the server in a record counts for nothing */
    { "user=root state_timeout=bad", OG_OK, "50M", "default", OG_SOURCE_DEFAULT },
};

static void
test_apply(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(records); i++) {
        struct og_settings set = OG_SETTINGS_INIT;
        struct og_record rec = OG_RECORD_INIT;
        struct og_buf out = OG_BUF_INIT(5000);
        struct og_err err = { "" };

        assert_int_equal(og_settings_defaults(&set, &err), OG_OK);
        assert_int_equal(
            og_record_parse(records[i].record, strlen(records[i].record), &rec, &err),
            OG_OK);
        row_rc(i, og_settings_apply(&set, &rec, OG_SOURCE_DOMAIN, &err), records[i].rc,
               &err);
        row_text(i, print(&set, row_of("maximum_message_size"), &out), records[i].size);
        row_text(i, print(&set, row_of("dkim_selector"), &out), records[i].selector);
        row_text(i, print(&set, row_of("user"), &out), "Debian-exim");
        assert_int_equal(set.source[OG_SETTING_maximum_message_size],
                         records[i].size_source);
        og_record_free(&rec);
        og_settings_free(&set);
        og_buf_free(&out);
    }
}

static void
test_copy(void **state)
{
    struct og_settings a = OG_SETTINGS_INIT, b = OG_SETTINGS_INIT;
    const struct og_setting *row = row_of("dkim_selector");
    struct og_err err = { "" };

    (void)state;
    assert_int_equal(og_settings_defaults(&a, &err), OG_OK);
    assert_int_equal(og_settings_set(&a, row, "one", OG_SOURCE_USER, &err), OG_OK);
    assert_int_equal(og_settings_copy(&b, &a, &err), OG_OK);
    assert_int_equal(b.source[OG_SETTING_dkim_selector], OG_SOURCE_USER);
    assert_int_equal(og_settings_set(&a, row, "two", OG_SOURCE_USER, &err), OG_OK);
    assert_string_equal(b.dkim_selector, "one");
    assert_int_equal(og_settings_copy(&b, &b, &err), OG_OK); /* itself is fine */
    assert_string_equal(b.dkim_selector, "one");
    og_settings_free(&a);
    assert_string_equal(b.dkim_selector, "one");
    assert_int_equal(og_settings_defaults(&b, &err), OG_OK); /* frees what was there */
    assert_string_equal(b.dkim_selector, "default");
    og_settings_free(&b);
    og_settings_free(&b);
    assert_int_equal(og_settings_copy(&b, &a, &err), OG_OK); /* of nothing */
    og_settings_free(&b);
}

static void
test_source_text(void **state)
{
    (void)state;
    assert_string_equal(og_source_text(OG_SOURCE_DEFAULT), "default");
    assert_string_equal(og_source_text(OG_SOURCE_SERVER), "server");
    assert_string_equal(og_source_text(OG_SOURCE_DOMAIN), "domain");
    assert_string_equal(og_source_text(OG_SOURCE_USER), "user");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),        cmocka_unit_test(test_values),
        cmocka_unit_test(test_apply),       cmocka_unit_test(test_copy),
        cmocka_unit_test(test_source_text), cmocka_unit_test(test_scanner),
        cmocka_unit_test(test_asked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
