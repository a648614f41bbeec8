/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/scan/tar.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { NAME = 100, CHECKSUM = 148, SIZE = 124, SIZE_LEN = 12, TYPE = 156 };

/* what records in front of a member say of it */
struct told {
    const char *name;
    size_t name_len;
    const char *size; /* decimal, size_len bytes; NULL: it is in the head */
    size_t size_len;
    bool misread;
};

/* digits behind blanks, up to what is none; false: there is none. Twelve fit any number */
static bool
octal(const char *text, size_t len, uint64_t *value)
{
    size_t at = 0, begin;

    while (at < len && text[at] == ' ')
        at++;
    *value = 0;
    for (begin = at; at < len && text[at] >= '0' && text[at] <= '7'; at++)
        *value = *value * 8 + (uint64_t)(text[at] - '0');
    return at > begin;
}

/* bytes with and without a sign: old writers had both */
static bool
is_head(const char *head)
{
    uint64_t sum, plain = 0;
    int64_t with_sign = 0;

    if (!octal(head + CHECKSUM, 8, &sum))
        return false;
    for (size_t i = 0; i < OG_TAR_BLOCK; i++) {
        char c = i >= CHECKSUM && i < CHECKSUM + 8 ? ' ' : head[i];

        plain += (unsigned char)c;
        with_sign += (signed char)c;
    }
    return plain == sum || (with_sign > 0 && (uint64_t)with_sign == sum);
}

static void
take_name(const char *name, size_t len, struct told *told)
{
    told->name = name;
    told->name_len = strnlen(name, len);
    if (told->name_len > OG_TAR_MAX_NAME) {
        told->name_len = OG_TAR_MAX_NAME;
        told->misread = true;
    }
}

static bool
is_key(const char *record, size_t len, const char *key)
{
    size_t n = strlen(key);

    return len > n && memcmp(record, key, n) == 0 && record[n] == '=';
}

static void
take_record(const char *text, size_t len, struct told *told)
{
    static const char *const names[] = { "path", "GNU.sparse.name" };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (is_key(text, len, names[i]))
            take_name(text + strlen(names[i]) + 1, len - strlen(names[i]) - 1, told);
    if (is_key(text, len, "size")) {
        told->size = text + 5;
        told->size_len = len - 5;
    }
}

/* `LENGTH KEY=VALUE\n`, the length of all of it */
static void
take_records(const char *data, size_t len, struct told *told)
{
    while (len > 0) {
        size_t all = 0, at = 0;

        while (at < len && data[at] >= '0' && data[at] <= '9' && all < len)
            all = all * 10 + (size_t)(data[at++] - '0');
        if (at == 0 || at >= len || data[at] != ' ' || all > len || all < at + 2)
            return;
        take_record(data + at + 1, all - at - 2, told);
        data += all;
        len -= all;
    }
}

static bool
is_number(const char *text, size_t len, uint64_t number)
{
    char digits[24];
    int n = snprintf(digits, sizeof digits, "%" PRIu64, number);

    while (len > 1 && *text == '0') {
        text++;
        len--;
    }
    return len == (size_t)n && memcmp(text, digits, len) == 0;
}

/* what follows the head, as far as it is there */
static size_t
body_of(const struct og_tar *tar, const char *head, struct told *told)
{
    size_t left = tar->len - tar->at;
    uint64_t size = 0;

    /* a number in binary, for what is larger than 8 GiB: libclamav passes it over, and
     * knows no size but the head's */
    if (!octal(head + SIZE, SIZE_LEN, &size) && head[SIZE] != '\0')
        told->misread = true;
    return size < left ? (size_t)size : left;
}

static void
skip(struct og_tar *tar, size_t bytes)
{
    size_t left = tar->len - tar->at, over = bytes % OG_TAR_BLOCK;

    bytes += over > 0 ? OG_TAR_BLOCK - over : 0;
    tar->at += bytes < left ? bytes : left;
}

static bool
take_member(const char *head, const struct told *told, struct og_tar_member *member)
{
    char type = head[TYPE];
    uint64_t size = 0;

    if (type >= '3' && type <= '6') /* devices, a folder, a pipe */
        return false;
    *member = (struct og_tar_member){ .name = head,
                                      .name_len = strnlen(head, NAME),
                                      .elsewhere = type == '1' || type == '2',
                                      .misread = told->misread };
    (void)octal(head + SIZE, SIZE_LEN, &size); /* none is 0 */
    if (told->size != NULL && !is_number(told->size, told->size_len, size))
        member->misread = true;
    if (told->name != NULL) {
        member->name = told->name;
        member->name_len = told->name_len;
        member->elsewhere = true;
    }
    return true;
}

bool
og_tar_next(struct og_tar *tar, struct og_tar_member *member)
{
    struct told told = { .misread = false };

    while (tar->len - tar->at >= OG_TAR_BLOCK) {
        const char *head = tar->data + tar->at;
        size_t body;

        tar->at += OG_TAR_BLOCK;
        if (!is_head(head))
            continue;
        body = body_of(tar, head, &told);
        switch (head[TYPE]) {
        case 'L':
            take_name(tar->data + tar->at, body, &told);
            skip(tar, body);
            continue;
        case 'x':
        case 'X': /* Solaris */
        case 'g':
            take_records(tar->data + tar->at, body, &told);
            skip(tar, body);
            continue;
        case 'K': /* where a link leads */
            skip(tar, body);
            continue;
        case '1': /* some have a body and some do not: look for the next head */
        case '2':
        case '3':
        case '4':
        case '5':
        case '6':
            break;
        default:
            skip(tar, body);
        }
        if (take_member(head, &told, member))
            return true;
        told = (struct told){ .misread = false };
    }
    return false;
}
