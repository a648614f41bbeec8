/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* outgate_scan.so exports what scanner.h declares */
#pragma GCC visibility push(default)
#include "core/scan/scanner.h"
#pragma GCC visibility pop

#include "core/scan/scan_int.h"
#include "core/scan/temporary.h"

enum og_rc
og_scanner_open(const struct og_scanner_conf *conf, og_scanner_progress *progress,
                void *arg, struct og_scanner **scanner, struct og_err *err)
{
    struct og_clam_conf clam = {
        conf->signature_directory,
        og_scan_temporary(conf->temporary_directory, conf->max_bytes), conf->unwanted,
        conf->pua_categories != NULL ? conf->pua_categories : ""
    };
    struct og_scanner *fresh = calloc(1, sizeof *fresh);
    enum og_rc rc;

    if (fresh == NULL)
        return og_fail(err, OG_E_NOMEM, "no memory for a scanner");
    fresh->conf = *conf;
    fresh->key = og_siphash_new_key();
    rc = og_clam_open(&clam, progress, arg, &fresh->clam, err);
    if (rc != OG_OK) {
        free(fresh);
        return rc;
    }
    *scanner = fresh;
    return OG_OK;
}

void
og_scanner_close(struct og_scanner *scanner)
{
    if (scanner == NULL)
        return;
    og_clam_close(scanner->clam);
    free(scanner);
}

unsigned long long
og_scanner_signatures(const struct og_scanner *scanner)
{
    return og_clam_signatures(scanner->clam);
}

bool
og_scanner_changed(const struct og_scanner *scanner)
{
    return og_clam_changed(scanner->clam);
}

const char *
og_scanner_version(void)
{
    return og_clam_version();
}

static enum og_rc
read_all(int fd, off_t at, char *data, size_t len, size_t *got, struct og_err *err)
{
    *got = 0;
    while (*got < len) {
        ssize_t n = pread(fd, data + *got, len - *got, at + (off_t)*got);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return og_fail(err, OG_E_IO, "read the message: %s", strerror(errno));
        if (n == 0)
            break; /* it became shorter */
        *got += (size_t)n;
    }
    return OG_OK;
}

/* headers, blank line and what the file holds, in one piece of memory */
static enum og_rc
read_message(const struct og_scan_request *request, size_t max, char **data, size_t *len,
             bool *cut, struct og_err *err)
{
    size_t head = request->headers != NULL ? request->headers_len + 1 : 0, body, got;
    struct stat entry;
    char *all;
    enum og_rc rc;

    if (fstat(request->fd, &entry) != 0)
        return og_fail(err, OG_E_IO, "read the message: %s", strerror(errno));
    body = entry.st_size > request->start ? (size_t)(entry.st_size - request->start) : 0;
    *cut = head > max || body > max - head;
    if (*cut)
        body = head < max ? max - head : 0;
    all = malloc(head + body + 1);
    if (all == NULL)
        return og_fail(err, OG_E_NOMEM, "no memory for a message of %zu bytes",
                       head + body);
    if (head > 0) {
        memcpy(all, request->headers, head - 1);
        all[head - 1] = '\n';
    }
    rc = read_all(request->fd, request->start, all + head, body, &got, err);
    if (rc != OG_OK) {
        free(all);
        return rc;
    }
    *data = all;
    *len = head + got;
    return OG_OK;
}

enum og_rc
og_scanner_scan(struct og_scanner *scanner, const struct og_scan_request *request,
                struct og_findings *findings, struct og_err *err)
{
    struct og_findings fresh = OG_FINDINGS_INIT;
    struct og_scan *scan = calloc(1, sizeof *scan);
    struct og_scan_piece piece = { .path = "", .name = "", .claimed = "" };
    char *data = NULL;
    bool cut = false;
    enum og_rc rc;

    if (scan == NULL)
        return og_fail(err, OG_E_NOMEM, "no memory for a scan");
    scan->scanner = scanner;
    scan->request = request;
    scan->findings = &fresh;
    rc = read_message(request, scanner->conf.max_bytes, &data, &piece.len, &cut, err);
    piece.data = data;
    piece.is_message = request->name == NULL || request->name[0] == '\0';
    if (!piece.is_message)
        piece.path = piece.name = request->name;
    if (rc == OG_OK && cut)
        og_scan_limit(scan, piece.path, "size");
    if (rc == OG_OK)
        rc = og_scan_all(scan, &piece, err);
    if (rc == OG_OK)
        og_findings_move(findings, &fresh);
    og_scan_queue_free(&scan->queue);
    free(scan->seen.slots);
    free(scan);
    free(data);
    og_findings_free(&fresh);
    return rc;
}
