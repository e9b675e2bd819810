#!/usr/bin/env bash
# Installs what the proofs need and a Debian or Ubuntu machine lacks: a JDK, Maven, Python's venv, PostgreSQL. Needs root, and does
# nothing where all of it is there. The jars, the wheels and the Python of the readers are fetched by the proofs themselves.
set -euo pipefail
missing=()
command -v javac > /dev/null || missing+=(default-jdk-headless)
command -v mvn > /dev/null || missing+=(maven)
python3 -c 'import ensurepip, venv' 2> /dev/null || missing+=(python3 python3-venv)
command -v psql > /dev/null || missing+=(postgresql-client)
ls /usr/lib/postgresql/*/bin/initdb > /dev/null 2>&1 || command -v initdb > /dev/null || missing+=(postgresql)
if [ ${#missing[@]} -gt 0 ]; then
  apt-get update
  DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"
fi
