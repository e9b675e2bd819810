#!/usr/bin/env bash
# Installs the programs that the proofs need and a Debian or Ubuntu machine lacks: a JDK, Maven, Python's venv, PostgreSQL, Redis. Needs
# root or sudo, and does nothing if all of them are installed. The proofs load their jars and their packages of Python themselves.
# --office adds LibreOffice, for a part of the proof of formats; --browser adds Chromium, for the proof of the site.
set -euo pipefail

missing_packages() {
  command -v javac > /dev/null || echo default-jdk-headless
  command -v mvn > /dev/null || echo maven
  python3 -c 'import ensurepip, venv' 2> /dev/null || echo python3 python3-venv
  command -v psql > /dev/null || echo postgresql-client
  ls /usr/lib/postgresql/*/bin/initdb > /dev/null 2>&1 || command -v initdb > /dev/null || echo postgresql
  command -v redis-server > /dev/null || echo redis-server
  if [ "${1:-}" = --office ]; then command -v soffice > /dev/null || echo libreoffice-calc; fi
  if [ "${1:-}" = --browser ]; then command -v chromium > /dev/null || echo chromium; fi
}

as_root=()
[ "$(id -u)" = 0 ] || as_root=(sudo)

# asks no question, and waits a limited time for another program that installs something
install() {
  "${as_root[@]}" apt-get -q -o Acquire::Retries=3 -o DPkg::Lock::Timeout=120 update &&
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -o Acquire::Retries=3 -o DPkg::Lock::Timeout=120 \
      install -y --no-install-recommends "$@"
}

# tries again after a pause if a server cannot be reached for a moment
for pause in 0 10 30 60; do
  read -r -a missing <<< "$(missing_packages "$@" | tr '\n' ' ')"
  if [ ${#missing[@]} -eq 0 ]; then break; fi
  echo "missing: ${missing[*]}; apt-get installs them in $pause s"
  sleep "$pause"
  install "${missing[@]}" || echo 'apt-get failed'
done
if [ -n "$(missing_packages "$@")" ]; then
  echo 'the proofs cannot run on this machine'
  exit 1
fi
echo 'a JDK, Maven, Python, PostgreSQL and Redis are installed'
