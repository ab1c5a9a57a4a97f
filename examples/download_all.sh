#!/bin/bash
# SPDX-License-Identifier: BSL-1.0
# download_all.sh AMPHI EXAMPLE: runs the example against `amphi serve` and compares the files.
set -euo pipefail

folder=$(mktemp -d)
mkdir "$folder/served" "$folder/downloaded"
for i in {1..100}; do printf 'file %d\n' "$i" >"$folder/served/$i.txt"; done

"$1" serve "$folder/served" --port 0 >"$folder/address" &
server=$!
trap 'kill "$server"; wait "$server" || true; rm -r "$folder"' EXIT
until [[ -s $folder/address ]]; do kill -0 "$server"; done
url=$(grep -o 'http://[^ ]*' "$folder/address")

cd "$folder/downloaded"
for i in {1..100}; do echo "$url/$i.txt"; done | "$2"
diff -r "$folder/served" "$folder/downloaded"
