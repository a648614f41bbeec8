/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_DLFUNC_REFUSED_H
#define OG_DLFUNC_REFUSED_H

#include "dlfunc/hook.h"

/*
 * refused_count - count an address that was refused as unknown on this message's sender
 *
 * module   `event`, `invalid`
 * address  the recipient, reply what was said about it; both may be hostile
 *
 * With an event, also for trouble. Does nothing for mail that has no sender of ours, for
 * a sender that exists no longer and under `exim -bh`.
 */
void refused_count(const char *module, const char *address, const char *reply);

/*
 * refused_archive - is this the archive's address of this message's sender? Then an event
 * tells that it has not taken its copy, and nothing is counted.
 */
bool refused_archive(const char *address, const char *reply);

#endif
