#!/usr/bin/env bash
# Runs one of eleven short parts of the proofs, for .ci/run, after `npm test` has built dist/. The hash of the commit decides which, so
# a run of the same commit is the same. TURN=N chooses another. A part that does not end in time fails.
set -euo pipefail
cd "$(dirname "$0")/../.."

hash=$(git rev-parse HEAD)
turn=${TURN:-$((16#${hash:0:8}))}
parts=(engine readers formats stores package documents fastpath-files fastpath-records kills jobs fleet)
part=${parts[turn % ${#parts[@]}]}
echo "short proofs: part $part of ${parts[*]}; TURN=$turn npm run proofs:turn runs the same part again"
# the proofs choose by TURN too; without the division the remainder would always be the same for a proof
export TURN=$((turn / ${#parts[@]}))

# prove NAME SECONDS
prove() {
  echo "short proofs: $1"
  timeout --kill-after=20 "$2" node "test/proofs/.build/test/proofs/$1.js" --short
}

# test_files SECONDS FILE …
test_files() {
  timeout --kill-after=20 "$1" npm run unit:files -- --reporter=terse "${@:2}"
}

npm run --silent proofs:compile
SECONDS=0
case $part in
  engine) prove engine/run 300 ;;
  readers) prove readers/run 300 ;;
  formats) prove formats/run 300 ;;
  stores) prove stores/run 300 ;;
  fastpath-files) OPTIMIZE_EXPORT_FASTPATH=off test_files 600 test/encode test/pipeline ;;
  fastpath-records) OPTIMIZE_EXPORT_FASTPATH=off test_files 600 test/property test/pagination test/schema test/transforms ;;
  kills) test_files 600 test/cli/kill.test.ts test/load/kill.test.ts test/stores/kill.test.ts ;;
  jobs) KILLS=30 test_files 600 test/cli/jobs-nights.test.ts test/cli/jobs-kill.test.ts ;;
  documents)
    npm run --silent proof:browser
    prove site/prove 200
    test_files 600 test/project/documents.test.ts test/project/package.test.ts
    ;;
  fleet) prove fleet/prove 150 ;;
  package)
    for proof in types nodes install; do prove "$proof/prove" 150; done
    test_files 200 test/cli/installed.test.ts test/project/warnings.test.ts
    ;;
esac
echo "short proofs: $part took $SECONDS s"
