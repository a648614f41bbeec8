/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_CHECK_STRUCTURE_H
#define OG_CHECK_STRUCTURE_H

#include <stdint.h>

#include "core/base/settings.h"
#include "core/check/verdict.h"

/* what was measured of a message; lengths in bytes, line ends do not count */
struct og_measure {
    uint64_t size;         /* headers, blank line and body, as it goes over the wire */
    uint64_t longest_line; /* bytes, in headers and body */
};

/*
 * og_structure_check - is the message within the sender's bounds?
 *
 * verdict  552 above maximum_message_size, 550 above maximum_line_length; else it
 *          is left as it was
 */
void og_structure_check(const struct og_settings *set, const struct og_measure *measure,
                        struct og_verdict *verdict);

#endif
