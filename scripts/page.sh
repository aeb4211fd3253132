#!/usr/bin/env bash
# The page of the dashboard: built by Node.js from web/, kept built in internal/web/dist so
# that whoever has only Go builds all of zol0.
#
#   scripts/page.sh build   checks the sources and writes internal/web/dist
#   scripts/page.sh test    checks that internal/web/dist is what the sources build, and runs
#                           their tests, those in a real browser too; the last line counts
#   scripts/page.sh bench   measures the page in a real browser
#   scripts/page.sh soak    the long versions of the tests
set -euo pipefail
cd "$(dirname "$0")/.."

# Vite and Svelte need this Node.js; web/package.json says the same.
least=20.19
browser=${CHROMIUM:-/usr/bin/chromium}

# able says why the page cannot be built here, if so.
able() {
  local what=$1
  if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    echo "NOT RUN: $what: node or npm is missing; the page needs Node.js $least or later"
    return 1
  fi
  if ! node -e 'const [a, b] = process.versions.node.split(".").map(Number), [c, d] = process.argv[1].split(".").map(Number); process.exit(a > c || a === c && b >= d ? 0 : 1)' "$least"; then
    echo "NOT RUN: $what: this is Node.js $(node --version) and the page needs $least or later"
    return 1
  fi
}

# packages installs what the lock file names unless it is there.
packages() {
  if [ web/node_modules/.package-lock.json -nt web/package-lock.json ]; then
    return
  fi
  local log
  log=$(mktemp)
  # npm ci refuses a lock file without the entries of other systems' packages, which npm install
  # leaves out of it where they cannot be fetched. --no-save keeps the file as it is.
  if ! (cd web && npm install --no-save --no-progress) >"$log" 2>&1; then
    cat "$log"
    rm -f "$log"
    echo "the packages of web/package-lock.json could not be installed: npm install in web/ says why"
    return 1
  fi
  rm -f "$log"
}

# compare builds the page somewhere else and compares what is in the files: how they are
# compressed depends on the version of zlib.
compare() {
  local scratch file want=internal/web/dist status=0
  scratch=$(mktemp -d)
  mkdir -p "$scratch/web" "$scratch/internal/web/dist"
  cp -r web/src web/index.html web/*.ts web/*.js web/*.json "$scratch/web/"
  if [ -d web/public ]; then cp -r web/public "$scratch/web/"; fi
  ln -s "$PWD/web/node_modules" "$scratch/web/node_modules"
  (cd "$scratch/web" && npx --no vite build --logLevel error) || status=1
  if [ "$status" = 0 ]; then
    if ! diff <(cd "$want" && find . -type f | sort) <(cd "$scratch/internal/web/dist" && find . -type f | sort); then
      status=1
    else
      while read -r file; do
        if ! cmp <(gzip -dc "$want/$file") <(gzip -dc "$scratch/internal/web/dist/$file"); then
          echo "$want/$file is not what web/ builds"
          status=1
        fi
      done < <(cd "$want" && find . -type f)
    fi
    [ "$status" = 0 ] || echo "FAIL: internal/web/dist is not what web/ builds: run make page and commit both"
  fi
  rm -rf "$scratch"
  return "$status"
}

# units runs vitest and prints its counts as one line.
units() {
  local out status=0
  out=$(mktemp)
  (cd web && npx --no vitest run --dir src --reporter=default --reporter=json --outputFile.json="$out") || status=$?
  if [ -s "$out" ]; then
    node -e 'const r = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8")); console.log(`units: ${r.numPassedTests} passed, ${r.numFailedTests + r.numFailedTestSuites * (r.numFailedTests === 0)} failed, ${r.numPendingTests + r.numTodoTests} skipped`)' "$out"
  fi
  rm -f "$out"
  return "$status"
}

# sum adds up the lines of counts of the runners.
sum() {
  awk 'match($0, /^(units|browser): [0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$/) { p += $2; f += $4; s += $6 } END { printf "page: %d passed, %d failed, %d skipped\n", p, f, s }' "$1"
}

tests() {
  able "the tests of the page" || return 0
  packages
  local log status=0
  log=$(mktemp)
  {
    (cd web && npm run --silent check) || status=1
    compare || status=1
    units || status=1
    if [ ! -x "$browser" ]; then
      echo "NOT RUN: the tests of the page in a browser: $browser is missing; on Debian: apt-get install chromium"
    elif [ "$(uname -s)" != Linux ]; then
      echo "NOT RUN: the tests of the page in a browser: they compare with /proc, which Linux has"
    elif ! command -v python3 >/dev/null; then
      echo "NOT RUN: the tests of the page in a browser: python3 is missing; on Debian: apt-get install python3"
    else
      node web/test/run.mjs || status=1
    fi
  } > >(tee "$log") 2>&1
  # tee writes what is left when its input ends.
  wait $! 2>/dev/null || true
  sum "$log"
  rm -f "$log"
  return "$status"
}

case "${1:-}" in
build)
  able "the build of the page"
  packages
  (cd web && npm run --silent check && npx --no vite build)
  ;;
test) tests ;;
bench)
  able "the measurements of the page" || exit 0
  packages
  node web/test/measure.mjs
  ;;
soak)
  able "the long tests of the page" || exit 0
  packages
  ZOL0_SOAK=1 node web/test/run.mjs web/test/soak.test.mjs
  ;;
*)
  sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "$0"
  exit 2
  ;;
esac
