#!/bin/sh
# Run every fuzz target for some seconds; what it finds stays beside it. Arguments: the
# fuzzers' build folder, seconds for each. A folder seeds/NAME of a target is where it begins.
build=$1 seconds=$2 code=0 here=$(dirname "$0")
for target in "$build"/tests/fuzz/fuzz_*; do
    case $target in *.o | *.d | *.log) continue ;; esac
    [ -x "$target" ] && [ -f "$target" ] || continue
    mkdir -p "$target.corpus"
    set -- "$target.corpus"
    [ ! -d "$here/seeds/${target##*/}" ] || set -- "$@" "$here/seeds/${target##*/}"
    if "$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 \
        -artifact_prefix="$target.found-" "$@" >"$target.log" 2>&1
    then
        echo "ok      $(basename "$target") $(sed -n 's/stat::number_of_executed_units: *//p' "$target.log") runs"
    else
        echo "FAILED  $(basename "$target")"
        tail -n 30 "$target.log"
        code=1
    fi
done
exit $code
