/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_LIB_MAC_H
#define OG_LIB_MAC_H

#include <stdbool.h>

#include "core/lib/seal.h"

/*
 * What only who has a secret can have made, in letters that survive any mail program:
 * HMAC-SHA-256, its first half, in lower-case hex. OpenSSL 3.
 */
enum { OG_MAC_TEXT = 33 }; /* bytes with the NUL */

/* og_mac - of a text; OG_OK or OG_E_LIB */
enum og_rc og_mac(const unsigned char secret[OG_SEAL_SECRET], const char *text,
                  char mac[OG_MAC_TEXT], struct og_err *err) OG_CHECKED;

/* og_mac_same - in a time that does not tell how much of it is */
bool og_mac_same(const char a[OG_MAC_TEXT], const char b[OG_MAC_TEXT]);

#endif
