/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_MACRO_RUNS_H
#define OG_MACRO_RUNS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * og_runs - would this run when it is opened? By its first bytes: programs of Windows,
 * Unix and macOS, shortcuts, installers' packages and help files with programs, scripts
 * in HTML or XML, a Unix script.
 *
 * og_runs_named - by its name: is the extension that of a program or a script? name need
 * not end in NUL. The two serve for what is embedded in a document, where a name is often
 * all that tells a batch file; what a sender may attach is another matter.
 */
bool og_runs(const char *data, size_t len);
bool og_runs_named(const char *name, size_t len);

#endif
