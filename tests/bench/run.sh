#!/bin/sh
# Measures what Outgate costs, and prints tables; the figures are in BUILD/bench.json.
# Nothing here passes or fails by time: judge the ratios. README.md says how to read them.
#
#   tests/bench/run.sh BUILD [PART...]      accept content instructions store memory (default: all)
#
# BENCH_ROUNDS=4     how often everything is repeated, interleaved
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

# A file system of its own, of the kind servers have, in a file beside the build: on a tmpfs
# fsync costs nothing, and an ext4 without journal that others work on at the same time makes
# each new file dearer the more files were deleted in the last minutes. Gone with this process.
disk=$BUILD/bench-disk
if [ -z "${BENCH_DISK:-}" ]; then
    rm -rf "$disk" "$disk.img"
    mkdir "$disk"
    code=0
    BENCH_DISK=$disk unshare --mount "$0" "$BUILD" "$@" || code=$?
    rm -rf "$disk" "$disk.img"
    exit $code
fi
unset BENCH_DISK
if truncate -s 8G "$disk.img" && mkfs.ext4 -q "$disk.img" && mount -o loop "$disk.img" "$disk"; then
    :
else
    echo "$0: no file system of its own for the measurement: it works in $BUILD as it is" >&2
fi
export BUILD LAB_KEEP="$disk/lab"
"$here/../functional/run" --shell "${PYTHON:-/usr/bin/python3}" -s "$here/bench.py" "$@"
