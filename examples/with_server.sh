#!/bin/bash
# SPDX-License-Identifier: BSL-1.0
# with_server.sh AMPHI EXAMPLE: gives the example the URLs of files that `amphi serve` serves, on
# standard input, and compares what it has saved with them.
set -euo pipefail

folder=$(mktemp -d)
mkdir "$folder/served" "$folder/saved"
for i in {1..100}; do printf 'file %d\n' "$i" >"$folder/served/$i.txt"; done

"$1" serve "$folder/served" --port 0 >"$folder/address" &
server=$!
trap 'kill "$server"; wait "$server" || true; rm -r "$folder"' EXIT
until [[ -s $folder/address ]]; do kill -0 "$server"; done
url=$(grep -o 'http://[^ ]*' "$folder/address")

cd "$folder/saved"
for i in {1..100}; do echo "$url/$i.txt"; done | "$2"
diff -r "$folder/served" "$folder/saved"
