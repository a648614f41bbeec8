/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/exim/port.h"

#include <stdlib.h>
#include <string.h>

#include "core/lib/idn.h"

/* an address that cannot be folded counts as it is written */
static char *
fold(const char *address)
{
    struct og_buf out = OG_BUF_INIT(2048);
    char *copy;

    if (og_idn_address(address, strlen(address), &out, NULL) == OG_OK)
        return out.data; /* the caller frees it */
    og_buf_free(&out);
    copy = strdup(address);
    return copy;
}

enum og_rc
og_port_recipients_fold(struct og_recipients *list, const char *more, struct og_err *err)
{
    size_t all = (size_t)og_port_recipients();
    char **rows = calloc(all + 1, sizeof *rows);

    if (rows == NULL)
        return og_fail(err, OG_E_NOMEM, "no memory for %zu recipients", all);
    og_recipients_free(list);
    list->addresses = (const char *const *)rows;
    for (size_t i = 0; i < all + (more != NULL ? 1 : 0); i++) {
        rows[i] = fold(i < all ? og_port_recipient((int)i) : more);
        if (rows[i] == NULL) {
            og_recipients_free(list);
            return og_fail(err, OG_E_NOMEM, "no memory for %zu recipients", all);
        }
        list->count = i + 1;
    }
    return OG_OK;
}

void
og_recipients_free(struct og_recipients *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(og_unconst(list->addresses[i]));
    free(og_unconst(list->addresses));
    *list = (struct og_recipients)OG_RECIPIENTS_INIT;
}
