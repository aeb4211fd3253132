#!/usr/bin/env bash
# All tests of the project, as `make test` and the continuous integration run them.
set -euo pipefail
cd "$(dirname "$0")/.."
GO=${GO:-go}

scripts/needs.sh
unformatted=$(gofmt -l cmd internal bench conformance)
if [ -n "$unformatted" ]; then
  printf 'not formatted (make fmt):\n%s\n' "$unformatted"
  exit 1
fi
scripts/cross.sh

race=()
if command -v cc >/dev/null; then
  race=(-race)
  export CGO_ENABLED=1
fi
# Allocation counts and heaps are measured without the race detector, which allocates
# itself: those tests run after the others, alone.
log=$(mktemp)
page=$(mktemp)
swap=
leave() {
  if [ -n "$swap" ]; then
    swapoff "$swap"
    rm -f "$swap"
  fi
  rm -f "$log" "$page"
}
trap leave EXIT
# Swapped memory can be measured only where there is swap. A machine that only tests gets
# some for the time of the tests; nobody else's machine is changed.
if [ "${CI:-}" = true ] && [ "$(id -u)" = 0 ] && ! tail -n +2 /proc/swaps 2>/dev/null | grep -q .; then
  file=$(mktemp -p /var/tmp zol0-swap.XXXXXX)
  if dd if=/dev/zero of="$file" bs=1M count=96 status=none && chmod 600 "$file" && mkswap "$file" >/dev/null && swapon "$file"; then
    swap=$file
  else
    rm -f "$file"
  fi
fi
status=0
$GO test "${race[@]}" -timeout 10m -v -skip '^TestGopsutil|Heap|Alloc' ./... >"$log" 2>&1 || status=$?
if [ "$status" = 0 ]; then
  $GO test -timeout 5m -count=1 -v -run 'Alloc|Heap|Memory|Bounded' ./... >>"$log" 2>&1 || status=$?
fi
if [ "$status" = 0 ]; then
  # The scanner of macOS and Windows, on this system, against procfs.
  $GO test -tags gopsutil -count=1 -v -run Gopsutil ./internal/probe >>"$log" 2>&1 || status=$?
fi
if [ "$status" = 0 ]; then
  (cd bench && $GO vet ./... && $GO test -timeout 5m -v ./...) >>"$log" 2>&1 || status=$?
fi
if [ "$status" = 0 ]; then
  # Prometheus's own scripts of PromQL against the store.
  (cd conformance && $GO vet ./... && $GO test -timeout 5m -count=1 -v -run . ./...) >>"$log" 2>&1 || status=$?
fi
if [ "$status" = 0 ]; then
  scripts/page.sh test >"$page" 2>&1 || status=$?
  if [ "$status" != 0 ]; then
    tail -n 400 "$page"
  fi
  sed -nE 's/^page: .*/ok\t&/p; /^NOT RUN: /p' "$page" >>"$log"
fi
if [ "$status" != 0 ]; then
  grep -vE '^\s*(=== (RUN|PAUSE|CONT|NAME)|--- (PASS|SKIP)|PASS$|> )' "$log" | tail -n 400
  # What failed, and where, in case that lies above those lines.
  grep -hE -B 12 '^\s*--- FAIL' "$log" | tail -n 200
fi
grep -E '^(ok|FAIL)\s' "$log" || true
# A test that did not run must be seen.
grep -hE 'NOT RUN' "$log" | grep -vE '^\s*> ' | sed -E 's/^\s*[A-Za-z_0-9]+\.go:[0-9]+: //' | sort -u || true
# The page's runners count their own.
read -r page_passed page_failed page_skipped < <(sed -nE 's/^page: ([0-9]+) passed, ([0-9]+) failed, ([0-9]+) skipped$/\1 \2 \3/p' "$page"; echo 0 0 0)
passed=$(($(grep -cE '^\s*--- PASS' "$log" || true) + page_passed))
failed=$(($(grep -cE '^\s*--- FAIL' "$log" || true) + page_failed))
skipped=$(($(grep -cE '^\s*--- SKIP' "$log" || true) + page_skipped))
echo "$passed passed, $failed failed, $skipped skipped"
exit "$status"
