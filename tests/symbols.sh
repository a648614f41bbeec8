#!/bin/sh
# The modules export what tests/symbols.txt lists, and want nothing of Exim that Debian's
# does not have. Arguments: the build folder.
set -eu
here=$(dirname "$0")
build=$1
code=0
for so in outgate_dlfunc.so outgate_local_scan.so; do
    nm -D --defined-only "$build/$so" | awk -v so="$so" '{ print so, $3 }'
done | sort | diff "$here/symbols.txt" - || { echo "exported symbols differ from tests/symbols.txt"; code=1; }
for so in outgate_dlfunc.so outgate_local_scan.so; do
    # every name that neither a library of ours nor Exim has is one Exim cannot load
    LD_BIND_NOW=1 ldd -r "$build/$so" 2>&1 | sed -n 's/^undefined symbol: \([^[:space:]]*\).*/\1/p' | sort -u |
    while read -r name; do
        nm -D --defined-only /usr/sbin/exim4 | grep -q " $name\$" || echo "$so wants $name, which Exim does not export"
    done
done | grep . && code=1
exit $code
