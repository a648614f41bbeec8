/* SPDX-License-Identifier: BSD-2-Clause */
/* Addresses and domains: parts are where they should be, keys are clean and their own
 * keys. */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "core/base/addr.h"
#include "core/lib/idn.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* no controls, no NUL; one that is a domain is printable ASCII */
static void
check_clean(const struct og_buf *key, int is_domain)
{
    for (size_t i = 0; i < key->len; i++) {
        unsigned char byte = (unsigned char)key->data[i];

        assert(byte >= ' ' && byte != 0x7f);
        assert(!is_domain || (byte > ' ' && byte < 0x7f && byte != '@'));
    }
}

static void
check_split(const char *text, size_t size)
{
    struct og_buf key = OG_BUF_INIT(OG_ADDR_MAX_TEXT), again = key;
    struct og_addr addr, login;
    enum og_rc rc = og_addr_split(text, size, &addr, NULL);

    if (rc != OG_OK)
        return;
    assert(addr.local == text && addr.domain == text + addr.local_len + 1);
    assert(addr.local_len > 0 && addr.local_len <= OG_ADDR_MAX_LOCAL);
    assert(addr.domain_len > 0 && addr.domain_len <= OG_ADDR_MAX_DOMAIN);
    assert(addr.local_len + 1 + addr.domain_len == size);
    assert(text[addr.local_len] == '@');
    assert(memchr(addr.domain, '@', addr.domain_len) == NULL);
    rc = og_addr_split_login(text, size, &login, NULL);
    assert(rc == OG_OK && memcmp(&addr, &login, sizeof addr) == 0);

    rc = og_addr_local_fold(addr.local, addr.local_len, &key, NULL);
    assert(rc == OG_OK && key.len > 0 && key.len <= addr.local_len);
    check_clean(&key, 0);
    rc = og_addr_local_fold(key.data, key.len, &again, NULL);
    assert(rc == OG_OK && key.len == again.len);
    assert(memcmp(key.data, again.data, key.len) == 0);
    og_buf_free(&key);
    og_buf_free(&again);
}

static void
check_key(const char *text, size_t size)
{
    struct og_buf key = OG_BUF_INIT(OG_ADDR_MAX_TEXT), again = key;
    enum og_rc rc = og_idn_address(text, size, &key, NULL);

    if (rc == OG_OK) {
        check_clean(&key, 0);
        rc = og_idn_address(key.data, key.len, &again, NULL);
        assert(rc == OG_OK && strcmp(key.data, again.data) == 0);
        assert(og_addr_match(key.data, again.data));
        assert(og_addr_match(strrchr(key.data, '@'), key.data));
        assert(og_addr_match(strrchr(key.data, '@') + 1, key.data));
        assert(og_addr_match("*", key.data));
        assert(!og_addr_match("*.", key.data));
    } else {
        assert(key.data == NULL || key.len == 0);
    }
    og_buf_free(&key);
    og_buf_free(&again);
}

static void
check_domain(const char *text, size_t size)
{
    struct og_buf key = OG_BUF_INIT(OG_ADDR_MAX_TEXT), again = key;
    enum og_rc rc = og_idn_domain(text, size, &key, NULL);

    if (rc == OG_OK) {
        assert(key.len > 0 && key.len <= OG_IDN_MAX_DOMAIN);
        check_clean(&key, 1);
        rc = og_idn_domain(key.data, key.len, &again, NULL);
        assert(rc == OG_OK && strcmp(key.data, again.data) == 0);
    }
    og_buf_free(&key);
    og_buf_free(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;

    check_split(text, size);
    check_key(text, size);
    check_domain(text, size);
    return 0;
}
