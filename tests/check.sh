#!/bin/sh
# All tests; the last line is `N passed, N failed`. Arguments: build folder, build folder
# of the sanitizers' build (empty: none).
cd "$(dirname "$0")/.." || exit 2
build=$1 sanitized=${2:-}
passed=0 failed=0 bad=

count() { passed=$((passed + $1)); failed=$((failed + $2)); [ "$2" -eq 0 ] || bad="$bad $3"; }

one() { # NAME COMMAND...: one test, shown when it fails
    name=$1
    shift
    if "$@" >"$build/$name.log" 2>&1; then
        echo "ok      $name"
        count 1 0 "$name"
    else
        echo "FAILED  $name"
        cat "$build/$name.log"
        count 0 1 "$name"
    fi
}

unit() { # FOLDER LABEL: every unit test there, counted by its own tests
    for test in "$1"/tests/unit/test_*; do
        [ -x "$test" ] || continue
        case $test in *.o | *.d | *.log) continue ;; esac
        CMOCKA_MESSAGE_OUTPUT=TAP timeout 900 "$test" >"$test.log" 2>&1
        code=$?
        good=$(grep -cE '^[[:space:]]*ok [0-9]' "$test.log")
        # cmocka's TAP says `not ok N # SKIP` for what cannot be tested here, and why above it
        wrong=$(grep -E '^[[:space:]]*not ok [0-9]' "$test.log" | grep -cv '# SKIP')
        [ $code -eq 0 ] || [ "$wrong" -gt 0 ] || wrong=1        # it crashed
        [ $((good + wrong)) -gt 0 ] || wrong=1                  # it tested nothing
        [ "$wrong" -eq 0 ] || { echo "FAILED  $2 $(basename "$test")"; tail -n 60 "$test.log"; }
        count "$good" "$wrong" "$2:$(basename "$test")"
    done
    echo "        $2 done: $passed passed, $failed failed so far"
}

functional() {
    BUILD=$build timeout 2400 tests/functional/run --tb=short -p no:warnings
    code=$?
    set -- $(/usr/bin/python3 - "$build/functional.xml" <<'PY'
import sys, xml.etree.ElementTree as t
try:
    s = [x.attrib for x in t.parse(sys.argv[1]).getroot().iter("testsuite")]
    bad = sum(int(a["failures"]) + int(a["errors"]) for a in s)
    print(sum(int(a["tests"]) - int(a["skipped"]) for a in s) - bad, bad)
except Exception:
    print(0, 0)
PY
)
    [ $code -eq 0 ] || [ "$2" -gt 0 ] || set -- "$1" 1
    [ "$1" -gt 0 ] || [ "$2" -gt 0 ] || set -- 0 1
    count "$1" "$2" functional
}

rm -f "$build/functional.xml"
one layers tests/layers.sh
one symbols tests/symbols.sh "$build"
one manuals tests/manuals.sh "$build"
one format tests/format.sh
unit "$build" unit
[ -z "$sanitized" ] || unit "$sanitized" sanitized
functional
[ -z "$bad" ] || echo "failed:$bad"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
