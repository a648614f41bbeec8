/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests, replies and clamd's answers: what parses prints to a text that parses to the
 * same; nothing else is touched. */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "core/scan/clamd.h"
#include "core/scan/protocol.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_request(const char *text, size_t len)
{
    struct og_protocol_request request, back;
    struct og_buf out = OG_BUF_INIT(OG_PROTOCOL_MAX_REQUEST);
    enum og_rc rc = og_protocol_request_parse(text, len, &request, NULL);

    if (rc == OG_E_BUSY)
        assert(memchr(text, '\n', len) == NULL && len < OG_PROTOCOL_MAX_REQUEST);
    if (rc == OG_OK) {
        rc = og_protocol_request_print(&request, &out, NULL);
        assert(rc == OG_OK);
        rc = og_protocol_request_parse(out.data, out.len, &back, NULL);
        assert(rc == OG_OK && strcmp(back.name, request.name) == 0);
        assert(back.start == request.start && back.headers_len == request.headers_len);
        assert(back.ask == request.ask && back.timeout_ms == request.timeout_ms);
    }
    og_buf_free(&out);
}

static void
check_reply(const char *text, size_t len)
{
    struct og_protocol_reply reply, back;
    struct og_buf out = OG_BUF_INIT(OG_PROTOCOL_MAX_HEAD);
    size_t body = 0;
    enum og_rc rc = og_protocol_reply_parse(text, len, &reply, &body, NULL);

    if (rc == OG_OK) {
        assert(body <= len && text[body - 1] == '\n');
        rc = og_protocol_reply_print(&reply, &out, NULL);
        assert(rc == OG_OK);
        rc = og_protocol_reply_parse(out.data, out.len, &back, &body, NULL);
        assert(rc == OG_OK && back.status == reply.status);
        assert(back.length == reply.length && strcmp(back.text, reply.text) == 0);
    }
    og_buf_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct og_findings found = OG_FINDINGS_INIT;
    enum og_rc rc;

    check_request((const char *)data, size);
    check_reply((const char *)data, size);
    rc = og_clamd_parse((const char *)data, size, &found, NULL);
    assert(rc == OG_OK || found.count == 0);
    assert(found.count <= 1);
    og_findings_free(&found);
    return 0;
}
