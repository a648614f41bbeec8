/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_TOOLS_TOOL_H
#define OG_TOOLS_TOOL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

#include "core/base/settings.h"
#include "core/state/sender.h"
#include "core/state/state.h"
#include "core/state/users.h"

/* outgatectl: one row of tool_verbs per verb; every function that can fail says why by
 * tool_fail() and yields the exit status, so that `return tool_fail(...)` is all */

enum tool_exit {
    TOOL_DONE = 0,
    TOOL_NO = 1,      /* the answer is no: not found, exists already */
    TOOL_USAGE = 2,   /* wrong use: unknown verb, option, setting; value out of bounds */
    TOOL_TROUBLE = 3, /* state or service not available */
};

struct tool {
    const char *conf;
    bool json;
    const struct tool_verb *verb;
    int argc; /* the words behind the verb; tool_options() takes the options out */
    char **argv;
    struct og_state state; /* after tool_state() */
    uid_t uid; /* of whoever has started this; tool_state() changes the process's */

    /* with --json, of a verb that does many things: those that are done, and their name;
     * an error in the middle tells them too */
    const char *so_far_name;
    json_t *so_far;
    json_t *warnings; /* with --json: what tool_warn() has said so far */
};

struct tool_verb {
    const char *name;  /* one word or two */
    const char *usage; /* what follows the name */
    const char *brief; /* one line, for the list of verbs */
    const char *help;  /* meaning and examples, lines ended by LF */
    int (*run)(struct tool *tool);
};

extern const struct tool_verb tool_verb_add, tool_verb_check_config, tool_verb_delete,
    tool_verb_dkim_delete, tool_verb_dkim_generate, tool_verb_dkim_list, tool_verb_doctor,
    tool_verb_events, tool_verb_explain, tool_verb_grant, tool_verb_help,
    tool_verb_identities, tool_verb_init, tool_verb_list, tool_verb_lock, tool_verb_locks,
    tool_verb_on_event, tool_verb_passwd, tool_verb_replay, tool_verb_report,
    tool_verb_notices, tool_verb_report_abuse, tool_verb_scan, tool_verb_set,
    tool_verb_settings, tool_verb_show, tool_verb_template_check,
    tool_verb_template_preview, tool_verb_unlock, tool_verb_unset, tool_verb_usage;
extern const struct tool_verb tool_verb_quarantine_delete, tool_verb_quarantine_expire,
    tool_verb_quarantine_list, tool_verb_quarantine_release, tool_verb_quarantine_show;
extern const struct tool_verb tool_verb_fingerprint_allow, tool_verb_fingerprint_deny,
    tool_verb_fingerprint_list;

/* main.c: the rows above in the order of the help, NULL at the end */
extern const struct tool_verb *const tool_verbs[];

/* --- options.c: the command line */

struct tool_option {
    const char *name; /* with its dashes; NULL ends a list */
    bool has_value;   /* `--name VALUE` or `--name=VALUE` */
    const char
        *value; /* receives the value, or "" for one without; stays NULL if absent */
};

/* tool_globals - take -c, --json, --help and --version out of the command line,
 * wherever they stand before `--`; the rest stays in tool->argv */
int tool_globals(struct tool *tool, bool *help, bool *version);

/* tool_options - take a verb's options out of tool->argv; min to max words must remain */
int tool_options(struct tool *tool, struct tool_option *options, int min, int max);

/* tool_number - a decimal number within bounds, as the value of an option */
int tool_number(struct tool *tool, const char *option, const char *text, long low,
                long high, long *number);

/* tool_word - is an option's value one of a list (NULL at the end)? Names them if not. */
int tool_word(struct tool *tool, const char *option, const char *text,
              const char *const *words);

/* tool_since - a time as the value of an option: `2h` before now, `18:12`, `2026-11-21`
 * or `2026-11-21T18:12:21Z`; without the option t stays as it was */
int tool_since(struct tool *tool, const struct tool_option *option, int64_t *t);

/* tool_nearest - the word of a list (NULL at the end) that is at most two letters away
 * from text, or NULL */
const char *tool_nearest(const char *text, const char *const *words);

/* --- owner.c */

/* tool_conf - read outgate.conf into tool->state; opens nothing of the state */
int tool_conf(struct tool *tool);

/* tool_become_owner - root becomes the owner of the state for good; anybody but root and
 * the owner is refused */
int tool_become_owner(struct tool *tool);

/* tool_state - both: what a verb calls before it looks at the state */
int tool_state(struct tool *tool);

/* --- output.c */

/* tool_fail - say why on standard error, with --json on standard output too; yields code.
 * Texts are escaped here. */
int tool_fail(struct tool *tool, int code, const char *fmt, ...) OG_PRINTF(3, 4);

/* tool_rc - the same for the error of a core function */
int tool_rc(struct tool *tool, enum og_rc rc, const struct og_err *err);

/* tool_usage - wrong use: text and the verb's usage line */
int tool_usage(struct tool *tool, const char *fmt, ...) OG_PRINTF(2, 3);

/* tool_warn - say what is odd about something that is done all the same: on standard
 * error, with --json also in the member `warnings` of the object that tool_json() prints */
void tool_warn(struct tool *tool, const char *fmt, ...) OG_PRINTF(2, 3);

/* tool_code - the exit status that belongs to a code of core */
int tool_code(enum og_rc rc);

/* tool_put - print stored text: control characters, also those of Unicode, and bytes that
 * are no UTF-8 become \xHH; yields the number of columns */
size_t tool_put(FILE *f, const char *text);

/* tool_printable - the same as a text that the caller frees; NULL: no memory */
char *tool_printable(const char *text);

/* tool_cell - tool_put, then blanks up to width and one more */
void tool_cell(FILE *f, const char *text, int width);

/* tool_string - a JSON string of any bytes; what is no UTF-8 becomes \xHH */
json_t *tool_string(const char *text);

/* tool_json - print one value and its line end, drop the reference; NULL: no memory */
int tool_json(struct tool *tool, json_t *value);

/* tool_json_line - print one value compactly without line end, drop the reference */
int tool_json_line(struct tool *tool, json_t *value);

/* tool_list_end - the end of what begins with `[` where --json asks for it; what went
 * wrong in the middle becomes the last of `count` elements */
int tool_list_end(struct tool *tool, size_t count, enum og_rc rc,
                  const struct og_err *err);

/* tool_done - say that one thing has been done to a sender: `added user bob@example.com`,
 * {"done": "added", "kind": "user", "name": ...} */
int tool_done(struct tool *tool, const char *done, const struct og_name *name);

/* --- password.c */

enum { TOOL_SECRET = 1024 }; /* bytes of a line with a password or hash, with NUL */

/*
 * tool_hash - a password hash from standard input
 *
 * as_hash  the line is a crypt(3) hash; else it is a password, and is hashed
 * out      receives the hash, one that og_crypt_verify() can work with
 *
 * A terminal is asked twice with echo off; anything else is read up to the first line end
 * and not a byte further.
 */
int tool_hash(struct tool *tool, const char *name, bool as_hash, struct og_buf *out);

/* tool_scheme - the name of a hash's scheme, as in crypt(5) */
const char *tool_scheme(const char *hash);

/* --- fields.c: names and name=value words */

/* tool_name - read a name of a known kind */
int tool_name(struct tool *tool, enum og_user_kind kind, const char *text,
              struct og_name *name);

/* tool_names - what a word may mean, best first; `user:`, `domain:`, `ip:` in front force
 * the kind */
int tool_names(struct tool *tool, const char *text,
               struct og_name names[OG_NAME_CANDIDATES], size_t *count);

/* tool_get - the first of these names that is stored; OG_E_NOTFOUND without text */
enum og_rc tool_get(struct tool *tool, const struct og_name *names, size_t count,
                    struct og_user *user, struct og_err *err) OG_CHECKED;

/* tool_find - the stored user that a word means; the caller frees user */
int tool_find(struct tool *tool, const char *text, struct og_user *user);

/* tool_field_name - is this a setting that a sender's record may hold, or another field
 * that may be set there? Suggests a name if not. */
int tool_field_name(struct tool *tool, enum og_user_kind kind, const char *name);

/* tool_fields - name=value words into rec, checked and in canonical form */
int tool_fields(struct tool *tool, enum og_user_kind kind, char **words, int count,
                struct og_record *rec);

/* --- show.c */

/* what is wrong with automatic_lock = yes of an ip sender, where somebody has chosen it */
extern const char tool_warning_automatic[];

/* tool_value - one setting's value with its JSON type */
json_t *tool_value(const struct og_settings *set, const struct og_setting *row);

#endif
