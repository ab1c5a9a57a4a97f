# SPDX-License-Identifier: BSL-1.0
include(GoogleTest)
find_package(GTest REQUIRED)

# amphi_tests(ROOM [SERIAL] SOURCES x_test.cpp... [LIBRARIES target...])
#
# Called by tests/ROOM/CMakeLists.txt: one GoogleTest binary, tests_ROOM, whose cases ctest
# discovers. It links the library that the room belongs to, and LIBRARIES. With SERIAL nothing else
# runs beside a case.
function(amphi_tests room)
    cmake_parse_arguments(PARSE_ARGV 1 tests "SERIAL" "" "LIBRARIES;SOURCES")
    set(binary tests_${room})
    add_executable(${binary} ${tests_SOURCES})
    get_property(library GLOBAL PROPERTY amphi_library_of_${room})
    target_link_libraries(${binary} PRIVATE amphi_test_support ${library} ${tests_LIBRARIES})
    target_precompile_headers(${binary} REUSE_FROM amphi_test_support)
    gtest_discover_tests(
        ${binary}
        DISCOVERY_MODE PRE_TEST
        PROPERTIES LABELS ${room} TIMEOUT 300 RUN_SERIAL ${tests_SERIAL}
    )
endfunction()

# amphi_example(NAME [ARGS arg...] [LIBRARIES target...] [PRINTS regex])
#
# Called by examples/CMakeLists.txt: builds NAME.cpp and runs it with ARGS as a test, which passes
# when it prints what PRINTS says.
function(amphi_example name)
    cmake_parse_arguments(PARSE_ARGV 1 example "" "PRINTS" "ARGS;LIBRARIES")
    set(binary example_${name})
    add_executable(${binary} ${name}.cpp)
    target_link_libraries(${binary} PRIVATE amphi ${example_LIBRARIES})
    add_test(NAME example.${name} COMMAND ${binary} ${example_ARGS})
    set_tests_properties(example.${name} PROPERTIES LABELS example TIMEOUT 60)
    if(DEFINED example_PRINTS)
        # With it ctest no longer looks at the exit code, and so at what a sanitizer has found.
        set_tests_properties(
            example.${name}
            PROPERTIES PASS_REGULAR_EXPRESSION "${example_PRINTS}" FAIL_REGULAR_EXPRESSION Sanitizer
        )
    endif()
endfunction()
