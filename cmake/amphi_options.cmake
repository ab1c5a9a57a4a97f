# SPDX-License-Identifier: BSL-1.0
# How amphi compiles its own sources. All of it is scoped to amphi's directories: nothing here
# reaches a project that uses amphi.

set(CMAKE_CXX_EXTENSIONS OFF)
add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wdeprecated-copy-dtor)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    add_compile_options(-Wthread-safety)
endif()
if(AMPHI_WERROR)
    add_compile_options(-Werror)
endif()

if(AMPHI_SANITIZE)
    if(AMPHI_SANITIZE STREQUAL "address")
        # Not vptr: it opens descriptors to look at memory, and some tests leave it none.
        set(
            sanitizers
            -fsanitize=address,undefined -fno-sanitize=vptr -fno-sanitize-recover=all
        )
    elseif(AMPHI_SANITIZE STREQUAL "thread")
        set(sanitizers -fsanitize=thread)
    else()
        message(FATAL_ERROR "AMPHI_SANITIZE is '${AMPHI_SANITIZE}': use address or thread")
    endif()
    add_compile_options(${sanitizers} -fno-omit-frame-pointer)
    add_link_options(${sanitizers})
endif()

if(BUILD_SHARED_LIBS)
    set(CMAKE_POSITION_INDEPENDENT_CODE ON)  # A room's objects become part of a shared library.
endif()
