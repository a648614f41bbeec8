/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_BASE_CONF_H
#define OG_BASE_CONF_H

#include "core/base/err.h"
#include "core/base/settings.h"

/*
 * og_conf_path - where outgate.conf is: the environment's OUTGATE_CONF, else the
 * compiled default. Exim empties its environment; its main option
 * `add_environment = OUTGATE_CONF=...` puts the name back. Owned by the environment.
 */
const char *og_conf_path(void);

/*
 * og_conf_read - read outgate.conf into settings
 *
 * path  the file; `name = value` lines, blank lines, lines that begin with #
 * set   receives defaults and what the file says; old content is freed on success
 *
 * A missing file at the compiled default is no error: everything has its default.
 * Returns OG_OK; OG_E_NOTFOUND for another missing file; OG_E_IO; OG_E_PERM for a
 * file that others may write; OG_E_SYNTAX and OG_E_RANGE with `file:line: name: ...`;
 * OG_E_LIMIT above 256 KiB; OG_E_NOMEM.
 */
enum og_rc og_conf_read(const char *path, struct og_settings *set,
                        struct og_err *err) OG_CHECKED;

#endif
