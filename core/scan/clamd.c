/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/scan/clamd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include "core/base/write.h"
#include "core/scan/wire.h"

enum { MAX_ANSWER = 4096 };

static const char service[] = "clamd";

/* names that clamd gives to what is no malware; the first row that fits */
static const struct {
    const char *prefix;
    bool told; /* else our own engine sees it better */
    enum og_found what;
    const char *name; /* NULL: the signature's */
} kinds[] = {
    { "PUA.", true, OG_FOUND_UNWANTED, NULL },
    { "Heuristics.Phishing.", true, OG_FOUND_PHISH, NULL },
    { "Heuristics.Limits.Exceeded", true, OG_FOUND_LIMIT, "size" },
    { "Heuristics.Encrypted.", false, OG_FOUND_ENCRYPTED, NULL },
    { "Heuristics.OLE2.ContainsMacros", false, OG_FOUND_MACRO, NULL },
};

static enum og_rc
add(const char *name, struct og_findings *findings, struct og_err *err)
{
    struct og_finding finding = { .what = OG_FOUND_VIRUS };
    char path[] = "", signature[OG_FINDING_MAX_NAME + 1];
    enum og_rc rc;

    (void)snprintf(signature, sizeof signature, "%s", name); /* cut on purpose */
    for (size_t i = 0; i < N_ELEMENTS(kinds); i++) {
        if (strncmp(name, kinds[i].prefix, strlen(kinds[i].prefix)) != 0)
            continue;
        if (!kinds[i].told)
            return OG_OK;
        finding.what = kinds[i].what;
        if (kinds[i].name != NULL)
            (void)snprintf(signature, sizeof signature, "%s", kinds[i].name);
        break;
    }
    finding.path = path;
    finding.name = signature;
    rc = og_findings_add(findings, &finding, err);
    return rc == OG_E_LIMIT ? OG_OK : rc; /* the first of its kind is there */
}

/* does text end in this word? Cuts it off. */
static bool
cut_word(char *text, const char *end)
{
    size_t len = strlen(text), word = strlen(end);

    if (len < word || strcmp(text + len - word, end) != 0)
        return false;
    text[len - word] = '\0';
    return true;
}

enum og_rc
og_clamd_parse(const char *text, size_t len, struct og_findings *findings,
               struct og_err *err)
{
    char line[MAX_ANSWER + 1];
    const char *behind;

    if (len == 0 || len > MAX_ANSWER || memchr(text, '\0', len) != text + len - 1)
        return og_fail(err, OG_E_SYNTAX, "no line ended by one NUL");
    memcpy(line, text, len);
    behind = strstr(line, ": ");
    if (strncmp(line, "fd[", 3) != 0 || behind == NULL)
        return og_fail(err, cut_word(line, " ERROR") ? OG_E_LIB : OG_E_SYNTAX,
                       "it said '%.200s'", line);
    if (strcmp(behind, ": OK") == 0)
        return OG_OK;
    if (cut_word(line, " FOUND") && strlen(behind) > 2)
        return add(behind + 2, findings, err);
    return og_fail(err, cut_word(line, " ERROR") ? OG_E_LIB : OG_E_SYNTAX,
                   "it said '%.200s'", line);
}

/* header fields, blank line and body in one file in memory */
static enum og_rc
join(const struct og_scan_request *request, int file, struct og_err *err)
{
    off_t at = request->start;
    ssize_t n;
    enum og_rc rc = OG_OK;

    if (request->headers != NULL)
        rc = og_write_all(file, request->headers, request->headers_len, "copy for clamd",
                          err);
    if (rc == OG_OK && request->headers != NULL)
        rc = og_write_all(file, "\n", 1, "copy for clamd", err);
    if (rc != OG_OK)
        return rc;
    while ((n = sendfile(file, request->fd, &at, 1 << 20)) != 0)
        if (n < 0 && errno != EINTR)
            return og_fail(err, OG_E_IO, "copy for clamd: %s", strerror(errno));
    return OG_OK;
}

/* the file to hand over; its offset is its own and stands at the beginning */
static enum og_rc
whole(const struct og_scan_request *request, int *file, struct og_err *err)
{
    char path[64];

    if (request->headers == NULL && request->start == 0) {
        (void)snprintf(path, sizeof path, "/proc/self/fd/%d", request->fd);
        *file = open(path, O_RDONLY | O_CLOEXEC);
        if (*file < 0)
            return og_fail(err, OG_E_IO, "open the file for clamd: %s", strerror(errno));
        return OG_OK;
    }
    *file = memfd_create("outgate message", MFD_CLOEXEC);
    if (*file < 0)
        return og_fail(err, OG_E_IO, "memory file for clamd: %s", strerror(errno));
    return join(request, *file, err);
}

/* a command ended by NUL, perhaps a file, and what clamd answers up to its end */
static enum og_rc
talk(const char *socket, const char *command, const int *file, int64_t deadline,
     struct og_buf *answer, struct og_err *err)
{
    struct og_err why = { "" };
    _Bool end = false;
    int fd = -1;
    enum og_rc rc = og_wire_connect(socket, service, deadline, &fd, err);

    if (rc != OG_OK)
        return rc;
    rc = og_wire_send(fd, command, strlen(command) + 1, NULL, 0, deadline, &why);
    if (rc == OG_OK && file != NULL) /* the descriptor comes with a byte of its own */
        rc = og_wire_send(fd, "", 1, file, 1, deadline, &why);
    while (rc == OG_OK && !end)
        rc = og_wire_receive(fd, answer, &end, deadline, &why);
    (void)close(fd);     /* nothing more is said */
    if (rc == OG_E_BUSY) /* it has begun */
        rc = OG_E_STATE;
    if (rc == OG_OK && answer->len == 0)
        return og_fail(err, OG_E_STATE,
                       "%s at %s has closed the connection without an answer", service,
                       socket);
    if (rc != OG_OK)
        return og_fail(err, rc == OG_E_LIMIT ? OG_E_STATE : rc, "%s at %s: %.300s",
                       service, socket, why.text);
    return OG_OK;
}

enum og_rc
og_clamd_scan(const char *socket, const struct og_scan_request *request,
              struct og_findings *findings, struct og_err *err)
{
    int64_t deadline = og_wire_now() + request->timeout_ms;
    struct og_buf answer = OG_BUF_INIT(MAX_ANSWER);
    struct og_err why = { "" };
    int file = -1;
    enum og_rc rc = whole(request, &file, err);

    if (rc == OG_OK)
        rc = talk(socket, "zFILDES", &file, deadline, &answer, err);
    if (rc == OG_OK) {
        rc = og_clamd_parse(og_buf_text(&answer), answer.len, findings, &why);
        if (rc != OG_OK)
            rc = og_fail(err, rc == OG_E_SYNTAX ? OG_E_STATE : rc,
                         "%s at %s: bad answer: %.300s", service, socket, why.text);
    }
    if (file >= 0)
        (void)close(file); /* only read */
    og_buf_free(&answer);
    return rc;
}

enum og_rc
og_clamd_version(const char *socket, unsigned timeout_ms, struct og_buf *out,
                 struct og_err *err)
{
    struct og_buf answer = OG_BUF_INIT(MAX_ANSWER);
    enum og_rc rc =
        talk(socket, "zVERSION", NULL, og_wire_now() + timeout_ms, &answer, err);

    if (rc == OG_OK)
        rc = og_buf_add_text(out, og_buf_text(&answer), err);
    og_buf_free(&answer);
    return rc;
}
