#!/bin/sh
# The C files look as .clang-format says, and stay clear of the calls below.
cd "$(dirname "$0")/.." || exit 2
code=0
files=$(git ls-files '*.c' '*.h')
clang-format --dry-run -Werror $files || code=1
# each with its replacement: snprintf, og_buf; strtol with end and errno; strsep; getenv's
# result copied; return a code; deadlines without signals
if grep -nE '\b(strcpy|strcat|sprintf|vsprintf|gets|atoi|atol|sscanf|strtok|alarm|system|popen|tmpnam|mktemp)\(' \
    $files; then
    echo "use the replacement named in tests/format.sh"
    code=1
fi
for file in $(echo "$files" | tr ' ' '\n' | grep -v '^tests/'); do
    lines=$(wc -l <"$file")
    [ "$lines" -le 400 ] || { echo "$file has $lines lines: one idea a file, 400 at most"; code=1; }
done
exit $code
