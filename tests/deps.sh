#!/bin/sh
# Install the packages of tests/packages.txt that are missing. Removes nothing: where
# one of them would replace another package (another mail server), it stops and says so.
set -eu
cd "$(dirname "$0")"
missing=
for package in $(sed 's/#.*//' packages.txt); do
    case $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || :) in
    installed) ;;
    *) missing="$missing $package" ;;
    esac
done
[ -n "$missing" ] || exit 0
if [ "$(id -u)" != 0 ]; then
    echo "$0: missing packages; as root: apt-get install --no-install-recommends$missing" >&2
    exit 3
fi
echo "installing:$missing"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { apt-get -q update && apt-get -q -y --no-install-recommends --no-remove install $missing; } >"$log" 2>&1
then
    tail -n 30 "$log" >&2
    echo "$0: apt-get could not install them. Where it says that a package would be removed:" >&2
    echo "$0: exim4-daemon-heavy replaces other mail servers; use a machine without one." >&2
    exit 3
fi
