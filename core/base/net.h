/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_BASE_NET_H
#define OG_BASE_NET_H

#include "core/base/err.h"

/*
 * A network or, with the full prefix (32 or 128), one address. Unused bytes and bits
 * after the prefix are 0, so that equal networks are equal in every byte. An IPv4
 * address written as IPv6 (`::ffff:a.b.c.d`, RFC 4291 section 2.5.5.2) is IPv4 here.
 */
struct og_net {
    unsigned char family; /* 4 or 6 */
    unsigned char prefix; /* bits, 0 to 32 or 128 */
    unsigned char addr[16];
};

enum { OG_NET_TEXT = 48 }; /* bytes of the longest text form with its NUL, and some */

/*
 * og_net_parse - read an address or a range
 *
 * text  `192.0.2.1`, `192.0.2.0/24`, `2001:db8::1`, `2001:db8::/32`; the zone of an
 *       address alone (`fe80::1%eth0`) is dropped; no brackets, no blanks
 * net   receives it; `::ffff:192.0.2.0/120` becomes `192.0.2.0/24`
 *
 * Returns OG_OK; OG_E_SYNTAX; OG_E_RANGE for a prefix that is too long and for host
 * bits that are set, where the text names the right network. Forms that inet_pton()
 * does not read (leading zeros, `10.1`) are refused, and so is a prefix as `/08`.
 */
enum og_rc og_net_parse(const char *text, struct og_net *net,
                        struct og_err *err) OG_CHECKED;

/* og_net_print - the canonical text: RFC 5952, always hexadecimal for IPv6; the prefix
 * stands there unless it is an address alone. Parsing it yields the same network. */
void og_net_print(const struct og_net *net, char out[OG_NET_TEXT]);

/* og_net_contains - is address (or a whole smaller network) inside net? Never across
 * families. */
_Bool og_net_contains(const struct og_net *net, const struct og_net *address);

/*
 * og_net_mask - the network of a prefix length around an address
 *
 * prefix  bits; one above the address's own prefix leaves it as it is, so that
 *         og_net_mask(&a, a.family == 4 ? 32 : 64, &out) folds whatever a is
 * out     receives the network; may be the address itself
 *
 * The longest match: probe a lookup with prefix = a.prefix down to 0.
 */
void og_net_mask(const struct og_net *address, unsigned prefix, struct og_net *out);

#endif
