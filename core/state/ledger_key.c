/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/state/ledger_key.h"

#include <string.h>

#include "core/lib/digest.h"
#include "core/lib/store.h"

enum { WORD_CEILING = 8192 }; /* bytes that are encoded before they are counted */

static enum og_rc
add_hash(struct og_buf *key, const struct og_buf *text, struct og_err *err)
{
    unsigned char hash[OG_DIGEST_BYTES];
    enum og_rc rc = og_buf_add_text(key, "%sha256:", err);

    og_digest_of(og_buf_text(text), text->len, hash);
    for (size_t i = 0; i < sizeof hash && rc == OG_OK; i++)
        rc = og_buf_printf(key, err, "%02x", hash[i]);
    return rc;
}

enum og_rc
og_key_word(struct og_buf *key, const char *text, struct og_err *err)
{
    struct og_buf word = OG_BUF_INIT(WORD_CEILING);
    enum og_rc rc = og_percent_add(&word, text, strlen(text), err);

    if (rc == OG_OK)
        rc = word.len <= OG_KEY_WORD ? og_buf_add(key, og_buf_text(&word), word.len, err)
                                     : add_hash(key, &word, err);
    og_buf_free(&word);
    return rc;
}

enum og_rc
og_ledger_key(const struct og_account *account, enum og_level level, struct og_buf *key,
              struct og_err *err)
{
    struct og_buf whole = OG_BUF_INIT(WORD_CEILING);
    enum og_rc rc;

    og_buf_reset(key);
    rc = og_account_key(account, level, key, err);
    if (rc != OG_E_LIMIT)
        return rc;
    og_buf_reset(key);
    rc = og_account_key(account, level, &whole, err);
    if (rc == OG_OK)
        rc = og_buf_printf(key, err, "%s ", og_level_text(level));
    if (rc == OG_OK)
        rc = add_hash(key, &whole, err);
    og_buf_free(&whole);
    return rc;
}
