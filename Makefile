# make run and make test are all a newcomer needs; `make help` lists the rest.
SHELL := /bin/bash
GO ?= go
VERSION ?= 0.1.0-dev

# The lint tools run at these versions without being dependencies of the product.
GOLANGCI := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
GOVULNCHECK := golang.org/x/vuln/cmd/govulncheck@v1.9.0

.DEFAULT_GOAL := help
.PHONY: help run demo build page test lint bench calibrate soak generate cross fmt clean

help: ## list these targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: build ## build zol0, watch this machine and serve the page on http://127.0.0.1:8509
	./bin/zol0 dashboard

demo: build ## show the product on real programs: a paper-trading core, and one that leaks
	./bin/zol0 demo

build: ## build bin/zol0
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-s -w -X github.com/zol0/zol0/internal/cli.Version=$(VERSION)' -o bin/zol0 ./cmd/zol0

page: ## build the page of the dashboard into internal/web/dist; needs Node.js and npm
	@scripts/page.sh build

test: ## run all tests; installs what they need where it may
	@GO=$(GO) scripts/test.sh

cross: ## build and vet for every system zol0 runs on
	@GO=$(GO) scripts/cross.sh

lint: ## golangci-lint, and govulncheck where its database can be reached
	$(GO) run $(GOLANGCI) run ./...
	@GO=$(GO) scripts/vulncheck.sh $(GOVULNCHECK)

bench: build ## measure the reader against a C floor and other libraries, the detector and the page
	cd bench && $(GO) run . -zol0 ../bin/zol0
	cd bench && $(GO) run ./query
	cd bench && $(GO) run ./serve -zol0 ../bin/zol0
	@GO=$(GO) scripts/page.sh bench
	$(GO) test -run '^$$' -bench . -count 5 ./leak

calibrate: ## train the weights of package leak anew; prints what they are worth on programs left out
	cd bench && $(GO) run ./calibrate -write ../leak/weights.go

soak: ## the long versions of what make test does at a tenth
	@GO=$(GO) scripts/soak.sh

generate: ## rebuild the eBPF object; needs clang, llvm and the headers of libbpf
	$(GO) generate ./internal/probe/bpf

fmt: ## format the Go code
	gofmt -l -w cmd internal bench

clean: ## remove what was built
	rm -rf bin .cache web/node_modules web/test/results
