/* SPDX-License-Identifier: BSD-2-Clause */
/* report: one page with plots. No script and nothing from elsewhere: it may be mailed
 * around and opened anywhere. Names come from mail and are escaped. */
#include <inttypes.h>
#include <stdlib.h>

#include "core/base/time.h"
#include "tools/report.h"

enum { TOP = 15, TABLE_ROWS = 1000, WIDTH = 900, HEIGHT = 220, LEFT = 56, BOTTOM = 26 };

static const char style[] =
    "body{font:15px/1.5 system-ui,sans-serif;color:#1f2933;background:#f5f7fa;margin:0}"
    "main{max-width:960px;margin:0 auto;padding:24px}"
    "h1{font-size:24px;margin:0}h2{font-size:17px;margin:0 0 12px}"
    "p.when{color:#616e7c;margin:4px 0 20px}"
    "section{background:#fff;border:1px solid #e4e7eb;border-radius:8px;"
    "padding:18px 20px;margin:0 0 18px}"
    ".tiles{display:flex;flex-wrap:wrap;gap:12px;margin:0 0 18px}"
    ".tile{background:#fff;border:1px solid #e4e7eb;border-radius:8px;padding:12px 18px;"
    "flex:1;min-width:120px}.tile b{display:block;font-size:24px}"
    ".tile span{color:#616e7c;font-size:13px}"
    "table{border-collapse:collapse;width:100%;font-size:14px}"
    "th,td{text-align:right;padding:5px 8px;border-bottom:1px solid #eef1f4}"
    "th:first-child,td:first-child{text-align:left;word-break:break-all}"
    "th{color:#616e7c;font-weight:600}"
    "svg{display:block;width:100%;height:auto}svg text{font-size:11px;fill:#616e7c}"
    ".ok{fill:#3a7ca5;background:#3a7ca5}.no{fill:#d1495b;background:#d1495b}"
    ".key i{display:inline-block;width:11px;height:11px;border-radius:2px;margin:0 5px 0 "
    "14px}.key{color:#616e7c;font-size:13px;margin:6px 0 0}"
    ".bar{display:flex;height:12px;min-width:240px}.bar i{height:12px}";

static void
put_text(const char *text)
{
    char *plain = tool_printable(text);

    for (const char *at = plain != NULL ? plain : ""; *at != '\0'; at++)
        switch (*at) {
        case '&':
            fputs("&amp;", stdout);
            break;
        case '<':
            fputs("&lt;", stdout);
            break;
        case '>':
            fputs("&gt;", stdout);
            break;
        case '"':
            fputs("&quot;", stdout);
            break;
        default:
            putchar(*at);
        }
    free(plain);
}

static uint64_t
stopped(const struct report_row *row)
{
    return row->counts[REPORT_DEFERRED] + row->counts[REPORT_REJECTED]
           + row->counts[REPORT_DISCARDED];
}

static uint64_t
both(const struct report_row *row)
{
    return row->counts[REPORT_ACCEPTED] + stopped(row);
}

static void
put_bytes(uint64_t bytes)
{
    static const char *const units[] = { "B", "kB", "MB", "GB", "TB" };
    double value = (double)bytes;
    size_t unit = 0;

    while (value >= 1000 && unit + 1 < N_ELEMENTS(units)) {
        value /= 1000;
        unit++;
    }
    printf(unit == 0 || value >= 100 ? "%.0f %s" : "%.1f %s", value, units[unit]);
}

static void
put_tiles(const struct report_row *total)
{
    static const struct {
        enum report_count count;
        const char *label;
    } tiles[] = { { REPORT_ACCEPTED, "messages accepted" },
                  { REPORT_RECIPIENTS, "recipients" },
                  { REPORT_DEFERRED, "refusals, try again (4xx)" },
                  { REPORT_REJECTED, "refusals for good (5xx)" },
                  { REPORT_LOCKS, "locks" } };

    fputs("<div class=\"tiles\">\n", stdout);
    for (size_t i = 0; i < N_ELEMENTS(tiles); i++)
        printf("<div class=\"tile\"><b>%" PRIu64 "</b><span>%s</span></div>\n",
               total->counts[tiles[i].count], tiles[i].label);
    fputs("</div>\n", stdout);
}

static void
put_key(void)
{
    fputs("<p class=\"key\"><i class=\"ok\"></i>accepted"
          "<i class=\"no\"></i>refused or discarded</p>\n",
          stdout);
}

/* 1, 2 or 5 times a power of ten, not below n */
static uint64_t
round_up(uint64_t n)
{
    uint64_t unit = 1;

    for (;; unit *= 10) {
        if (n <= unit)
            return unit;
        if (n <= 2 * unit)
            return 2 * unit;
        if (n <= 5 * unit || unit > UINT64_MAX / 20)
            return 5 * unit;
    }
}

static void
put_bar(double x, double width, double from, double height, const char *class,
        const char *when, uint64_t count)
{
    if (count > 0)
        printf("<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\">"
               "<title>%s: %" PRIu64 "</title></rect>\n",
               class, x, from - height, width, height, when, count);
}

static void
put_label(double x, const char *when, bool hours)
{
    printf("<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%.*s</text>\n", x,
           HEIGHT - 8, 5, hours ? when + 11 : when + 5);
}

static void
put_plot(const struct report *report)
{
    double base = HEIGHT - BOTTOM, step, scale;
    uint64_t top = 1;

    for (size_t i = 0; i < report->slot_count; i++)
        if (both(&report->slots[i]) > top)
            top = both(&report->slots[i]);
    top = round_up(top);
    scale = (base - 12) / (double)top;
    step = (double)(WIDTH - LEFT) / (double)report->slot_count;
    printf(
        "<section><h2>Messages per %s</h2>\n<svg viewBox=\"0 0 %d %d\" role=\"img\">\n",
        report->slot < 86400    ? "hour"
        : report->slot == 86400 ? "day"
                                : "period",
        WIDTH, HEIGHT);
    for (int line = 0; line <= 2; line++) {
        double y = base - scale * (double)top * line / 2;

        printf("<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#e4e7eb\"/>"
               "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%g</text>\n",
               LEFT, WIDTH, y, y, LEFT - 6, y + 4, (double)top * line / 2);
    }
    for (size_t i = 0; i < report->slot_count; i++) {
        const struct report_row *slot = &report->slots[i];
        double x = LEFT + step * (double)i, ok = scale * (double)slot->counts[0];
        char when[OG_TIME_TEXT] = "";

        if (og_time_print(report->first + (int64_t)i * report->slot, when, NULL) != OG_OK)
            continue;
        put_bar(x + step * 0.12, step * 0.76, base, ok, "ok", when,
                slot->counts[REPORT_ACCEPTED]);
        put_bar(x + step * 0.12, step * 0.76, base - ok, scale * (double)stopped(slot),
                "no", when, stopped(slot));
        if (i % (report->slot_count / 12 + 1) == 0)
            put_label(x + step / 2, when, report->slot < 86400);
    }
    fputs("</svg>\n", stdout);
    put_key();
    fputs("</section>\n", stdout);
}

/* the first rows with bars beside their names */
static void
put_top(const char *title, const struct report_table *table)
{
    uint64_t top = 1;

    for (size_t i = 0; i < table->count; i++)
        if (both(&table->rows[i]) > top)
            top = both(&table->rows[i]);
    printf("<section><h2>%s</h2>\n<table>\n", title);
    for (size_t i = 0; i < table->count && i < TOP; i++) {
        const struct report_row *row = &table->rows[i];

        fputs("<tr><td>", stdout);
        put_text(row->key[0] != '\0' ? row->key : "(none)");
        printf("</td><td>%" PRIu64 "</td><td>%" PRIu64 "</td><td style=\"width:50%%\">"
               "<div class=\"bar\"><i class=\"ok\" style=\"width:%.1f%%\"></i>"
               "<i class=\"no\" style=\"width:%.1f%%\"></i></div></td></tr>\n",
               row->counts[REPORT_ACCEPTED], stopped(row),
               100.0 * (double)row->counts[REPORT_ACCEPTED] / (double)top,
               100.0 * (double)stopped(row) / (double)top);
    }
    fputs("</table>\n", stdout);
    put_key();
    fputs("</section>\n", stdout);
}

static void
put_table(const struct report *report)
{
    printf("<section><h2>All by %s</h2>\n<table>\n<tr><th>%s</th>", report->by,
           report->by);
    for (int i = 0; i < REPORT_COUNTS; i++)
        printf("<th>%s</th>", report_count_text((enum report_count)i));
    fputs("</tr>\n", stdout);
    for (size_t i = 0; i < report->groups.count && i < TABLE_ROWS; i++) {
        fputs("<tr><td>", stdout);
        put_text(report->groups.rows[i].key[0] != '\0' ? report->groups.rows[i].key
                                                       : "(none)");
        fputs("</td>", stdout);
        for (int c = 0; c < REPORT_COUNTS; c++) {
            fputs("<td>", stdout);
            if (c == REPORT_BYTES)
                put_bytes(report->groups.rows[i].counts[c]);
            else
                printf("%" PRIu64, report->groups.rows[i].counts[c]);
            fputs("</td>", stdout);
        }
        fputs("</tr>\n", stdout);
    }
    fputs("</table>\n", stdout);
    if (report->groups.count > TABLE_ROWS)
        printf("<p>and %zu more; --csv has them all</p>\n",
               report->groups.count - TABLE_ROWS);
    fputs("</section>\n", stdout);
}

int
report_html(const struct report *report)
{
    char since[OG_TIME_TEXT] = "", until[OG_TIME_TEXT] = "", title[64];

    if (og_time_print(report->since, since, NULL) != OG_OK
        || og_time_print(report->until, until, NULL) != OG_OK)
        return tool_fail(report->tool, TOOL_USAGE, "the times are out of bounds");
    printf("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
           "<meta name=\"viewport\" content=\"width=device-width\">\n"
           "<title>Outgoing mail, %.10s to %.10s</title>\n<style>%s</style></head>\n"
           "<body><main>\n<h1>Outgoing mail of ",
           since, until, style);
    put_text(report->tool->state.hostname);
    printf("</h1>\n<p class=\"when\">%s to %s (UTC)</p>\n", since, until);
    put_tiles(&report->total);
    put_plot(report);
    (void)snprintf(title, sizeof title, "Most active by %s", report->by);
    put_top(title, &report->groups);
    put_top("What happened", &report->classes);
    put_table(report);
    fputs("</main></body></html>\n", stdout);
    return TOOL_DONE;
}
