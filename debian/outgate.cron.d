* * * * * Debian-exim [ ! -x /usr/bin/outgatectl ] || /usr/bin/outgatectl notices send >/dev/null 2>&1
17 4 * * * Debian-exim [ ! -x /usr/bin/outgatectl ] || /usr/bin/outgatectl quarantine expire >/dev/null
