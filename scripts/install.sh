#!/usr/bin/env bash
# Installs what Bonafide calls, only what is missing.
#   scripts/install.sh run    what the program needs (OCR, PDF, barcodes, ONNX Runtime)
#   scripts/install.sh test   the same, and what the tests need
#   scripts/install.sh onnxruntime   ONNX Runtime alone
set -euo pipefail
cd "$(dirname "$0")/.."

# onnxruntime puts the shared library that the face checks run on into
# .cache/onnxruntime. It comes from the npm package onnxruntime-node, pinned
# with its checksum by the lock file; none of the package's scripts run.
# Without npm the face checks answer not_configured.
onnxruntime() {
	local version place target=.cache/onnxruntime files
	version=$(sed -n 's/.*"onnxruntime-node": "\([0-9.]*\)".*/\1/p' scripts/onnxruntime/package.json)
	[ "$(cat "$target/version" 2>/dev/null)" = "$version" ] && return 0
	case "$(uname -s) $(uname -m)" in
	"Linux x86_64") place=linux/x64 ;;
	"Linux aarch64" | "Linux arm64") place=linux/arm64 ;;
	"Darwin arm64") place=darwin/arm64 ;;
	*)
		echo "bonafide: there is no ONNX Runtime for $(uname -s) $(uname -m); face checks answer not_configured" >&2
		return 0
		;;
	esac
	if ! command -v npm >/dev/null 2>&1; then
		echo "bonafide: npm is missing, so ONNX Runtime is not installed; face checks answer not_configured" >&2
		return 0
	fi
	echo "installing ONNX Runtime $version …"
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	cp scripts/onnxruntime/package.json scripts/onnxruntime/package-lock.json "$work/"
	if ! (cd "$work" && npm ci --ignore-scripts --omit=dev --no-audit --no-fund --loglevel=error >npm.log 2>&1); then
		tail -5 "$work/npm.log" >&2
		echo "bonafide: ONNX Runtime could not be fetched; face checks answer not_configured" >&2
		return 0
	fi
	files=("$work"/node_modules/onnxruntime-node/bin/napi-*/"$place"/libonnxruntime.*)
	mkdir -p "$target"
	cp -f "${files[@]}" "$target/"
	echo "$version" >"$target/version"
}

need=()
want() { # want COMMAND PACKAGE
	command -v "$1" >/dev/null 2>&1 || need+=("$2")
}

packages() {
	want tesseract tesseract-ocr
	want pdftoppm poppler-utils
	want ZXingReader zxing-cpp-tools
	if [ "$1" = test ]; then
		want curl curl
		want chromium chromium
		if ! ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 && ! command -v initdb >/dev/null 2>&1; then
			need+=(postgresql)
		fi
	fi
	[ ${#need[@]} -eq 0 ] && return 0

	if ! command -v apt-get >/dev/null 2>&1; then
		echo "bonafide: please install with your package manager: ${need[*]}" >&2
		echo "bonafide: going on without them; checks that need them answer not_configured" >&2
		return 0
	fi
	sudo=()
	[ "$(id -u)" -eq 0 ] || sudo=(sudo)
	echo "installing ${need[*]} …"
	export DEBIAN_FRONTEND=noninteractive
	"${sudo[@]}" apt-get update -qq
	"${sudo[@]}" apt-get install -y -qq --no-install-recommends "${need[@]}" >/dev/null
}

[ "${1:-run}" = onnxruntime ] || packages "${1:-run}"
onnxruntime
