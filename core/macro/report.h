/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_MACRO_REPORT_H
#define OG_MACRO_REPORT_H

#include "core/base/findings.h"
#include "core/base/layer.h"
#include "core/macro/macro.h"

/* og_report_macro - code was found in layer; kind as `vba`. OG_E_NOMEM, OG_E_LIMIT. */
enum og_rc og_report_macro(const struct og_layer *layer, const char *kind,
                           struct og_findings *findings, struct og_err *err) OG_CHECKED;

/* og_report_encrypted - layer is a document that asks for a password */
enum og_rc og_report_encrypted(const struct og_layer *layer, struct og_findings *findings,
                               struct og_err *err) OG_CHECKED;

/* og_report_limit - a part of layer was not looked at, as it is above a ceiling;
 * which as `size` */
enum og_rc og_report_limit(const struct og_layer *layer, const char *which,
                           size_t ceiling, struct og_findings *findings,
                           struct og_err *err) OG_CHECKED;

/* og_report_inner - call take for a document inside of layer; name is its maker's, `object`
 * is put for "". Returns what take returns, OG_E_NOMEM. */
enum og_rc og_report_inner(const struct og_layer *layer, const char *name,
                           const char *data, size_t len, og_macro_take *take, void *arg,
                           struct og_err *err) OG_CHECKED;

#endif
