/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/scan/embedded.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* the functions of scanner.h as outgate_scan.so exports them */
static struct {
    void *library;
    __typeof__(og_scanner_open) *open;
    __typeof__(og_scanner_close) *close;
    __typeof__(og_scanner_scan) *scan;
    __typeof__(og_scanner_changed) *changed;
    __typeof__(og_scanner_signatures) *signatures;
    __typeof__(og_scanner_version) *version;
} lib;

static struct og_scanner *engine;
static char *opened_with; /* what conf said then */

/* Exim leaves a local_scan that takes too long or crashes by siglongjmp: an engine that
 * was at work then is in a state nobody knows, and is never touched again */
static volatile bool at_work;

static enum og_rc
resolve(const char *name, void *function, struct og_err *err)
{
    void *symbol = dlsym(lib.library, name);

    if (symbol == NULL)
        return og_fail(err, OG_E_LIB, "%s", dlerror());
    memcpy(function, &symbol, sizeof symbol); /* POSIX, dlsym() */
    return OG_OK;
}

/* directory of a file, with room for what is appended; false: no absolute path */
static bool
directory_of(const char *path, char out[PATH_MAX])
{
    const char *slash = strrchr(path, '/');

    if (path[0] != '/' || (size_t)(slash - path) >= PATH_MAX - 64)
        return false;
    memcpy(out, path, (size_t)(slash - path) + 1);
    out[slash - path + 1] = '\0';
    return true;
}

static bool
load_from(const char *directory, const char *below)
{
    char path[PATH_MAX + 64];

    (void)snprintf(path, sizeof path, "%s%soutgate_scan.so", directory, below);
    if (access(path, R_OK) == 0)
        lib.library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    return lib.library != NULL;
}

/* beside the module that this is part of, or beside or below the program */
static enum og_rc
load_library(struct og_err *err)
{
    char directory[PATH_MAX], program[PATH_MAX];
    const char *why;
    ssize_t len;
    Dl_info self;

    if (lib.library != NULL)
        return OG_OK;
    (void)dlerror(); /* forget what came before */
    if (dladdr(&lib, &self) != 0 && self.dli_fname != NULL
        && directory_of(self.dli_fname, directory) && load_from(directory, ""))
        return OG_OK;
    len = readlink("/proc/self/exe", program, sizeof program - 1);
    program[len > 0 ? len : 0] = '\0';
    if (directory_of(program, directory)
        && (load_from(directory, "") || load_from(directory, "../lib/outgate/")))
        return OG_OK;
    why = dlerror();
    return og_fail(err, OG_E_NOTFOUND, "cannot load outgate_scan.so, the scanner: %s",
                   why != NULL ? why : "it is not installed beside outgate_dlfunc.so");
}

static enum og_rc
load(struct og_err *err)
{
    enum og_rc rc = load_library(err);

    if (rc != OG_OK || lib.version != NULL)
        return rc;
    rc = resolve("og_scanner_open", &lib.open, err);
    if (rc == OG_OK)
        rc = resolve("og_scanner_close", &lib.close, err);
    if (rc == OG_OK)
        rc = resolve("og_scanner_scan", &lib.scan, err);
    if (rc == OG_OK)
        rc = resolve("og_scanner_changed", &lib.changed, err);
    if (rc == OG_OK)
        rc = resolve("og_scanner_signatures", &lib.signatures, err);
    return rc == OG_OK ? resolve("og_scanner_version", &lib.version, err) : rc;
}

static enum og_rc
describe(const struct og_scanner_conf *conf, struct og_buf *out, struct og_err *err)
{
    return og_buf_printf(out, err, "%s %s %llu %llu %u %u %u %d %s",
                         conf->signature_directory, conf->temporary_directory,
                         conf->max_bytes, conf->max_file_bytes, conf->max_files,
                         conf->max_depth, conf->max_parts, conf->unwanted,
                         conf->pua_categories != NULL ? conf->pua_categories : "");
}

static void
drop(void)
{
    if (engine != NULL && !at_work)
        lib.close(engine);
    at_work = false;
    engine = NULL;
    free(opened_with);
    opened_with = NULL;
}

enum og_rc
og_embedded_load(const struct og_scanner_conf *conf, struct og_err *err)
{
    struct og_buf wanted = OG_BUF_INIT(8192);
    enum og_rc rc = load(err);

    if (rc == OG_OK)
        rc = describe(conf, &wanted, err);
    if (rc == OG_OK
        && (at_work || opened_with == NULL
            || strcmp(opened_with, og_buf_text(&wanted)) != 0 || lib.changed(engine))) {
        drop();
        rc = lib.open(conf, NULL, NULL, &engine, err);
        if (rc == OG_OK) {
            opened_with = wanted.data;
            wanted = (struct og_buf)OG_BUF_INIT(0);
        }
    }
    og_buf_free(&wanted);
    return rc;
}

enum og_rc
og_embedded_scan(const struct og_scanner_conf *conf,
                 const struct og_scan_request *request, struct og_findings *findings,
                 struct og_err *err)
{
    enum og_rc rc = og_embedded_load(conf, err);

    if (rc != OG_OK)
        return rc;
    at_work = true;
    rc = lib.scan(engine, request, findings, err);
    at_work = false;
    return rc;
}

unsigned long long
og_embedded_signatures(void)
{
    return engine != NULL ? lib.signatures(engine) : 0;
}

const char *
og_embedded_version(void)
{
    return lib.version != NULL ? lib.version() : "";
}
