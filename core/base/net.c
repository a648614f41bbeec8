/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/base/net.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { MAPPED_BITS = 96 }; /* before an IPv4 address in ::ffff:0:0/96 */
static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };

static unsigned
full_prefix(const struct og_net *net)
{
    return net->family == 4 ? 32 : 128;
}

/* bytes before a good zone id (RFC 4007 section 11), len without one, 0 for a bad one */
static size_t
zone_cut(const char *text, size_t len)
{
    const char *percent = memchr(text, '%', len);

    if (percent == NULL)
        return len;
    for (const char *at = percent + 1; at < text + len; at++)
        if (*at <= ' ' || *at >= 0x7f || *at == '%')
            return 0;
    return percent + 1 < text + len ? (size_t)(percent - text) : 0;
}

/* an address of either family with its full prefix; mapped ones stay IPv6 */
static bool
parse_address(const char *text, size_t len, struct og_net *net)
{
    char exact[INET6_ADDRSTRLEN];

    if (len == 0 || len >= sizeof exact)
        return false;
    memcpy(exact, text, len);
    exact[len] = '\0';
    *net = (struct og_net){ .family = memchr(exact, ':', len) != NULL ? 6 : 4 };
    net->prefix = (unsigned char)full_prefix(net);
    return inet_pton(net->family == 4 ? AF_INET : AF_INET6, exact, net->addr) == 1;
}

/* one to three digits without leading zeros */
static bool
parse_prefix(const char *text, unsigned *prefix)
{
    unsigned n = 0;

    if (strlen(text) < 1 || strlen(text) > 3 || (text[0] == '0' && text[1] != '\0'))
        return false;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9')
            return false;
        n = n * 10 + (unsigned)(*text - '0');
    }
    *prefix = n;
    return true;
}

static void
unmap(struct og_net *net)
{
    if (net->family != 6 || net->prefix < MAPPED_BITS
        || memcmp(net->addr, mapped, sizeof mapped) != 0)
        return;
    net->family = 4;
    net->prefix -= MAPPED_BITS;
    memmove(net->addr, net->addr + sizeof mapped, 4);
    memset(net->addr + 4, 0, sizeof net->addr - 4);
}

enum og_rc
og_net_parse(const char *text, struct og_net *net, struct og_err *err)
{
    struct og_net fresh, right;
    const char *slash = strchr(text, '/');
    size_t len = slash != NULL ? (size_t)(slash - text) : zone_cut(text, strlen(text));
    unsigned prefix;
    char name[OG_NET_TEXT];

    if (!parse_address(text, len, &fresh) || (text[len] == '%' && fresh.family == 4))
        return og_fail(err, OG_E_SYNTAX, "'%.80s' is no IP address or range", text);
    prefix = fresh.prefix;
    if (slash != NULL && !parse_prefix(slash + 1, &prefix))
        return og_fail(err, OG_E_SYNTAX, "'%.80s' has no prefix length after '/'", text);
    if (prefix > fresh.prefix)
        return og_fail(err, OG_E_RANGE, "%s: the prefix is longer than %d bits", text,
                       fresh.prefix);
    og_net_mask(&fresh, prefix, &right);
    fresh.prefix = right.prefix;
    unmap(&fresh);
    unmap(&right);
    if (memcmp(&fresh, &right, sizeof right) != 0) {
        og_net_print(&right, name);
        return og_fail(err, OG_E_RANGE, "%s has host bits set, its network is %s", text,
                       name);
    }
    *net = fresh;
    return OG_OK;
}

/* RFC 5952 section 4: no leading zeros, lower case, '::' for the first of the longest
 * runs of at least two zero groups */
static void
print_ipv6(const unsigned char addr[16], char out[OG_NET_TEXT])
{
    unsigned group[8];
    int start = -1, length = 1;
    size_t at = 0;

    for (int i = 0; i < 8; i++)
        group[i] = (unsigned)addr[2 * i] << 8 | addr[2 * i + 1];
    for (int i = 0, run = 0; i < 8; i++) {
        run = group[i] == 0 ? run + 1 : 0;
        if (run > length) {
            length = run;
            start = i + 1 - run;
        }
    }
    out[0] = '\0';
    for (int i = 0; i < 8; i++) {
        if (i == start) {
            at += (size_t)snprintf(out + at, OG_NET_TEXT - at, "::");
            i += length - 1;
            continue;
        }
        at += (size_t)snprintf(out + at, OG_NET_TEXT - at, "%s%x",
                               at > 0 && out[at - 1] != ':' ? ":" : "", group[i]);
    }
}

void
og_net_print(const struct og_net *net, char out[OG_NET_TEXT])
{
    size_t len;

    if (net->family == 4)
        (void)inet_ntop(AF_INET, net->addr, out, OG_NET_TEXT); /* fits */
    else
        print_ipv6(net->addr, out);
    len = strlen(out);
    if (net->prefix < full_prefix(net))
        (void)snprintf(out + len, OG_NET_TEXT - len, "/%d", net->prefix); /* fits */
}

bool
og_net_contains(const struct og_net *net, const struct og_net *address)
{
    struct og_net around;

    og_net_mask(address, net->prefix, &around);
    return net->family == address->family && net->prefix <= address->prefix
           && memcmp(net->addr, around.addr, sizeof net->addr) == 0;
}

void
og_net_mask(const struct og_net *address, unsigned prefix, struct og_net *out)
{
    struct og_net net = *address;

    if (prefix < net.prefix)
        net.prefix = (unsigned char)prefix;
    for (unsigned i = 0; i < sizeof net.addr; i++) {
        unsigned bits = net.prefix > i * 8 ? net.prefix - i * 8 : 0; /* kept from here */

        if (bits < 8)
            net.addr[i] &= (unsigned char)(0xff00U >> bits);
    }
    *out = net;
}
