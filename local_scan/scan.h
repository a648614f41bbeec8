/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_LOCAL_SCAN_SCAN_H
#define OG_LOCAL_SCAN_SCAN_H

#include "core/base/findings.h"
#include "core/base/header.h"
#include "core/check/identity.h"
#include "core/check/verdict.h"
#include "core/state/sender.h"

/* one message on its way through the checks: facts, and what the checks found */
struct scan {
    const struct og_state *state;
    const struct og_sender *sender;
    const char *envelope_sender;
    int fd; /* spool data file; only pread() */
    long body_start;
    struct og_headers headers; /* with what shall change */
    struct og_identity identity;
    struct og_buf signatures;    /* DKIM-Signature fields to put on top */
    struct og_record facts;      /* further fields for the event */
    struct og_findings findings; /* after scan_content() */
    bool scanned;
    bool released;              /* from the quarantine: it is signed and counted only */
    struct og_verdict observed; /* spam that passes: what it would be refused with */
    bool fan_out;               /* its recipients are counted when it is accepted */
    int64_t now;
};

/* scan_note - what the event shall tell beside the verdict */
enum og_rc scan_note(struct scan *scan, struct og_err *err) OG_CHECKED;

/* scan_note_field - the first header field of that name into a record, as one line, cut to
 * 200 bytes; none is fine */
enum og_rc scan_note_field(const struct og_headers *headers, const char *field,
                           const char *name, struct og_record *rec,
                           struct og_err *err) OG_CHECKED;

/* scan_act - tell Exim what to do with the message */
void scan_act(struct scan *scan, struct og_verdict *verdict);

/* who sends is found before anything is judged, what is accepted is counted after it,
 * wherever the setting names the checks */
enum scan_phase { SCAN_FIND, SCAN_JUDGE, SCAN_COUNT, SCAN_PHASES };

/* one row of the table: a check judges, and may note what shall change; OG_OK with
 * the verdict, anything else is trouble of our own */
struct scan_check {
    const char *name; /* a word of the setting `checks` */
    enum scan_phase phase;
    enum og_rc (*run)(struct scan *scan, struct og_verdict *verdict, struct og_err *err);
};

/* checks_content.c */
enum og_rc scan_check_attachments(struct scan *scan, struct og_verdict *verdict,
                                  struct og_err *err);
enum og_rc scan_check_macros(struct scan *scan, struct og_verdict *verdict,
                             struct og_err *err);
enum og_rc scan_check_virus(struct scan *scan, struct og_verdict *verdict,
                            struct og_err *err);
enum og_rc scan_check_spam(struct scan *scan, struct og_verdict *verdict,
                           struct og_err *err);
enum og_rc scan_check_fingerprint(struct scan *scan, struct og_verdict *verdict,
                                  struct og_err *err);

/*
 * scan_run - run the checks that the setting `checks` names, in its order within each
 * phase
 *
 * verdict  the first one that is no acceptance; module receives that check's name, or
 *          "scan" when all have accepted
 */
enum og_rc scan_run(struct scan *scan, struct og_verdict *verdict, const char **module,
                    struct og_err *err) OG_CHECKED;

/*
 * scan_effects - what follows from a verdict: the incident that a refusal because of the
 * content is, or that spam is which passes, or the same text to many strangers
 *
 * Nothing under exim -bh. The facts tell what was counted and locked. The verdict stands
 * whatever is returned.
 */
enum og_rc scan_effects(struct scan *scan, const struct og_verdict *verdict,
                        struct og_err *err) OG_CHECKED;

#endif
