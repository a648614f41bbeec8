/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/rows.h"

#include "core/scan/protocol.h"

#define SCAN "version=1 ask=scan timeout_ms=60000 start=19 "

/* what a request is read as, printed back */
static const struct {
    const char *in;
    enum og_rc rc;
    const char *out;
} requests[] = {
    { "", OG_E_BUSY, NULL },
    { "version=1 ask=status timeout_ms=5", OG_E_BUSY, NULL }, /* cut */
    { "version=1 ask=status timeout_ms=5\n", OG_OK,
      "version=1 ask=status timeout_ms=5\n" },
    { "timeout_ms=5 ask=status later=x version=1\n", OG_OK,
      "version=1 ask=status timeout_ms=5\n" }, /* any order, and fields of the future */
    { "\n", OG_E_SYNTAX, NULL },
    { "version=1\n", OG_E_SYNTAX, NULL },
    { "version=2 ask=status timeout_ms=5\n", OG_E_STATE, NULL },
    { "version= ask=status timeout_ms=5\n", OG_E_STATE, NULL },
    { "ask=status timeout_ms=5\n", OG_E_SYNTAX, NULL },
    { "version=1 ask=stat timeout_ms=5\n", OG_E_SYNTAX, NULL },
    { "version=1 ask=status%00 timeout_ms=5\n", OG_E_SYNTAX, NULL },
    { "version=1 ask=status\n", OG_E_SYNTAX, NULL },
    { "version=1 ask=status timeout_ms=\n", OG_E_SYNTAX, NULL },
    { "version=1 ask=status timeout_ms=-5\n", OG_E_SYNTAX, NULL },
    { "version=1 ask=status timeout_ms=5s\n", OG_E_SYNTAX, NULL },
    { "version=1 ask=status timeout_ms=0\n", OG_E_RANGE, NULL },
    { "version=1 ask=status timeout_ms=3600000\n", OG_OK,
      "version=1 ask=status timeout_ms=3600000\n" },
    { "version=1 ask=status timeout_ms=3600001\n", OG_E_RANGE, NULL },
    { "version=1 ask=status timeout_ms=99999999999999999999\n", OG_E_SYNTAX, NULL },
    { "version=1 ask=status timeout_ms=5\nmore", OG_E_SYNTAX, NULL },
    { "version=1 ask=status timeout_ms=5\n\n", OG_E_SYNTAX, NULL },
    { "GET / HTTP/1.1\n", OG_E_SYNTAX, NULL },
    { SCAN "macros=1 fingerprint=0\n", OG_OK, SCAN "macros=1 fingerprint=0 name=\n" },
    { SCAN "headers=0 macros=0 fingerprint=1 name=a%20b\n", OG_OK,
      SCAN "headers=0 macros=0 fingerprint=1 name=a%20b\n" },
    { SCAN "headers=16777216 macros=0 fingerprint=1 name=\n", OG_OK,
      SCAN "headers=16777216 macros=0 fingerprint=1 name=\n" },
    { SCAN "headers=16777217 macros=0 fingerprint=1\n", OG_E_RANGE, NULL },
    { SCAN "headers= macros=0 fingerprint=1\n", OG_E_SYNTAX, NULL },
    { SCAN "macros=2 fingerprint=1\n", OG_E_RANGE, NULL },
    { SCAN "macros=1\n", OG_E_SYNTAX, NULL },
    { SCAN "macros=1 fingerprint=1 name=a%00b\n", OG_E_SYNTAX, NULL },
    { "version=1 ask=scan timeout_ms=5 macros=1 fingerprint=1\n", OG_E_SYNTAX, NULL },
    { "version=1 ask=scan timeout_ms=5 start=9223372036854775807 macros=1 "
      "fingerprint=1\n",
      OG_OK,
      "version=1 ask=scan timeout_ms=5 start=9223372036854775807 macros=1 "
      "fingerprint=1 name=\n" },
    { "version=1 ask=scan timeout_ms=5 start=9223372036854775808 macros=1 "
      "fingerprint=1\n",
      OG_E_RANGE, NULL },
};

static void
test_requests(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(requests); i++) {
        struct og_protocol_request request = { .timeout_ms = 77 };
        struct og_buf out = OG_BUF_INIT(OG_PROTOCOL_MAX_REQUEST);
        struct og_err err = { "" };
        size_t len = strlen(requests[i].in);
        char *exact = exact_copy(requests[i].in, len);

        row_rc(i, og_protocol_request_parse(exact, len, &request, &err), requests[i].rc,
               &err);
        if (requests[i].rc == OG_OK) {
            row_rc(i, og_protocol_request_print(&request, &out, &err), OG_OK, &err);
            row_text(i, og_buf_text(&out), requests[i].out);
        } else {
            assert_int_equal(request.timeout_ms, 77); /* as it was */
            assert_string_not_equal(err.text, "");
        }
        og_buf_free(&out);
        free(exact);
    }
}

/* a request with a name of so many bytes, and blanks to make it so long in all */
static enum og_rc
parse_sized(size_t name, size_t all)
{
    struct og_protocol_request request;
    struct og_err err;
    char *text = malloc(all + 1);
    size_t n;
    enum og_rc rc;

    assert_non_null(text);
    n = (size_t)snprintf(text, all + 1, SCAN "macros=1 fingerprint=1 name=");
    memset(text + n, 'x', name);
    memset(text + n + name, ' ', all - n - name);
    text[all - 1] = '\n';
    rc = og_protocol_request_parse(text, all, &request, &err);
    free(text);
    return rc;
}

static void
test_request_ceilings(void **state)
{
    char *text = malloc(OG_PROTOCOL_MAX_REQUEST);
    struct og_protocol_request request = { .ask = OG_ASK_SCAN, .timeout_ms = 1 }, back;
    struct og_buf out = OG_BUF_INIT(OG_PROTOCOL_MAX_REQUEST);
    struct og_err err;

    (void)state;
    assert_int_equal(parse_sized(OG_FINDING_MAX_NAME, 2000), OG_OK);
    assert_int_equal(parse_sized(OG_FINDING_MAX_NAME + 1, 2000), OG_E_SYNTAX);
    assert_int_equal(parse_sized(10, OG_PROTOCOL_MAX_REQUEST), OG_OK);
    assert_int_equal(parse_sized(10, OG_PROTOCOL_MAX_REQUEST + 1), OG_E_LIMIT);
    assert_non_null(text);
    memset(text, 'a', OG_PROTOCOL_MAX_REQUEST);
    assert_int_equal(
        og_protocol_request_parse(text, OG_PROTOCOL_MAX_REQUEST - 1, &back, &err),
        OG_E_BUSY);
    assert_int_equal(
        og_protocol_request_parse(text, OG_PROTOCOL_MAX_REQUEST, &back, &err),
        OG_E_LIMIT);
    free(text);

    memset(request.name, '\n', OG_FINDING_MAX_NAME); /* the longest there is, encoded */
    assert_int_equal(og_protocol_request_print(&request, &out, &err), OG_OK);
    assert_int_equal(og_protocol_request_parse(out.data, out.len, &back, &err), OG_OK);
    assert_string_equal(back.name, request.name);
    og_buf_free(&out);
}

static const struct {
    const char *in;
    enum og_rc rc;
    enum og_replied status;
    size_t length, body;
    const char *text;
} replies[] = {
    { "", OG_E_BUSY, 0, 0, 0, NULL },
    { "version=1 status=ok length=3", OG_E_BUSY, 0, 0, 0, NULL },
    { "version=1 status=ok length=3\n", OG_OK, OG_REPLIED_OK, 3, 29, "" },
    { "version=1 status=ok length=3\nabcdef", OG_OK, OG_REPLIED_OK, 3, 29, "" },
    { "version=1 status=died length=0 text=by%20signal\n", OG_OK, OG_REPLIED_DIED, 0, 48,
      "by signal" },
    { "version=1 status=busy length=0\n", OG_OK, OG_REPLIED_BUSY, 0, 31, "" },
    { "version=1 status=late length=0\n", OG_OK, OG_REPLIED_LATE, 0, 31, "" },
    { "version=1 status=bad length=0\n", OG_OK, OG_REPLIED_BAD, 0, 30, "" },
    { "version=1 status=failed length=0\n", OG_OK, OG_REPLIED_FAILED, 0, 33, "" },
    { "version=1 status=fine length=0\n", OG_E_SYNTAX, 0, 0, 0, NULL },
    { "version=1 status=ok\n", OG_E_SYNTAX, 0, 0, 0, NULL },
    { "version=1 status=ok length=16777216\n", OG_OK, OG_REPLIED_OK, 16777216, 36, "" },
    { "version=1 status=ok length=16777217\n", OG_E_RANGE, 0, 0, 0, NULL },
    { "version=3 status=ok length=1\n", OG_E_STATE, 0, 0, 0, NULL },
    { "PING\n", OG_E_SYNTAX, 0, 0, 0, NULL },
};

static void
test_replies(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(replies); i++) {
        struct og_protocol_reply reply = { .length = 77 };
        struct og_err err = { "" };
        size_t len = strlen(replies[i].in), body = 77;
        char *exact = exact_copy(replies[i].in, len);

        row_rc(i, og_protocol_reply_parse(exact, len, &reply, &body, &err), replies[i].rc,
               &err);
        free(exact);
        if (replies[i].rc != OG_OK) {
            assert_int_equal(reply.length, 77);
            assert_int_equal(body, 77);
            continue;
        }
        assert_int_equal(reply.status, replies[i].status);
        assert_int_equal(reply.length, replies[i].length);
        assert_int_equal(body, replies[i].body);
        row_text(i, reply.text, replies[i].text);
    }
}

static void
test_reply_round_trip(void **state)
{
    static const char *const statuses[] = {
        "ok", "busy", "late", "died", "bad", "failed"
    };

    (void)state;
    for (int status = OG_REPLIED_OK; status <= OG_REPLIED_FAILED; status++) {
        struct og_protocol_reply reply = { .status = (enum og_replied)status,
                                           .length = (size_t)status * 100 },
                                 back;
        struct og_buf out = OG_BUF_INIT(OG_PROTOCOL_MAX_HEAD);
        struct og_err err;
        size_t body;

        memset(reply.text, '\xff', sizeof reply.text - 1);
        assert_int_equal(og_protocol_reply_print(&reply, &out, &err), OG_OK);
        assert_int_equal(og_protocol_reply_parse(out.data, out.len, &back, &body, &err),
                         OG_OK);
        assert_int_equal(back.status, reply.status);
        assert_int_equal(back.length, reply.length);
        assert_int_equal(body, out.len);
        assert_string_equal(back.text, reply.text);
        assert_non_null(strstr(og_buf_text(&out), statuses[back.status]));
        og_buf_free(&out);
    }
}

static void
test_times(void **state)
{
    (void)state;
    for (unsigned ms = 1; ms < 300000; ms = ms * 2 + 1) {
        assert_true(og_protocol_scan_ms(ms) > 0);
        assert_true(og_protocol_scan_ms(ms) <= og_protocol_kill_ms(ms));
        assert_true(og_protocol_kill_ms(ms) <= ms);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_requests), cmocka_unit_test(test_request_ceilings),
        cmocka_unit_test(test_replies),  cmocka_unit_test(test_reply_round_trip),
        cmocka_unit_test(test_times),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
