/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_DLFUNC_GATE_H
#define OG_DLFUNC_GATE_H

#include "dlfunc/hook.h"

/* where in the session the question is asked */
enum gate_stage { GATE_MAIL, GATE_RCPT, GATE_PREDATA };

/*
 * hook_gate - may the session's sender go on? Looks at the record, locks and limits;
 * counts nothing but the connection, once a session at MAIL
 *
 * size_bytes  what SIZE= announces, 0: not known
 */
int hook_gate(unsigned char **yield, const char *module, enum gate_stage stage,
              unsigned long long size_bytes);

/* gate_connection - count the connection for this sender, once a session; the verdict
 * refuses where a connection limit is reached */
enum og_rc gate_connection(const struct og_state *state, const struct og_sender *sender,
                           struct og_verdict *verdict, struct og_err *err) OG_CHECKED;

#endif
