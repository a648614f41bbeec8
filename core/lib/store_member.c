/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/lib/store_guard.h"

#include <fcntl.h>
#include <unistd.h>

/* behind the two bytes that store_guard.c locks */
enum {
    MEMBERS = 1024, /* one byte for each, at its number behind this */
    MEMBERS_MAX = 1024,
};

/* the lock of our number */
static struct {
    int fd; /* above 0 */
    int number;
    unsigned life;
    struct og_file_id file;
} member;

int
og_guard_member(const char *directory, const struct og_guard *guard)
{
    unsigned life;
    unsigned from = (unsigned)og_host_pid(&life);

    if (member.fd > 0 && member.life == life && og_file_same(member.file, guard->file))
        return member.number;
    if (member.fd > 0)
        (void)close(member.fd); /* a child's close leaves its parent's lock alone */
    member.fd = og_guard_open(directory, guard);
    member.life = life;
    member.file = guard->file;
    for (unsigned i = 0; member.fd > 0 && i < MEMBERS_MAX; i++) {
        member.number = (int)((from + i) % MEMBERS_MAX) + 1;
        if (member.number != OG_GUARD_NO_MEMBER
            && og_guard_lock(member.fd, F_OFD_SETLK, F_WRLCK, MEMBERS + member.number, 1)
                   == 0)
            return member.number;
    }
    if (member.fd > 0)
        (void)close(member.fd);
    member.fd = 0;
    return OG_GUARD_NO_MEMBER;
}

bool
og_guard_lives(const struct og_guard *guard, int number)
{
    struct flock fl = {
        .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = MEMBERS + number, .l_len = 1
    };

    if (number <= OG_GUARD_NO_MEMBER || number > MEMBERS_MAX)
        return true; /* another program's: not for us to say */
    return fcntl(guard->fd, F_OFD_GETLK, &fl) != 0 || fl.l_type != F_UNLCK;
}
