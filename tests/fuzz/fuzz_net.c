/* SPDX-License-Identifier: BSD-2-Clause */
/* Networks: what parses prints to a text that parses to the same bytes, and masking
 * keeps what it is made of inside. */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/net.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const struct og_net *net)
{
    unsigned full = net->family == 4 ? 32 : 128;
    char text[OG_NET_TEXT];
    struct og_net back, around;
    enum og_rc rc;

    assert((net->family == 4 || net->family == 6) && net->prefix <= full);
    og_net_print(net, text);
    assert(strlen(text) < sizeof text - 1);
    rc = og_net_parse(text, &back, NULL);
    assert(rc == OG_OK && memcmp(net, &back, sizeof back) == 0);
    assert(og_net_contains(net, net));
    for (unsigned prefix = 0; prefix <= net->prefix; prefix++) {
        og_net_mask(net, prefix, &around);
        assert(around.prefix == prefix && og_net_contains(&around, net));
        assert(prefix == net->prefix || !og_net_contains(net, &around));
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    struct og_net net;

    if (text == NULL)
        return 0;
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    if (og_net_parse(text, &net, NULL) == OG_OK)
        check(&net);
    free(text);
    return 0;
}
