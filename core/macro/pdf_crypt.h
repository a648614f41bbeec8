/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_MACRO_PDF_CRYPT_H
#define OG_MACRO_PDF_CRYPT_H

#include "core/macro/pdf_tree.h"

/*
 * Encryption of a PDF that opens without asking: ISO 32000-1 section 7.6, ISO 32000-2
 * section 7.6.4 for AES-256. Only streams are of interest; the names in dictionaries are
 * never encrypted.
 */
struct og_pdf_crypt {
    bool encrypted;
    bool locked; /* it asks for a password, or for a key of its reader */
    bool plain_streams, aes;
    unsigned version;
    unsigned char key[32];
    size_t key_len;
};

/*
 * og_pdf_crypt_open - try the empty password
 *
 * dict  the dictionary under /Encrypt
 * id    the first string of the document's /ID
 *
 * Returns OG_OK, also for what is locked; OG_E_NOMEM, OG_E_LIB.
 */
enum og_rc og_pdf_crypt_open(struct og_pdf_crypt *crypt, const struct og_pdf_tree *tree,
                             uint32_t dict, const struct og_bytes *id,
                             struct og_err *err) OG_CHECKED;

/* og_pdf_decrypt - the plain bytes of a stream; OG_E_LIMIT, OG_E_NOMEM, OG_E_LIB */
enum og_rc og_pdf_decrypt(const struct og_pdf_crypt *crypt, uint32_t number,
                          uint32_t generation, const struct og_bytes *data,
                          struct og_buf *out, struct og_err *err) OG_CHECKED;

#endif
