/* SPDX-License-Identifier: BSD-2-Clause */
/* SYLK */
#include "tests/fuzz/macro.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_detect(og_detect_sylk, "ID;", 3, data, size);
    return 0;
}
