#!/bin/sh
# Runs a command, and ends it with SIGTERM when the stdin of this script is closed: guard.sh COMMAND ARGUMENT...
"$@" < /dev/null &
child=$!
# a background process gets /dev/null as its stdin, so the stdin of the script is kept as 3
exec 3<&0
(cat <&3 > /dev/null; kill -TERM "$child" 2> /dev/null) > /dev/null 2>&1 &
watcher=$!
exec 3<&- < /dev/null
wait "$child"
code=$?
kill "$watcher" 2> /dev/null
exit "$code"
