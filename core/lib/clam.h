/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_LIB_CLAM_H
#define OG_LIB_CLAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"

/*
 * libclamav: an engine, and the scan of one piece of memory with everything nested in it.
 * One scan at a time for each engine; an engine without signatures finds structure only.
 * Bytecode signatures are not loaded. Its result cache is off: what is nested in a file
 * it remembers as clean would not be told.
 */
struct og_clam;

struct og_clam_conf {
    const char *signature_directory; /* "" for none */
    const char *temporary_directory;
    bool unwanted;              /* load PUA signatures too */
    const char *pua_categories; /* blank-separated ClamAV names, "" for all */
};

typedef void og_clam_progress(unsigned long long done, unsigned long long all, void *arg);

/* og_clam_open - OG_E_NOTFOUND: no such directory or no signatures in it; OG_E_STATE: a
 * damaged signature file, named in err; OG_E_PERM, OG_E_IO, OG_E_LIB, OG_E_NOMEM */
enum og_rc og_clam_open(const struct og_clam_conf *conf, og_clam_progress *progress,
                        void *arg, struct og_clam **clam, struct og_err *err) OG_CHECKED;
void og_clam_close(struct og_clam *clam); /* NULL is fine */

/* og_clam_signatures - how many are loaded; og_clam_phish - lists for the phishing
 * heuristics among them; og_clam_changed - has the directory changed since? */
unsigned long long og_clam_signatures(const struct og_clam *clam);
bool og_clam_phish(const struct og_clam *clam);
bool og_clam_changed(const struct og_clam *clam);
const char *og_clam_version(void);

struct og_clam_layer {
    const char *type; /* `CL_TYPE_ZIP` */
    const char *name; /* of its maker, without folders; "" when it has none */
    const char *data; /* all of it */
    size_t len;
};

/* what a scan tells; the functions may not scan with the same engine */
struct og_clam_events {
    /* a layer begins, the piece itself first; false: do not look into it */
    bool (*enter)(const struct og_clam_layer *layer, void *arg);
    /* the layer that was entered last ends; also one that was not looked into */
    void (*leave)(void *arg);
    /* a member of the archive that was entered last and has not ended; name with its
     * folders. Many formats tell it twice, and before any member is entered. */
    void (*member)(const char *name, uint64_t size, bool encrypted, void *arg);
    /* a signature matches, or a heuristic; behind the last layer: in any of them */
    void (*alert)(const char *signature, void *arg);
    /* VBA source of the layer that was entered last, UTF-8, in lower case */
    void (*vba)(const char *text, size_t len, void *arg);
};

struct og_clam_limits {
    uint64_t bytes;      /* of all layers; 0: no limit, as for each of these */
    uint64_t file_bytes; /* of one */
    unsigned files;
    unsigned depth; /* 1 to 100 */
    unsigned wait_ms;
};

enum og_clam_end {
    OG_CLAM_DONE,
    OG_CLAM_NO_SPACE, /* the temporary directory is full */
};

/*
 * og_clam_scan - scan one piece of memory
 *
 * mail  look for MIME parts in what looks like a mail
 * end   how it ended; a limit that was met comes as an alert
 *
 * OG_E_NOMEM; OG_E_IO for the temporary directory; OG_E_LIB
 */
enum og_rc og_clam_scan(struct og_clam *clam, const char *data, size_t len, bool mail,
                        const struct og_clam_limits *limits,
                        const struct og_clam_events *events, void *arg,
                        enum og_clam_end *end, struct og_err *err) OG_CHECKED;

#endif
