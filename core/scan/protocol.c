/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/scan/protocol.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/record.h"

enum { HOUR_MS = 3600000 };

static const char *const asks[] = { "scan", "status" };
static const char *const words[] = { "ok", "busy", "late", "died", "bad", "failed" };

unsigned
og_protocol_scan_ms(unsigned timeout_ms)
{
    return timeout_ms - timeout_ms / 5;
}

unsigned
og_protocol_kill_ms(unsigned timeout_ms)
{
    return timeout_ms - timeout_ms / 10;
}

/* print a record and LF, or nothing at all */
static enum og_rc
print_line(const struct og_record *rec, struct og_buf *out, size_t max,
           struct og_err *err)
{
    struct og_buf line = OG_BUF_INIT(max);
    enum og_rc rc = og_record_print(rec, &line, err);

    if (rc == OG_OK)
        rc = og_buf_add(&line, "\n", 1, err);
    if (rc == OG_OK)
        rc = og_buf_add(out, og_buf_text(&line), line.len, err);
    og_buf_free(&line);
    return rc;
}

/* the record of a line that may not be complete; *body is what stands behind the LF */
static enum og_rc
parse_line(const char *text, size_t len, size_t max, struct og_record *rec, size_t *body,
           struct og_err *err)
{
    size_t look = len < max ? len : max;
    const char *lf = look > 0 ? memchr(text, '\n', look) : NULL, *version;
    enum og_rc rc;

    if (lf == NULL && len < max)
        return og_fail(err, OG_E_BUSY, "a line without its end");
    if (lf == NULL)
        return og_fail(err, OG_E_LIMIT, "a line of more than %zu bytes", max);
    rc = og_record_parse(text, (size_t)(lf - text), rec, err);
    if (rc != OG_OK)
        return rc;
    version = og_record_get(rec, "version");
    if (version == NULL)
        return og_fail(err, OG_E_SYNTAX, "no version");
    if (strcmp(version, "1") != 0)
        return og_fail(err, OG_E_STATE,
                       "version '%.20s' is spoken, not 1: restart Exim and outgate-scand",
                       version);
    *body = (size_t)(lf - text) + 1;
    return OG_OK;
}

/* a number of decimal digits within bounds */
static enum og_rc
number(const struct og_record *rec, const char *name, uint64_t low, uint64_t high,
       uint64_t *out, struct og_err *err)
{
    const struct og_field *field = og_record_find(rec, name);
    unsigned long long value;

    if (field == NULL)
        return og_fail(err, OG_E_SYNTAX, "no %s", name);
    if (field->len == 0 || field->len > 19
        || strspn(field->value, "0123456789") != field->len)
        return og_fail(err, OG_E_SYNTAX, "%s is no number", name);
    value = strtoull(field->value, NULL, 10);
    if (value < low || value > high)
        return og_fail(err, OG_E_RANGE, "%s: %llu is outside %" PRIu64 " to %" PRIu64,
                       name, value, low, high);
    *out = value;
    return OG_OK;
}

/* the position of a field's value in a list of words */
static enum og_rc
word(const struct og_record *rec, const char *name, const char *const *list, size_t count,
     size_t *out, struct og_err *err)
{
    const struct og_field *field = og_record_find(rec, name);

    if (field == NULL)
        return og_fail(err, OG_E_SYNTAX, "no %s", name);
    for (size_t i = 0; i < count; i++)
        if (strlen(list[i]) == field->len && strcmp(list[i], field->value) == 0) {
            *out = i;
            return OG_OK;
        }
    return og_fail(err, OG_E_SYNTAX, "%s is no word of ours", name);
}

static enum og_rc
scan_fields(const struct og_protocol_request *request, struct og_record *rec,
            struct og_err *err)
{
    enum og_rc rc = og_record_set_number(rec, "start", request->start, err);

    if (rc == OG_OK && request->has_headers)
        rc = og_record_set_number(rec, "headers", (long long)request->headers_len, err);
    if (rc == OG_OK)
        rc = og_record_set_number(rec, "macros", request->macros ? 1 : 0, err);
    if (rc == OG_OK)
        rc = og_record_set_number(rec, "fingerprint", request->fingerprint ? 1 : 0, err);
    return rc == OG_OK ? og_record_set_text(rec, "name", request->name, err) : rc;
}

enum og_rc
og_protocol_request_print(const struct og_protocol_request *request, struct og_buf *out,
                          struct og_err *err)
{
    struct og_record rec = OG_RECORD_INIT;
    enum og_rc rc = og_record_set_number(&rec, "version", OG_PROTOCOL_VERSION, err);

    if (rc == OG_OK)
        rc = og_record_set_text(&rec, "ask", asks[request->ask], err);
    if (rc == OG_OK)
        rc = og_record_set_number(&rec, "timeout_ms", request->timeout_ms, err);
    if (rc == OG_OK && request->ask == OG_ASK_SCAN)
        rc = scan_fields(request, &rec, err);
    if (rc == OG_OK)
        rc = print_line(&rec, out, OG_PROTOCOL_MAX_REQUEST, err);
    og_record_free(&rec);
    return rc;
}

static enum og_rc
parse_scan(const struct og_record *rec, struct og_protocol_request *request,
           struct og_err *err)
{
    const struct og_field *name = og_record_find(rec, "name");
    uint64_t start = 0, headers = 0, macros = 0, fingerprint = 0;
    enum og_rc rc = number(rec, "start", 0, INT64_MAX, &start, err);

    request->has_headers = og_record_find(rec, "headers") != NULL;
    if (rc == OG_OK && request->has_headers)
        rc = number(rec, "headers", 0, OG_PROTOCOL_MAX_HEADERS, &headers, err);
    if (rc == OG_OK)
        rc = number(rec, "macros", 0, 1, &macros, err);
    if (rc == OG_OK)
        rc = number(rec, "fingerprint", 0, 1, &fingerprint, err);
    if (rc != OG_OK)
        return rc;
    if (name != NULL
        && (name->len >= sizeof request->name
            || memchr(name->value, '\0', name->len) != NULL))
        return og_fail(err, OG_E_SYNTAX, "a name of %zu bytes, or with a NUL", name->len);
    if (name != NULL)
        memcpy(request->name, name->value, name->len + 1);
    request->start = (off_t)start;
    request->headers_len = (size_t)headers;
    request->macros = macros != 0;
    request->fingerprint = fingerprint != 0;
    return OG_OK;
}

enum og_rc
og_protocol_request_parse(const char *text, size_t len,
                          struct og_protocol_request *request, struct og_err *err)
{
    struct og_protocol_request fresh = { .name = "" };
    struct og_record rec = OG_RECORD_INIT;
    size_t body = 0, ask = 0;
    uint64_t timeout = 0;
    enum og_rc rc = parse_line(text, len, OG_PROTOCOL_MAX_REQUEST, &rec, &body, err);

    if (rc == OG_OK && body != len)
        rc = og_fail(err, OG_E_SYNTAX, "more than one line");
    if (rc == OG_OK)
        rc = word(&rec, "ask", asks, N_ELEMENTS(asks), &ask, err);
    if (rc == OG_OK)
        rc = number(&rec, "timeout_ms", 1, HOUR_MS, &timeout, err);
    fresh.ask = (enum og_ask)ask;
    fresh.timeout_ms = (unsigned)timeout;
    if (rc == OG_OK && fresh.ask == OG_ASK_SCAN)
        rc = parse_scan(&rec, &fresh, err);
    if (rc == OG_OK)
        *request = fresh;
    og_record_free(&rec);
    return rc;
}

enum og_rc
og_protocol_reply_print(const struct og_protocol_reply *reply, struct og_buf *out,
                        struct og_err *err)
{
    struct og_record rec = OG_RECORD_INIT;
    enum og_rc rc = og_record_set_number(&rec, "version", OG_PROTOCOL_VERSION, err);

    if (rc == OG_OK)
        rc = og_record_set_text(&rec, "status", words[reply->status], err);
    if (rc == OG_OK)
        rc = og_record_set_number(&rec, "length", (long long)reply->length, err);
    if (rc == OG_OK && reply->text[0] != '\0')
        rc = og_record_set_text(&rec, "text", reply->text, err);
    if (rc == OG_OK)
        rc = print_line(&rec, out, OG_PROTOCOL_MAX_HEAD, err);
    og_record_free(&rec);
    return rc;
}

enum og_rc
og_protocol_reply_parse(const char *text, size_t len, struct og_protocol_reply *reply,
                        size_t *body, struct og_err *err)
{
    struct og_protocol_reply fresh = { .text = "" };
    struct og_record rec = OG_RECORD_INIT;
    size_t at = 0, status = 0;
    uint64_t length = 0;
    enum og_rc rc = parse_line(text, len, OG_PROTOCOL_MAX_HEAD, &rec, &at, err);

    if (rc == OG_OK)
        rc = word(&rec, "status", words, N_ELEMENTS(words), &status, err);
    if (rc == OG_OK)
        rc = number(&rec, "length", 0, OG_FINDINGS_MAX_TEXT, &length, err);
    if (rc == OG_OK) {
        const char *said = og_record_get(&rec, "text");

        if (said != NULL)
            (void)strncat(fresh.text, said, sizeof fresh.text - 1); /* cut on purpose */
        fresh.status = (enum og_replied)status;
        fresh.length = (size_t)length;
        *reply = fresh;
        *body = at;
    }
    og_record_free(&rec);
    return rc;
}
