#!/usr/bin/env bash
# Runs every fuzz target of the module, one after the other, each for the given time: a duration (10m) or a number of inputs (30000x).
set -euo pipefail
fuzztime=${1:?usage: tools/fuzz.sh FUZZTIME}
go=${GO:-go}

# `go test -list` prints the names of a package's targets, then a line with the package's path.
listing=$("$go" test -list='^Fuzz' ./...)
targets=$(awk '/^Fuzz/ {names[n++] = $1} /^(ok|\?)/ {for (i = 0; i < n; i++) print $2, names[i]; n = 0}' <<<"$listing")
if [ -z "$targets" ]; then
	echo "fuzz: skipped, no target found"
	exit 0
fi

failed=()
while read -r package target; do
	echo "fuzz: $package $target"
	"$go" test -run='^$' -fuzz="^$target\$" -fuzztime="$fuzztime" "$package" || failed+=("$target")
done <<<"$targets"

if ((${#failed[@]} > 0)); then
	echo "fuzz: failed: ${failed[*]}; the inputs are in testdata/fuzz beside the targets" >&2
	exit 1
fi
