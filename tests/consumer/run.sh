#!/bin/bash
# SPDX-License-Identifier: BSL-1.0
# usage: run.sh KIND CXX BUILD-DIR WORK-DIR
#
# Installs the build below a prefix of its own and builds a user's project against that.
set -euo pipefail
kind=$1 cxx=$2 build=$3 work=$4
here=$(cd "$(dirname "$0")" && pwd)
prefix=$work/prefix
rm -rf "$work"
mkdir -p "$work"

# A debug build, as users start with: cheaper, and a user's flags differ from the library's.
with_cmake() {
    local source=$1
    shift
    cmake -G Ninja -S "$source" -B "$work/build" -DCMAKE_CXX_COMPILER="$cxx" \
        -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_BUILD_TYPE=Debug "$@" &&
        cmake --build "$work/build" &&
        "$work/build/consumer"
}

[[ $kind == add_subdirectory ]] || cmake --install "$build" --prefix "$prefix" >/dev/null

case $kind in
find_package)
    with_cmake "$here/find_package"
    [[ ! -e $work/build/consumer_tls ]] || "$work/build/consumer_tls"
    ;;
pkg_config)
    PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name amphi.pc)")
    export PKG_CONFIG_PATH
    read -ra flags <<<"$(pkg-config --cflags --libs amphi)"
    "$cxx" -std=c++20 "$here/main.cpp" -o "$work/consumer" "${flags[@]}"
    LD_LIBRARY_PATH=$(pkg-config --variable=libdir amphi) "$work/consumer"
    ;;
add_subdirectory)
    # As a shared library: also the proof that what a user links to is exported.
    with_cmake "$here/add_subdirectory" -DBUILD_SHARED_LIBS=ON \
        -DCMAKE_CXX_FLAGS_DEBUG=-O0
    ;;
wrong_coroutine)
    # The installed check must stop a project that steps into one of g++ 12's traps.
    mkdir "$work/find_package"
    cp "$here/find_package/CMakeLists.txt" "$work/find_package"
    cp "$here/http.cpp" "$here/tls.cpp" "$work"
    sed 's/const int doubled = co_await twice(n);/if (co_await twice(n) == 0) co_return 0;/
        s/doubled/n/' "$here/main.cpp" >"$work/main.cpp"
    if with_cmake "$work/find_package" >"$work/log" 2>&1; then
        echo "amphi_check_coroutines let it pass"
        exit 1
    fi
    grep 'await into a named local' "$work/log"
    ;;
esac
