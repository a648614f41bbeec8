/* SPDX-License-Identifier: BSD-2-Clause */
/* outgate.conf: what is read prints to one clean line that is read to the same; what is
 * not read leaves the settings alone and says why. */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_row(const struct og_settings *set, const struct og_setting *row)
{
    struct og_settings again = OG_SETTINGS_INIT;
    struct og_buf text = OG_BUF_INIT(8192), second = OG_BUF_INIT(8192);
    struct og_err err = { "" };
    enum og_rc rc = og_settings_defaults(&again, &err);

    assert(rc == OG_OK);
    rc = og_setting_print(set, row, &text, &err);
    assert(rc == OG_OK);
    for (size_t i = 0; i < text.len; i++)
        assert((unsigned char)text.data[i] >= ' ' && text.data[i] != 0x7f);
    rc = og_settings_set(&again, row, og_buf_text(&text), OG_SOURCE_USER, &err);
    assert(rc == OG_OK);
    rc = og_setting_print(&again, row, &second, &err);
    assert(rc == OG_OK);
    assert(strcmp(og_buf_text(&text), og_buf_text(&second)) == 0);
    og_settings_free(&again);
    og_buf_free(&text);
    og_buf_free(&second);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct og_settings set = OG_SETTINGS_INIT;
    struct og_err err = { "" };
    char path[64];
    int fd = memfd_create("outgate.conf", MFD_CLOEXEC);
    enum og_rc rc;

    assert(fd >= 0 && fchmod(fd, 0600) == 0);
    assert(write(fd, data, size) == (ssize_t)size);
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    rc = og_conf_read(path, &set, &err);
    if (rc == OG_OK) {
        for (size_t i = 0; i < OG_SETTINGS; i++)
            if (set.source[i] != OG_SOURCE_DEFAULT)
                check_row(&set, &og_setting_rows[i]);
    } else {
        assert(rc == OG_E_SYNTAX || rc == OG_E_RANGE || rc == OG_E_LIMIT);
        assert(strncmp(err.text, path, strlen(path)) == 0);
        assert(set.user == NULL);
    }
    og_settings_free(&set);
    assert(close(fd) == 0);
    return 0;
}
