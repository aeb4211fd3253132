#!/usr/bin/env bash
# Installs the programs the tests watch or use, where it may; elsewhere it says loudly what
# will not be run and how to get it. The tests themselves say NOT RUN for the same reasons.
set -uo pipefail

# program, Debian package, what goes untested without it
needs=(
  "python3 python3 naming and measuring of real Python services"
  "node nodejs naming and measuring of real Node services"
  "javac default-jdk-headless naming and measuring of real Java services"
  "tmux tmux the live view in a real terminal"
  "prometheus prometheus writing to and reading from a real Prometheus"
  "victoria-metrics victoria-metrics writing to and reading from a real VictoriaMetrics"
  "systemd-analyze systemd what the systemd unit leaves open"
  "/lib/systemd/systemd-journal-remote systemd-journal-remote reading a real systemd journal"
  "journalctl systemd reading the systemd journal"
  "cc gcc the race detector and the C floor of the benchmarks"
)
# An older Node.js cannot build the page (scripts/page.sh says so): these would be in vain. The
# browser depends on a font by itself, so that what it draws is never empty boxes.
if node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || a === 20 && b >= 19 ? 0 : 1)' 2>/dev/null; then
  needs+=(
    "npm npm the page: its build and its tests"
    "chromium chromium the page in a real browser"
  )
fi
missing=()
for need in "${needs[@]}"; do
  read -r program package _ <<<"$need"
  command -v "$program" >/dev/null || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "Installing what the tests need: ${missing[*]}"
  log=$(mktemp)
  if ! { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
    tail -n 5 "$log"
  fi
  rm -f "$log"
fi
for need in "${needs[@]}"; do
  read -r program package what <<<"$need"
  command -v "$program" >/dev/null || echo "NOT RUN: $what: $program is missing; on Debian: apt-get install $package"
done
exit 0
