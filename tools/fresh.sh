#!/usr/bin/env bash
# Runs the given command, which writes the generated files, and fails if that changed anything in the work tree. Changes that were there
# before do not count.
set -euo pipefail

if ! git rev-parse --git-dir >/dev/null 2>&1; then
	echo "fresh: skipped, this is no git checkout"
	exit 0
fi

# state prints one line per file that differs from the last commit: its name and a sum of its content.
state() {
	{ git diff --name-only --no-renames HEAD && git ls-files --others --exclude-standard; } | sort -u | while read -r file; do
		echo "$file $(git hash-object --no-filters -- "$file" 2>/dev/null || echo deleted)"
	done
}

before=$(state)
"$@"
after=$(state)
if [ "$before" != "$after" ]; then
	echo "fresh: generated files were out of date; they are now as they should be, commit them:" >&2
	# Lines that only one of the two has, without their sums.
	printf '%s\n' "$before" "$after" | sort | uniq --unique | sed 's/ [0-9a-z]*$//' | sort --unique >&2
	exit 1
fi
