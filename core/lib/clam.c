/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/lib/clam_int.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/buf.h"

/* libclamav tells the file that is damaged only in its messages; one for the process */
static _Thread_local struct {
    struct og_err why;  /* the first error */
    struct og_err file; /* "Can't load FILE: ..." */
} told;

static void
message(enum cl_msg severity, const char *full, const char *text, void *context)
{
    static const char load[] = "Can't load ";
    size_t len = strcspn(text, "\n");

    (void)full;
    (void)context;
    if (severity != CL_MSG_ERROR)
        return;
    if (strncmp(text, load, sizeof load - 1) == 0)
        og_err_set(&told.file, "%.*s", (int)(len - sizeof load + 1),
                   text + sizeof load - 1);
    else if (told.why.text[0] == '\0')
        og_err_set(&told.why, "%.*s", (int)len, text);
}

static enum og_rc
library_ready(struct og_err *err)
{
    static bool ready;
    cl_error_t code;

    if (ready)
        return OG_OK;
    cl_set_clcb_msg(message); /* or it writes to standard error */
    code = cl_init(CL_INIT_DEFAULT);
    if (code != CL_SUCCESS)
        return og_fail(err, OG_E_LIB, "libclamav: %s", cl_strerror(code));
    ready = true;
    return OG_OK;
}

struct progress {
    og_clam_progress *tell;
    void *arg;
};

static cl_error_t
load_progress(size_t all, size_t done, void *context)
{
    const struct progress *progress = context;

    progress->tell(done, all, progress->arg);
    return CL_SUCCESS;
}

/* `A B` becomes `.A.B.`, the form of CL_ENGINE_PUA_CATEGORIES */
static enum og_rc
set_categories(struct og_clam *clam, const char *names, struct og_err *err)
{
    struct og_buf text = OG_BUF_INIT(4096);
    enum og_rc rc = OG_OK;

    while (*names != '\0' && rc == OG_OK) {
        size_t len = strcspn(names, " ,");

        if (len > 0)
            rc = og_buf_printf(&text, err, ".%.*s", (int)len, names);
        names += len + strspn(names + len, " ,");
    }
    if (rc == OG_OK)
        rc = og_buf_add(&text, ".", 1, err);
    if (rc == OG_OK
        && cl_engine_set_str(clam->engine, CL_ENGINE_PUA_CATEGORIES, text.data)
               != CL_SUCCESS)
        rc = og_fail(err, OG_E_NOMEM, "no memory for PUA categories");
    og_buf_free(&text);
    return rc;
}

static bool
has_suffix(const char *name, const char *suffix)
{
    size_t len = strlen(name), tail = strlen(suffix);

    return len > tail && strcmp(name + len - tail, suffix) == 0;
}

/* lists of protected domains and bad URLs come as *.pdb and *.gdb, and inside of daily */
static enum og_rc
look_at_files(struct og_clam *clam, const char *directory, struct og_err *err)
{
    DIR *dir = opendir(directory);

    if (dir == NULL)
        return og_fail(err,
                       errno == ENOENT   ? OG_E_NOTFOUND
                       : errno == EACCES ? OG_E_PERM
                                         : OG_E_IO,
                       "signature directory %s: %s", directory, strerror(errno));
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir))
        if (has_suffix(entry->d_name, ".pdb") || has_suffix(entry->d_name, ".gdb")
            || has_suffix(entry->d_name, ".cvd") || has_suffix(entry->d_name, ".cld"))
            clam->has_phish = true;
    (void)closedir(dir); /* only read */
    clam->has_files = cl_statinidir(directory, &clam->files) == CL_SUCCESS;
    return OG_OK;
}

static enum og_rc
load_failed(cl_error_t code, const char *directory, struct og_err *err)
{
    if (code == CL_EMEM)
        return og_fail(err, OG_E_NOMEM, "no memory for the signatures");
    if (told.file.text[0] != '\0')
        return og_fail(err, OG_E_STATE, "signature file %s (%s)", told.file.text,
                       told.why.text);
    if (code == CL_EOPEN)
        return og_fail(err, OG_E_NOTFOUND, "no signatures in %s", directory);
    return og_fail(err, OG_E_STATE, "signatures in %s: %s (%s)", directory,
                   cl_strerror(code), told.why.text);
}

static enum og_rc
load(struct og_clam *clam, const struct og_clam_conf *conf, struct og_err *err)
{
    unsigned options = CL_DB_PHISHING | CL_DB_PHISHING_URLS;
    cl_error_t code;
    enum og_rc rc;

    rc = look_at_files(clam, conf->signature_directory, err);
    if (rc == OG_OK && conf->unwanted) {
        options |= CL_DB_PUA;
        if (conf->pua_categories[0] != '\0') {
            options |= CL_DB_PUA_MODE | CL_DB_PUA_INCLUDE;
            rc = set_categories(clam, conf->pua_categories, err);
        }
    }
    if (rc != OG_OK)
        return rc;
    told.why.text[0] = told.file.text[0] = '\0';
    code = cl_load(conf->signature_directory, clam->engine, &clam->signatures, options);
    return code == CL_SUCCESS ? OG_OK : load_failed(code, conf->signature_directory, err);
}

static enum og_rc
prepare(struct og_clam *clam, const struct og_clam_conf *conf, struct og_err *err)
{
    const char *directory = conf->temporary_directory;
    cl_error_t code = CL_SUCCESS;

    if (access(directory, W_OK | X_OK) != 0)
        return og_fail(err, errno == EACCES ? OG_E_PERM : OG_E_NOTFOUND,
                       "temporary directory %s: %s", directory, strerror(errno));
    code = cl_engine_set_str(clam->engine, CL_ENGINE_TMPDIR, directory);
    if (code == CL_SUCCESS)
        code = cl_engine_set_num(clam->engine, CL_ENGINE_DISABLE_CACHE, 1);
    if (code != CL_SUCCESS)
        return og_fail(err, OG_E_LIB, "libclamav: %s", cl_strerror(code));
    og_clam_callbacks(clam->engine);
    return OG_OK;
}

static enum og_rc
compile(struct og_clam *clam, struct og_err *err)
{
    cl_error_t code = cl_engine_compile(clam->engine);

    if (code == CL_EMEM)
        return og_fail(err, OG_E_NOMEM, "no memory for the signatures");
    return code == CL_SUCCESS
               ? OG_OK
               : og_fail(err, OG_E_STATE, "signatures: %s", cl_strerror(code));
}

enum og_rc
og_clam_open(const struct og_clam_conf *conf, og_clam_progress *progress, void *arg,
             struct og_clam **clam, struct og_err *err)
{
    struct progress while_loading = { progress, arg };
    struct og_clam *fresh = calloc(1, sizeof *fresh);
    enum og_rc rc = library_ready(err);

    if (fresh == NULL && rc == OG_OK)
        rc = og_fail(err, OG_E_NOMEM, "no memory for a scanner");
    if (rc == OG_OK && (fresh->engine = cl_engine_new()) == NULL)
        rc = og_fail(err, OG_E_NOMEM, "no memory for libclamav's engine");
    if (rc == OG_OK)
        rc = prepare(fresh, conf, err);
    if (rc == OG_OK && progress != NULL)
        cl_engine_set_clcb_sigload_progress(fresh->engine, load_progress, &while_loading);
    if (rc == OG_OK && conf->signature_directory[0] != '\0')
        rc = load(fresh, conf, err);
    if (rc == OG_OK)
        rc = compile(fresh, err);
    if (rc != OG_OK) {
        og_clam_close(fresh);
        return rc;
    }
    cl_engine_set_clcb_sigload_progress(fresh->engine, NULL, NULL);
    *clam = fresh;
    return OG_OK;
}

void
og_clam_close(struct og_clam *clam)
{
    if (clam == NULL)
        return;
    if (clam->engine != NULL)
        (void)cl_engine_free(clam->engine); /* fails for NULL only */
    if (clam->has_files)
        (void)cl_statfree(&clam->files); /* as above */
    free(clam);
}

unsigned long long
og_clam_signatures(const struct og_clam *clam)
{
    return clam->signatures;
}

bool
og_clam_phish(const struct og_clam *clam)
{
    return clam->has_phish;
}

/* the loaded file that this one is, NULL for none */
static const STATBUF *
known(const struct cl_stat *files, const struct stat *now)
{
    for (unsigned i = 0; i < files->entries; i++)
        if (files->stattab[i].st_ino == now->st_ino)
            return &files->stattab[i];
    return NULL;
}

/* libclamav compares whole seconds, within which a file may be loaded half written, and
 * does not miss one that was deleted */
static bool
written_or_gone(const struct cl_stat *files)
{
    DIR *dir = opendir(files->dir);
    const struct dirent *entry;
    unsigned there = 0;

    if (dir == NULL)
        return false; /* a load would fail, too */
    while ((entry = readdir(dir)) != NULL) {
        struct stat now;
        const STATBUF *then;

        if (fstatat(dirfd(dir), entry->d_name, &now, 0) == 0
            && (then = known(files, &now)) != NULL && then->st_size == now.st_size
            && then->st_mtim.tv_nsec == now.st_mtim.tv_nsec)
            there++;
    }
    (void)closedir(dir); /* only read */
    return there != files->entries;
}

bool
og_clam_changed(const struct og_clam *clam)
{
    return clam->has_files
           && (cl_statchkdir(&clam->files) == 1 || written_or_gone(&clam->files));
}

const char *
og_clam_version(void)
{
    return cl_retver();
}
