/* SPDX-License-Identifier: BSD-2-Clause */
/* dkim generate, dkim list, dkim delete */
#include "tools/tool.h"

#include <string.h>

#include "core/lib/dkim.h"
#include "core/state/keys.h"
#include "tools/audit.h"

enum {
    MAX_RECORD = 4096, /* bytes of a TXT record; one with 4096 bits of RSA has 760 */
    STRING = 255,      /* bytes of one string in it, RFC 1035 section 3.3 */
};

/* the DNS record of a key: name, content, line of a zone file */
struct record {
    struct og_buf txt, zone;
};

#define RECORD_INIT                                      \
    {                                                    \
        OG_BUF_INIT(MAX_RECORD), OG_BUF_INIT(MAX_RECORD) \
    }

static void
record_free(struct record *record)
{
    og_buf_free(&record->txt);
    og_buf_free(&record->zone);
}

static enum og_rc
record_of(const struct og_signing_key *key, struct record *record, struct og_err *err)
{
    struct og_buf public_b64 = OG_BUF_INIT(MAX_RECORD);
    enum og_key_kind kind;
    int bits;
    enum og_rc rc = og_key_public(og_buf_text(&key->pem), &kind, &bits, &public_b64, err);

    if (rc == OG_OK)
        rc = og_dkim_txt(kind, og_buf_text(&public_b64), &record->txt, err);
    if (rc == OG_OK)
        rc = og_dkim_zone(key->selector, key->domain, og_buf_text(&record->txt),
                          &record->zone, err);
    og_buf_free(&public_b64);
    return rc;
}

static json_t *
strings_json(const struct og_buf *txt)
{
    json_t *strings = json_array();

    for (size_t at = 0; at < txt->len; at += STRING) {
        size_t len = txt->len - at < STRING ? txt->len - at : STRING;

        if (json_array_append_new(strings, json_stringn(txt->data + at, len)) != 0) {
            json_decref(strings);
            return NULL;
        }
    }
    return strings;
}

/* fields of a key without its private half, and without a time where it has only just
 * been made; record may be NULL */
static json_t *
key_json(const struct og_signing_key *key, const struct record *record)
{
    json_t *object =
        json_pack("{s:s, s:s, s:s, s:i, s:s*}", "domain", key->domain, "selector",
                  key->selector, "kind", og_key_kind_text(key->kind), "bits", key->bits,
                  "created", key->created[0] != '\0' ? key->created : NULL);
    json_t *more = NULL;

    if (record == NULL || object == NULL)
        return object;
    more = json_pack("{s:s++, s:s, s:o, s:s%}", "name", key->selector, "._domainkey.",
                     key->domain, "txt", og_buf_text(&record->txt), "strings",
                     strings_json(&record->txt), "zone", record->zone.data,
                     record->zone.len - 1); /* without its line end */
    if (json_object_update_missing_new(object, more) == 0)
        return object;
    json_decref(object);
    return NULL;
}

static void
key_text(const struct og_signing_key *key, const struct record *record)
{
    const struct og_buf *txt = &record->txt;

    printf("name  %s._domainkey.%s\n", key->selector, key->domain);
    for (size_t at = 0; at < txt->len; at += STRING)
        printf("%s\"%.*s\"\n", at == 0 ? "text  " : "      ", STRING, txt->data + at);
    printf("zone  %s\n", og_buf_text(&record->zone));
}

/* `example.com` and `--selector` as they are stored and looked for */
static int
read_names(struct tool *tool, const char *domain, const char *selector,
           const char *suffix, struct og_signing_key *key)
{
    const struct og_setting *row = &og_setting_rows[OG_SETTING_dkim_selector];
    struct og_settings scratch = OG_SETTINGS_INIT;
    struct og_err err = { "" };
    struct og_name name;
    int code = tool_name(tool, OG_KIND_DOMAIN, domain, &name);

    if (code != TOOL_DONE)
        return code;
    if (selector == NULL)
        return tool_usage(tool, "--selector is missing");
    if (og_settings_set(&scratch, row, selector, OG_SOURCE_USER, &err) != OG_OK) {
        code = tool_fail(tool, TOOL_USAGE, "--selector: '%s' is no selector", selector);
    } else {
        (void)snprintf(key->domain, sizeof key->domain, "%.*s", OG_KEY_DOMAIN - 1,
                       name.text);
        (void)snprintf(key->selector, sizeof key->selector, "%s%s", scratch.dkim_selector,
                       suffix);
        if (!og_dkim_name_ok(key->selector) || !og_dkim_name_ok(key->domain)
            || strlen(key->selector) + strlen("._domainkey.") + strlen(name.text)
                   > OG_DKIM_MAX_DOMAIN)
            code = tool_fail(tool, TOOL_USAGE,
                             "%s._domainkey.%s is no name that DNS can have",
                             key->selector, name.text);
    }
    og_settings_free(&scratch);
    return code;
}

static void
tell(struct tool *tool, const struct og_signing_key *key, const char *class)
{
    char reason[OG_KEY_SELECTOR + 40];

    if (key->bits > 0)
        (void)snprintf(reason, sizeof reason, "selector %s, %s, %d bits", key->selector,
                       og_key_kind_text(key->kind), key->bits);
    else
        (void)snprintf(reason, sizeof reason, "selector %s", key->selector);
    tool_event(tool, NULL, key->domain, class, reason);
}

static int
generate_one(struct tool *tool, struct og_signing_key *key)
{
    struct og_buf public_b64 = OG_BUF_INIT(MAX_RECORD);
    struct og_err err = { "" };
    int code = tool_rc(
        tool, og_key_generate(key->kind, key->bits, &key->pem, &public_b64, &err), &err);

    if (code == TOOL_DONE)
        code = tool_rc(tool, og_keys_add(&tool->state, key, &err), &err);
    if (code == TOOL_DONE)
        tell(tool, key, "key-added");
    og_buf_free(&public_b64);
    return code;
}

static int
print_keys(struct tool *tool, const struct og_signing_key *keys, size_t count)
{
    json_t *all = tool->json ? json_array() : NULL;
    int code = TOOL_DONE;

    for (size_t i = 0; i < count && code == TOOL_DONE; i++) {
        struct record record = RECORD_INIT;
        struct og_err err = { "" };

        code = tool_rc(tool, record_of(&keys[i], &record, &err), &err);
        if (code == TOOL_DONE && !tool->json)
            key_text(&keys[i], &record);
        else if (code == TOOL_DONE
                 && json_array_append_new(all, key_json(&keys[i], &record)) != 0)
            code = tool_fail(tool, TOOL_TROUBLE, "no memory");
        record_free(&record);
    }
    if (code == TOOL_DONE && tool->json)
        return tool_json(tool, json_pack("{s:s, s:o}", "done", "generated", "keys", all));
    json_decref(all);
    return code;
}

/* refuse before any work: two keys come both or not at all */
static int
check_new(struct tool *tool, const struct og_signing_key *keys, size_t count)
{
    struct og_signing_key found[OG_KEYS_SIGNING] = { OG_SIGNING_KEY_INIT,
                                                     OG_SIGNING_KEY_INIT };
    int code = TOOL_DONE;

    for (size_t i = 0; i < count && code == TOOL_DONE; i++) {
        struct og_err err = { "" };
        size_t n = 0;
        enum og_rc rc = og_keys_signing(&tool->state, keys[i].domain, keys[i].selector,
                                        found, &n, &err);

        code = tool_rc(tool, rc, &err);
        for (size_t j = 0; j < n; j++) {
            if (code == TOOL_DONE && strcmp(found[j].selector, keys[i].selector) == 0)
                code = tool_fail(tool, TOOL_NO, "%s has a key with selector %s already",
                                 keys[i].domain, keys[i].selector);
            og_signing_key_free(&found[j]);
        }
    }
    return code;
}

/* which keys are wanted, with their names */
static int
plan(struct tool *tool, const struct tool_option *options, struct og_signing_key *keys,
     size_t *count)
{
    const char *selector = options[0].value, *rsa = options[1].value;
    bool ed25519 = options[2].value != NULL;
    int code = TOOL_DONE;

    if (rsa == NULL && !ed25519)
        rsa = "2048";
    if (rsa != NULL && strcmp(rsa, "2048") != 0 && strcmp(rsa, "4096") != 0)
        return tool_usage(tool, "--rsa: '%s' is neither 2048 nor 4096", rsa);
    if (rsa != NULL) {
        keys[*count].kind = OG_KEY_RSA;
        keys[*count].bits = strcmp(rsa, "2048") == 0 ? 2048 : 4096;
        code = read_names(tool, tool->argv[0], selector, "", &keys[(*count)++]);
    }
    if (ed25519 && code == TOOL_DONE) {
        keys[*count].kind = OG_KEY_ED25519;
        keys[*count].bits = 256;
        code = read_names(tool, tool->argv[0], selector, OG_KEY_ED25519_SUFFIX,
                          &keys[(*count)++]);
    }
    return code;
}

static int
generate(struct tool *tool)
{
    struct tool_option options[] = { { "--selector", true, NULL },
                                     { "--rsa", true, NULL },
                                     { "--ed25519", false, NULL },
                                     { NULL, false, NULL } };
    struct og_signing_key keys[OG_KEYS_SIGNING] = { OG_SIGNING_KEY_INIT,
                                                    OG_SIGNING_KEY_INIT };
    struct og_err ignored = { "" };
    size_t count = 0, made = 0;
    int code = tool_options(tool, options, 1, 1);

    if (code == TOOL_DONE)
        code = tool_state(tool);
    if (code == TOOL_DONE)
        code = plan(tool, options, keys, &count);
    if (code == TOOL_DONE)
        code = check_new(tool, keys, count);
    while (code == TOOL_DONE && made < count) {
        code = generate_one(tool, &keys[made]);
        made += code == TOOL_DONE;
    }
    if (code == TOOL_DONE)
        code = print_keys(tool, keys, count);
    else if (made == 0)
        ;
    else if (og_keys_delete(&tool->state, keys[0].domain, keys[0].selector, &ignored)
             == OG_OK) /* somebody was quicker with the second one */
        tell(tool, &keys[0], "key-deleted");
    else
        (void)tool_fail(tool, code, "key %s of %s stays: %s", keys[0].selector,
                        keys[0].domain, ignored.text);
    for (size_t i = 0; i < OG_KEYS_SIGNING; i++)
        og_signing_key_free(&keys[i]);
    return code;
}

struct list {
    struct tool *tool;
    bool with_record;
    size_t count;
};

static enum og_rc
visit(const struct og_signing_key *key, void *arg, struct og_err *err)
{
    struct list *list = arg;
    struct record record = RECORD_INIT;
    enum og_rc rc = list->with_record ? record_of(key, &record, err) : OG_OK;

    if (rc == OG_OK && list->tool->json) {
        fputs(list->count++ > 0 ? ",\n" : "\n", stdout);
        if (tool_json_line(list->tool, key_json(key, list->with_record ? &record : NULL))
            != TOOL_DONE)
            rc = og_fail(err, OG_E_IO, "cannot print");
    } else if (rc == OG_OK && list->with_record) {
        printf("%skind  %s %d, made %s\n", list->count++ > 0 ? "\n" : "",
               og_key_kind_text(key->kind), key->bits, key->created);
        key_text(key, &record);
    } else if (rc == OG_OK) {
        tool_cell(stdout, key->domain, 32);
        tool_cell(stdout, key->selector, 24);
        printf("%-8s %4d %s\n", og_key_kind_text(key->kind), key->bits, key->created);
    }
    record_free(&record);
    return rc;
}

static int
list(struct tool *tool)
{
    struct tool_option none[] = { { NULL, false, NULL } };
    struct og_name domain = { OG_KIND_DOMAIN, "" };
    struct list list = { tool, false, 0 };
    struct og_err err = { "" };
    int code = tool_options(tool, none, 0, 1);
    enum og_rc rc;

    if (code == TOOL_DONE)
        code = tool_state(tool);
    if (code == TOOL_DONE && tool->argc == 1)
        code = tool_name(tool, OG_KIND_DOMAIN, tool->argv[0], &domain);
    if (code != TOOL_DONE)
        return code;
    list.with_record = tool->argc == 1;
    if (tool->json)
        putchar('[');
    rc = og_keys_walk(&tool->state, domain.text, visit, &list, &err);
    return tool_list_end(tool, list.count, rc, &err);
}

static int
delete_key(struct tool *tool)
{
    struct tool_option options[] = { { "--selector", true, NULL },
                                     { NULL, false, NULL } };
    struct og_signing_key key = OG_SIGNING_KEY_INIT;
    struct og_err err = { "" };
    int code = tool_options(tool, options, 1, 1);

    if (code == TOOL_DONE)
        code = tool_state(tool);
    if (code == TOOL_DONE)
        code = read_names(tool, tool->argv[0], options[0].value, "", &key);
    if (code == TOOL_DONE)
        code = tool_rc(tool, og_keys_delete(&tool->state, key.domain, key.selector, &err),
                       &err);
    if (code == TOOL_DONE)
        tell(tool, &key, "key-deleted");
    if (code == TOOL_DONE && tool->json)
        code = tool_json(tool, json_pack("{s:s, s:s, s:s}", "done", "deleted", "domain",
                                         key.domain, "selector", key.selector));
    else if (code == TOOL_DONE)
        printf("deleted key %s of %s\n", key.selector, key.domain);
    return code;
}

const struct tool_verb tool_verb_dkim_generate = {
    "dkim generate", "DOMAIN --selector S [--rsa 2048|4096] [--ed25519]",
    "make DKIM keys and print their DNS records",
    "Makes an RSA key with selector S, with --ed25519 an Ed25519 key with selector\n"
    "S-ed25519, with both options both. Without either: RSA with 2048 bits. Mail of the\n"
    "domain is signed with every key it has of the sender's dkim_selector. Prints the\n"
    "record that DNS needs: its name, its text in strings of 255 bytes, and all in one\n"
    "line for a zone file. A private key never leaves the state.\n\n"
    "    outgatectl dkim generate example.com --selector default --rsa 2048 --ed25519\n",
    generate
};

const struct tool_verb tool_verb_dkim_list = {
    "dkim list", "[DOMAIN]", "list DKIM keys",
    "Lists the keys of all domains, or those of one domain with their DNS records.\n\n"
    "    outgatectl dkim list example.com\n",
    list
};

const struct tool_verb tool_verb_dkim_delete = {
    "dkim delete", "DOMAIN --selector S", "delete a DKIM key",
    "Deletes the key with exactly this selector; an Ed25519 key's ends in -ed25519.\n"
    "Mail in the queue keeps its signatures, so leave the DNS record for a week.\n\n"
    "    outgatectl dkim delete example.com --selector default-ed25519\n",
    delete_key
};
