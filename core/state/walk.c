/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/state/walk.h"

#include <string.h>

/* one chunk of a walk */
struct chunk {
    const char *db, *prefix;
    struct og_buf after; /* where it begins: behind this key */
    struct og_buf last;  /* the last key it holds */
    struct og_buf text;  /* key LF value LF ... */
    size_t count;
    bool more;
};

enum { CHUNK = 1000, CHUNK_BYTES = 16 << 20 };

static enum og_rc
collect(const char *key, const char *value, void *arg, bool *stop, struct og_err *err)
{
    struct chunk *chunk = arg;
    enum og_rc rc;

    chunk->more = ++chunk->count >= CHUNK || chunk->text.len > CHUNK_BYTES / 2;
    *stop = chunk->more;
    og_buf_reset(&chunk->last);
    rc = og_buf_add_text(&chunk->last, key, err);
    return rc == OG_OK ? og_buf_printf(&chunk->text, err, "%s\n%s\n", key, value) : rc;
}

static enum og_rc
chunk_work(struct og_txn *txn, void *arg, struct og_err *err)
{
    struct chunk *chunk = arg;

    chunk->count = 0; /* a retry starts from nothing */
    chunk->more = false;
    og_buf_reset(&chunk->text);
    return og_txn_walk(txn, chunk->db, chunk->prefix, og_buf_text(&chunk->after), collect,
                       chunk, err);
}

enum og_rc
og_state_walk(const struct og_state *state, const char *db, const char *prefix,
              og_state_visit *visit, void *arg, struct og_err *err)
{
    struct chunk chunk = { db,
                           prefix,
                           OG_BUF_INIT(OG_STORE_MAX_KEY),
                           OG_BUF_INIT(OG_STORE_MAX_KEY),
                           OG_BUF_INIT(CHUNK_BYTES),
                           0,
                           true };
    enum og_rc rc = OG_OK;

    while (rc == OG_OK && chunk.more) {
        char *rest, *key, *value;

        rc = og_store_run(&state->store, OG_STORE_READ, chunk_work, &chunk, err);
        og_buf_move(&chunk.after, &chunk.last);
        rest = chunk.text.data;
        while (rc == OG_OK && rest != NULL && *rest != '\0') {
            key = strsep(&rest, "\n");
            value = strsep(&rest, "\n");
            rc = visit(key, value, arg, err);
        }
    }
    og_buf_free(&chunk.after);
    og_buf_free(&chunk.last);
    og_buf_free(&chunk.text);
    return rc;
}
