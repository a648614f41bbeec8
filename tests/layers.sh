#!/bin/sh
# Includes point down the list of folders in DESIGN.md section 2. Prints what does not.
cd "$(dirname "$0")/.." || exit 2
found=0
bad() { # FOLDER, what its files must not include, as an extended regular expression
    [ -d "$1" ] || return 0
    if grep -rnE --include='*.[ch]' "#include [\"<]($2)" "$1"; then
        echo "$1 reaches up or past a library's file"
        found=1
    fi
}
exim='local_scan\.h'
libraries='db\.h|libxml/|clamav\.h|dkim\.h|pcre2\.h|idn2\.h|crypt\.h|openssl/|jansson\.h|gmime/|zlib\.h|systemd/|seccomp\.h'
tops='dlfunc/|local_scan/|scand/|tools/|tests/'
bad core/base  "core/(lib|macro|scan|state|mail|check|exim)/|$tops|$exim|$libraries"
bad core/lib   "core/(macro|scan|state|mail|check|exim)/|$tops|$exim"
bad core/macro "core/(scan|state|mail|check|exim)/|$tops|$exim|$libraries"
bad core/scan  "core/(state|mail|check|exim)/|$tops|$exim|$libraries"
bad core/state "core/(mail|check|exim)/|$tops|$exim|$libraries"
bad core/mail  "core/exim/|$tops|$exim|$libraries"
bad core/check "core/(lib/store|lib/clam|scan|state|mail|exim)|$tops|$exim|$libraries"
bad core/exim  "$tops|$libraries"
bad dlfunc     "local_scan/|scand/|tools/|tests/|$exim|$libraries"
bad local_scan "dlfunc/|scand/|tools/|tests/|$exim|$libraries"
bad scand      "dlfunc/|local_scan/|tools/|tests/|core/exim/|$exim|db\.h|dkim\.h|openssl/|clamav\.h|gmime/"
bad tools      "dlfunc/|local_scan/|scand/|core/exim/|tests/|$exim|db\.h|dkim\.h|openssl/"
# one library, one file (or files of one name) in core/lib
for header in $(grep -rhoE "#include <($libraries)[^>]*>" core/lib | sed 's/.*<\([a-z0-9]*\).*/\1/' | sort -u); do
    files=$(grep -rlE "#include <$header" core/lib | sed 's/[_.].*//' | sort -u | wc -l)
    [ "$files" -le 1 ] || [ "$header" = openssl ] || { echo "$header is included by $files parts of core/lib"; found=1; }
done
exit $found
