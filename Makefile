# Two commands matter: `make run` and `make test`. Both install what the
# machine lacks, so a new machine needs only Go, Node and git.

SHELL := /bin/bash
BIN   := $(CURDIR)/.cache/bin
LINT  := $(BIN)/golangci-lint
LINT_VERSION := v2.15.0
KILLS    ?= 20
SESSIONS ?= 500

export FUZZTIME ROOMS FUZZ

.PHONY: run build web test screens lint crash fuzz bench accuracy bench-screening fit-screening tools test-tools fmt clean

## run: install, build, start with a sample applicant carried to a decision
run: tools build
	./bonafide serve --demo $(ARGS)

## build: the binary at ./bonafide, with the browser scripts
build: web
	go build -o bonafide .

## web: the browser scripts at ui/dist, from npm packages by the lock file
web:
	@./scripts/web.sh

## test: everything, on both databases
test: test-tools build
	npm --prefix ui/web run --silent test
	go test -timeout 25m ./...

## screens: pictures of every page at docs/screens
screens: test-tools build
	rm -rf docs/screens && mkdir -p docs/screens
	BONAFIDE_PROGRAM=$(CURDIR)/bonafide BONAFIDE_SCREENS=$(CURDIR)/docs/screens go test ./walk -count=1 -timeout 20m -skip EveryPageHasItsPicture
	go test ./walk -count=1 -run EveryPageHasItsPicture

## lint: every exception has its reason in .golangci.yml; a module of its own is looked at by itself
lint: $(LINT)
	test -z "$$(gofmt -l $$(git ls-files '*.go'))"
	for module in $$(git ls-files '*go.mod'); do \
		(cd "$$(dirname "$$module")" && go vet ./... && $(LINT) run --timeout 15m -c $(CURDIR)/.golangci.yml) || exit 1; \
	done

## crash: sessions in flight while the process is killed with -9
crash: test-tools
	go test ./engine/crash -count=1 -timeout 60m -v -run TestCrash -crash.kills=$(KILLS) -crash.sessions=$(SESSIONS)

## fuzz: every fuzz target for FUZZTIME=60s; ROOMS="document chip" for some rooms, FUZZ=FuzzPDF for one
fuzz: test-tools
	./scripts/fuzz.sh

## bench: the figures of docs/benchmarks.md
bench: test-tools build
	./scripts/bench.sh

## bench-screening: the screening against the labelled benchmark and its figures
bench-screening: build
	./scripts/bench-screening.sh

## fit-screening: the weights of the screening's score, fitted to the labelled benchmark
fit-screening:
	go test ./screen -run '^TestFitWeights$$' -count=1 -screen.fit -v -timeout 30m

## accuracy: the figures of docs/accuracy.md, from the data folder
accuracy: test-tools
	./scripts/accuracy.sh

## tools: OCR, PDF and barcode programs and the ONNX Runtime that the checks call
tools:
	@./scripts/install.sh run

test-tools:
	@./scripts/install.sh test

$(LINT):
	GOBIN=$(BIN) go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION)

fmt:
	gofmt -w $$(git ls-files '*.go')

clean:
	rm -rf bonafide .cache data ui/web/node_modules
	find ui/dist -type f ! -name .gitkeep -delete
