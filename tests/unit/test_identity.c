/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/rows.h"

#include <time.h>

#include "core/check/identity.h"

enum { MAX_FIELDS = 16 };

#define SCRIPT "X-PHP-Originating-Script"
#define FORTY "1234567890123456789012345678901234567890"
#define TWO_HUNDRED FORTY FORTY FORTY FORTY FORTY
#define AUTH "Received /\\(Authenticated sender: (.*?)\\)/"

/* '@' in the message is a NUL where the row says so */
static const struct {
    const char *method, *headers, *missing;
    const char *sender, *login;
    const char *message; /* header fields */
    const char *identity;
    const char *left; /* what stays of the message */
    bool user;        /* a user who only inherits the method */
    bool nul;
} rows[] = {
    { "none", "", "user", "a@b", "c@d", "X-A: 1\n", "", "X-A: 1\n", 0, 0 },
    { "none", "", "reject", "a@b", "c@d", "X-A: 1\n", "", "X-A: 1\n", 0, 0 },
    { "none", "X-A", "user", "a@b", "c@d", "X-A: 1\nX-B: 2\n", "", "X-B: 2\n", 0, 0 },
    { "envelope-sender", "", "user", "Bob@Example.COM", "c@d", "X-A: 1\n",
      "sender:bob@example.com", "X-A: 1\n", 0, 0 },
    { "envelope-sender", "X-A", "user", "a@b", "", "X-A: 1\n", "sender:a@b", "", 0, 0 },
    { "envelope-sender", "", "user", "", "c@d", "", "", "", 0, 0 },
    { "envelope-sender", "", "reject", "", "c@d", "", "550", "", 0, 0 },
    { "envelope-sender", "", "accept", "", "c@d", "", "", "", 0, 0 },
    { "authentication-user", "", "user", "a@b", "C@D", "", "login:c@d", "", 0, 0 },
    { "authentication-user", "", "reject", "a@b", "", "", "550", "", 0, 0 },
    { "authentication-user", "", "user", "a@b", "a\nb", "", "", "", 0, 0 },
    { "header", "X-A", "reject", "a@b", "c@d", "X-A: Cust42\nX-B: 2\n", "header:cust42",
      "X-B: 2\n", 0, 0 },
    { "header", "X-A", "reject", "a@b", "c@d", "x-a \t:\n  Cust\n 42 \n",
      "header:cust 42", "", 0, 0 },
    { "header", "X-A keep", "reject", "", "", "X-A: 1\n", "header:1", "X-A: 1\n", 0, 0 },
    { "header", "", "user", "a@b", "c@d", "X-A: 1\n", "", "X-A: 1\n", 0, 0 },
    /* missing */
    { "header", "X-A", "reject", "a@b", "c@d", "X-B: 1\n", "550", "X-B: 1\n", 0, 0 },
    { "header", "X-A", "accept", "a@b", "c@d", "X-B: 1\n", "", "X-B: 1\n", 0, 0 },
    { "header", "X-A", "user", "a@b", "c@d", "X-B: 1\n", "", "X-B: 1\n", 0, 0 },
    { "header", "X-A", "user", "a@b", "c@d", "", "", "", 0, 0 },
    /* the highest one in the message, whichever rule */
    { "header", "X-A, X-B", "user", "", "", "X-B: b\nX-A: a\n", "header:b", "", 0, 0 },
    { "header", "X-A, X-B", "user", "", "", "X-A: a\nX-B: b\n", "header:a", "", 0, 0 },
    { "header", "X-A /no(x)/, X-A /(.*)/", "user", "", "", "X-A: a\n", "header:a", "", 0,
      0 },
    { "header", "X-A", "user", "", "", "X-A: 1\nSubject: x\nX-A: forged\nx-a:y\n",
      "header:1", "Subject: x\n", 0, 0 },
    { "header", "X-A, X-B keep", "user", "", "", "X-C: 0\nX-B: b\nX-A: a\n", "header:b",
      "X-C: 0\nX-B: b\n", 0, 0 },
    { "header", "X-A keep, X-A /(z)/", "user", "", "", "X-A: a\n", "header:a", "", 0, 0 },
    /* an unusable one leaves the place to the next */
    { "header", "X-A", "user", "", "", "X-A:\nX-A: 2\n", "header:2", "", 0, 0 },
    { "header", "X-A", "reject", "", "", "X-A: \t\n", "550", "", 0, 0 },
    { "header", "X-A", "user", "", "", "X-A: a\tb\n", "header:a b", "", 0, 0 },
    { "header", "X-A", "reject", "", "", "X-A: a\n\tb\n", "header:a b", "", 0, 0 },
    { "header", "X-A", "user", "", "", "X-A: a\x7f\n", "", "", 0, 0 },
    { "header", "X-A", "user", "", "", "X-A: a\x1b[2J\n", "", "", 0, 0 },
    { "header", "X-A", "user", "", "", "X-A: a@b\n", "", "", 0, 1 },
    { "header", "X-A", "user", "", "", "X-A: a\rb\n", "", "", 0, 0 },
    { "header", "X-A", "user", "", "", "X-A: \xc3\x84\n", "header:\xc3\x84", "", 0, 0 },
    { "header", "X-A", "user", "", "", "X-A: " TWO_HUNDRED "\n", "header:" TWO_HUNDRED,
      "", 0, 0 },
    { "header", "X-A", "user", "", "", "X-A: " TWO_HUNDRED "1\n", "", "", 0, 0 },
    { "header", "X-A", "user", "", "", "X-A: %s%n:x\n", "header:%s%n:x", "", 0, 0 },
    /* expressions */
    { "header", SCRIPT " /^(.*?)\\(/", "user", "", "",
      SCRIPT ": 1000:index.php(33) : eval()\n", "header:1000:index.php", "", 0, 0 },
    { "header", "X-A /id=(\\d+)/", "user", "", "", "X-A: ID=1\n", "", "", 0, 0 },
    { "header", "X-A /id=(\\d+)/i", "user", "", "", "X-A: ID=1\n", "header:1", "", 0, 0 },
    { "header", "X-A /a=(x)|b=(y)/", "user", "", "", "X-A: b=y\n", "header:y", "", 0, 0 },
    { "header", "X-A /a(;.*?;)/", "user", "", "", "X-A: a; x ;\n", "header:; x ;", "", 0,
      0 },
    { "header", "X-A /;(.*);/", "user", "", "", "X-A: ; x ;\n", "header:x", "", 0, 0 },
    { "header", "X-A /;(.*);/", "reject", "", "", "X-A: ;  ;\n", "550", "", 0, 0 },
    { "header", "X-A /(q)?a/", "user", "", "", "X-A: a\n", "", "", 0, 0 },
    { "header", "X-A /(.*)x/", "user", "", "", "X-A:\n a\n bx\n", "header:a b", "", 0,
      0 },
    /* Received stays, its comment goes */
    { "header", AUTH, "user", "", "",
      "Received: from a (Authenticated sender: Bob)\n by b\nX: y\n", "header:bob",
      "Received: from a\n by b\nX: y\n", 0, 0 },
    { "header", AUTH " keep", "user", "", "",
      "Received: a (Authenticated sender: Bob) b\n", "header:bob",
      "Received: a (Authenticated sender: Bob) b\n", 0, 0 },
    { "header", AUTH, "user", "", "",
      "Received: a (Authenticated sender: 1) b\nReceived: a (Authenticated sender: 2)\n",
      "header:1", "Received: a b\nReceived: a\n", 0, 0 },
    { "none", AUTH, "user", "", "", "Received: a (Authenticated sender: 1) b\n", "",
      "Received: a b\n", 0, 0 },
    { "header", AUTH ", Received /\\(id (.*?)\\)/", "user", "", "",
      "Received: a (id 1) (Authenticated sender: 2) b\n", "header:2", "Received: a b\n",
      0, 0 },
    /* a user who only inherits: not counted, still removed */
    { "header", "X-A", "user", "a@b", "c@d", "X-A: 1\nX-B: 2\n", "", "X-B: 2\n", 1, 0 },
    { "header", AUTH, "user", "", "", "Received: a (Authenticated sender: 1) b\n", "",
      "Received: a b\n", 1, 0 },
    { "envelope-sender", "X-A", "user", "a@b", "", "X-A: 1\n", "sender:a@b", "", 1, 0 },
    { "header", "X-A", "reject", "a@b", "c@d", "X-A: 1\n", "", "", 1, 0 },
};

static struct og_settings
settings_of(const char *method, const char *headers, const char *missing)
{
    const struct {
        const char *name, *value;
    } values[] = { { "identification_method", method },
                   { "identification_headers", headers },
                   { "identification_missing", missing } };
    struct og_settings set = OG_SETTINGS_INIT;
    struct og_err err = { "" };

    assert_int_equal(og_settings_defaults(&set, &err), OG_OK);
    for (size_t i = 0; i < N_ELEMENTS(values); i++)
        if (og_settings_set(&set, og_setting_find(values[i].name), values[i].value,
                            OG_SOURCE_DOMAIN, &err)
            != OG_OK)
            fail_msg("%s", err.text);
    return set;
}

/* each field in memory of its own, without NUL */
static void
split(const char *text, bool nul, struct og_headers *list, char *fields[])
{
    while (*text != '\0') {
        const char *end = text;
        struct og_err err = { "" };
        size_t len;

        do
            end = strchr(end, '\n') + 1;
        while (*end == ' ' || *end == '\t');
        len = (size_t)(end - text);
        assert_true(list->count < MAX_FIELDS);
        fields[list->count] = exact_copy(text, len);
        for (size_t i = 0; i < len && nul; i++)
            if (fields[list->count][i] == '@')
                fields[list->count][i] = '\0';
        assert_int_equal(og_headers_add(list, fields[list->count], len, &err), OG_OK);
        text = end;
    }
}

static void
check_left(size_t row, const struct og_headers *list, const char *want)
{
    struct og_buf left = OG_BUF_INIT(4096);
    struct og_err err = { "" };

    for (size_t i = 0; i < list->count; i++) {
        const struct og_header *field = &list->rows[i];

        if (field->removed)
            continue;
        row_rc(row,
               field->changed != NULL ? og_buf_add_text(&left, field->changed, &err)
                                      : og_buf_add(&left, field->text, field->len, &err),
               OG_OK, &err);
    }
    row_text(row, og_buf_text(&left), want);
    og_buf_free(&left);
}

static void
test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        struct og_settings set =
            settings_of(rows[i].method, rows[i].headers, rows[i].missing);
        struct og_identity_facts facts = {
            rows[i].sender, rows[i].login, og_identity_headers_count(&set, rows[i].user)
        };
        struct og_headers list = OG_HEADERS_INIT;
        struct og_identity identity = { "old" };
        struct og_verdict verdict = OG_VERDICT_ACCEPT;
        struct og_err err = { "" };
        char *fields[MAX_FIELDS];
        bool refused = strcmp(rows[i].identity, "550") == 0;

        split(rows[i].message, rows[i].nul, &list, fields);
        row_rc(i, og_identity_check_settings(&set, &err), OG_OK, &err);
        row_rc(i, og_identity_find(&set, &facts, &list, &identity, &verdict, &err), OG_OK,
               &err);
        row_text(i, identity.text, refused ? "" : rows[i].identity);
        row_text(i, verdict.code, refused ? "550 5.7.1" : "");
        assert_int_equal(verdict.action, refused ? OG_REJECT : OG_ACCEPT);
        check_left(i, &list, rows[i].left);
        for (size_t k = 0; k < list.count; k++)
            free(fields[k]);
        og_headers_free(&list);
        og_settings_free(&set);
    }
}

static void
test_headers_count(void **state)
{
    struct og_settings set = settings_of("header", "X-A", "user");
    const struct og_setting *row = og_setting_find("identification_method");
    struct og_err err = { "" };

    (void)state;
    assert_true(og_identity_headers_count(&set, false));
    assert_false(og_identity_headers_count(&set, true)); /* the domain's word */
    assert_int_equal(og_settings_set(&set, row, "header", OG_SOURCE_SERVER, &err), OG_OK);
    assert_false(og_identity_headers_count(&set, true));
    assert_int_equal(og_settings_set(&set, row, "header", OG_SOURCE_USER, &err), OG_OK);
    assert_true(og_identity_headers_count(&set, true));
    og_settings_free(&set);
}

static const struct {
    const char *headers;
    enum og_rc rc;
    const char *text;
} bad[] = {
    { "X-A /.*/", OG_E_SYNTAX, "X-A: the expression has no capture group" },
    { "X-A /(?:.*)/", OG_E_SYNTAX, "capture group" },
    { "X-B, X-A //", OG_E_SYNTAX, "X-A: the expression has no capture group" },
    { "X-A /(/", OG_E_SYNTAX, "X-A: expression, byte 1" },
    { "X-A /(.*)[/", OG_E_SYNTAX, "X-A: expression" },
    { "X-B /(.)/, X-A /(*UTF)(.)/", OG_E_SYNTAX, "X-A: expression" },
};

static void
test_bad_settings(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(bad); i++) {
        struct og_settings set = settings_of("header", bad[i].headers, "user");
        struct og_identity_facts facts = { "", "", true };
        struct og_headers list = OG_HEADERS_INIT;
        struct og_identity identity = { "old" };
        struct og_verdict verdict = OG_VERDICT_ACCEPT;
        struct og_err err = { "" };

        row_rc(i, og_identity_check_settings(&set, &err), bad[i].rc, &err);
        if (strstr(err.text, bad[i].text) == NULL)
            fail_msg("row %zu: no '%s' in '%s'", i, bad[i].text, err.text);
        row_rc(i, og_identity_find(&set, &facts, &list, &identity, &verdict, &err),
               bad[i].rc, &err);
        row_text(i, identity.text, "old");
        og_settings_free(&set);
    }
}

/* name, colon, len bytes of fill, LF */
static enum og_rc
find_long(const char *headers, const char *name, size_t len, struct og_headers *list,
          struct og_identity *identity)
{
    struct og_settings set = settings_of("header", headers, "user");
    struct og_identity_facts facts = { "", "", true };
    struct og_verdict verdict = OG_VERDICT_ACCEPT;
    struct og_err err = { "" };
    size_t head = strlen(name) + 1;
    char *field = malloc(head + len + 1);
    enum og_rc rc;

    assert_non_null(field);
    memset(field, 'a', head + len);
    memcpy(field, name, head - 1);
    field[head - 1] = ':';
    field[head + len] = '\n';
    assert_int_equal(og_headers_add(list, field, head + len + 1, &err), OG_OK);
    rc = og_identity_find(&set, &facts, list, identity, &verdict, &err);
    free(field);
    og_settings_free(&set);
    return rc;
}

/* a field above the ceiling is not looked into: neither an error nor a 451 for ever */
static void
test_ceiling(void **state)
{
    static const struct {
        const char *headers, *name;
        size_t len;
        const char *identity;
        bool removed;
    } longs[] = {
        { "X-A /(.)/", "X-A", 65536 - 5, "header:a", true },
        { "X-A /(.)/", "X-A", 65537 - 5, "", true },
        { "Received /(.)/", "Received", 65536 - 10, "header:a", false },
        { "Received /(.)/", "Received", 65537 - 10, "", false },
        { "Received /(.)/", "Received", 1000000, "", false },
    };

    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(longs); i++) {
        struct og_headers list = OG_HEADERS_INIT;
        struct og_identity identity = { "" };
        struct og_err err = { "" };

        row_rc(i,
               find_long(longs[i].headers, longs[i].name, longs[i].len, &list, &identity),
               OG_OK, &err);
        row_text(i, identity.text, longs[i].identity);
        assert_int_equal(list.rows[0].removed, longs[i].removed);
        assert_null(list.rows[0].changed);
        og_headers_free(&list);
    }
}

static void
test_slow(void **state)
{
    static const char *const patterns[] = { "X-A /^((a+)+)+[^a]/", "X-A /((a|aa)+)[^a]/",
                                            "Received /((a+)+)+[^a]/" };
    clock_t begin = clock();

    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(patterns); i++) {
        struct og_headers list = OG_HEADERS_INIT;
        struct og_identity identity = { "old" };
        struct og_err err = { "" };

        row_rc(i,
               find_long(patterns[i], patterns[i][0] == 'X' ? "X-A" : "Received", 60000,
                         &list, &identity),
               OG_E_LIMIT, &err);
        row_text(i, identity.text, "old");
        og_headers_free(&list);
    }
    assert_true(clock() - begin < 10 * CLOCKS_PER_SEC); /* valgrind and ASan included */
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),         cmocka_unit_test(test_headers_count),
        cmocka_unit_test(test_bad_settings), cmocka_unit_test(test_ceiling),
        cmocka_unit_test(test_slow),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
