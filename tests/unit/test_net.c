/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/rows.h"

#include <arpa/inet.h>

#include "core/base/net.h"

/* what a text is, printed back; for OG_E_RANGE a part of the error's text */
static const struct {
    const char *in;
    enum og_rc rc;
    const char *out;
} rows[] = {
    { "192.0.2.1", OG_OK, "192.0.2.1" },
    { "192.0.2.1/32", OG_OK, "192.0.2.1" },
    { "192.0.2.0/24", OG_OK, "192.0.2.0/24" },
    { "192.0.2.128/25", OG_OK, "192.0.2.128/25" },
    { "0.0.0.0", OG_OK, "0.0.0.0" },
    { "0.0.0.0/0", OG_OK, "0.0.0.0/0" },
    { "255.255.255.255", OG_OK, "255.255.255.255" },
    { "::", OG_OK, "::" },
    { "::/0", OG_OK, "::/0" },
    { "::1/128", OG_OK, "::1" },
    { "2001:DB8::", OG_OK, "2001:db8::" },
    { "2001:db8::/32", OG_OK, "2001:db8::/32" },
    { "2001:0db8:0:0:0:0:0:0001", OG_OK, "2001:db8::1" },
    { "2001:db8:0:1:1:1:1:1", OG_OK, "2001:db8:0:1:1:1:1:1" }, /* one group stays */
    { "2001:0:0:1:0:0:0:1", OG_OK, "2001:0:0:1::1" },          /* the longer run */
    { "2001:db8:0:0:1:0:0:1", OG_OK, "2001:db8::1:0:0:1" },    /* the first of two */
    { "1:2:3:4:5:6:7:8", OG_OK, "1:2:3:4:5:6:7:8" },
    { "0:0:3:4:5:6:7:8", OG_OK, "::3:4:5:6:7:8" },
    { "1:2:3:4:5:6:0:0", OG_OK, "1:2:3:4:5:6::" },
    { "::1.2.3.4", OG_OK, "::102:304" },
    { "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe/127", OG_OK,
      "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe/127" },
    { "::ffff:192.0.2.1", OG_OK, "192.0.2.1" },
    { "::FFFF:c000:201", OG_OK, "192.0.2.1" },
    { "::ffff:192.0.2.0/120", OG_OK, "192.0.2.0/24" },
    { "::ffff:0:0/96", OG_OK, "0.0.0.0/0" },
    { "::fffe:0:0/95", OG_OK, "::fffe:0:0/95" },
    { "fe80::1%eth0", OG_OK, "fe80::1" },
    { "fe80::1%3", OG_OK, "fe80::1" },
    { "10.0.0.1/8", OG_E_RANGE, "10.0.0.0/8" },
    { "10.0.0.1/0", OG_E_RANGE, "0.0.0.0/0" },
    { "192.0.2.1/31", OG_E_RANGE, "192.0.2.0/31" },
    { "2001:db8::1/64", OG_E_RANGE, "2001:db8::/64" },
    { "::ffff:10.0.0.1/104", OG_E_RANGE, "10.0.0.0/8" },
    { "::ffff:0:0/90", OG_E_RANGE, "::ffc0:0:0/90" },
    { "10.0.0.0/33", OG_E_RANGE, "32 bits" },
    { "10.0.0.0/999", OG_E_RANGE, "32 bits" },
    { "::/129", OG_E_RANGE, "128 bits" },
    { "", OG_E_SYNTAX, "" },
    { "/", OG_E_SYNTAX, "" },
    { "/8", OG_E_SYNTAX, "" },
    { "10.0.0.0/", OG_E_SYNTAX, "" },
    { "10.0.0.0/08", OG_E_SYNTAX, "" },
    { "10.0.0.0/+8", OG_E_SYNTAX, "" },
    { "10.0.0.0/-1", OG_E_SYNTAX, "" },
    { "10.0.0.0/8 ", OG_E_SYNTAX, "" },
    { "10.0.0.0/8/8", OG_E_SYNTAX, "" },
    { "10.0.0.0/4294967304", OG_E_SYNTAX, "" },
    { "10.0.0.0/255.0.0.0", OG_E_SYNTAX, "" },
    { "10.0.0", OG_E_SYNTAX, "" },
    { "10.0.0.0.0", OG_E_SYNTAX, "" },
    { "10.0.0.256", OG_E_SYNTAX, "" },
    { "010.0.0.0", OG_E_SYNTAX, "" },
    { "0x0a.0.0.0", OG_E_SYNTAX, "" },
    { "10.0.0.1%eth0", OG_E_SYNTAX, "" },
    { " 10.0.0.1", OG_E_SYNTAX, "" },
    { "10.0.0.1\n", OG_E_SYNTAX, "" },
    { "[::1]", OG_E_SYNTAX, "" },
    { ":", OG_E_SYNTAX, "" },
    { ":::", OG_E_SYNTAX, "" },
    { "1::2::3", OG_E_SYNTAX, "" },
    { "1:2:3:4:5:6:7", OG_E_SYNTAX, "" },
    { "1:2:3:4:5:6:7:8:9", OG_E_SYNTAX, "" },
    { "12345::", OG_E_SYNTAX, "" },
    { "::g", OG_E_SYNTAX, "" },
    { "fe80::1%", OG_E_SYNTAX, "" },
    { "fe80::1%e h", OG_E_SYNTAX, "" },
    { "fe80::1%a%b", OG_E_SYNTAX, "" },
    { "fe80::%eth0/64", OG_E_SYNTAX, "" },
    { "%eth0", OG_E_SYNTAX, "" },
    { "0000:0000:0000:0000:0000:ffff:255.255.255.255", OG_OK, "255.255.255.255" },
    { "0000:0000:0000:0000:0000:ffff:255.255.255.2550", OG_E_SYNTAX, "" },
    { "example.com", OG_E_SYNTAX, "" },
};

static void
test_parse(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        struct og_net net = { .family = 99 };
        struct og_err err = { "" };
        char *exact = exact_copy(rows[i].in, strlen(rows[i].in) + 1);
        char text[OG_NET_TEXT] = "";

        row_rc(i, og_net_parse(exact, &net, &err), rows[i].rc, &err);
        if (rows[i].rc == OG_OK) {
            og_net_print(&net, text);
            row_text(i, text, rows[i].out);
        } else {
            assert_int_equal(net.family, 99);
            assert_string_not_equal(err.text, "");
            if (strstr(err.text, rows[i].out) == NULL)
                fail_msg("row %zu: no '%s' in '%s'", i, rows[i].out, err.text);
        }
        free(exact);
    }
}

static struct og_net
net_of(const char *text)
{
    struct og_net net;
    struct og_err err = { "" };

    if (og_net_parse(text, &net, &err) != OG_OK)
        fail_msg("%s", err.text);
    return net;
}

static const struct {
    const char *net, *address;
    bool inside;
} contains_rows[] = {
    { "10.0.0.0/8", "10.255.0.1", true },
    { "10.0.0.0/8", "11.0.0.0", false },
    { "10.0.0.0/8", "10.1.0.0/16", true },
    { "10.1.0.0/16", "10.0.0.0/8", false },
    { "10.0.0.0/8", "10.0.0.0/8", true },
    { "10.0.0.1", "10.0.0.1", true },
    { "10.0.0.1", "10.0.0.2", false },
    { "0.0.0.0/0", "255.255.255.255", true },
    { "0.0.0.0/0", "::1", false },
    { "::/0", "10.0.0.1", false },
    { "::/0", "ffff::", true },
    { "10.0.0.0/8", "::ffff:10.0.0.1", true },
    { "::/0", "::ffff:10.0.0.1", false },
    { "2001:db8::/33", "2001:db8:7fff::1", true },
    { "2001:db8::/33", "2001:db8:8000::1", false },
};

static void
test_contains(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(contains_rows); i++) {
        struct og_net net = net_of(contains_rows[i].net);
        struct og_net address = net_of(contains_rows[i].address);

        if (og_net_contains(&net, &address) != contains_rows[i].inside)
            fail_msg("row %zu", i);
    }
}

static const struct {
    const char *address;
    unsigned prefix;
    const char *out;
} mask_rows[] = {
    { "192.0.2.255", 24, "192.0.2.0/24" },
    { "192.0.2.255", 31, "192.0.2.254/31" },
    { "192.0.2.255", 32, "192.0.2.255" },
    { "192.0.2.255", 64, "192.0.2.255" },
    { "192.0.2.255", 1, "128.0.0.0/1" },
    { "192.0.2.255", 0, "0.0.0.0/0" },
    { "10.0.0.0/8", 16, "10.0.0.0/8" },
    { "2001:db8:1:2:3:4:5:6", 64, "2001:db8:1:2::/64" },
    { "2001:db8:1:2:3:4:5:6", 48, "2001:db8:1::/48" },
    { "2001:db8:1:2:3:4:5:6", 127, "2001:db8:1:2:3:4:5:6/127" },
    { "2001:db8:1:2:3:4:5:6", 1000, "2001:db8:1:2:3:4:5:6" },
    { "2001:db8:1:2:3:4:5:6", 0, "::/0" },
};

static void
test_mask(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(mask_rows); i++) {
        struct og_net net = net_of(mask_rows[i].address);
        char text[OG_NET_TEXT];

        og_net_mask(&net, mask_rows[i].prefix, &net); /* in place */
        og_net_print(&net, text);
        row_text(i, text, mask_rows[i].out);
    }
}

/* every prefix of a random address: printed and parsed again it is the same, and it
 * contains what it was made of */
static void
test_round_trip(void **state)
{
    (void)state;
    srandom(1);
    for (int i = 0; i < 1000; i++) {
        struct og_net address = { .family = i % 2 ? 4 : 6 };
        unsigned bytes = i % 2 ? 4 : 16;

        address.prefix = (unsigned char)(bytes * 8);
        for (unsigned k = 0; k < bytes; k++) /* half of them 0, for '::' */
            address.addr[k] = random() % 2 ? (unsigned char)random() : 0;
        for (unsigned prefix = 0; prefix <= bytes * 8; prefix++) {
            struct og_net net, back;
            struct og_err err = { "" };
            char text[OG_NET_TEXT];

            og_net_mask(&address, prefix, &net);
            og_net_print(&net, text);
            row_rc(i, og_net_parse(text, &back, &err), OG_OK, &err);
            assert_memory_equal(&net, &back, sizeof net);
            assert_true(og_net_contains(&net, &address));
        }
    }
}

/* the C library reads our text as the same address */
static void
test_against_libc(void **state)
{
    (void)state;
    srandom(2);
    for (size_t i = 0; i < 10000; i++) {
        struct og_net net = { .family = 6, .prefix = 128, .addr = { 0x20 } };
        unsigned char addr[16];
        char text[OG_NET_TEXT], libc[INET6_ADDRSTRLEN];

        for (size_t k = 1; k < sizeof net.addr; k++)
            net.addr[k] = random() % 3 ? 0 : (unsigned char)random();
        og_net_print(&net, text);
        assert_int_equal(inet_pton(AF_INET6, text, addr), 1);
        assert_memory_equal(addr, net.addr, sizeof addr);
        assert_non_null(inet_ntop(AF_INET6, net.addr, libc, sizeof libc));
        row_text(i, text, libc);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),        cmocka_unit_test(test_contains),
        cmocka_unit_test(test_mask),         cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_against_libc),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
