/* SPDX-License-Identifier: BSD-2-Clause */
/* ActiveMime, alone and in MIME */
#include "tests/fuzz/macro.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_detect(og_detect_activemime, "ActiveMime", 10, data, size);
    fuzz_open(og_open_activemime, "ActiveMime", 10, data, size);
    fuzz_open(og_open_mht, "MIME-Version: 1.0\n\n", 19, data, size);
    return 0;
}
