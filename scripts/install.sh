#!/usr/bin/env bash
# Installs the OS packages Bonafide calls, only those that are missing.
#   scripts/install.sh run    what the program needs (OCR, PDF, barcodes)
#   scripts/install.sh test   the same, and what the tests need
set -euo pipefail

need=()
want() { # want COMMAND PACKAGE
	command -v "$1" >/dev/null 2>&1 || need+=("$2")
}

want tesseract tesseract-ocr
want pdftoppm poppler-utils
want ZXingReader zxing-cpp-tools
if [ "${1:-run}" = test ]; then
	want curl curl
	want chromium chromium
	if ! ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 && ! command -v initdb >/dev/null 2>&1; then
		need+=(postgresql)
	fi
fi
[ ${#need[@]} -eq 0 ] && exit 0

if ! command -v apt-get >/dev/null 2>&1; then
	echo "bonafide: please install with your package manager: ${need[*]}" >&2
	echo "bonafide: going on without them; checks that need them answer not_configured" >&2
	exit 0
fi
sudo=()
[ "$(id -u)" -eq 0 ] || sudo=(sudo)
echo "installing ${need[*]} …"
export DEBIAN_FRONTEND=noninteractive
"${sudo[@]}" apt-get update -qq
"${sudo[@]}" apt-get install -y -qq --no-install-recommends "${need[@]}" >/dev/null
