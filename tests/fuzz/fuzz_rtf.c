/* SPDX-License-Identifier: BSD-2-Clause */
/* RTF: objects, decoded in each way */
#include "tests/fuzz/macro.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_detect(og_detect_rtf, "{\\rtf1", 6, data, size);
    fuzz_open(og_open_rtf, "{\\rtf1", 6, data, size);
    return 0;
}
