/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>
#include <strings.h>

#include "core/lib/mime_int.h"

static void
take(struct og_mime_names *names, const char *name)
{
    if (name == NULL || name[0] == '\0')
        return;
    if (names->name == NULL)
        names->name = g_strdup(name);
    else if (names->other == NULL && strcmp(names->name, name) != 0)
        names->other = g_strdup(name);
}

/* more than one other name: all in one, as whoever judges looks at how it ends */
static void
take_more(struct og_mime_names *names, const char *name)
{
    char *joined;

    if (name == NULL || name[0] == '\0')
        return;
    if (names->other == NULL || (names->name != NULL && strcmp(names->name, name) == 0)) {
        take(names, name);
        return;
    }
    if (strstr(names->other, name) != NULL || strlen(names->other) > 4096)
        return;
    joined = g_strconcat(names->other, "/", name, NULL);
    g_free(names->other);
    names->other = joined;
}

/* an encoded NUL: %00 of RFC 2231, =00 of RFC 2047 */
static char *
find_nul(const char *value)
{
    char *percent = strstr(value, "%00");

    return percent != NULL || strstr(value, "=?") == NULL ? percent
                                                          : strstr(value, "=00");
}

/* the value of one parameter `name=...` alone, as if the others were not there; a %00,
 * behind which C sees nothing, becomes a control character */
static void
take_alone(struct og_mime_names *names, const char *segment, size_t len)
{
    GString *field = g_string_new("attachment; ");
    GMimeContentDisposition *alone;
    GMimeParamList *params;

    g_string_append_len(field, segment, (gssize)len);
    for (char *nul = find_nul(field->str); nul != NULL; nul = find_nul(nul))
        nul[1] = '1', nul[2] = 'F';
    alone = g_mime_content_disposition_parse(NULL, field->str);
    params = g_mime_content_disposition_get_parameters(alone);
    for (int i = 0; i < g_mime_param_list_length(params); i++)
        take_more(names,
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

void
og_mime_name(GMimeObject *object, bool careful, struct og_mime_names *names)
{
    GMimeHeaderList *fields = g_mime_object_get_header_list(object);

    *names = (struct og_mime_names){ NULL, NULL };
    take(names, g_mime_object_get_content_disposition_parameter(object, "filename"));
    take(names, g_mime_object_get_content_type_parameter(object, "name"));
    /* where they do not belong, and some look */
    take_more(names, g_mime_object_get_content_disposition_parameter(object, "name"));
    take_more(names, g_mime_object_get_content_type_parameter(object, "filename"));
    for (int i = 0; i < g_mime_header_list_get_count(fields); i++) {
        GMimeHeader *field = g_mime_header_list_get_header_at(fields, i);
        const char *name = g_mime_header_get_name(field);
        const char *value = g_mime_header_get_raw_value(field);

        if (name == NULL || value == NULL
            || (strcasecmp(name, "Content-Disposition") != 0
                && strcasecmp(name, "Content-Type") != 0))
            continue;
        if (careful || find_nul(value) != NULL)
            take_all(names, value);
        if (names->name == NULL)
            take_loose(names, value);
    }
    if (names->name == NULL)
        names->name = g_strdup("");
    if (names->other == NULL)
        names->other = g_strdup("");
}

void
og_mime_name_free(struct og_mime_names *names)
{
    g_free(names->name);
    g_free(names->other);
    *names = (struct og_mime_names){ NULL, NULL };
}
