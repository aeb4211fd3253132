#!/usr/bin/env bash
# Proves that zol0 builds and vets for every system it runs on, without cgo.
set -euo pipefail
cd "$(dirname "$0")/.."
GO=${GO:-go}
for target in linux/amd64 linux/arm64 darwin/arm64 windows/amd64; do
  export GOOS=${target%/*} GOARCH=${target#*/} CGO_ENABLED=0
  $GO build -o /dev/null ./cmd/zol0
  $GO vet ./...
  echo "builds and vets: $target"
done
