#!/bin/bash
# SPDX-License-Identifier: BSL-1.0
# usage: run.sh O1|address|thread CXX WORK-DIR
#
# Builds the core library and the program in a mode, and runs it.
set -euo pipefail
mode=$1 cxx=$2 work=$3
here=$(cd "$(dirname "$0")" && pwd)

count=1000000
case $mode in
O1)
    flags=-O1
    count=10000000
    ;;
*) flags="-O1 -g1 -fsanitize=$mode" ;;
esac

cmake -G Ninja -S "$here/project" -B "$work" -DCMAKE_CXX_COMPILER="$cxx" -DCMAKE_CXX_FLAGS="$flags" \
    --log-level=WARNING
cmake --build "$work"
"$work/ready_awaits" "$count"
