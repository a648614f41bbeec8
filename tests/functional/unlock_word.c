/* SPDX-License-Identifier: BSD-2-Clause */
/* unlock_word CONF LOCK SECONDS: a word for that lock that lives so long, for tests */
#include <stdio.h>
#include <stdlib.h>

#include "core/base/time.h"
#include "core/state/unlock.h"

int
main(int argc, char **argv)
{
    struct og_state state = OG_STATE_INIT;
    struct og_err err = { "" };
    char token[OG_UNLOCK_TOKEN];

    if (argc == 4 && og_state_open(argv[1], &state, &err) == OG_OK
        && og_unlock_token(&state, argv[2], og_time_now() + atoll(argv[3]), token, &err)
               == OG_OK) {
        puts(token);
        return 0;
    }
    fprintf(stderr, "unlock_word: %s\n", err.text);
    return 1;
}
