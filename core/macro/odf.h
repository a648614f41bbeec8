/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_MACRO_ODF_H
#define OG_MACRO_ODF_H

#include "core/macro/macro.h"

/* og_odf_detect - one XML part: Basic, bound events, a manifest that tells of encryption;
 * og_odf_package - scripts in other languages, by the list of a package's members */
og_macro_detect og_odf_detect, og_odf_package;

#endif
