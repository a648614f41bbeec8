#!/bin/sh
# Slow looks at the code: clang-tidy, cppcheck, scan-build. LINT_FLAGS are the compiler's.
# Left out: what our sizes make harmless (widening, narrowing), and the valist checker,
# which in clang 14 does not see va_start.
cd "$(dirname "$0")/.." || exit 2
code=0 jobs=$(nproc)
sources=$(git ls-files 'core/*.c' 'dlfunc/*.c' 'local_scan/*.c' 'tools/*.c' 'scand/*.c')
mkdir -p build
CHECKS='-*,bugprone-*,-bugprone-easily-swappable-parameters,-bugprone-assignment-in-if-condition,-bugprone-narrowing-conversions,-bugprone-implicit-widening-of-multiplication-result,-bugprone-not-null-terminated-result,clang-analyzer-*,-clang-analyzer-security.insecureAPI.DeprecatedOrUnsafeBufferHandling,-clang-analyzer-valist.Uninitialized,-clang-analyzer-optin.performance.Padding,cert-err34-c,cert-env33-c,misc-redundant-expression'
TIDY_FLAGS=$(eval "printf '%s ' $LINT_FLAGS")
export CHECKS TIDY_FLAGS
printf '%s\n' $sources | xargs -P "$jobs" -n 8 sh -c \
    'clang-tidy --quiet --warnings-as-errors="*" --checks="$CHECKS" "$@" -- $TIDY_FLAGS' tidy \
    >build/tidy.log 2>&1 || code=1
grep -E '(error|warning):' build/tidy.log
# without the macros of sys/queue.h a list is a syntax error to it
cppcheck --quiet -j "$jobs" --enable=warning,performance,portability --inline-suppr --error-exitcode=1 \
    --suppress=missingIncludeSystem --include=/usr/include/$(cc -print-multiarch)/sys/queue.h \
    -I. -D__linux__ $sources || code=1
rm -rf build/scan
scan-build -o build/scan --status-bugs -disable-checker valist.Uninitialized -plist-html make --no-print-directory -B -j "$jobs" BUILD=build/lint all \
    >build/scan.log 2>&1 || { tail -n 40 build/scan.log; code=1; }
exit $code
