/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "core/scan/scan_int.h"

/* the copy's texts and data are its own; the fields are const for whoever reads them */
static char *
copy_text(const char *text)
{
    return strdup(text != NULL ? text : "");
}

void
og_scan_piece_free(struct og_scan_piece *piece)
{
    free(og_unconst(piece->path));
    free(og_unconst(piece->name));
    free(og_unconst(piece->claimed));
    free(og_unconst(piece->data));
    *piece = (struct og_scan_piece){ .is_message = false };
}

enum og_rc
og_scan_queue_add(struct og_scan_queue *queue, const struct og_scan_piece *piece,
                  struct og_err *err)
{
    struct og_scan_piece copy = *piece;
    char *data = malloc(piece->len > 0 ? piece->len : 1);

    copy.path = copy_text(piece->path);
    copy.name = copy_text(piece->name);
    copy.claimed = copy_text(piece->claimed);
    copy.data = data;
    if (queue->count == queue->cap) {
        size_t cap = queue->cap > 0 ? queue->cap * 2 : 8;
        struct og_scan_piece *list = realloc(queue->list, cap * sizeof *list);

        if (list != NULL) {
            queue->list = list;
            queue->cap = cap;
        }
    }
    if (queue->count == queue->cap || copy.path == NULL || copy.name == NULL
        || copy.claimed == NULL || data == NULL) {
        og_scan_piece_free(&copy);
        return og_fail(err, OG_E_NOMEM, "no memory for a layer of %zu bytes", piece->len);
    }
    if (piece->len > 0)
        memcpy(data, piece->data, piece->len);
    queue->list[queue->count++] = copy;
    queue->bytes += copy.len;
    return OG_OK;
}

bool
og_scan_queue_take(struct og_scan_queue *queue, struct og_scan_piece *piece)
{
    if (queue->count == 0)
        return false;
    *piece = queue->list[--queue->count];
    queue->bytes -= piece->len;
    return true;
}

void
og_scan_queue_free(struct og_scan_queue *queue)
{
    for (size_t i = 0; i < queue->count; i++)
        og_scan_piece_free(&queue->list[i]);
    free(queue->list);
    *queue = (struct og_scan_queue){ NULL, 0, 0, 0 };
}
