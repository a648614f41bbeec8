/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/lib/inflate_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

static enum og_rc
copy(gzFile in, int to, const char *path, uint64_t max_bytes, struct og_err *err)
{
    char chunk[65536];
    uint64_t total = 0;
    int n, code;

    while ((n = gzread(in, chunk, sizeof chunk)) > 0) {
        total += (uint64_t)n;
        if (total > max_bytes)
            return og_fail(err, OG_E_LIMIT, "%s: unpacks to more than %llu bytes", path,
                           (unsigned long long)max_bytes);
        if (write(to, chunk, (size_t)n) != n)
            return og_fail(err, OG_E_IO, "%s: cannot be unpacked: %s", path,
                           strerror(errno));
    }
    (void)gzerror(in, &code); /* a file that was cut reads to its end */
    return n == 0 && code == Z_OK
               ? OG_OK
               : og_fail(err, OG_E_STATE, "%s: damaged, gzip cannot read it to its end",
                         path);
}

enum og_rc
og_inflate_file(const char *path, uint64_t max_bytes, int *fd, struct og_err *err)
{
    int from = open(path, O_RDONLY | O_CLOEXEC), to = -1;
    gzFile in = NULL;
    enum og_rc rc = OG_OK;

    if (from < 0)
        return og_fail(err, errno == ENOENT ? OG_E_NOTFOUND : OG_E_IO, "%s: %s", path,
                       strerror(errno));
    to = memfd_create("outgate-inflate", MFD_CLOEXEC);
    in = gzdopen(from, "rb");
    if (in == NULL)
        (void)close(from); /* only read from */
    if (to < 0 || in == NULL)
        rc = og_fail(err, OG_E_NOMEM, "%s: no memory to unpack it", path);
    if (rc == OG_OK)
        rc = copy(in, to, path, max_bytes, err);
    if (in != NULL)
        (void)gzclose(in); /* only read from */
    if (rc == OG_OK && lseek(to, 0, SEEK_SET) != 0)
        rc = og_fail(err, OG_E_IO, "%s: %s", path, strerror(errno));
    if (rc == OG_OK)
        *fd = to;
    else if (to >= 0)
        (void)close(to); /* holds nothing anybody wants */
    return rc;
}
