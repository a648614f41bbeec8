/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/macro/locked.h"

#include "core/macro/ole2.h"
#include "core/macro/report.h"
#include "core/macro/rows.h"

const unsigned char og_locked_password[30] =
    "V\0e\0l\0v\0e\0t\0S\0w\0e\0a\0t\0s\0h\0o\0p";

enum {
    WORD_FLAGS = 10, /* [MS-DOC] 2.5.2, fEncrypted */
    WORD_ENCRYPTED = 0x0100,
    POWERPOINT_TOKEN = 12, /* [MS-PPT] 2.3.2, headerToken of CurrentUserAtom */
};
static const uint32_t POWERPOINT_ENCRYPTED = 0xf3d1c4df;

/* one stream of the root; nothing where there is none */
static enum og_rc
read_stream(struct og_ole2 *ole, const char *name, struct og_buf *out, struct og_err *err)
{
    int i = og_ole2_find(ole, 0, name);

    return i > 0 ? og_ole2_read(ole, i, out, err) : OG_OK;
}

static struct og_bytes
bytes_of(const struct og_buf *buf)
{
    return og_bytes(buf->data, buf->len);
}

/* each looks at its own kind of document; inner, name: what is inside */
static enum og_rc
open_package(struct og_ole2 *ole, struct og_buf *inner, const char **name,
             enum og_locked *state, struct og_err *err)
{
    struct og_buf info = OG_BUF_INIT(1 << 20), package = OG_BUF_INIT(SIZE_MAX / 2);
    enum og_rc rc;

    if (og_ole2_find(ole, 0, "EncryptionInfo") < 0)
        return OG_OK;
    *name = "EncryptedPackage";
    rc = read_stream(ole, "EncryptionInfo", &info, err);
    if (rc == OG_OK)
        rc = read_stream(ole, *name, &package, err);
    if (rc == OG_OK)
        rc = og_locked_package(bytes_of(&info), bytes_of(&package), inner, state, err);
    og_buf_free(&info);
    og_buf_free(&package);
    return rc;
}

static enum og_rc
open_workbook(struct og_ole2 *ole, struct og_buf *inner, const char **name,
              enum og_locked *state, struct og_err *err)
{
    struct og_buf biff = OG_BUF_INIT(SIZE_MAX / 2);
    enum og_rc rc;

    *name = og_ole2_find(ole, 0, "Workbook") > 0 ? "Workbook" : "Book";
    rc = read_stream(ole, *name, &biff, err);
    if (rc == OG_OK)
        rc = og_locked_biff(bytes_of(&biff), inner, state, err);
    og_buf_free(&biff);
    return rc;
}

/* Word and PowerPoint always ask */
static enum og_rc
ask_others(struct og_ole2 *ole, enum og_locked *state, struct og_err *err)
{
    struct og_buf word = OG_BUF_INIT(SIZE_MAX / 2), user = OG_BUF_INIT(SIZE_MAX / 2);
    struct og_bytes bytes;
    enum og_rc rc;

    rc = read_stream(ole, "WordDocument", &word, err);
    if (rc == OG_OK)
        rc = read_stream(ole, "Current User", &user, err);
    bytes = bytes_of(&word);
    if (og_bytes_16(&bytes, WORD_FLAGS) & WORD_ENCRYPTED)
        *state = OG_LOCKED_SHUT;
    bytes = bytes_of(&user);
    if (og_bytes_32(&bytes, POWERPOINT_TOKEN) == POWERPOINT_ENCRYPTED)
        *state = OG_LOCKED_SHUT;
    og_buf_free(&word);
    og_buf_free(&user);
    return rc;
}

static enum og_rc
give(const struct og_layer *layer, const char *name, const struct og_buf *inner,
     og_macro_take *take, void *arg, struct og_err *err)
{
    struct og_buf path = OG_BUF_INIT(SIZE_MAX / 2);
    enum og_rc rc = og_buf_printf(&path, err, "%s/%s", layer->path, name);

    if (rc == OG_OK) {
        const struct og_layer made = { .parent = layer,
                                       .path = path.data,
                                       .name = name,
                                       .type = "",
                                       .data = og_buf_text(inner),
                                       .len = inner->len,
                                       .size = inner->len };

        rc = take(&made, arg, err);
    }
    og_buf_free(&path);
    return rc;
}

enum og_rc
og_open_locked(const struct og_layer *layer, struct og_findings *findings,
               og_macro_take *take, void *arg, struct og_err *err)
{
    struct og_buf inner = OG_BUF_INIT(OG_MACRO_MAX_INNER);
    enum og_locked state = OG_LOCKED_NO;
    struct og_ole2 *ole = NULL;
    const char *name = "";
    enum og_rc rc;

    if (!og_ole2_is(layer))
        return OG_OK;
    rc = og_ole2_open(layer->data, layer->len, &ole, err);
    if (rc == OG_E_SYNTAX)
        return OG_OK;
    if (rc == OG_OK)
        rc = open_package(ole, &inner, &name, &state, err);
    if (rc == OG_OK && state == OG_LOCKED_NO)
        rc = open_workbook(ole, &inner, &name, &state, err);
    if (rc == OG_OK && state == OG_LOCKED_NO)
        rc = ask_others(ole, &state, err);
    og_ole2_close(ole);
    if (rc == OG_E_LIMIT)
        rc = og_report_limit(layer, "size", OG_MACRO_MAX_INNER, findings, err);
    else if (rc == OG_OK && state == OG_LOCKED_SHUT)
        rc = og_report_encrypted(layer, findings, err);
    else if (rc == OG_OK && state == OG_LOCKED_SLOW)
        rc = og_report_limit(layer, "rounds", OG_LOCKED_MAX_ROUNDS, findings, err);
    else if (rc == OG_OK && state == OG_LOCKED_OPEN)
        rc = give(layer, name, &inner, take, arg, err);
    og_buf_free(&inner);
    return rc;
}
