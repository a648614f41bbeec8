/* SPDX-License-Identifier: BSD-2-Clause */
/* submit CONF SENDER RECIPIENT...: og_submit() of standard input, for tests */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/mail/submit.h"

int
main(int argc, char **argv)
{
    struct og_state state = OG_STATE_INIT;
    struct og_err err = { "" };
    static char text[1 << 20];
    size_t len = fread(text, 1, sizeof text, stdin);
    const char *recipients[10];
    size_t count = 0;

    for (int i = 3; i < argc && count < 10; i++)
        recipients[count++] = argv[i];
    if (argc < 3 || og_state_open(argv[1], &state, &err) != OG_OK
        || og_submit(&state, argv[2], recipients, count, text, len, &err) != OG_OK) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    return 0;
}
