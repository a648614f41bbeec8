/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/check/gate.h"

#include <inttypes.h>

void
og_gate_unknown(struct og_verdict *verdict)
{
    og_verdict_set(verdict, OG_REJECT, "550 5.7.1", "unknown-sender",
                   "This login is not allowed to send mail through this server");
}

void
og_gate_check(const struct og_settings *set, uint64_t size_bytes,
              struct og_verdict *verdict)
{
    if (set->enabled == 0)
        og_verdict_set(verdict, OG_REJECT, "550 5.7.1", "disabled",
                       "Sending is switched off for this sender");
    else if (set->maximum_message_size > 0 && size_bytes > set->maximum_message_size)
        og_verdict_set(verdict, OG_REJECT, "552 5.3.4", "size",
                       "Message of %" PRIu64 " bytes is larger than the %" PRIu64
                       " allowed for this sender",
                       size_bytes, set->maximum_message_size);
}
