/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_SCAN_SCANNER_H
#define OG_SCAN_SCANNER_H

#include <sys/types.h>

#include "core/base/findings.h"

/*
 * The scan of one message or document in one pass: GMime for the parts and their true
 * names, libclamav for every nested layer and its signatures, og_macro_look() on each
 * layer, the fingerprint of the text. Runs in outgate-scand's workers, in outgatectl, and
 * in Exim's process where the setting `scanner` says `embedded` or `clamd`; never linked
 * into the hooks.
 */
struct og_scanner;

struct og_scanner_conf {
    const char *signature_directory; /* "" for structure, names, types and macros only */
    const char *temporary_directory; /* "": og_scan_temporary() */
    unsigned long long max_bytes;    /* of all layers together */
    unsigned long long max_file_bytes;
    unsigned max_files;
    unsigned max_depth;
    unsigned max_parts;         /* MIME parts that are listed; one more is a LIMIT */
    bool unwanted;              /* load PUA signatures too */
    const char *pua_categories; /* blank-separated ClamAV names, "" for all */
};

/* og_scanner_progress - while signatures load; signatures so far */
typedef void og_scanner_progress(unsigned long long done, unsigned long long all,
                                 void *arg);

/*
 * og_scanner_open - load the engine
 *
 * Seconds and hundreds of megabytes with full signatures; a fork afterwards shares them.
 * OG_E_NOTFOUND, OG_E_IO for the directory; OG_E_STATE for a damaged signature file, named
 * in err; OG_E_LIB, OG_E_NOMEM. Owner: the caller frees with og_scanner_close().
 */
enum og_rc og_scanner_open(const struct og_scanner_conf *conf,
                           og_scanner_progress *progress, void *arg,
                           struct og_scanner **scanner, struct og_err *err) OG_CHECKED;
void og_scanner_close(struct og_scanner *scanner);

/* og_scanner_signatures - how many are loaded; og_scanner_changed - are the files of the
 * directory others than those that were loaded? */
unsigned long long og_scanner_signatures(const struct og_scanner *scanner);
bool og_scanner_changed(const struct og_scanner *scanner);
const char *og_scanner_version(void); /* libclamav's */

struct og_scan_request {
    const char *headers; /* header fields with LF line ends, without the blank line; NULL:
                          * the file is a bare document, or a whole message */
    size_t headers_len;  /* bytes */
    const char *name;    /* of a bare document, "" for a message */
    int fd;              /* only pread() */
    off_t start;         /* where body or document begins in it */
    unsigned timeout_ms; /* above it the scan ends with a LIMIT `time` */
    bool macros;         /* look for macros */
    bool fingerprint;
};

/*
 * og_scanner_scan - findings of one message
 *
 * findings  what was found, its old content is freed; a ceiling that was met is a
 *           finding, no failure
 * OG_E_IO for the file, OG_E_NOMEM, OG_E_LIB.
 */
enum og_rc og_scanner_scan(struct og_scanner *scanner,
                           const struct og_scan_request *request,
                           struct og_findings *findings, struct og_err *err) OG_CHECKED;

#endif
