/* SPDX-License-Identifier: BSD-2-Clause */
#include "tools/classes.h"

#include <stddef.h>
#include <string.h>

#define ADMIN "an administrator of this server"
#define WRITER "whoever writes the message"
#define CHANGED "as soon as the message is another one"

static const struct tool_class rows[] = {
    { "accepted", "The message was accepted.", "", "it went on", "nobody has to", NULL },
    { "limit", "A limit on volume would have been exceeded.", "", NULL, ADMIN,
      "outgatectl grant NAME UNIT +N" },
    { "locked", "The sender is locked, so its mail is not taken.", "lock_response", NULL,
      ADMIN, "outgatectl unlock NAME" },
    { "lock", "The sender was locked.", "automatic_lock lock_identities_automatically",
      NULL, ADMIN, "outgatectl unlock NAME" },
    { "unlock", "A lock has ended.", "", "it has ended", "nobody has to", NULL },
    { "incident", "Something was reported against the sender.", "lock_rules",
      "it counts until the period of its lock rule is over", ADMIN, NULL },
    { "auth", "A login.", "", "it is over", "nobody has to", NULL },
    { "auth-failure", "A login failed, or was put off after too many failures.", "",
      "with the right password; when it was put off, after the period of "
      "auth_failures_per_client or auth_failures_per_login",
      ADMIN, "outgatectl passwd NAME" },
    { "login-spread", "One login was used from many networks within an hour.",
      "login_spread", "when an hour has passed with fewer", ADMIN,
      "outgatectl passwd NAME" },
    { "unknown-sender", "The login or account is no outgoing user.", "",
      "when it has been added", ADMIN, "outgatectl add user NAME" },
    { "disabled", "The sender, or its domain, is switched off.", "enabled",
      "when it is switched on", ADMIN, "outgatectl set NAME enabled=yes" },
    { "from", "The sender's address may not be used, or does not exist.",
      "require_from_domain allowed_senders valid_sender_required",
      "with another sender address", WRITER " or " ADMIN,
      "outgatectl set NAME allowed_senders=..." },
    { "identity-missing", "The message does not say which person or site it is from.",
      "identification_method identification_headers identification_missing",
      "when the message names it", WRITER " or " ADMIN,
      "outgatectl set NAME identification_missing=user" },
    { "invalid-recipient", "A recipient does not exist.",
      "invalid_recipient_limit invalid_recipient_percent", "with another recipient",
      WRITER, NULL },
    { "size", "The message is too large.", "maximum_message_size", "when it is smaller",
      WRITER " or " ADMIN, "outgatectl set NAME maximum_message_size=..." },
    { "line-length", "A line of the message is too long.", "maximum_line_length",
      "when its lines are shorter", WRITER " or " ADMIN,
      "outgatectl set NAME maximum_line_length=..." },
    { "parts", "The message has too many parts.", "maximum_mime_parts", CHANGED,
      WRITER " or " ADMIN, "outgatectl set NAME maximum_mime_parts=..." },
    { "scan-limit",
      "The message, or a file in it, is too large, too deep or too slow to be looked "
      "into.",
      "scan_limit_response", CHANGED ", or when the scan_maximum_... settings allow more",
      WRITER " or " ADMIN, "outgatectl set NAME scan_limit_response=accept" },
    { "unlock-refused",
      "Somebody tried to unlock with words that are not, or no longer, "
      "valid.",
      "", "with the words of the newest notice", ADMIN, "outgatectl unlock NAME" },
    { "notice", "A notice was handed to Exim.", "admin_contact notify_user language",
      "it is sent", "nobody has to", NULL },
    { "notice-failed", "A notice could not be made or sent; it is tried again.", "",
      "when that is mended", ADMIN, "outgatectl notices" },
    { "no-contact", "A sender was locked, and there is nobody to tell.", "admin_contact",
      "when there is an admin_contact", ADMIN, "outgatectl set NAME admin_contact=..." },
    { "on-event", "What the program on_event has done.", "", "when that program works",
      ADMIN, "outgatectl on-event --test lock" },
    { "virus", "A virus was found.", "", CHANGED ", and never with this content", WRITER,
      NULL },
    { "phish", "The message imitates somebody else's to get at passwords.",
      "block_outgoing_spam", CHANGED, WRITER " or " ADMIN, NULL },
    { "spam", "The message was taken for spam.", "block_outgoing_spam spam_threshold",
      CHANGED, WRITER " or " ADMIN, NULL },
    { "macro", "A document in the message has a macro.", "block_macros",
      "without that document, or without its macro", WRITER " or " ADMIN,
      "outgatectl set NAME block_macros=no" },
    { "attachment", "An attachment is of a kind that is not sent.",
      "blocked_extensions block_encrypted block_unwanted_attachments",
      "without that attachment", WRITER " or " ADMIN,
      "outgatectl set NAME blocked_extensions=..." },
    { "fan-out", "The same text went to many strangers in a short time.",
      "fan_out_recipients", "when ten minutes have passed", ADMIN, NULL },
    { "tripwire", "A recipient is a tripwire, an address that nobody writes to.",
      "tripwires", "with another recipient", WRITER, NULL },
    { "sender-added", "An administrator added the sender.", "", "it went on",
      "nobody has to", NULL },
    { "sender-changed", "An administrator changed settings of the sender.", "",
      "when they are changed again", ADMIN, "outgatectl set NAME ..." },
    { "sender-deleted", "An administrator deleted the sender.", "",
      "when it is added again", ADMIN, "outgatectl add ..." },
    { "password-changed", "An administrator gave the sender a new password.", "",
      "when it gets another one", ADMIN, "outgatectl passwd NAME" },
    { "key-added", "An administrator made a DKIM key of the domain.", "", "it went on",
      "nobody has to", NULL },
    { "key-deleted", "An administrator deleted a DKIM key of the domain.", "",
      "when there is a key again", ADMIN,
      "outgatectl dkim generate NAME --selector ..." },
    { "grant", "An administrator gave the sender more than its limit.", "",
      "as long as the grant lasts", ADMIN, "outgatectl grant NAME --revoke" },
    { "grant-revoked", "An administrator took a grant back.", "", NULL, ADMIN,
      "outgatectl grant NAME UNIT +N" },
    { "usage-reset", "An administrator had the counts of the sender begin anew.", "",
      "it went on", "nobody has to", NULL },
    { "text-denied", "An administrator put a text on the list of those refused.", "",
      "when the text is off the list", ADMIN, "outgatectl fingerprint allow TEXT" },
    { "text-allowed", "An administrator took a text off the list of those refused.", "",
      "it went on", "nobody has to", NULL },
    { "released", "A message that was kept in the quarantine was sent on.", "",
      "it went on", "nobody has to", NULL },
    { "deleted", "An administrator deleted a message that was kept in the quarantine.",
      "", "it is gone", "nobody has to", NULL },
    { "feedback", "A report of a feedback loop was refused, or speaks against nobody.",
      "", "with a token of this server that is not older than 90 days", "nobody has to",
      NULL },
    { "archive", "The archive has not taken the copy of a message.",
      "archive archive_address", "when that address takes mail", ADMIN,
      "outgatectl set DOMAIN archive_address=..." },
    { "trouble",
      "Something on this server did not work; the message was put off, and "
      "the client tries again.",
      "", "when that is mended", ADMIN, "outgatectl doctor" },
};

enum { ROWS = sizeof rows / sizeof *rows };

const char *const *
tool_class_names(void)
{
    static const char *names[ROWS + 1];

    for (size_t i = 0; i < ROWS; i++)
        names[i] = rows[i].name;
    return names;
}

static const struct tool_class unknown = {
    "", "outgatectl has no explanation for this class.", "", "unknown", ADMIN, NULL
};

const struct tool_class *
tool_class(const char *name)
{
    for (size_t i = 0; i < ROWS; i++)
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    return &unknown;
}
