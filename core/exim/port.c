/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/exim/port.h"

#include <pwd.h>
#include <stdarg.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define LOCAL_SCAN
#define DLOPEN_LOCAL_SCAN /* Debian's Exim has the option local_scan_path */
#include <local_scan.h>

#include "core/base/conf.h"
#include "core/base/write.h"

/* the file a cached configuration came from */
struct stamp {
    dev_t device;
    ino_t inode;
    off_t size;
    struct timespec changed;
};

static struct og_state cached = OG_STATE_INIT;
static struct stamp cached_stamp;
static bool have_cached;
static unsigned loads;

static struct stamp
stamp_of(const char *path)
{
    struct stat st;
    struct stamp stamp;

    memset(&stamp, 0, sizeof stamp); /* compared with memcmp */
    if (stat(path, &st) != 0)
        return stamp;
    stamp.device = st.st_dev;
    stamp.inode = st.st_ino;
    stamp.size = st.st_size;
    stamp.changed = st.st_mtim;
    return stamp;
}

enum og_rc
og_port_state(const struct og_state **state, struct og_err *err)
{
    const char *path = og_conf_path();
    struct stamp now = stamp_of(path);
    enum og_rc rc;

    if (!have_cached || memcmp(&now, &cached_stamp, sizeof now) != 0) {
        rc = og_state_open(path, &cached, err);
        if (rc != OG_OK)
            return rc;
        cached_stamp = now;
        loads++;
        have_cached = true;
    }
    *state = &cached;
    return OG_OK;
}

enum og_rc
og_port_state_kept(const struct og_state **state, struct og_err *err)
{
    if (!have_cached)
        return og_port_state(state, err);
    *state = &cached;
    return OG_OK;
}

unsigned
og_port_loads(void)
{
    return loads;
}

static uschar *
copy(const char *text)
{
    return string_copy_taint((const uschar *)text, GET_TAINTED);
}

int
og_port_yield(unsigned char **yield, const char *text)
{
    *yield = copy(text);
    return OK;
}

int
og_port_fail(unsigned char **yield, const char *fmt, ...)
{
    char text[1024], clean[600];
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args); /* cut on purpose */
    va_end(args);
    og_escape(text, clean, sizeof clean);
    *yield = copy(clean);
    return FAIL;
}

const char *
og_port_expand(const char *expression)
{
    uschar *writable = string_copy((const uschar *)expression);
    uschar *value = expand_string(writable);

    return value != NULL ? (const char *)value : "";
}

static const char *
text_or_empty(const uschar *text)
{
    return text != NULL ? (const char *)text : "";
}

const char *
og_port_client_address(void)
{
    return text_or_empty(sender_host_address);
}

const char *
og_port_envelope_sender(void)
{
    return text_or_empty(sender_address);
}

const char *
og_port_message_id(void)
{
    return text_or_empty(message_id);
}

const char *
og_port_protocol(void)
{
    return text_or_empty(received_protocol);
}

int
og_port_recipients(void)
{
    return recipients_count;
}

const char *
og_port_recipient(int i)
{
    return text_or_empty(recipients_list[i].address);
}

void
og_port_recipient_drop(int i)
{
    (void)receive_remove_recipient(recipients_list[i].address); /* it is there */
}

void
og_port_recipient_add(const char *address)
{
    receive_add_recipient(string_copy((const uschar *)address), -1);
}

void
og_port_discard(void)
{
    recipients_count = 0;
}

bool
og_port_is_smtp(void)
{
    return smtp_input != 0;
}

bool
og_port_authenticated(void)
{
    return sender_host_authenticated != NULL;
}

bool
og_port_load_scan(const char **why)
{
    const char *path = text_or_empty(local_scan_path);
    void *module = path[0] != '\0' ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
    void *theirs = dlsym(RTLD_DEFAULT, "local_scan"); /* Exim's, which loads the module */
    void *ours = module != NULL ? dlsym(module, "local_scan") : NULL;
    int (*call)(int, uschar **) = NULL;
    Dl_info own, found;
    uschar *ignored = NULL;

    *why = path[0] != '\0' && module == NULL ? dlerror() : "";
    if (ours == NULL || theirs == NULL || ours == theirs || dladdr(ours, &found) == 0
        || dladdr((const void *)&have_cached, &own) == 0
        || found.dli_fbase != own.dli_fbase)
        return path[0] == '\0' || module != NULL;
    memcpy(&call, &theirs, sizeof call);
    (void)call(-1, &ignored); /* no message, no sender: ours answers at once */
    return true;
}

void
og_port_unescape(const char *text, char out[OG_NAME_TEXT])
{
    size_t n = 0;

    while (*text != '\0' && n < OG_NAME_TEXT - 2) {
        if (text[0] == '\\' && (text[1] == '2' || text[1] == '3') && text[2] >= '0'
            && text[2] <= '7' && text[3] >= '0' && text[3] <= '7') {
            out[n++] = (char)((text[1] - '0') * 64 + (text[2] - '0') * 8 + text[3] - '0');
            text += 4;
            continue;
        }
        if (text[0] == '\\' && text[1] != '\0')
            out[n++] = *text++; /* a quoted pair stays one */
        out[n++] = *text++;
    }
    out[*text == '\0' ? n : 0] = '\0';
}

void
og_port_login(const char *hostname, char login[OG_NAME_TEXT])
{
    uid_t uid = (uid_t)strtoul(og_port_expand("$caller_uid"), NULL, 10);
    char space[4096];
    struct passwd entry, *found = NULL;

    login[0] = '\0';
    if (og_port_authenticated())
        og_port_unescape(og_port_expand("$authenticated_id"), login);
    else if (og_port_client_address()[0] != '\0')
        return;
    else if (getpwuid_r(uid, &entry, space, sizeof space, &found) == 0 && found != NULL)
        (void)snprintf(login, OG_NAME_TEXT, "%s@%s", entry.pw_name, hostname);
    else
        (void)snprintf(login, OG_NAME_TEXT, "uid%u@%s", (unsigned)uid, hostname);
}

bool
og_port_pretended(void)
{
    return host_checking != 0;
}

void
og_port_log(const char *module, const char *fmt, ...)
{
    char text[1024], clean[512];
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args); /* cut on purpose */
    va_end(args);
    og_escape(text, clean, sizeof clean);
    log_write(0, LOG_MAIN, "outgate %s: %s", module, clean);
}

enum og_rc
og_port_headers(struct og_headers *list, struct og_err *err)
{
    enum og_rc rc = OG_OK;

    for (const header_line *h = header_list; h != NULL && rc == OG_OK; h = h->next)
        if (h->type != '*') /* deleted, or one of Exim's own place holders */
            rc = og_headers_add(list, (const char *)h->text, (size_t)h->slen, err);
    return rc;
}

void
og_port_headers_apply(const struct og_headers *list)
{
    size_t i = 0;

    for (header_line *h = header_list; h != NULL && i < list->count; h = h->next) {
        const struct og_header *row;

        if (h->type == '*')
            continue;
        row = &list->rows[i++];
        if (row->removed)
            h->type = '*';
        if (row->changed == NULL)
            continue;
        h->text = copy(row->changed);
        h->slen = (int)strlen(row->changed); /* shorter than it was */
    }
}

void
og_port_header_first(const char *field)
{
    header_add_at_position(FALSE, NULL, FALSE, ' ', "%s", field);
}

long
og_port_body_start(void)
{
    return SPOOL_DATA_START_OFFSET;
}

int
og_port_abi_major(void)
{
    return LOCAL_SCAN_ABI_VERSION_MAJOR;
}

int
og_port_abi_minor(void)
{
    return LOCAL_SCAN_ABI_VERSION_MINOR;
}

int
og_port_scan_code(enum og_action action)
{
    switch (action) {
    case OG_ACCEPT:
        return LOCAL_SCAN_ACCEPT;
    case OG_DEFER:
        return LOCAL_SCAN_TEMPREJECT;
    case OG_REJECT:
        return LOCAL_SCAN_REJECT;
    case OG_DISCARD: /* og_port_discard() has taken the recipients */
        return LOCAL_SCAN_ACCEPT;
    }
    return LOCAL_SCAN_TEMPREJECT;
}

void
og_port_scan_text(unsigned char **return_text, const char *text)
{
    *return_text = copy(text);
}
