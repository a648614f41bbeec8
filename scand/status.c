/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/record.h"
#include "core/base/time.h"
#include "core/lib/confine.h"
#include "scand/scand.h"

#ifndef OG_VERSION
#define OG_VERSION "0.1"
#endif

/* kilobytes of memory of one process or of several */
struct memory {
    unsigned long long rss; /* resident, what is shared counted in each */
    unsigned long long pss; /* resident, what is shared divided among them */
};

/* proc(5), smaps_rollup: `Pss:       1234 kB` */
static void
add_memory(pid_t pid, struct memory *memory)
{
    char path[64], line[128];
    FILE *f;

    (void)snprintf(path, sizeof path, "/proc/%ld/smaps_rollup", (long)pid);
    f = fopen(path, "re");
    if (f == NULL)
        return; /* it has just ended */
    while (fgets(line, sizeof line, f) != NULL) {
        if (strncmp(line, "Rss:", 4) == 0)
            memory->rss += strtoull(line + 4, NULL, 10);
        else if (strncmp(line, "Pss:", 4) == 0)
            memory->pss += strtoull(line + 4, NULL, 10);
    }
    (void)fclose(f); /* only read */
}

static struct memory
all_memory(const struct scand *scand)
{
    struct memory memory = { 0, 0 };
    const struct generation *generation;

    add_memory(getpid(), &memory);
    TAILQ_FOREACH(generation, &scand->generations, others)
    {
        add_memory(generation->pid, &memory);
        for (unsigned i = 0; i < generation->workers_count; i++)
            if (generation->workers[i].pid > 0)
                add_memory(generation->workers[i].pid, &memory);
    }
    return memory;
}

static enum og_rc
set_time(struct og_record *rec, const char *name, int64_t t, struct og_err *err)
{
    char text[OG_TIME_TEXT] = "";

    if (t > 0 && og_time_print(t, text, err) != OG_OK)
        return OG_E_RANGE;
    return og_record_set_text(rec, name, text, err);
}

static enum og_rc
set_numbers(const struct scand *scand, struct og_record *rec, struct og_err *err)
{
    const struct generation *now = scand->current;
    struct memory memory = all_memory(scand);
    const struct {
        const char *name;
        unsigned long long number;
    } rows[] = {
        { "pid", (unsigned long long)getpid() },
        { "signatures", now != NULL ? now->loaded.done : 0 },
        { "workers", now != NULL ? now->workers_count : 0 },
        { "at_work", scand->at_work },
        { "waiting", scand->waiting },
        { "scanned", scand->scanned },
        { "died", scand->died },
        { "late", scand->late },
        { "refused", scand->refused },
        { "loads", scand->reloads },
        { "rss_kb", memory.rss },
        { "pss_kb", memory.pss },
    };
    enum og_rc rc = OG_OK;

    for (size_t i = 0; i < N_ELEMENTS(rows) && rc == OG_OK; i++)
        rc = og_record_set_number(rec, rows[i].name, (long long)rows[i].number, err);
    return rc;
}

static enum og_rc
set_confinement(struct og_record *rec, struct og_err *err)
{
    bool landlock, seccomp;
    enum og_rc rc;

    og_confine_kernel(&landlock, &seccomp);
    rc = og_record_set_text(rec, "landlock", landlock ? "yes" : "no", err);
    return rc == OG_OK ? og_record_set_text(rec, "seccomp", seccomp ? "yes" : "no", err)
                       : rc;
}

enum og_rc
status_reply(const struct scand *scand, struct og_buf *out, struct og_err *err)
{
    const struct generation *now = scand->current;
    struct og_record rec = OG_RECORD_INIT;
    enum og_rc rc = og_record_set_text(&rec, "version", OG_VERSION, err);

    if (rc == OG_OK)
        rc = og_record_set_text(&rec, "state",
                                now == NULL           ? "loading"
                                : scand->next != NULL ? "reloading"
                                                      : "ready",
                                err);
    if (rc == OG_OK)
        rc = og_record_set_text(&rec, "clamav", now != NULL ? now->loaded.text : "", err);
    if (rc == OG_OK)
        rc = og_record_set_text(&rec, "directory",
                                now != NULL ? now->settings.signature_directory
                                            : scand->settings.signature_directory,
                                err);
    if (rc == OG_OK)
        rc = set_time(&rec, "started", scand->started, err);
    if (rc == OG_OK)
        rc = set_time(&rec, "loaded", now != NULL ? now->loaded_at : 0, err);
    if (rc == OG_OK)
        rc = set_time(&rec, "newest", now != NULL ? now->loaded.newest : 0, err);
    if (rc == OG_OK)
        rc = set_time(&rec, "daily", now != NULL ? now->loaded.daily : 0, err);
    if (rc == OG_OK)
        rc = set_numbers(scand, &rec, err);
    if (rc == OG_OK)
        rc = set_confinement(&rec, err);
    if (rc == OG_OK)
        rc = og_record_set_text(&rec, "trouble", scand->trouble, err);
    if (rc == OG_OK)
        rc = og_record_print(&rec, out, err);
    og_record_free(&rec);
    return rc;
}
