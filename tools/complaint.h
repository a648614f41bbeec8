/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_TOOLS_COMPLAINT_H
#define OG_TOOLS_COMPLAINT_H

#include "core/mail/feedback.h"
#include "tools/tool.h"

struct tool_complaint {
    const char *class; /* of incident; NULL: it speaks against nobody */
    struct og_token token;
    char detail[256]; /* for the incident: what it is and who says it */
};

/*
 * tool_complaint - read an abuse report and find whom it is about
 *
 * path  `-` is standard input. It is read before the state is opened as its owner.
 *
 * What is refused has an event and TOOL_NO.
 */
int tool_complaint(struct tool *tool, const char *path, struct tool_complaint *complaint);

#endif
