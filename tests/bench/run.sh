#!/bin/sh
# Measures what Outgate costs, and prints tables; the figures are in BUILD/bench.json.
# Nothing here passes or fails by time: judge the ratios. README.md says how to read them.
#
#   tests/bench/run.sh BUILD [PART...]      accept instructions store memory (default: all)
#
# BENCH_ROUNDS=5     how often everything is repeated, interleaved
# BENCH_MESSAGES=200 messages of one round and shape
# BENCH_SECONDS=1.5  of one contention measurement
# BENCH_USERS="1000 100000 1000000"   sizes of the list of senders
# BENCH_VARIANTS, BENCH_SHAPES        as in accept.py, to look at some only
# Exit: 0; 1 when something did not work; 3 if the machine does not allow the lab.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
[ $# -ge 1 ] || { sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//p}' "$0" >&2; exit 2; }
BUILD=$(cd "$1" && pwd)
shift
for file in outgate_dlfunc.so outgate_local_scan.so outgatectl tests/bench/store; do
    [ -e "$BUILD/$file" ] || { echo "$0: no $BUILD/$file: run make bench" >&2; exit 1; }
done
# on the disk that has BUILD: on a tmpfs fsync costs nothing
LAB_KEEP=$(mktemp -d "$BUILD/bench-lab.XXXXXX")
export BUILD LAB_KEEP BENCH_DISK="$LAB_KEEP"
trap 'rm -rf "$BENCH_DISK"' EXIT
trap 'exit 130' INT TERM
"$here/../functional/run" --shell "${PYTHON:-/usr/bin/python3}" -s "$here/bench.py" "$@"
