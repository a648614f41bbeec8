/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/state/token.h"

#include <string.h>

#include "core/base/record.h"
#include "core/base/time.h"
#include "core/state/secret.h"

static const char purpose[] = "token 1", secret_name[] = "token";

enum { CLOCKS = 3600 }; /* seconds the clock may have stepped back */

static enum og_rc
print(const char *user, const char *identity, int64_t now, struct og_buf *out,
      struct og_err *err)
{
    struct og_record rec = OG_RECORD_INIT;
    char time[OG_TIME_TEXT];
    enum og_rc rc = og_time_print(now, time, err);

    if (rc == OG_OK)
        rc = og_record_set_text(&rec, "t", time, err);
    if (rc == OG_OK)
        rc = og_record_set_text(&rec, "u", user, err);
    if (rc == OG_OK && identity[0] != '\0' && strlen(identity) < OG_TOKEN_IDENTITY)
        rc = og_record_set_text(&rec, "i", identity, err);
    if (rc == OG_OK)
        rc = og_record_print(&rec, out, err);
    og_record_free(&rec);
    return rc;
}

void
og_token_look(struct og_txn *txn)
{
    og_secret_look(txn, secret_name);
}

enum og_rc
og_token_make(const struct og_state *state, const char *user, const char *identity,
              int64_t now, char text[OG_TOKEN_TEXT], struct og_err *err)
{
    unsigned char secret[OG_SEAL_SECRET];
    struct og_buf plain = OG_BUF_INIT(OG_SEAL_MAX_PLAIN);
    struct og_buf sealed = OG_BUF_INIT(OG_TOKEN_TEXT - 1);
    enum og_rc rc = og_secret_get(state, secret_name, secret, err);

    if (rc == OG_OK)
        rc = print(user, identity, now, &plain, err);
    if (rc == OG_E_LIMIT) { /* the user alone is told then */
        og_buf_reset(&plain);
        rc = print(user, "", now, &plain, err);
    }
    if (rc == OG_OK)
        rc = og_seal(secret, purpose, plain.data, plain.len, &sealed, err);
    if (rc == OG_OK)
        memcpy(text, sealed.data, sealed.len + 1);
    explicit_bzero(secret, sizeof secret);
    og_buf_free(&plain);
    og_buf_free(&sealed);
    return rc;
}

static bool
copy(char *to, size_t size, const char *from)
{
    if (from == NULL || strlen(from) >= size)
        return false;
    memcpy(to, from, strlen(from) + 1);
    return true;
}

static enum og_rc
parse(const struct og_buf *plain, struct og_token *token, struct og_err *err)
{
    struct og_record rec = OG_RECORD_INIT;
    const char *identity, *time;
    bool good = og_record_parse(og_buf_text(plain), plain->len, &rec, NULL) == OG_OK;

    identity = og_record_get(&rec, "i");
    time = og_record_get(&rec, "t");
    good = good && time != NULL && og_time_parse(time, &token->made, NULL) == OG_OK
           && copy(token->user, sizeof token->user, og_record_get(&rec, "u"))
           && copy(token->identity, sizeof token->identity,
                   identity != NULL ? identity : "");
    og_record_free(&rec);
    return good ? OG_OK : og_fail(err, OG_E_SYNTAX, "a token that cannot be read");
}

enum og_rc
og_token_read(const struct og_state *state, const char *text, int64_t now,
              struct og_token *token, struct og_err *err)
{
    unsigned char secret[OG_SEAL_SECRET];
    struct og_buf plain = OG_BUF_INIT(OG_SEAL_MAX_PLAIN);
    struct og_token fresh = { .made = 0 };
    size_t len = strlen(text);
    enum og_rc rc = og_secret_get(state, secret_name, secret, err);

    if (rc == OG_E_PERM) /* of a file: it says nothing about the token */
        rc = OG_E_STATE;
    if (rc == OG_OK)
        rc = og_unseal(secret, purpose, text, len, &plain, err);
    if (rc == OG_OK)
        rc = parse(&plain, &fresh, err);
    if (rc == OG_OK && (now - fresh.made > OG_TOKEN_LIFE || fresh.made - now > CLOCKS))
        rc = og_fail(err, OG_E_RANGE, "the token is of another time");
    if (rc == OG_OK) {
        /* its random bytes are its beginning */
        len = len < OG_TOKEN_MESSAGE - 1 ? len : OG_TOKEN_MESSAGE - 1;
        memcpy(fresh.message, text, len);
        fresh.message[len] = '\0';
        *token = fresh;
    }
    explicit_bzero(secret, sizeof secret);
    og_buf_free(&plain);
    return rc;
}
