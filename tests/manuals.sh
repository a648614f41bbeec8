#!/bin/sh
# Every manual page is clean mdoc, and names every verb, hook, setting, variable and class of
# events there is; and none of these that is not there.
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
# the one list and the other, sorted, one a line; what only one of them has is printed
same() { # WHERE, LIST, LIST OF THE MANUAL
    printf '%s\n' "$2" | sort -u >"$build/manuals.there"
    printf '%s\n' "$3" | sort -u >"$build/manuals.told"
    comm -3 "$build/manuals.there" "$build/manuals.told" | grep . || return 0
    echo "$1: the above is missing (left) or does not exist (right)"
    code=1
}
same outgatectl.1 "$("$build/outgatectl" help | sed -n 's/^  \([a-z]\)/\1/p' | cut -c1-18 | sed 's/ *$//')" \
    "$(sed -n '/^\.Sh VERBS/,/^\.Sh ENV/s/^\.It Cm \([a-z -]*[a-z]\).*/\1/p' man/outgatectl.1)"
same outgate-local-scan.7 "$(sed -n 's/^    { "\([a-z-]*\)",.*/\1/p' tools/classes.c)" \
    "$(sed -n '/^The classes are/,/ \.$/s/^\.Sy \([a-z-]*\).*/\1/p' man/outgate-local-scan.7)"
same outgate-dlfunc.3 "$(grep ^outgate_ tests/symbols.txt)" \
    "$(sed -n '/^\.Sh HOOKS/,/^\.Sh VAR/s/^\.It Fn \(outgate_[a-z]*\).*/\1/p' man/outgate-dlfunc.3)"
rm -f "$build/manuals.there" "$build/manuals.told"
exit $code
