#!/bin/sh
# Every manual page is clean mdoc, and names every verb, hook, setting and variable there is.
cd "$(dirname "$0")/.." || exit 2
build=$1 code=0
for page in man/*.[1-8] "$build"/man/*.[1-8]; do
    [ -e "$page" ] || continue
    said=$(mandoc -T lint -W warning "$page") || { echo "$said"; code=1; }
done
for hook in $(grep ^outgate_ tests/symbols.txt); do
    grep -q "$hook" man/outgate-dlfunc.3 || { echo "man/outgate-dlfunc.3 does not know $hook"; code=1; }
done
for name in $(sed -nE 's/^SETTING\([a-z_]+, ([a-z_]+),.*/\1/p' core/base/settings.def); do
    grep -q "$name" "$build/man/outgate.conf.5" || { echo "outgate.conf.5 does not know $name"; code=1; }
done
for name in $(sed -nE 's/^VARIABLE\(([a-z_]+), [A-Z]+,.*/\1/p' core/mail/values.def); do
    grep -q "^.It Va $name" man/outgate-template.5 || { echo "outgate-template.5 does not know $name"; code=1; }
done
exit $code
