/* SPDX-License-Identifier: BSD-2-Clause */
/* PDF: all of it, and each filter */
#include "tests/fuzz/macro.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_detect(og_detect_pdf, "%PDF-1.7\n", 9, data, size);
    return 0;
}
