#!/bin/sh
# The module exports what tests/symbols.txt lists, and wants nothing of Exim that Debian's
# does not have. Arguments: the build folder.
set -eu
here=$(dirname "$0")
so=$1/outgate_dlfunc.so
code=0
nm -D --defined-only "$so" | awk '{ print $3 }' | LC_ALL=C sort | diff "$here/symbols.txt" - ||
    { echo "exported symbols differ from tests/symbols.txt"; code=1; }
cmp -s "$so" "$1/outgate_local_scan.so" || { echo "outgate_local_scan.so is another file"; code=1; }
# every name that neither a library of ours nor Exim has is one Exim cannot load
for name in $(LD_BIND_NOW=1 ldd -r "$so" 2>&1 | sed -n 's/^undefined symbol: \([^[:space:]]*\).*/\1/p' | sort -u); do
    nm -D --defined-only /usr/sbin/exim4 | grep -q " $name\$" ||
        { echo "the module wants $name, which Exim does not export"; code=1; }
done
exit $code
