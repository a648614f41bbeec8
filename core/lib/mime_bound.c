/* SPDX-License-Identifier: BSD-2-Clause */
/* GMime compares each line that begins with `--` to every boundary in use, keeps an object
 * for each part, puts a parameter's charset on the stack, and calls itself for each group of
 * addresses inside another. One pass over the lines tells where that would become too
 * much. */
#include <string.h>
#include <strings.h>

#include "core/lib/mime_int.h"

enum {
    FIELD_MAX = 256 << 10,
    GROUPS_MAX = 5000, /* in one field, and so in one another; 40,000 fill the stack */
    COMPARISONS_MAX = 100000000, /* of a line to a boundary: about a second */
    BOUNDARIES = 64,
    PREFIX = 40, /* bytes of a boundary that are compared */
};

struct bound {
    const char *data;
    size_t len;
    size_t boundaries, parts;
    unsigned long long comparisons;
    bool blurred; /* a boundary that is not written plainly, or too many */
    struct {
        const char *text;
        size_t len;
    } known[BOUNDARIES];
};

static void
learn(struct bound *bound, const char *value, size_t len)
{
    size_t n;

    if (len > 0 && *value == '"') {
        value++;
        len--;
    }
    for (n = 0; n < len && n < PREFIX && strchr("\"; \t\r\n", value[n]) == NULL; n++)
        ;
    if (n == 0 || bound->boundaries > BOUNDARIES) {
        bound->blurred = true;
        return;
    }
    bound->known[bound->boundaries - 1].text = value;
    bound->known[bound->boundaries - 1].len = n;
}

/* `boundary`, in a line of a header or of a body alike */
static void
look_for_boundary(struct bound *bound, const char *line, size_t len)
{
    static const char word[] = "boundary";
    size_t n = sizeof word - 1;

    for (size_t i = 0; i + n < len; i++) {
        size_t at = i + n;

        if ((line[i] | 0x20) != 'b' || strncasecmp(line + i, word, n) != 0)
            continue;
        bound->boundaries++;
        while (at < len && (line[at] == ' ' || line[at] == '\t'))
            at++;
        if (at < len && line[at] == '=') {
            at++;
            while (at < len && (line[at] == ' ' || line[at] == '\t'))
                at++;
            learn(bound, line + at, len - at);
        } else if (at < len && line[at] == '*') {
            bound->blurred = true;
        }
        i = at;
    }
}

static bool
is_known(const struct bound *bound, const char *line, size_t len)
{
    size_t count = bound->boundaries < BOUNDARIES ? bound->boundaries : BOUNDARIES;

    for (size_t i = 0; i < count; i++)
        if (bound->known[i].len > 0 && bound->known[i].len <= len
            && memcmp(bound->known[i].text, line, bound->known[i].len) == 0)
            return true;
    return false;
}

/* where a field that begins here ends, with its folded lines, or some place behind `most` */
static const char *
field_end(const struct bound *bound, size_t at, ptrdiff_t most)
{
    const char *line = bound->data + at, *end = bound->data + bound->len, *next = line;

    do {
        next = memchr(next, '\n', (size_t)(end - next));
        next = next != NULL ? next + 1 : end;
    } while (next < end && (*next == ' ' || *next == '\t') && next - line <= most);
    return next;
}

static bool
begins(const struct bound *bound, size_t at, const char *word)
{
    size_t len = strlen(word);

    return bound->len - at >= len && strncasecmp(bound->data + at, word, len) == 0;
}

/* one of the fields that GMime reads as addresses */
static bool
is_address_field(const struct bound *bound, size_t at)
{
    static const char *const names[] = {
        "sender", "from", "reply-to", "to", "cc", "bcc"
    };

    for (size_t i = 0; i < N_ELEMENTS(names); i++) {
        size_t behind = at + strlen(names[i]);

        if (!begins(bound, at, names[i]))
            continue;
        while (behind < bound->len
               && (bound->data[behind] == ' ' || bound->data[behind] == '\t'))
            behind++;
        if (behind < bound->len && bound->data[behind] == ':')
            return true;
    }
    return false;
}

static bool
has_groups(const struct bound *bound, size_t at)
{
    const char *begin = bound->data + at, *end;
    size_t groups = 0;

    if (strchr("sfrtcb", begin[0] | 0x20) == NULL || !is_address_field(bound, at))
        return false;
    end = field_end(bound, at, PTRDIFF_MAX);
    for (begin = memchr(begin, ':', (size_t)(end - begin));
         begin != NULL && groups <= GROUPS_MAX + 1;
         begin = memchr(begin, ':', (size_t)(end - begin))) {
        begin++;
        groups++;
    }
    return groups > GROUPS_MAX + 1; /* with the colon behind the name */
}

/* a header field that is more than GMime can take, should one begin here */
static bool
is_too_large(const struct bound *bound, size_t at)
{
    return (begins(bound, at, "content-")
            && field_end(bound, at, FIELD_MAX) - (bound->data + at) > FIELD_MAX)
           || has_groups(bound, at);
}

static size_t
count_lines(const char *data, size_t len)
{
    const char *at = data, *end = data + len;
    size_t count = 0;

    while (at < end && (at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        at++;
        count++;
    }
    return count;
}

static size_t
bound_lines(const char *data, size_t len, const struct og_mime_limits *limits,
            struct og_mime_message *message)
{
    struct bound bound = { .data = data, .len = len };

    for (size_t at = 0; at < len;) {
        const char *end = memchr(data + at, '\n', len - at);
        size_t line = end != NULL ? (size_t)(end - data) - at : len - at;

        if (is_too_large(&bound, at)) {
            message->too_large = true;
            return at;
        }
        if (line >= 2 && data[at] == '-' && data[at + 1] == '-') {
            bound.comparisons += bound.boundaries;
            if (bound.blurred || is_known(&bound, data + at + 2, line - 2))
                bound.parts++;
            /* a multipart's last delimiter opens none */
            if (bound.parts > limits->parts + bound.boundaries) {
                message->too_many = true;
                return at;
            }
            if (bound.comparisons > COMPARISONS_MAX) {
                message->too_deep = true;
                return at;
            }
        } else if (line > 8) {
            look_for_boundary(&bound, data + at, line);
        }
        at += line + 1;
    }
    return len;
}

char *
og_mime_show_nuls(const char *data, size_t len)
{
    struct bound bound = { .data = data, .len = len };
    char *shown = NULL;

    if (memchr(data, '\0', len) == NULL)
        return NULL;
    for (size_t at = 0; at < len;) {
        bool is_field = begins(&bound, at, "content-");
        size_t end = (size_t)(field_end(&bound, at, is_field ? FIELD_MAX : 0) - data);

        if (is_field && memchr(data + at, '\0', end - at) != NULL) {
            if (shown == NULL)
                shown = g_memdup2(data, len);
            for (size_t i = at; i < end; i++)
                if (shown[i] == '\0')
                    shown[i] = OG_MIME_NUL;
        }
        at = end;
    }
    return shown;
}

size_t
og_mime_bound(const char *data, size_t len, const struct og_mime_limits *limits,
              struct og_mime_message *message)
{
    message->lines = count_lines(data, len);
    return bound_lines(data, len, limits, message);
}

bool
og_mime_odd(const char *data, size_t len)
{
    const char *blank = memmem(data, len, "\n\n", 2), *at = data;
    size_t head = blank != NULL ? (size_t)(blank - data) : len;

    if (memchr(data, '\0', head) != NULL)
        return true;
    while ((at = memchr(at, '\r', len - (size_t)(at - data))) != NULL) {
        if ((size_t)(at - data) + 1 == len || at[1] != '\n')
            return true;
        at++;
    }
    return false;
}
