/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_CHECK_GATE_H
#define OG_CHECK_GATE_H

#include <stdint.h>

#include "core/base/settings.h"
#include "core/check/verdict.h"

/*
 * og_gate_unknown - the verdict on a client that has authenticated elsewhere and is
 * no outgoing user of ours: 550
 */
void og_gate_unknown(struct og_verdict *verdict);

/*
 * og_gate_check - may this sender send at all, and a message of this size?
 *
 * set         the sender's settings
 * size_bytes  what SIZE= of MAIL says (RFC 1870), or the real size; 0: not known
 * verdict     550 for a sender that is disabled, 552 for a message above
 *             maximum_message_size; else it is left as it was
 */
void og_gate_check(const struct og_settings *set, uint64_t size_bytes,
                   struct og_verdict *verdict);

#endif
