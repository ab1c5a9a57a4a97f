#!/bin/bash
# SPDX-License-Identifier: BSL-1.0
# with_certificate.sh EXAMPLE: gives the example the files of a certificate for localhost and of its
# key, as arguments.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 \
    -subj /CN=localhost -addext subjectAltName=DNS:localhost \
    -out "$folder/certificate.pem" -keyout "$folder/key.pem" 2>/dev/null
"$1" "$folder/certificate.pem" "$folder/key.pem"
