#!/usr/bin/env bash
# Installs the Debian packages that some tests use. A test whose tool is absent skips and says so: nothing here is needed to build or to run.
set -euo pipefail

# command and the package that has it
needs=(
	"systemd-analyze systemd"
	"shellcheck shellcheck"
	"gcc gcc"
)

missing=()
for need in "${needs[@]}"; do
	command -v "${need% *}" >/dev/null || missing+=("${need#* }")
done

if ((${#missing[@]} == 0)); then
	echo "deps: all there"
elif ! command -v apt-get >/dev/null; then
	echo "deps: skipped, no apt-get here; the tests that use them will skip: ${missing[*]}"
elif ((EUID != 0)); then
	echo "deps: skipped, not root; to have them: sudo apt-get install ${missing[*]}"
else
	echo "deps: installing ${missing[*]}"
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "${missing[@]}" >/dev/null
fi
