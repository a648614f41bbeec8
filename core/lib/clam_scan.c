/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "core/lib/clam_int.h"

struct scan {
    const struct og_clam_events *events;
    void *arg;
};

/* libclamav's own names for what has none: `clamav-0123456789abcdef.tmp`, and for the
 * streams of an OLE2 document MD5 and number, `8d777f385d3dfec8815d20f7496026dc_1` */
static const char *
maker_name(const char *name)
{
    static const char temporary[] = "clamav-", hex[] = "0123456789abcdef";
    size_t len = name != NULL ? strlen(name) : 0;

    if (len == 0
        || (strncmp(name, temporary, sizeof temporary - 1) == 0 && len > 4
            && strcmp(name + len - 4, ".tmp") == 0)
        || (strspn(name, hex) == 32 && name[32] == '_'
            && strspn(name + 33, hex) == len - 33))
        return "";
    return name;
}

static cl_error_t
inspect(int fd, const char *type, const char **ancestors, size_t parent_size,
        const char *name, size_t size, const char *data, uint32_t depth,
        uint32_t attributes, void *context)
{
    const struct scan *scan = context;
    struct og_clam_layer layer = { type, maker_name(name), data,
                                   data != NULL ? size : 0 };

    (void)fd;
    (void)ancestors;
    (void)parent_size;
    (void)depth;
    (void)attributes;
    if (layer.data == NULL)
        layer.data = "";
    return scan->events->enter(&layer, scan->arg) ? CL_CLEAN : CL_BREAK;
}

static cl_error_t
leave(int fd, int result, const char *signature, void *context)
{
    const struct scan *scan = context;

    (void)fd;
    (void)result;
    (void)signature;
    scan->events->leave(scan->arg);
    return CL_CLEAN;
}

static cl_error_t
member(const char *container, unsigned long packed, const char *name, unsigned long size,
       int is_encrypted, unsigned position, void *context)
{
    const struct scan *scan = context;

    (void)container;
    (void)packed;
    (void)position;
    scan->events->member(name != NULL ? name : "", size, is_encrypted != 0, scan->arg);
    return CL_CLEAN;
}

static void
alert(int fd, const char *signature, void *context)
{
    const struct scan *scan = context;

    (void)fd;
    scan->events->alert(signature != NULL ? signature : "", scan->arg);
}

static int
vba(const unsigned char *data, size_t len, void *context)
{
    const struct scan *scan = context;

    scan->events->vba((const char *)data, len, scan->arg);
    return 0;
}

void
og_clam_callbacks(struct cl_engine *engine)
{
    cl_engine_set_clcb_file_inspection(engine, inspect);
    cl_engine_set_clcb_post_scan(engine, leave);
    cl_engine_set_clcb_meta(engine, member);
    cl_engine_set_clcb_virus_found(engine, alert);
    cl_engine_set_clcb_vba(engine, vba);
}

static cl_error_t
set_limits(struct cl_engine *engine, const struct og_clam_limits *limits)
{
    const struct {
        enum cl_engine_field field;
        long long value;
    } rows[] = {
        { CL_ENGINE_MAX_SCANSIZE, (long long)limits->bytes },
        { CL_ENGINE_MAX_FILESIZE, (long long)limits->file_bytes },
        { CL_ENGINE_MAX_FILES, limits->files },
        { CL_ENGINE_MAX_RECURSION, limits->depth },
        { CL_ENGINE_MAX_SCANTIME, limits->wait_ms },
    };
    cl_error_t code = CL_SUCCESS;

    for (size_t i = 0; i < N_ELEMENTS(rows) && code == CL_SUCCESS; i++)
        code = cl_engine_set_num(engine, rows[i].field, rows[i].value);
    return code;
}

/* without signatures only containers are worth taking apart */
static struct cl_scan_options
options(const struct og_clam *clam, bool mail)
{
    struct cl_scan_options set = { 0 };

    set.general = CL_SCAN_GENERAL_ALLMATCHES | CL_SCAN_GENERAL_HEURISTICS;
    set.parse = CL_SCAN_PARSE_ARCHIVE | CL_SCAN_PARSE_PDF | CL_SCAN_PARSE_HWP3
                | CL_SCAN_PARSE_XMLDOCS | CL_SCAN_PARSE_OLE2 | CL_SCAN_PARSE_ONENOTE
                | CL_SCAN_PARSE_HTML;
    if (clam->signatures > 0)
        set.parse |= CL_SCAN_PARSE_ELF | CL_SCAN_PARSE_PE | CL_SCAN_PARSE_SWF
                     | CL_SCAN_PARSE_IMAGE | CL_SCAN_PARSE_IMAGE_FUZZY_HASH;
    if (mail)
        set.parse |= CL_SCAN_PARSE_MAIL;
    set.heuristic = CL_SCAN_HEURISTIC_EXCEEDS_MAX | CL_SCAN_HEURISTIC_ENCRYPTED_ARCHIVE
                    | CL_SCAN_HEURISTIC_ENCRYPTED_DOC;
    return set;
}

static enum og_rc
outcome(cl_error_t code, enum og_clam_end *end, struct og_err *err)
{
    *end = OG_CLAM_DONE;
    switch ((int)code) { /* the others are of no concern: the scan went on */
    case CL_EMEM:
        return og_fail(err, OG_E_NOMEM, "libclamav: %s", cl_strerror(code));
    case CL_EWRITE:
        *end = OG_CLAM_NO_SPACE;
        return OG_OK;
    case CL_ETMPFILE:
    case CL_ETMPDIR:
    case CL_EACCES:
    case CL_ECREAT:
    case CL_ESTAT:
    case CL_ESEEK:
    case CL_EDUP:
    case CL_EUNLINK:
        return og_fail(err, OG_E_IO, "libclamav, temporary directory: %s",
                       cl_strerror(code));
    case CL_ENULLARG:
    case CL_EARG:
    case CL_EMALFDB:
        return og_fail(err, OG_E_LIB, "libclamav: %s", cl_strerror(code));
    default:
        return OG_OK;
    }
}

enum og_rc
og_clam_scan(struct og_clam *clam, const char *data, size_t len, bool mail,
             const struct og_clam_limits *limits, const struct og_clam_events *events,
             void *arg, enum og_clam_end *end, struct og_err *err)
{
    struct scan scan = { events, arg };
    struct cl_scan_options set = options(clam, mail);
    const char *signature = NULL;
    unsigned long scanned = 0;
    cl_fmap_t *map;
    cl_error_t code = set_limits(clam->engine, limits);

    if (code != CL_SUCCESS)
        return og_fail(err, OG_E_LIB, "libclamav: %s", cl_strerror(code));
    *end = OG_CLAM_DONE;
    if (len == 0)
        return OG_OK;
    map = cl_fmap_open_memory(data, len);
    if (map == NULL)
        return og_fail(err, OG_E_NOMEM, "no memory for libclamav's map");
    code =
        cl_scanmap_callback(map, NULL, &signature, &scanned, clam->engine, &set, &scan);
    cl_fmap_close(map);
    return outcome(code, end, err);
}
