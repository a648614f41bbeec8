/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/scan/any.h"

#include "core/base/settings_scan.h"
#include "core/scan/clamd.h"
#include "core/scan/client.h"
#include "core/scan/embedded.h"
#include "core/scan/wire.h"

struct og_scanner_conf
og_scan_conf(const struct og_settings *server)
{
    struct og_scanner_conf conf = {
        .signature_directory = server->signature_directory,
        .temporary_directory = server->scan_temporary_directory,
        .max_bytes = server->scan_maximum_bytes,
        .max_file_bytes = server->scan_maximum_file_bytes,
        .max_files = (unsigned)server->scan_maximum_files,
        .max_depth = (unsigned)server->scan_maximum_depth,
        .max_parts = (unsigned)server->scan_maximum_parts,
        .unwanted = server->scan_unwanted != 0,
        .pua_categories = server->scan_unwanted_categories,
    };
    const char *socket;

    if (og_scanner_mode(server->scanner, &socket) == OG_SCANNER_CLAMD)
        conf.signature_directory = ""; /* clamd has them */
    return conf;
}

/* structure here, then signatures there with the time that is left */
static enum og_rc
by_clamd(const struct og_scanner_conf *conf, const char *socket,
         struct og_scan_request *request, struct og_findings *findings,
         struct og_err *err)
{
    int64_t deadline = og_wire_now() + request->timeout_ms;
    enum og_rc rc = og_embedded_scan(conf, request, findings, err);

    request->timeout_ms = (unsigned)og_wire_left(deadline);
    return rc == OG_OK ? og_clamd_scan(socket, request, findings, err) : rc;
}

enum og_rc
og_scan_any(const struct og_settings *server, const struct og_scan_request *request,
            struct og_findings *findings, struct og_err *err)
{
    struct og_scanner_conf conf = og_scan_conf(server);
    struct og_scan_request timed = *request;
    const char *socket;
    enum og_scanner_mode mode = og_scanner_mode(server->scanner, &socket);

    timed.timeout_ms = (unsigned)server->scan_timeout * 1000;
    switch (mode) {
    case OG_SCANNER_SCAND:
        return og_client_scan(socket, &timed, findings, err);
    case OG_SCANNER_EMBEDDED:
        return og_embedded_scan(&conf, &timed, findings, err);
    case OG_SCANNER_CLAMD:
        return by_clamd(&conf, socket, &timed, findings, err);
    }
    return og_fail(err, OG_E_STATE, "setting scanner: unknown");
}

enum og_rc
og_scan_preload(const struct og_settings *server, struct og_err *err)
{
    struct og_scanner_conf conf = og_scan_conf(server);
    const char *socket;

    if (og_scanner_mode(server->scanner, &socket) == OG_SCANNER_SCAND
        || !og_scanner_is_asked(server->checks))
        return OG_OK;
    return og_embedded_load(&conf, err);
}
