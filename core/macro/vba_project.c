/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/macro/vba.h"

#include <stdlib.h>

#include "core/macro/macro.h"

enum {
    /* records of the stream `dir`, [MS-OVBA] 2.3.4.2 */
    DIR_VERSION = 0x0009, /* the one whose length is not where it says */
    DIR_VERSION_BYTES = 6,
    DIR_STREAM_NAME = 0x0032, /* UTF-16 */
    DIR_TEXT_OFFSET = 0x0031,
    MAX_MODULES = 2000, /* a project of more is no shell */
    MAX_DIR = 16 << 20,
};

struct module {
    uint16_t name[OG_OLE2_NAME];
    size_t offset; /* of the source in the module's stream */
};

struct project {
    struct module *modules;
    size_t count;
    bool large;
    unsigned version; /* of the compiler */
    size_t text_left; /* bytes of source that may still come */
};

static void
keep_name(const struct og_bytes *name, struct module *module)
{
    *module = (struct module){ .offset = 0 };
    for (size_t i = 0; i < OG_OLE2_NAME && i * 2 < name->len; i++)
        module->name[i] = (uint16_t)og_bytes_16(name, i * 2);
}

/* which modules are there, and where in their streams is the source? */
static void
read_dir(const struct og_bytes *dir, struct project *project)
{
    struct module module = { .offset = 0 };
    size_t at = 0;

    while (og_bytes_has(dir, at, 6) && !project->large) {
        unsigned id = og_bytes_16(dir, at);
        size_t len = id == DIR_VERSION ? DIR_VERSION_BYTES : og_bytes_32(dir, at + 2);
        struct og_bytes value = og_bytes_from(dir, at + 6, len);

        if (id == DIR_STREAM_NAME) {
            keep_name(&value, &module);
        } else if (id == DIR_TEXT_OFFSET) {
            module.offset = og_bytes_32(&value, 0);
            if (project->count < MAX_MODULES)
                project->modules[project->count++] = module;
            else
                project->large = true;
        }
        at += 6 + len;
    }
}

static bool
same_name(const uint16_t *one, const uint16_t *other)
{
    for (size_t i = 0; i < OG_OLE2_NAME && (one[i] != 0 || other[i] != 0); i++) {
        uint16_t a = one[i], b = other[i];

        if (a != b && ((a | 32) != (b | 32) || (a | 32) < 'a' || (a | 32) > 'z'))
            return false;
    }
    return true;
}

/* where the source begins, as `dir` has it or as it looks */
static size_t
source_at(const struct project *project, const struct og_ole2_entry *entry,
          const struct og_bytes *stream)
{
    for (size_t i = 0; i < project->count; i++)
        if (same_name(project->modules[i].name, entry->name)
            && og_bytes_8(stream, project->modules[i].offset) == 1)
            return project->modules[i].offset;
    return og_vba_search(stream, 0);
}

static enum og_rc
module_runs(struct project *project, const struct og_ole2_entry *entry,
            struct og_bytes stream, bool *runs, struct og_err *err)
{
    struct og_buf text = OG_BUF_INIT(project->text_left);
    size_t at = source_at(project, entry, &stream);
    enum og_rc rc = OG_OK;

    *runs = og_vba_pcode_runs(stream, project->version);
    if (!*runs && at != SIZE_MAX) {
        rc = og_vba_unpack(og_bytes_from(&stream, at, SIZE_MAX), &text, err);
        if (rc == OG_OK || rc == OG_E_LIMIT)
            *runs = rc == OG_E_LIMIT || og_macro_has_statement(text.data, text.len);
        if (rc != OG_E_NOMEM)
            rc = OG_OK;
        project->text_left -= text.len;
    }
    og_buf_free(&text);
    return rc;
}

/* reads the streams `dir` and `_VBA_PROJECT` */
static enum og_rc
read_project(struct og_ole2 *ole, int storage, struct project *project,
             struct og_err *err)
{
    struct og_buf packed = OG_BUF_INIT(MAX_DIR), dir = OG_BUF_INIT(MAX_DIR),
                  cache = OG_BUF_INIT(MAX_DIR);
    int dir_entry = og_ole2_find(ole, storage, "dir"),
        cache_entry = og_ole2_find(ole, storage, "_VBA_PROJECT");
    struct og_bytes bytes;
    enum og_rc rc = OG_OK;

    project->modules = calloc(MAX_MODULES, sizeof *project->modules);
    if (project->modules == NULL)
        return og_fail(err, OG_E_NOMEM, "no memory for a VBA project");
    if (dir_entry > 0)
        rc = og_ole2_read(ole, dir_entry, &packed, err);
    if (rc == OG_OK && packed.len > 0)
        rc = og_vba_unpack(og_bytes(packed.data, packed.len), &dir, err);
    if (rc == OG_E_SYNTAX) /* without it the modules are searched */
        rc = OG_OK;
    bytes = og_bytes(dir.data, dir.len);
    if (rc == OG_OK)
        read_dir(&bytes, project);
    if (rc == OG_OK && cache_entry > 0)
        rc = og_ole2_read(ole, cache_entry, &cache, err);
    bytes = og_bytes(cache.data, cache.len);
    project->version = og_bytes_16(&bytes, 2);
    og_buf_free(&packed);
    og_buf_free(&dir);
    og_buf_free(&cache);
    return rc;
}

static bool
is_module(const struct og_ole2_entry *entry, int storage)
{
    return entry->type == OG_OLE2_STREAM && entry->parent == storage
           && !og_ole2_named(entry, "dir") && !og_ole2_named(entry, "_VBA_PROJECT");
}

enum og_rc
og_vba_project_runs(struct og_ole2 *ole, int storage, bool *runs, struct og_err *err)
{
    struct project project = { .text_left = OG_VBA_MAX_TEXT };
    enum og_rc rc = read_project(ole, storage, &project, err);
    bool found = project.large;

    for (int i = 1; i < og_ole2_count(ole) && rc == OG_OK && !found; i++) {
        const struct og_ole2_entry *entry = og_ole2_entry(ole, i);
        struct og_buf stream = OG_BUF_INIT(SIZE_MAX / 2);

        if (!is_module(entry, storage))
            continue;
        rc = og_ole2_read(ole, i, &stream, err);
        if (rc == OG_OK)
            rc = module_runs(&project, entry, og_bytes(stream.data, stream.len), &found,
                             err);
        og_buf_free(&stream);
    }
    free(project.modules);
    if (rc == OG_OK)
        *runs = found;
    return rc;
}
