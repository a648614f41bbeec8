/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/base/simhash.h"

#include <string.h>
#include <strings.h>

/* where in HTML the next byte stands */
enum { TEXT, TAG_NAME, TAG, COMMENT, SKIP, SKIP_NAME, ENTITY };

enum { MAX_ENTITY = 32 }; /* letters of an entity; the longest name has 31 */

/* FNV-1a 64 (Fowler, Noll, Vo), then murmur3's last steps: every bit counts */
static uint64_t
mix(uint64_t x)
{
    x ^= x >> 33;
    x *= UINT64_C(0xff51afd7ed558ccd);
    x ^= x >> 33;
    x *= UINT64_C(0xc4ceb9fe1a85ec53);
    return x ^ x >> 33;
}

static uint64_t
word_hash(const char *word, size_t len)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (unsigned char)word[i]) * UINT64_C(0x100000001b3);
    return mix(hash);
}

static void
count(struct og_simhash *hash, uint64_t shingle)
{
    for (int i = 0; i < OG_SIMHASH_BITS; i++)
        hash->sums[i] += (shingle >> i & 1) != 0 ? 1 : -1;
}

static void
put_word(struct og_simhash *hash, const char *word, size_t len, char kind)
{
    uint64_t now;

    if (kind != '\0' && kind == hash->last)
        return; /* a phone number, a list of addresses */
    hash->last = kind;
    if (kind != '\0') {
        word = &hash->last;
        len = 1;
    }
    if (hash->word != NULL)
        hash->word(word, len, hash->arg);
    if (++hash->words > OG_SIMHASH_MAX_WORDS)
        return;
    now = word_hash(word, len);
    if (hash->words > 1)
        count(hash, mix(now + 3 * hash->before[0]));
    if (hash->words > 2)
        count(hash, mix(now + 5 * hash->before[0] + 7 * hash->before[1]));
    hash->before[1] = hash->before[0];
    hash->before[0] = now;
}

/* the code point at the begin of text and its bytes; what is no UTF-8 is a byte */
static uint32_t
decode(const char *text, size_t len, size_t *used)
{
    const unsigned char *at = (const unsigned char *)text;
    unsigned more = at[0] < 0xc2   ? 0
                    : at[0] < 0xe0 ? 1
                    : at[0] < 0xf0 ? 2
                    : at[0] < 0xf5 ? 3
                                   : 0;
    uint32_t point = more == 0 ? at[0] : at[0] & (0x3fu >> more);

    *used = 1;
    if (more >= len)
        return at[0];
    for (unsigned i = 1; i <= more; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return at[0];
        point = point << 6 | (at[i] & 0x3f);
    }
    if ((more == 2 && point < 0x800) || (more == 3 && point < 0x10000))
        return at[0]; /* overlong, RFC 3629 section 3 */
    *used = more + 1;
    return point;
}

static bool
is_digit(uint32_t c)
{
    return (c >= '0' && c <= '9') || (c >= 0xff10 && c <= 0xff19);
}

/* marks that show nothing, and apostrophes: no part of a word and no end of one */
static bool
is_nothing(uint32_t c)
{
    return c == '\'' || c == 0xad || (c >= 0x200b && c <= 0x200f) || c == 0x2019
           || (c >= 0x202a && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff;
}

static bool
is_gap(uint32_t c)
{
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c);

    return (c < 0x80 && !letter) || c == 0xa0 || c == 0xab || c == 0xbb || c == 0xb7
           || (c >= 0x2000 && c <= 0x206f) || (c >= 0x3000 && c <= 0x3003)
           || (c >= 0x3008 && c <= 0x3011);
}

/* scripts that put no blanks between words: kana, CJK, Thai */
static bool
is_word_alone(uint32_t c)
{
    return (c >= 0x0e00 && c <= 0x0e7f) || (c >= 0x3040 && c <= 0x30ff)
           || (c >= 0x3400 && c <= 0x9fff) || (c >= 0x20000 && c <= 0x3ffff);
}

/* put the lower case of c, whose bytes are at text, to out */
static void
fold(uint32_t c, const char *text, size_t used, char *out)
{
    if (c >= 'A' && c <= 'Z')
        c += 'a' - 'A';
    else if ((c >= 0xc0 && c <= 0xde && c != 0xd7) || (c >= 0x391 && c <= 0x3a9)
             || (c >= 0x410 && c <= 0x42f))
        c += 0x20;
    else if (c >= 0x400 && c <= 0x40f)
        c += 0x50;
    memcpy(out, text, used);
    if (used == 1 && c < 0x80)
        out[0] = (char)c;
    if (used == 2) { /* none of these leaves the two bytes */
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3f));
    }
}

/* `u` for a URL, `a` for an address, else NUL */
static char
kind_of(const char *token, size_t len)
{
    const char *at = memchr(token, '@', len);

    if (memmem(token, len, "://", 3) != NULL
        || (len > 4 && strncasecmp(token, "www.", 4) == 0))
        return 'u';
    return at != NULL && at > token && at + 1 < token + len ? 'a' : '\0';
}

static void
split_token(struct og_simhash *hash, size_t len)
{
    char word[OG_SIMHASH_TOKEN];
    size_t word_len = 0, used;
    bool digit = false;

    for (size_t i = 0; i < len; i += used) {
        uint32_t c = decode(hash->token + i, len - i, &used);
        bool alone = is_word_alone(c);

        if (is_nothing(c))
            continue;
        if ((is_gap(c) || alone) && word_len > 0) {
            put_word(hash, word, word_len, digit ? '0' : '\0');
            word_len = 0;
            digit = false;
        }
        if (alone)
            put_word(hash, hash->token + i, used, '\0');
        if (is_gap(c) || alone)
            continue;
        digit = digit || is_digit(c);
        fold(c, hash->token + i, used, word + word_len);
        word_len += used;
    }
    if (word_len > 0)
        put_word(hash, word, word_len, digit ? '0' : '\0');
}

/* what was collected ends here; or is full, then a character that is cut stays */
static void
end_token(struct og_simhash *hash, bool full)
{
    size_t len = hash->token_len, rest = 0;
    char kind = kind_of(hash->token, len);

    if (full)
        while (rest < 3 && rest < len - 1 && (hash->token[len - 1 - rest] & 0x80) != 0) {
            rest++;
            if ((hash->token[len - rest] & 0x40) != 0)
                break;
        }
    if (kind != '\0')
        put_word(hash, "", 0, kind);
    else if (len > 0)
        split_token(hash, len - rest);
    memmove(hash->token, hash->token + len - rest, rest);
    hash->token_len = kind != '\0' ? 0 : rest;
    hash->drop = full && kind != '\0';
}

static void
add_text(struct og_simhash *hash, char c)
{
    if (c == ' ' || (c >= '\t' && c <= '\r') || c == '\0') {
        end_token(hash, false);
        return;
    }
    if (hash->drop)
        return;
    hash->token[hash->token_len++] = c;
    if (hash->token_len == sizeof hash->token)
        end_token(hash, true);
}

/* elements inside a word; all others end it */
static bool
is_inline(const char *name)
{
    static const char *const names[] = { "a",   "b",      "i",    "u",    "s",
                                         "em",  "strong", "span", "font", "small",
                                         "big", "sub",    "sup",  "wbr",  "tt" };

    name += name[0] == '/';
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

/* the name of the element is complete; c is what stands behind it */
static void
end_name(struct og_simhash *hash, char c)
{
    hash->tag[hash->tag_len] = '\0';
    if (hash->state == SKIP_NAME) {
        bool ends = strcmp(hash->tag, "/style") == 0 || strcmp(hash->tag, "/script") == 0;

        hash->state = !ends ? SKIP : c == '>' ? TEXT : TAG;
        return;
    }
    if (!is_inline(hash->tag))
        end_token(hash, false);
    hash->state = hash->tag_len == 0 ? TEXT : TAG;
    if (c == '>' && (strcmp(hash->tag, "style") == 0 || strcmp(hash->tag, "script") == 0))
        hash->state = SKIP;
    else if (c == '>')
        hash->state = TEXT;
}

static void
add_name(struct og_simhash *hash, char c)
{
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
                  || (hash->tag_len > 0 && c >= '0' && c <= '9') || c == '-';

    if (!letter && !(hash->tag_len == 0 && (c == '/' || c == '!' || c == '?'))) {
        end_name(hash, c);
        if (hash->tag_len == 0 && hash->state == TEXT)
            add_text(hash, c); /* `a < b` */
        return;
    }
    if (hash->tag_len < sizeof hash->tag - 1)
        hash->tag[hash->tag_len++] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    if (hash->state == TAG_NAME && hash->tag_len == 3
        && memcmp(hash->tag, "!--", 3) == 0) {
        hash->state = COMMENT;
        hash->tag_len = 2; /* `<!-->` is a whole comment; counts the dashes from here */
    }
}

static void
add_html(struct og_simhash *hash, char c)
{
    switch (hash->state) {
    case TEXT:
        if (c == '<' || c == '&') {
            hash->state = c == '<' ? TAG_NAME : ENTITY;
            hash->tag_len = 0;
        } else
            add_text(hash, c);
        break;
    case TAG_NAME:
    case SKIP_NAME:
        add_name(hash, c);
        break;
    case TAG:
        if (c == '>') {
            bool skips =
                strcmp(hash->tag, "style") == 0 || strcmp(hash->tag, "script") == 0;

            hash->state = skips ? SKIP : TEXT;
        }
        break;
    case COMMENT:
        if (c == '>' && hash->tag_len >= 2)
            hash->state = TEXT;
        hash->tag_len = c != '-' ? 0 : hash->tag_len < 2 ? hash->tag_len + 1 : 2;
        break;
    case SKIP:
        if (c == '<') {
            hash->state = SKIP_NAME;
            hash->tag_len = 0;
        }
        break;
    case ENTITY:
        if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
            || c == '#') {
            if (++hash->tag_len <= MAX_ENTITY)
                break;
        }
        end_token(hash, false);
        hash->state = TEXT;
        if (c != ';')
            add_html(hash, c);
        break;
    }
}

void
og_simhash_init(struct og_simhash *hash, og_simhash_word *word, void *arg)
{
    *hash = (struct og_simhash){ .word = word, .arg = arg };
}

void
og_simhash_part(struct og_simhash *hash, bool html)
{
    end_token(hash, false);
    hash->html = html;
    hash->state = TEXT;
    hash->tag_len = 0;
}

void
og_simhash_add(struct og_simhash *hash, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (hash->html)
            add_html(hash, text[i]);
        else
            add_text(hash, text[i]);
}

uint64_t
og_simhash_end(struct og_simhash *hash)
{
    uint64_t bits = 0;

    end_token(hash, false);
    for (int i = 0; i < OG_SIMHASH_BITS; i++)
        if (hash->sums[i] > 0)
            bits |= UINT64_C(1) << i;
    return bits;
}

unsigned
og_simhash_distance(uint64_t a, uint64_t b)
{
    return (unsigned)__builtin_popcountll(a ^ b);
}
