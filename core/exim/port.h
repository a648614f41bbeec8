/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_EXIM_PORT_H
#define OG_EXIM_PORT_H

/*
 * The only door to Exim: its globals become plain values, our texts become its
 * strings. Everything here runs inside an Exim process; see the spec, chapters
 * "Adding a local scan function" and "String expansions", item dlfunc.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/base/err.h"
#include "core/base/header.h"
#include "core/base/record.h"
#include "core/check/verdict.h"
#include "core/state/name.h"
#include "core/state/state.h"

#define OG_EXPORT __attribute__((visibility("default")))

/* the shape Exim calls; uschar is its unsigned char */
typedef int og_hook(unsigned char **yield, int argc, unsigned char *argv[]);

/*
 * og_port_state - the settings, read once per process and again when outgate.conf
 * changes. A failure is tried again at the next call. Owned by the port.
 */
enum og_rc og_port_state(const struct og_state **state, struct og_err *err) OG_CHECKED;

/* og_port_state_kept - the settings as MAIL has seen them, for what follows it: without a
 * look at the file */
enum og_rc og_port_state_kept(const struct og_state **state,
                              struct og_err *err) OG_CHECKED;

/* og_port_loads - how often the settings have been read by this process */
unsigned og_port_loads(void);

/* og_port_yield - a hook's result: copies text for Exim as tainted, returns OK */
int og_port_yield(unsigned char **yield, const char *text);

/* og_port_fail - a wrong call in the configuration, or no answer at all: the expansion
 * fails with this text, an ACL defers, an authenticator answers 435; returns FAIL */
int og_port_fail(unsigned char **yield, const char *fmt, ...) OG_PRINTF(2, 3);

/*
 * og_port_expand - the value of a variable such as `$authenticated_id`
 *
 * expression  a constant of ours, never text from outside
 * Returns a string in Exim's memory, "" when it is unset or cannot be expanded.
 */
const char *og_port_expand(const char *expression);

/* what Exim knows; texts are "" where there is none; valid until the hook returns */
const char *og_port_client_address(void);
const char *og_port_envelope_sender(void);
const char *og_port_message_id(void);
const char *og_port_protocol(void);
int og_port_recipients(void);
const char *og_port_recipient(int i); /* the i-th of them, from 0 */
bool og_port_is_smtp(void);
bool og_port_authenticated(void);
bool og_port_pretended(void); /* exim -bh: nothing may be counted, locked or sent */

/* og_port_login - who has logged in: the authenticated id, or the login name of the
 * local caller (exim -t, -bs) as user@hostname, `uidN@hostname` without an account, or
 * "" for a client known by its address only */
void og_port_login(const char *hostname, char login[OG_NAME_TEXT]);

/* og_port_unescape - $authenticated_id as the client wrote it: Exim writes bytes above
 * 0x7f in it as \303. Quoted pairs stay; "" when it is too long. */
void og_port_unescape(const char *text, char out[OG_NAME_TEXT]);

/*
 * og_port_log - one line in Exim's main log: `outgate MODULE: TEXT`
 *
 * Control bytes and other unprintable ones are written as \xHH and the line is cut to
 * 500 bytes, so text may come from a mail.
 */
void og_port_log(const char *module, const char *fmt, ...) OG_PRINTF(2, 3);

/*
 * og_port_event - write one event, filled in from the session
 *
 * module   the hook or check: `auth`, `mail`, `identity`
 * user     canonical name or ""
 * verdict  gives action and class; reason is what the administrator shall know
 * more     further fields, or NULL
 * id       receives the event's short id, also when it could not be written
 *
 * Nothing is written under `exim -bh`. A failure goes to Exim's main log.
 */
enum { OG_EVENT_ID = 11 }; /* bytes with the NUL */
void og_port_event(const struct og_state *state, const char *module, const char *user,
                   const struct og_verdict *verdict, const char *reason,
                   const struct og_record *more, char id[OG_EVENT_ID]);

/* og_port_event_id, og_port_event_as - the same in two steps, where something else bears
 * the id too */
void og_port_event_id(char id[OG_EVENT_ID]);
void og_port_event_as(const struct og_state *state, const char *module, const char *user,
                      const struct og_verdict *verdict, const char *reason,
                      const struct og_record *more, const char *id);

/* og_port_reply - the SMTP reply of a verdict, `550 5.7.1 text (id)`, into text; the
 * empty string for OG_ACCEPT and OG_DISCARD */
enum { OG_REPLY_TEXT = 320 };
void og_port_reply(const struct og_verdict *verdict, const char *id,
                   char text[OG_REPLY_TEXT]);

/* og_port_headers - the message's header fields; the texts stay Exim's */
enum og_rc og_port_headers(struct og_headers *list, struct og_err *err) OG_CHECKED;

/* og_port_headers_apply - do in Exim what the list says: drop and shorten fields. list
 * must come from og_port_headers in the same call of local_scan. */
void og_port_headers_apply(const struct og_headers *list);

/* og_port_header_first - put a field, LF-folded with LF at its end, above all others */
void og_port_header_first(const char *field);

/* where the body begins in the spool's data file, in bytes */
long og_port_body_start(void);

/* the version of the local_scan interface that this was compiled for */
int og_port_abi_major(void);
int og_port_abi_minor(void);

/* recipients in the form that counts, og_idn_address() */
struct og_recipients {
    const char *const *addresses;
    size_t count;
};

#define OG_RECIPIENTS_INIT \
    {                      \
        NULL, 0            \
    }

/* og_port_recipients_fold - all recipients of the message so far, and `more` where it
 * is not NULL; OG_E_NOMEM. Owner: the caller frees list with og_recipients_free(). */
enum og_rc og_port_recipients_fold(struct og_recipients *list, const char *more,
                                   struct og_err *err) OG_CHECKED;
void og_recipients_free(struct og_recipients *list);

/* og_port_recipient_drop - in local_scan: the i-th recipient does not get the message */
void og_port_recipient_drop(int i);

/* og_port_recipient_add - in local_scan: one more gets it */
void og_port_recipient_add(const char *address);

/* og_port_discard - in local_scan: accept the message and throw it away */
void og_port_discard(void);

/*
 * og_port_load_scan - let Exim load the module that local_scan_path names, before it forks
 *
 * Exim loads it in each process at the first message, and dlopen() compares its name with
 * those of some 40 libraries, a page fault each. If the module is this very one, Exim's
 * own local_scan() is called once without message and sender. why: "" or what dlopen()
 * says when the module cannot be loaded; false then.
 */
bool og_port_load_scan(const char **why);

/* return codes of local_scan() for an action, and its text for the client */
int og_port_scan_code(enum og_action action);
void og_port_scan_text(unsigned char **return_text, const char *text);

#endif
