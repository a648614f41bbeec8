/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_MACRO_VBA_H
#define OG_MACRO_VBA_H

#include <stdbool.h>

#include "core/base/buf.h"
#include "core/macro/bytes.h"
#include "core/macro/ole2.h"

/* VBA projects as [MS-OVBA] has them, hostile throughout. */
enum { OG_VBA_MAX_TEXT = 64 << 20 }; /* bytes of a project's source; more is no shell */

/*
 * og_vba_unpack - a compressed container, [MS-OVBA] 2.4.1
 *
 * out  receives what can be unpacked, also of a damaged one
 *
 * Returns OG_OK; OG_E_SYNTAX where it is no container; OG_E_LIMIT above out->max;
 * OG_E_NOMEM.
 */
enum og_rc og_vba_unpack(struct og_bytes packed, struct og_buf *out,
                         struct og_err *err) OG_CHECKED;

/* og_vba_search - where from `at` on does the container of a module begin? All sources
 * begin with the word Attribute. SIZE_MAX: nowhere */
size_t og_vba_search(const struct og_bytes *bytes, size_t at);

/*
 * og_vba_pcode_runs - is there a statement in the compiled form of a module?
 *
 * Where the version of Office is the same that has compiled it, this is what runs, and
 * the source beside it may say anything or be gone.
 *
 * module   the stream
 * version  of the compiler, from the stream _VBA_PROJECT
 *
 * False too where there is no compiled form, or one that cannot be read: the source is
 * judged beside it.
 */
bool og_vba_pcode_runs(struct og_bytes module, unsigned version);

/*
 * og_vba_project_runs - is there a statement in a project?
 *
 * storage  the entry that holds its `dir` and the modules
 * runs     receives the answer
 *
 * OG_E_LIMIT for streams that og_ole2_read() gives up on; OG_E_NOMEM.
 */
enum og_rc og_vba_project_runs(struct og_ole2 *ole, int storage, bool *runs,
                               struct og_err *err) OG_CHECKED;

#endif
