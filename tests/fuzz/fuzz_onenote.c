/* SPDX-License-Identifier: BSD-2-Clause */
/* OneNote */
#include "tests/fuzz/macro.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char section[] =
        "\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d\xae\xb1\x53\x78\xd0\x29\x96\xd3";

    fuzz_detect(og_detect_onenote, section, 16, data, size);
    fuzz_open(og_open_onenote, section, 16, data, size);
    return 0;
}
