/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_BASE_SIMHASH_H
#define OG_BASE_SIMHASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Similarity of texts: 64 bits of which few differ where few words differ, so that the
 * copies of one letter, each with another name and code in it, are near one another.
 * Charikar's simhash over pairs and triples of neighbouring words.
 *
 * The text is normalised to words first: letters in lower case (ASCII, Latin, Greek,
 * Cyrillic), without apostrophes, marks that show nothing and punctuation; what holds a
 * digit is `0`, a URL `u`, a mail address `a`, each once where several follow one
 * another; a character of a script without blanks is a word. Of HTML the text counts:
 * no tags, comments, styles and scripts; an entity is a blank.
 *
 * Text is UTF-8 and hostile: other bytes are letters. Memory is what the struct holds.
 */

/* what each normalised word goes to, for a hash of the whole; no NUL behind it */
typedef void og_simhash_word(const char *word, size_t len, void *arg);

enum {
    OG_SIMHASH_MIN_WORDS = 12,     /* below it the hash says nothing */
    OG_SIMHASH_MAX_WORDS = 100000, /* those behind it leave the hash as it is */
    OG_SIMHASH_BITS = 64,
    OG_SIMHASH_NEAR = 12, /* the same text, personalised; half the words new: above 20 */
    OG_SIMHASH_TOKEN = 120, /* bytes of what stands between blanks that are looked at */
};

struct og_simhash {
    og_simhash_word *word;
    void *arg;
    uint64_t words;                /* so far */
    int32_t sums[OG_SIMHASH_BITS]; /* how many more 1 than 0 */
    uint64_t before[2];            /* hashes of the last words, the last one first */
    unsigned state;                /* where in HTML */
    char tag[8];                   /* HTML: begin of the element's name, or of an end */
    size_t tag_len;
    char token[OG_SIMHASH_TOKEN]; /* since the last blank */
    size_t token_len;
    char last; /* `0`, `u` or `a` when that was the last word, else NUL */
    bool html;
    bool drop; /* until the next blank: the rest of a long URL or address */
};

/* og_simhash_init - begin; word may be NULL */
void og_simhash_init(struct og_simhash *hash, og_simhash_word *word, void *arg);

/* og_simhash_part - a new part of the same message begins: plain text or HTML */
void og_simhash_part(struct og_simhash *hash, bool html);

/* og_simhash_add - the next piece of the part, cut anywhere */
void og_simhash_add(struct og_simhash *hash, const char *text, size_t len);

/* og_simhash_end - end the last word and yield the hash; it means something only when
 * hash->words is OG_SIMHASH_MIN_WORDS or more by then */
uint64_t og_simhash_end(struct og_simhash *hash);

/* og_simhash_distance - how many bits differ, 0 to 64; about 32 for texts that have
 * nothing to do with each other */
unsigned og_simhash_distance(uint64_t a, uint64_t b);

#endif
