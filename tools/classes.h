/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_TOOLS_CLASSES_H
#define OG_TOOLS_CLASSES_H

/* what the class of an event means to a person: one row for each reason for which a
 * message can be stopped, and for what else events tell of */
struct tool_class {
    const char *name;
    const char *meaning;
    const char *settings; /* sender settings that decide it, separated by blanks */
    const char *ends;     /* when the same would pass; NULL: a time tells */
    const char *who;      /* who can end it sooner */
    const char *remedy;   /* command, NAME is the sender; or NULL */
};

/* tool_class_names - all of them, NULL at the end */
const char *const *tool_class_names(void);

/* tool_class - the row of that name; one that says so where there is none */
const struct tool_class *tool_class(const char *name);

#endif
