/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>
#include <strings.h>

#include "core/lib/mime_int.h"

enum { OTHER_MAX = 64 << 10 }; /* bytes of all further names of a part */

/* is it one of the lines? */
static bool
stands_there(const char *lines, const char *name)
{
    size_t len = strlen(name);

    while (*lines != '\0') {
        size_t line = strcspn(lines, "\n");

        if (line == len && memcmp(lines, name, len) == 0)
            return true;
        lines += line + (lines[line] == '\n');
    }
    return false;
}

/* one more name; others stand in lines */
static void
take(struct og_mime_names *names, const char *name)
{
    char *one, *joined;

    if (name == NULL || name[0] == '\0')
        return;
    if (names->name == NULL) {
        names->name = g_strdup(name);
        return;
    }
    if (strcmp(names->name, name) == 0)
        return;
    if (strlen(names->other) + strlen(name) > OTHER_MAX) {
        names->full = true;
        return;
    }
    one = g_strdelimit(g_strdup(name), "\n", ' ');
    if (!stands_there(names->other, one)) {
        joined =
            g_strconcat(names->other, names->other[0] != '\0' ? "\n" : "", one, NULL);
        g_free(names->other);
        names->other = joined;
    }
    g_free(one);
}

/* C sees nothing behind a NUL, others do: what stands before it is a name, too */
static void
take_begin(struct og_mime_names *names, const char *name)
{
    const char *nul = name != NULL ? strchr(name, OG_MIME_NUL) : NULL;

    if (nul != NULL) {
        char *begin = g_strndup(name, (size_t)(nul - name));

        take(names, begin);
        g_free(begin);
    }
}

static void
take_both(struct og_mime_names *names, const char *name)
{
    take(names, name);
    take_begin(names, name);
}

/* %00 of RFC 2231, =00 of RFC 2047: the next one */
static char *
find_nul(char *value)
{
    char *percent = strstr(value, "%00"), *equal = strstr(value, "=00");

    if (percent == NULL || (equal != NULL && equal < percent))
        return equal;
    return percent;
}

/* encoded NULs become OG_MIME_NUL, and encoded words such as GMime reads to their end */
static bool
open_up(GString *value)
{
    bool found = og_mime_open_words(value);

    for (char *nul = find_nul(value->str); nul != NULL; nul = find_nul(nul)) {
        nul[1] = '1', nul[2] = 'F';
        found = true;
    }
    return found;
}

/* the value of one parameter `name=...` alone, as if the others were not there */
static void
take_alone(struct og_mime_names *names, const char *segment, size_t len)
{
    GString *field = g_string_new("attachment; ");
    GMimeContentDisposition *alone;
    GMimeParamList *params;

    g_string_append_len(field, segment, (gssize)len);
    alone = g_mime_content_disposition_parse(NULL, field->str);
    params = g_mime_content_disposition_get_parameters(alone);
    for (int i = 0; i < g_mime_param_list_length(params); i++)
        take_both(names,
                  g_mime_param_get_value(g_mime_param_list_get_parameter_at(params, i)));
    g_object_unref(alone);
    g_string_free(field, TRUE);
}

static bool
is_name_parameter(const char *segment, size_t len)
{
    size_t blanks = strspn(segment, " \t\r\n");

    if (blanks >= len)
        return false;
    segment += blanks;
    len -= blanks;
    return (len > 8 && strncasecmp(segment, "filename", 8) == 0)
           || (len > 4 && strncasecmp(segment, "name", 4) == 0);
}

/* every name that stands in a header field, whatever came before it */
static void
take_all(struct og_mime_names *names, const char *value)
{
    while (*value != '\0') {
        bool quoted = false;
        size_t len = 0;

        for (; value[len] != '\0' && (quoted || value[len] != ';'); len++) {
            if (value[len] == '"')
                quoted = !quoted;
            else if (value[len] == '\\' && quoted && value[len + 1] != '\0')
                len++;
        }
        if (is_name_parameter(value, len))
            take_alone(names, value, len);
        value += len + (value[len] == ';');
    }
}

/* a name that no semicolon stands before: `attachment filename=a.exe` */
static void
take_loose(struct og_mime_names *names, const char *value)
{
    const char *at = strcasestr(value, "filename");

    if (at == NULL)
        at = strcasestr(value, "name");
    if (at != NULL)
        take_all(names, at);
}

/* the names in one header field that GMime has passed over, or cut */
static void
take_field(struct og_mime_names *names, const char *value, bool careful)
{
    GString *opened = g_string_new(value);

    if (open_up(opened) || careful)
        take_all(names, opened->str);
    if (names->name == NULL)
        take_loose(names, opened->str);
    g_string_free(opened, TRUE);
}

void
og_mime_name(GMimeObject *object, bool careful, struct og_mime_names *names)
{
    GMimeHeaderList *fields = g_mime_object_get_header_list(object);

    *names = (struct og_mime_names){ .other = g_strdup("") };
    take_both(names, g_mime_object_get_content_disposition_parameter(object, "filename"));
    take_both(names, g_mime_object_get_content_type_parameter(object, "name"));
    /* where they do not belong, and some look */
    take_both(names, g_mime_object_get_content_disposition_parameter(object, "name"));
    take_both(names, g_mime_object_get_content_type_parameter(object, "filename"));
    for (int i = 0; i < g_mime_header_list_get_count(fields); i++) {
        GMimeHeader *field = g_mime_header_list_get_header_at(fields, i);
        const char *name = g_mime_header_get_name(field);
        const char *value = g_mime_header_get_raw_value(field);

        if (name != NULL && value != NULL
            && (strcasecmp(name, "Content-Disposition") == 0
                || strcasecmp(name, "Content-Type") == 0))
            take_field(names, value, careful);
    }
    if (names->name == NULL)
        names->name = g_strdup("");
}

void
og_mime_name_free(struct og_mime_names *names)
{
    g_free(names->name);
    g_free(names->other);
    *names = (struct og_mime_names){ .name = NULL };
}
