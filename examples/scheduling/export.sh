#!/bin/sh
# export.sh SETTINGS FILE: exports the report that SETTINGS names (a file of NAME=value lines: OPTIMIZE_URL, OPTIMIZE_TOKEN_FILE,
# REPORT …) to FILE. Tries again after exit codes 1, 3 and 5; prints nothing if the export is complete.
set -u
umask 077
set -a
. "$1"
set +a
tries=${TRIES:-3}
wait=${WAIT_SECONDS:-600}

while :; do
  errors=$(optimize-export export --report "$REPORT" --out "$2" --quiet 2>&1)
  code=$?
  tries=$((tries - 1))
  case $code in
    0) exit 0 ;;
    1 | 3 | 5) [ "$tries" -gt 0 ] || break ;;
    *) break ;;
  esac
  sleep "$wait"
done
printf '%s\n' "$errors" >&2
exit "$code"
