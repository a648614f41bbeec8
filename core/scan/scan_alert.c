/* SPDX-License-Identifier: BSD-2-Clause */
/* What a name of a signature means: libclamav tells limits, encryption and phishing as
 * it tells a virus. */
#include <string.h>

#include "core/scan/scan_int.h"

static const struct {
    const char *prefix;
    enum og_found what;
    const char *name; /* NULL: the signature's own */
} rows[] = {
    /* the first that fits */
    { "Heuristics.Limits.Exceeded.MaxScanSize", OG_FOUND_LIMIT, "size" },
    { "Heuristics.Limits.Exceeded.MaxFileSize", OG_FOUND_LIMIT, "file-size" },
    { "Heuristics.Limits.Exceeded.MaxFiles", OG_FOUND_LIMIT, "files" },
    { "Heuristics.Limits.Exceeded.MaxRecursion", OG_FOUND_LIMIT, "depth" },
    { "Heuristics.Limits.Exceeded.MaxScanTime", OG_FOUND_LIMIT, "time" },
    { "Heuristics.Limits.Exceeded.Email", OG_FOUND_LIMIT, "parts" },
    { "Heuristics.Limits.Exceeded.", OG_FOUND_LIMIT, "size" },
    { "Heuristics.Encrypted.PDF", OG_FOUND_ENCRYPTED, "document" },
    { "Heuristics.Encrypted.DOC", OG_FOUND_ENCRYPTED, "document" },
    { "Heuristics.Encrypted.OLE2", OG_FOUND_ENCRYPTED, "document" },
    { "Heuristics.Encrypted.", OG_FOUND_ENCRYPTED, "archive" },
    { "Heuristics.Phishing.", OG_FOUND_PHISH, NULL },
    { "Heuristics.Safebrowsing.", OG_FOUND_PHISH, NULL },
    { "PUA.", OG_FOUND_UNWANTED, NULL },
    { "", OG_FOUND_VIRUS, NULL },
};

/* an archive whose members told of it has its own path already */
static bool
is_below(const struct og_findings *findings, enum og_found what, const char *name,
         const char *path)
{
    size_t len = strlen(path);

    for (size_t i = 0; i < findings->count; i++)
        if (findings->list[i].what == what && strcmp(findings->list[i].name, name) == 0
            && strncmp(findings->list[i].path, path, len) == 0)
            return true;
    return false;
}

void
og_scan_alert(const char *signature, void *arg)
{
    struct og_scan *scan = arg;
    const char *path = og_scan_path(scan);
    size_t row = 0;

    while (strncmp(signature, rows[row].prefix, strlen(rows[row].prefix)) != 0)
        row++; /* the last fits */
    if (rows[row].what == OG_FOUND_LIMIT) {
        og_scan_limit(scan, path, rows[row].name);
    } else if (rows[row].name == NULL
               || !is_below(scan->findings, rows[row].what, rows[row].name, path)) {
        og_scan_find(scan,
                     &(struct og_finding){ .what = rows[row].what,
                                           .path = path,
                                           .name = rows[row].name != NULL ? rows[row].name
                                                                          : signature });
    }
}
