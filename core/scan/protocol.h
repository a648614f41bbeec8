/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_SCAN_PROTOCOL_H
#define OG_SCAN_PROTOCOL_H

#include <stdint.h>
#include <sys/types.h>

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/base/findings.h"

/*
 * What is said over the socket of outgate-scand, one request and one reply a connection.
 *
 * A request is one record and LF. With its first byte come file descriptors: of the file
 * with the body, and where `headers` says how many bytes there are, of a file that holds
 * the header fields.
 *
 *     version=1 ask=scan start=19 headers=4711 timeout_ms=60000 macros=1 fingerprint=0 name=
 *     version=1 ask=status timeout_ms=5000
 *
 * A reply is one record, LF and the `length` bytes that it announces: the text form of
 * findings, see findings.h, or a record with the status.
 *
 *     version=1 status=ok length=2345
 *     version=1 status=died length=0 text=...
 */
enum {
    OG_PROTOCOL_VERSION = 1,
    OG_PROTOCOL_MAX_REQUEST = 8192, /* bytes with the LF: a name of 1 KiB, all encoded */
    OG_PROTOCOL_MAX_HEAD = 4096,    /* bytes of a reply's record with its LF */
    OG_PROTOCOL_MAX_HEADERS = 16 << 20, /* bytes; Exim's header_maxsize is 1 MB */
};

enum og_ask { OG_ASK_SCAN, OG_ASK_STATUS };

struct og_protocol_request {
    enum og_ask ask;
    bool has_headers;    /* a second file holds header fields */
    size_t headers_len;  /* bytes of it */
    off_t start;         /* where body or document begins */
    unsigned timeout_ms; /* how long the client waits for the reply, 1 ms to 1 hour */
    bool macros;
    bool fingerprint;
    char name[OG_FINDING_MAX_NAME + 1]; /* of a bare document */
};

/* how the service did; each word of the reply's `status` */
enum og_replied {
    OG_REPLIED_OK,
    OG_REPLIED_BUSY,   /* too many wait, or the service ends */
    OG_REPLIED_LATE,   /* the deadline passed; the worker was stopped */
    OG_REPLIED_DIED,   /* the worker died over it */
    OG_REPLIED_BAD,    /* the request could not be read */
    OG_REPLIED_FAILED, /* the scan failed, text says why */
};

struct og_protocol_reply {
    enum og_replied status;
    size_t length;  /* bytes that follow */
    char text[400]; /* one line for a person; "" with OG_REPLIED_OK */
};

/* og_protocol_request_print - append a request with its LF; a name is cut to fit.
 * OG_E_LIMIT, OG_E_NOMEM. */
enum og_rc og_protocol_request_print(const struct og_protocol_request *request,
                                     struct og_buf *out, struct og_err *err) OG_CHECKED;

/*
 * og_protocol_request_parse - read a request
 *
 * text, len  what came so far, hostile
 *
 * Returns OG_OK; OG_E_BUSY while the LF is missing and there is room for more;
 * OG_E_SYNTAX; OG_E_RANGE; OG_E_LIMIT; OG_E_STATE for another version; OG_E_NOMEM.
 */
enum og_rc og_protocol_request_parse(const char *text, size_t len,
                                     struct og_protocol_request *request,
                                     struct og_err *err) OG_CHECKED;

/* og_protocol_reply_print - append the record of a reply with its LF; text is cut to fit */
enum og_rc og_protocol_reply_print(const struct og_protocol_reply *reply,
                                   struct og_buf *out, struct og_err *err) OG_CHECKED;

/* og_protocol_reply_parse - read the record of a reply; *body receives where the bytes
 * after it begin. The codes of og_protocol_request_parse. */
enum og_rc og_protocol_reply_parse(const char *text, size_t len,
                                   struct og_protocol_reply *reply, size_t *body,
                                   struct og_err *err) OG_CHECKED;

/* og_protocol_scan_ms, og_protocol_kill_ms - of the time a client waits, after how much a
 * scan gives up by itself, and after how much its worker is stopped; the rest is for the
 * way back */
unsigned og_protocol_scan_ms(unsigned timeout_ms);
unsigned og_protocol_kill_ms(unsigned timeout_ms);

#endif
