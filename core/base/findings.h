/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_BASE_FINDINGS_H
#define OG_BASE_FINDINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/err.h"

/*
 * What a scan has found in one message or document: facts only. What of it is refused
 * is decided by the sender's settings, in core/check.
 */
enum og_found {
    OG_FOUND_FILE,      /* a MIME part or a member of an archive */
    OG_FOUND_VIRUS,     /* a signature that says malware */
    OG_FOUND_PHISH,     /* libclamav's phishing heuristics */
    OG_FOUND_UNWANTED,  /* a PUA signature */
    OG_FOUND_MACRO,     /* code in a document that has at least one statement */
    OG_FOUND_ENCRYPTED, /* what cannot be opened without a password */
    OG_FOUND_LIMIT,     /* something was not looked at, as it is above a ceiling */
};

struct og_finding { /* the texts of one in a list are its own */
    enum og_found what;
    /* `a.zip/b.exe`, "" for the message itself; bytes of the mail */
    const char *path;
    /* file: its own name as its maker wrote it, decoded; virus, phish, unwanted: the
     * signature; macro: the kind (`vba`, `xlm`, `odf-basic`); encrypted: `archive` or
     * `document`; limit: `parts`, `depth`, `files`, `size`, `time`, `space`, or `format`:
     * it cannot be opened, `rounds`: a password of Excel's own would take too long */
    const char *name;
    const char *type;    /* file: by content, as libclamav calls it; else "" */
    const char *claimed; /* file, MIME part: Content-Type as given; else "" */
    uint64_t size;       /* file: bytes; limit: the ceiling; else 0 */
    unsigned depth;      /* file: 0 for a MIME part, 1 for a member of it, ... */
    uint64_t key;        /* of og_findings_add(), finds what is there already */
};

enum {
    OG_FINDINGS_MAX = 20000, /* in one message; one more is a LIMIT `files` */
    OG_FINDINGS_MAX_TEXT =
        16 << 20,               /* bytes of the text form, of all names together too */
    OG_FINDING_MAX_NAME = 1024, /* bytes of each text; longer ones are cut in the
                                      * middle, beginning and end stay */
};

struct og_findings {
    struct og_finding *list;
    size_t count;
    size_t cap;
    char fingerprint[17]; /* similarity hash of the text, hex, "" without enough text */
    char exact[65];       /* SHA-256 of the normalised text, hex, or "" */
    uint64_t elapsed_ms;
    uint64_t text_words; /* words of normalised text that the fingerprint saw */
    size_t text_bytes;   /* of the list in text form */
};

#define OG_FINDINGS_INIT            \
    {                               \
        NULL, 0, 0, "", "", 0, 0, 0 \
    }

/* og_findings_add - append a copy; NULL is "". What is no file is there once with the same
 * name and path. OG_E_LIMIT at OG_FINDINGS_MAX and where the text form would be longer
 * than OG_FINDINGS_MAX_TEXT, less a place for the first of each kind, which always fits;
 * OG_E_NOMEM. */
enum og_rc og_findings_add(struct og_findings *list, const struct og_finding *finding,
                           struct og_err *err) OG_CHECKED;

/* og_findings_first - the first of that kind, or NULL */
const struct og_finding *og_findings_first(const struct og_findings *list,
                                           enum og_found what);

/* og_found_text - `file`, `virus`, `phish`, `unwanted`, `macro`, `encrypted`, `limit` */
const char *og_found_text(enum og_found what);

/* og_findings_move - free to's content, give it from's; from is empty afterwards */
void og_findings_move(struct og_findings *to, struct og_findings *from);

/*
 * og_findings_print, og_findings_parse - the text form: one record a line, as in
 * record.h, its first field `found=` the kind; the last line is `end count=N ...` with
 * the other fields, so that a text cut short is noticed; each line ends in LF. Fields of
 * other names are passed over: a newer service may send more.
 *
 * OG_E_SYNTAX with the number of the line, OG_E_LIMIT, OG_E_NOMEM; list keeps its old
 * content on failure.
 */
enum og_rc og_findings_print(const struct og_findings *list, struct og_buf *out,
                             struct og_err *err) OG_CHECKED;
enum og_rc og_findings_parse(const char *text, size_t len, struct og_findings *list,
                             struct og_err *err) OG_CHECKED;

/* og_findings_free - release all; the empty list is fine */
void og_findings_free(struct og_findings *list);

#endif
