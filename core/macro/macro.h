/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_MACRO_MACRO_H
#define OG_MACRO_MACRO_H

#include "core/base/findings.h"
#include "core/base/layer.h"

/*
 * Detectors of code in documents, for what libclamav's own heuristics do not see or see
 * wrongly. Each looks at one layer, knows no settings, reads no file, and costs next to
 * nothing on a layer that is not of its type.
 *
 * layer     with its parents; data is hostile
 * findings  receives OG_FOUND_MACRO, path the layer's or one below it
 *
 * Each returns OG_OK whether it finds something or not, also for content that is cut or
 * damaged: what can still be read is judged. OG_E_NOMEM, OG_E_LIMIT.
 */
typedef enum og_rc og_macro_detect(const struct og_layer *layer,
                                   struct og_findings *findings, struct og_err *err);

/* og_macro_look - all detectors on one layer */
enum og_rc og_macro_look(const struct og_layer *layer, struct og_findings *findings,
                         struct og_err *err) OG_CHECKED;

/*
 * Documents that open without asking although libclamav leaves them shut: a workbook
 * encrypted with Excel's built-in password, a document inside a wrapper that libclamav
 * does not know. What is inside is to be scanned like a member of an archive: signatures,
 * names and macros.
 *
 * og_macro_take  called once for each inner document; inner's parent is the layer that
 *                was opened, its type is "" (not looked at yet), its data lives as long
 *                as the call; whatever but OG_OK ends the opening and is passed on
 * findings       receives OG_FOUND_ENCRYPTED `document` for one that does not open, and
 *                OG_FOUND_LIMIT for one that would take too long
 */
typedef enum og_rc og_macro_take(const struct og_layer *inner, void *arg,
                                 struct og_err *err);
typedef enum og_rc og_macro_open(const struct og_layer *layer,
                                 struct og_findings *findings, og_macro_take *take,
                                 void *arg, struct og_err *err);

enum { OG_MACRO_MAX_INNER = 64 << 20 }; /* bytes of one inner document */

/* og_macro_inner - all openers on one layer; beside og_macro_look(), in any order */
enum og_rc og_macro_inner(const struct og_layer *layer, struct og_findings *findings,
                          og_macro_take *take, void *arg, struct og_err *err) OG_CHECKED;

/* og_macro_has_statement - is there at least one executable statement in this VBA or
 * Basic source? Attributes, options, comments, declarations and empty procedures are
 * none. text is hostile. */
_Bool og_macro_has_statement(const char *text, size_t len);

#endif
