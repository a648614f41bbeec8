/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/macro/pdf_tree.h"

#include <string.h>

static size_t
skip_escape(const struct og_bytes *in, size_t at, size_t end, int *byte)
{
    static const char from[] = "nrtbf", to[] = "\n\r\t\b\f";
    const char *known = strchr(from, in->data[at]);
    size_t stop = end - at > 3 ? at + 3 : end;

    *byte = in->data[at];
    if (in->data[at] == '\r' && at + 1 < end && in->data[at + 1] == '\n') {
        *byte = -1;
        return at + 2;
    }
    if (*byte == '\n' || *byte == '\r')
        *byte = -1; /* the line goes on */
    else if (known != NULL && *known != '\0')
        *byte = (unsigned char)to[known - from];
    if (in->data[at] < '0' || in->data[at] > '7')
        return at + 1;
    for (*byte = 0; at < stop && in->data[at] >= '0' && in->data[at] <= '7'; at++)
        *byte = (*byte * 8 + in->data[at] - '0') & 0xff;
    return at;
}

enum og_rc
og_pdf_string(const struct og_pdf_tree *tree, uint32_t node, struct og_buf *out,
              struct og_err *err)
{
    const struct og_pdf_node *n = &tree->nodes[node];
    const struct og_bytes *in = &tree->source;
    size_t end = n->at + n->len;
    enum og_rc rc = OG_OK;
    int high = -1;

    if (n->kind != OG_PDF_STRING && n->kind != OG_PDF_HEX)
        return og_fail(err, OG_E_SYNTAX, "no string");
    for (size_t at = n->at; at < end && rc == OG_OK;) {
        int byte = in->data[at++];

        if (n->kind == OG_PDF_HEX) {
            int digit = og_hex_digit((unsigned char)byte), low = high;

            if (digit < 0)
                continue;
            high = high >= 0 ? -1 : digit;
            byte = low >= 0 ? low * 16 + digit : at == end ? digit * 16 : -1;
        } else if (byte == '\\' && at < end) {
            at = skip_escape(in, at, end, &byte);
        }
        if (byte >= 0)
            rc = og_buf_add(out, &(char){ (char)byte }, 1, err);
    }
    return rc;
}
