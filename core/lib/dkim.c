/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/lib/dkim.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <dkim.h> /* needs <sys/types.h> and <stdbool.h> before it */

/* a name that ends in '-' stands for all that begin so */
static const char *const signed_names[] = {
    "From",   "Reply-To",   "Subject",      "Date",         "To",
    "Cc",     "Resent-",    "In-Reply-To",  "References",   "List-",
    "Sender", "Message-ID", "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
};

enum {
    CHUNK = 16384,
    FIRST_LINE = sizeof DKIM_SIGNHEADER + 1, /* "DKIM-Signature: " */
};

/* length of the field's name, 0 if it has none; blanks may stand before the colon
 * (RFC 5322 section 4.5) */
static size_t
name_length(const struct og_dkim_header *header)
{
    const char *colon = memchr(header->field, ':', header->len);
    size_t len = colon != NULL ? (size_t)(colon - header->field) : 0;

    while (len > 0 && (header->field[len - 1] == ' ' || header->field[len - 1] == '\t'))
        len--;
    return len;
}

static bool
has_name(const struct og_dkim_header *header, size_t len, const char *name)
{
    return len == strlen(name) && strncasecmp(header->field, name, len) == 0;
}

static bool
wanted(const struct og_dkim_header *header, size_t len)
{
    for (size_t i = 0; i < N_ELEMENTS(signed_names); i++) {
        size_t n = strlen(signed_names[i]);

        if (signed_names[i][n - 1] != '-' ? len == n : len > n)
            if (strncasecmp(header->field, signed_names[i], n) == 0)
                return true;
    }
    return false;
}

static enum og_rc
lib_fail(DKIM *dkim, const char *what, DKIM_STAT status, struct og_err *err)
{
    const char *text = dkim != NULL ? dkim_geterror(dkim) : NULL;

    if (text == NULL)
        text = dkim_getresultstr(status);
    return og_fail(err, OG_E_LIB, "libopendkim, %s: %s", what, text != NULL ? text : "?");
}

/* append the field to wire with CRLF and without its last line end, as
 * dkim_header() wants it, and without blanks before the colon: it refuses a tab
 * there, relaxed form has none */
static enum og_rc
wire_form(const struct og_dkim_header *header, struct og_buf *wire, struct og_err *err)
{
    static const char special[] = { '\0', '\r', '\n', '\v', '\f' };
    const char *text = memchr(header->field, ':', header->len);
    size_t name_len = name_length(header);
    size_t len = header->len - (size_t)(text - header->field);
    enum og_rc rc = og_buf_add(wire, header->field, name_len, err);

    if (len > 0 && text[len - 1] == '\n')
        len--;
    if (len > 0 && text[len - 1] == '\r')
        len--;
    for (size_t i = 0; i < len && rc == OG_OK;) {
        size_t run = i;

        while (run < len && memchr(special, text[run], sizeof special) == NULL)
            run++;
        rc = og_buf_add(wire, text + i, run - i, err);
        if (run == len || rc != OG_OK)
            break;
        if (text[run] == '\r' && len - run > 1 && text[run + 1] == '\n')
            run++;
        if (text[run] != '\n' || len - run < 2
            || (text[run + 1] != ' ' && text[run + 1] != '\t'))
            return og_fail(err, OG_E_RANGE,
                           "field %.*s: NUL, VT, FF, bare CR or a line without blank",
                           (int)name_len, header->field);
        rc = og_buf_add(wire, "\r\n", 2, err);
        i = run + 1;
    }
    return rc;
}

static enum og_rc
feed_header(DKIM *dkim, const struct og_dkim_header *header, struct og_err *err)
{
    struct og_buf wire = OG_BUF_INIT(2 * OG_DKIM_MAX_HEADERS); /* LF becomes CRLF */
    DKIM_STAT status;
    enum og_rc rc = wire_form(header, &wire, err);

    if (rc != OG_OK)
        goto out;
    status = dkim_header(dkim, (u_char *)wire.data, wire.len);
    if (status != DKIM_STAT_OK)
        rc = lib_fail(dkim, "header", status, err);
out:
    og_buf_free(&wire);
    return rc;
}

/* libopendkim signs all that it is given, so only what is to be signed goes in */
static enum og_rc
feed_headers(DKIM *dkim, const struct og_dkim_header *headers, size_t n,
             struct og_err *err)
{
    size_t bytes = 0, names = 0, from = 0;
    DKIM_STAT status;
    enum og_rc rc = OG_OK;

    for (size_t i = 0; i < n && rc == OG_OK; i++) {
        size_t len = name_length(&headers[i]);

        if (!wanted(&headers[i], len))
            continue;
        from += has_name(&headers[i], len, "From");
        names += len + 1;
        bytes += headers[i].len;
        if (names > OG_DKIM_MAX_NAMES || bytes > OG_DKIM_MAX_HEADERS)
            return og_fail(err, OG_E_LIMIT,
                           "too many or too large header fields to sign");
        rc = feed_header(dkim, &headers[i], err);
    }
    if (rc != OG_OK)
        return rc;
    if (from != 1)
        return og_fail(err, OG_E_RANGE, "%zu From fields, wanted 1", from);
    status = dkim_eoh(dkim);
    return status == DKIM_STAT_OK ? OG_OK : lib_fail(dkim, "end of header", status, err);
}

/* what is known of the body between two chunks */
struct body {
    char last;   /* last byte read */
    size_t line; /* bytes of the open line so far */
};

/* in to wire form; wire must hold twice as much */
static enum og_rc
convert(struct body *body, const char *in, size_t len, char *wire, size_t *wire_len,
        struct og_err *err)
{
    size_t n = 0;

    for (size_t i = 0; i < len; i++) {
        char c = in[i];

        if (body->last == '\r' && c != '\n')
            return og_fail(err, OG_E_RANGE, "bare CR in the body");
        body->last = c;
        if (c == '\r')
            continue; /* comes with its LF */
        if (c == '\n') {
            wire[n++] = '\r';
            body->line = 0;
        } else if (++body->line > OG_DKIM_MAX_LINE) {
            return og_fail(err, OG_E_LIMIT, "body line of more than %d bytes",
                           OG_DKIM_MAX_LINE);
        }
        wire[n++] = c;
    }
    *wire_len = n;
    return OG_OK;
}

static enum og_rc
feed_wire(DKIM *dkim, char *wire, size_t len, struct og_err *err)
{
    DKIM_STAT status = len > 0 ? dkim_body(dkim, (u_char *)wire, len) : DKIM_STAT_OK;

    return status == DKIM_STAT_OK ? OG_OK : lib_fail(dkim, "body", status, err);
}

static enum og_rc
feed_body(DKIM *dkim, int fd, off_t start, struct og_err *err)
{
    struct body body = { '\n', 0 };
    char in[CHUNK], wire[2 * CHUNK];
    ssize_t n;

    for (off_t at = start;; at += n) {
        size_t len = 0;
        enum og_rc rc;

        n = pread(fd, in, sizeof in, at);
        if (n == 0)
            break;
        if (n < 0)
            return og_fail(err, OG_E_IO, "read body: %s", strerror(errno));
        rc = convert(&body, in, (size_t)n, wire, &len, err);
        if (rc == OG_OK)
            rc = feed_wire(dkim, wire, len, err);
        if (rc != OG_OK)
            return rc;
    }
    if (body.last == '\r')
        return og_fail(err, OG_E_RANGE, "bare CR in the body");
    if (body.last == '\n')
        return OG_OK;
    memcpy(wire, "\r\n", 2);
    return feed_wire(dkim, wire, 2, err);
}

static enum og_rc
take_field(DKIM *dkim, struct og_buf *out, struct og_err *err)
{
    struct og_buf field = OG_BUF_INIT(out->max);
    u_char *text = NULL;
    size_t len = 0;
    DKIM_STAT status = dkim_getsighdr_d(dkim, FIRST_LINE, &text, &len);
    enum og_rc rc;

    if (status != DKIM_STAT_OK)
        return lib_fail(dkim, "signature", status, err);
    rc = og_buf_add_text(&field, DKIM_SIGNHEADER ": ", err);
    for (size_t i = 0; i < len && rc == OG_OK; i++)
        if (text[i] != '\r')
            rc = og_buf_add(&field, text + i, 1, err);
    if (rc == OG_OK)
        rc = og_buf_add(&field, "\n", 1, err);
    if (rc == OG_OK)
        og_buf_move(out, &field);
    og_buf_free(&field);
    return rc;
}

static bool
is_there(const struct og_dkim_header *headers, size_t n, const char *name)
{
    bool found = false;

    for (size_t i = 0; i < n && !found; i++)
        found = has_name(&headers[i], name_length(&headers[i]), name);
    return found;
}

/* One more of these breaks the signature: what a reader is shown first is the sender's, or
 * nobody could be shown something else. Where there is none of the others, a server on the
 * way may still add one. */
static enum og_rc
oversign(DKIM_LIB *lib, const struct og_dkim_header *headers, size_t n,
         struct og_err *err)
{
    enum { ALWAYS = 6 };
    static char rows[][28] = {
        "From",
        "To",
        "Cc",
        "Subject",
        "Date",
        "Reply-To",
        "Sender",
        "Message-ID",
        "MIME-Version",
        "Content-Type",
        "Content-Transfer-Encoding",
    };
    char *names[N_ELEMENTS(rows) + 1] = { NULL }, **list = names;
    size_t count = 0;
    DKIM_STAT status;

    for (size_t i = 0; i < N_ELEMENTS(rows); i++)
        if (i < ALWAYS || is_there(headers, n, rows[i]))
            names[count++] = rows[i];
    status = dkim_options(lib, DKIM_OP_SETOPT, DKIM_OPTS_OVERSIGNHDRS, list, sizeof list);
    return status == DKIM_STAT_OK ? OG_OK : lib_fail(NULL, "options", status, err);
}

static enum og_rc
bad_key(const struct og_dkim_key *key, enum og_rc rc, const struct og_err *why,
        struct og_err *err)
{
    if (rc == OG_E_RANGE || rc == OG_E_LIMIT)
        rc = OG_E_SYNTAX;
    return og_fail(err, rc, "DKIM key %s: %s", key->selector, why->text);
}

/* a handle for this key; *dkim is the caller's. The library takes a key of the wrong
 * kind, asks at the terminal for a passphrase and stops the process where it has no
 * Ed25519: so these are looked at here */
static enum og_rc
begin(DKIM_LIB *lib, const char *domain, const struct og_dkim_key *key, DKIM **dkim,
      struct og_err *err)
{
    bool rsa = key->kind == OG_KEY_RSA;
    DKIM_STAT status = DKIM_STAT_OK;
    struct og_buf pem = OG_BUF_INIT(OG_KEY_MAX_PEM);
    struct og_err why = { "" };
    enum og_key_kind kind;
    enum og_rc rc = og_key_peek(key->pem, &kind, &pem, &why);

    if (rc != OG_OK)
        return bad_key(key, rc, &why, err);
    if (kind != key->kind)
        rc = og_fail(err, OG_E_SYNTAX, "DKIM key %s: not of the kind it is said to be",
                     key->selector);
    else if (!dkim_libfeature(lib, rsa ? DKIM_FEATURE_SHA256 : DKIM_FEATURE_ED25519))
        rc = og_fail(err, OG_E_LIB, "this libopendkim cannot sign with that algorithm");
    if (rc != OG_OK)
        goto out;
    *dkim = dkim_sign(lib, (const u_char *)"outgate", NULL, (u_char *)pem.data,
                      (const u_char *)key->selector, (const u_char *)domain,
                      DKIM_CANON_RELAXED, DKIM_CANON_RELAXED,
                      rsa ? DKIM_SIGN_RSASHA256 : DKIM_SIGN_ED25519SHA256, -1, &status);
    if (*dkim == NULL)
        rc = lib_fail(NULL, "begin", status, err);
out:
    og_key_forget(&pem);
    return rc;
}

/* the library reads the key here and says little of what is wrong with it */
static enum og_rc
finish(DKIM *dkim, const struct og_dkim_key *key, struct og_err *err)
{
    DKIM_STAT status = dkim_eom(dkim, NULL);
    struct og_err why = { "" };
    enum og_key_kind kind;
    int bits;
    enum og_rc rc;

    if (status == DKIM_STAT_OK)
        return OG_OK;
    rc = og_key_public(key->pem, &kind, &bits, NULL, &why);
    return rc != OG_OK ? bad_key(key, rc, &why, err)
                       : lib_fail(dkim, "sign", status, err);
}

enum og_rc
og_dkim_sign(const char *domain, const struct og_dkim_key *key,
             const struct og_dkim_header *headers, size_t n, int body_fd,
             off_t body_start, struct og_buf *out, struct og_err *err)
{
    DKIM_LIB *lib;
    DKIM *dkim = NULL;
    enum og_rc rc;

    if (!og_dkim_name_ok(domain) || !og_dkim_name_ok(key->selector))
        return og_fail(err, OG_E_SYNTAX, "DKIM key %s: bad selector or domain '%s'",
                       key->selector, domain);
    lib = dkim_init(NULL, NULL);
    if (lib == NULL)
        return og_fail(err, OG_E_NOMEM, "no memory for libopendkim");
    rc = oversign(lib, headers, n, err);
    if (rc == OG_OK)
        rc = begin(lib, domain, key, &dkim, err);
    if (rc == OG_OK)
        rc = feed_headers(dkim, headers, n, err);
    if (rc == OG_OK)
        rc = feed_body(dkim, body_fd, body_start, err);
    if (rc == OG_OK)
        rc = finish(dkim, key, err);
    if (rc == OG_OK)
        rc = take_field(dkim, out, err);
    if (dkim != NULL)
        (void)dkim_free(dkim); /* fails for resigning handles only */
    dkim_close(lib);
    return rc;
}
