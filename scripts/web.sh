#!/usr/bin/env bash
# Builds the browser scripts into ui/dist: npm packages by the lock file (none of
# their scripts run), bundled by esbuild. Does nothing when they are up to date.
# Without npm the pages work without scripts, that is without the camera.
set -euo pipefail
cd "$(dirname "$0")/../ui/web"

if ! command -v npm >/dev/null 2>&1; then
	echo "bonafide: npm is missing, so the pages are built without scripts: no camera, no studio" >&2
	exit 0
fi
if ! cmp -s package-lock.json node_modules/.bonafide-lock 2>/dev/null; then
	echo "installing the browser libraries …"
	npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null
	cp package-lock.json node_modules/.bonafide-lock
fi
stamp=../dist/.built
if [ -e "$stamp" ] && [ -z "$(find src build.mjs package-lock.json -newer "$stamp" -print -quit)" ]; then
	exit 0
fi
npm run --silent check
npm run --silent build
touch "$stamp"
