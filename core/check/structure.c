/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/check/structure.h"

#include <inttypes.h>

#include "core/check/gate.h"

void
og_structure_check(const struct og_settings *set, const struct og_measure *measure,
                   struct og_verdict *verdict)
{
    og_gate_check(set, measure->size, verdict);
    if (verdict->action == OG_ACCEPT && set->maximum_line_length > 0
        && measure->longest_line > set->maximum_line_length)
        og_verdict_set(verdict, OG_REJECT, "550 5.6.0", "line-length",
                       "A line of %" PRIu64 " bytes is longer than the %" PRIu64
                       " allowed",
                       measure->longest_line, set->maximum_line_length);
}
