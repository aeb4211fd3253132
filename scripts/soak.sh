#!/usr/bin/env bash
# The long versions of what make test does at a tenth: every fuzz test for a minute, and
# the tests that read ZOL0_SOAK ten times as long.
set -euo pipefail
cd "$(dirname "$0")/.."
GO=${GO:-go}
scripts/needs.sh
ZOL0_SOAK=1 $GO test -count=1 -timeout 60m ./...
for package in $($GO list ./...); do
  for target in $($GO test -list '^Fuzz' "$package" | grep '^Fuzz' || true); do
    echo "fuzzing $package $target"
    $GO test -run '^$' -fuzz "^$target\$" -fuzztime 60s "$package"
  done
done
GO=$GO scripts/page.sh soak
