/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_MACRO_LOCKED_H
#define OG_MACRO_LOCKED_H

#include "core/base/buf.h"
#include "core/macro/bytes.h"

/*
 * Documents that are encrypted, [MS-OFFCRYPTO]. Excel asks for no password where the one
 * that it has built in opens the workbook, so that one is tried.
 */
enum og_locked {
    OG_LOCKED_NO,   /* not encrypted */
    OG_LOCKED_SHUT, /* by another password, or in a way that Excel alone knows */
    OG_LOCKED_SLOW, /* more than OG_LOCKED_MAX_ROUNDS to compute a key */
    OG_LOCKED_OPEN, /* and inner is what is inside */
};

/* hashes for one key, a second; Office writes 100,000 */
enum { OG_LOCKED_MAX_ROUNDS = 1000000 };

extern const unsigned char og_locked_password[30]; /* UTF-16 */

/*
 * og_locked_package - a package in a compound file, 2.3.4: standard and agile
 *
 * info, package  the streams EncryptionInfo and EncryptedPackage
 * inner          receives the zip file
 * og_locked_biff - the stream of a workbook before 2007, 2.2.10, 2.3.5, 2.3.6, 2.3.7
 *
 * OG_E_LIMIT above inner->max; OG_E_NOMEM; OG_E_LIB.
 */
enum og_rc og_locked_package(struct og_bytes info, struct og_bytes package,
                             struct og_buf *inner, enum og_locked *state,
                             struct og_err *err) OG_CHECKED;
enum og_rc og_locked_biff(struct og_bytes biff, struct og_buf *inner,
                          enum og_locked *state, struct og_err *err) OG_CHECKED;

#endif
