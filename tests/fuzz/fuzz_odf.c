/* SPDX-License-Identifier: BSD-2-Clause */
/* OpenDocument, and the XML of Word, Visio and Adobe */
#include "tests/fuzz/macro.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_detect(og_detect_odf, "", 0, data, size);
    fuzz_detect(og_detect_odf_package, "", 0, data, size);
    fuzz_detect(og_detect_xdp, "", 0, data, size);
    fuzz_open(og_open_office_xml, "", 0, data, size);
    return 0;
}
