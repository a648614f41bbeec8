/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/state_users.h"

#include "core/state/sender.h"

/* a domain and a user or ip of it, and what becomes of `enabled` and the selector, as
 * value/source; "-" is no record */
static const struct {
    const char *domain, *user, *enabled, *selector;
} inherits[] = {
    { "-", "", "yes/default", "srv/server" },
    { "-", "dkim_selector=u enabled=no", "no/user", "u/user" },
    { "", "", "yes/default", "srv/server" },
    { "dkim_selector=d", "", "yes/default", "d/domain" },
    { "dkim_selector=d", "dkim_selector=u", "yes/default", "u/user" },
    { "enabled=yes", "enabled=no", "no/user", "srv/server" },
    { "enabled=no", "", "no/domain", "srv/server" },
    { "enabled=no", "enabled=yes", "no/domain", "srv/server" },
    { "enabled=no", "enabled=no", "no/user", "srv/server" },
};

static void
check_inherits(size_t row, const char *text, bool known)
{
    struct og_sender sender = OG_SENDER_INIT;
    struct og_err err = { "" };
    char got[100];

    row_rc(row, og_users_sender(&state_of_test, text, false, &sender, &err), OG_OK, &err);
    (void)snprintf(got, sizeof got, "%s/%s", sender.settings.enabled != 0 ? "yes" : "no",
                   og_source_text(sender.settings.source[OG_SETTING_enabled]));
    row_text(row, got, inherits[row].enabled);
    (void)snprintf(got, sizeof got, "%s/%s", sender.settings.dkim_selector,
                   og_source_text(sender.settings.source[OG_SETTING_dkim_selector]));
    row_text(row, got, inherits[row].selector);
    row_text(row, sender.domain, "inherit.example");
    assert_int_equal(sender.domain_known, known);
    og_sender_free(&sender);
}

static void
test_inherit(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(inherits); i++) {
        bool known = strcmp(inherits[i].domain, "-") != 0;
        char record[200];

        if (known)
            must_add(OG_KIND_DOMAIN, "inherit.example", inherits[i].domain);
        must_add(OG_KIND_USER, "u@inherit.example", inherits[i].user);
        /* not in the form of a key */
        (void)snprintf(record, sizeof record, "domain=@Inherit.EXAMPLE. %s",
                       inherits[i].user);
        must_add(OG_KIND_IP, "198.51.100.1", record);
        check_inherits(i, "u@inherit.example", known);
        check_inherits(i, "198.51.100.1", known);
        must_delete(OG_KIND_IP, "198.51.100.1");
        must_delete(OG_KIND_USER, "u@inherit.example");
        if (known)
            must_delete(OG_KIND_DOMAIN, "inherit.example");
    }
}

/* where the server says no, a sender may be let in one by one */
static void
test_server_says_no(void **state)
{
    const struct og_setting *row = og_setting_find("enabled");
    struct og_settings *server = &state_of_test.server;
    struct og_err err = { "" };

    (void)state;
    assert_int_equal(og_settings_set(server, row, "no", OG_SOURCE_SERVER, &err), OG_OK);
    must_add(OG_KIND_DOMAIN, "closed.example", "");
    must_add(OG_KIND_USER, "in@closed.example", "enabled=yes");
    must_add(OG_KIND_USER, "out@closed.example", "");
    for (size_t i = 0; i < 2; i++) {
        struct og_sender sender = OG_SENDER_INIT;

        row_rc(i,
               og_users_sender(&state_of_test,
                               i == 0 ? "in@closed.example" : "out@closed.example", false,
                               &sender, &err),
               OG_OK, &err);
        assert_int_equal(sender.settings.enabled, i == 0);
        assert_int_equal(sender.settings.source[OG_SETTING_enabled],
                         i == 0 ? OG_SOURCE_USER : OG_SOURCE_SERVER);
        og_sender_free(&sender);
    }
    assert_int_equal(og_settings_set(server, row, "yes", OG_SOURCE_DEFAULT, &err), OG_OK);
}

static void
test_fallback(void **state)
{
    struct og_sender sender = OG_SENDER_INIT;
    struct og_err err = { "" };

    (void)state;
    must_add(OG_KIND_DOMAIN, "fall.example", "dkim_selector=d");
    must_add(OG_KIND_USER, "own@fall.example", "");
    row_rc(0, og_users_sender(&state_of_test, "any@fall.example", false, &sender, &err),
           OG_E_NOTFOUND, &err);
    assert_int_equal(sender.user.record.count, 0);
    row_rc(1, og_users_sender(&state_of_test, "any@fall.example", true, &sender, &err),
           OG_OK, &err);
    assert_int_equal(sender.user.name.kind, OG_KIND_DOMAIN);
    assert_string_equal(sender.user.name.text, "fall.example");
    assert_string_equal(sender.domain, "fall.example");
    assert_true(sender.domain_known);
    assert_int_equal(sender.settings.source[OG_SETTING_dkim_selector], OG_SOURCE_DOMAIN);
    row_rc(2, og_users_sender(&state_of_test, "own@fall.example", true, &sender, &err),
           OG_OK, &err);
    assert_string_equal(sender.user.name.text, "own@fall.example");
    row_rc(3, og_users_sender(&state_of_test, "a@no.example", true, &sender, &err),
           OG_E_NOTFOUND, &err);
    assert_string_equal(sender.user.name.text, "own@fall.example"); /* as it was */
    row_rc(4, og_users_sender(&state_of_test, "", true, &sender, &err), OG_E_SYNTAX,
           &err);
    og_sender_free(&sender);
}

/* what an address is, NULL for nothing */
static void
check_address(size_t row, const char *text, const char *want)
{
    struct og_sender sender = OG_SENDER_INIT;
    struct og_err err = { "" };
    struct og_net address;

    row_rc(row, og_net_parse(text, &address, &err), OG_OK, &err);
    row_rc(row, og_users_sender_at(&state_of_test, &address, NULL, NULL, &sender, &err),
           want != NULL ? OG_OK : OG_E_NOTFOUND, &err);
    row_text(row, want != NULL ? sender.user.name.text : NULL, want);
    og_sender_free(&sender);
}

static const struct {
    const char *address, *want;
} addresses[] = {
    { "10.1.2.3", "10.1.2.3" },
    { "::ffff:10.1.2.3", "10.1.2.3" },
    { "10.1.2.4", "10.1.2.0/24" },
    { "10.1.3.4", "10.1.0.0/16" },
    { "10.2.0.0", "10.0.0.0/8" },
    { "11.0.0.0", NULL },
    { "2001:db8::1", "2001:db8::1" },
    { "2001:db8::2", "2001:db8::/64" },
    { "2001:db8:0:1::1", "2001:db8::/32" },
    { "2001:db9::", NULL },
    { "::a01:203", NULL }, /* 10.1.2.3 with other words before it */
};

static void
test_addresses(void **state)
{
    static const char *const ranges[] = { "10.0.0.0/8",    "10.1.0.0/16", "10.1.2.0/24",
                                          "10.1.2.3",      "10.9.9.0/24", "2001:db8::/32",
                                          "2001:db8::/64", "2001:db8::1" };

    (void)state;
    check_address(0, "10.1.2.3", NULL);
    for (size_t i = 0; i < N_ELEMENTS(ranges); i++)
        must_add(OG_KIND_IP, ranges[i], "");
    for (size_t i = 0; i < N_ELEMENTS(addresses); i++)
        check_address(i, addresses[i].address, addresses[i].want);
    must_delete(OG_KIND_IP, "10.1.2.0/24"); /* another /24 remains */
    check_address(20, "10.1.2.4", "10.1.0.0/16");
    check_address(21, "10.9.9.1", "10.9.9.0/24");
    must_delete(OG_KIND_IP, "10.9.9.0/24"); /* the last one */
    check_address(22, "10.1.2.4", "10.1.0.0/16");
    check_address(23, "10.9.9.1", "10.0.0.0/8");
    must_delete(OG_KIND_IP, "10.1.2.3");
    check_address(24, "10.1.2.3", "10.1.0.0/16");
    check_address(25, "2001:db8::1", "2001:db8::1");
    must_add(OG_KIND_IP, "0.0.0.0/0", "");
    check_address(26, "255.255.255.255", "0.0.0.0/0");
    check_address(27, "ffff::", NULL);
    must_delete(OG_KIND_IP, "0.0.0.0/0");
    check_address(28, "255.255.255.255", NULL);
    for (size_t i = 0; i < N_ELEMENTS(ranges); i++)
        if (strcmp(ranges[i], "10.1.2.0/24") != 0 && strcmp(ranges[i], "10.1.2.3") != 0
            && strcmp(ranges[i], "10.9.9.0/24") != 0)
            must_delete(OG_KIND_IP, ranges[i]);
    for (size_t i = 0; i < N_ELEMENTS(addresses); i++)
        check_address(i, addresses[i].address, NULL);
}

static int
setup(void **state)
{
    (void)state;
    state_dir_open("dkim_selector = srv\n");
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_inherit),
        cmocka_unit_test(test_server_says_no),
        cmocka_unit_test(test_fallback),
        cmocka_unit_test(test_addresses),
    };

    return cmocka_run_group_tests(tests, setup, state_dir_tear_down);
}
