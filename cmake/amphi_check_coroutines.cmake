# SPDX-License-Identifier: BSL-1.0
# amphi_check_coroutines(TARGET)
#
# Reads the sources of TARGET, before it is built, for the shapes of `co_await` that g++ 12
# miscompiles. A finding is a build error that shows the safe form.
set(amphi_coroutine_check ${CMAKE_CURRENT_LIST_DIR}/coroutine_check.py)
if(NOT EXISTS ${amphi_coroutine_check})  # In amphi's own tree the script is a tool among others.
    set(amphi_coroutine_check ${CMAKE_CURRENT_LIST_DIR}/../tools/coroutine_check.py)
endif()
set_property(GLOBAL PROPERTY amphi_coroutine_check ${amphi_coroutine_check})

function(amphi_check_coroutines target)
    find_package(Python3 REQUIRED COMPONENTS Interpreter)
    get_property(script GLOBAL PROPERTY amphi_coroutine_check)
    set(stamp ${CMAKE_CURRENT_BINARY_DIR}/${target}_coroutines.stamp)
    set(sources $<TARGET_PROPERTY:${target},SOURCES>)
    add_custom_command(
        OUTPUT ${stamp}
        COMMAND ${Python3_EXECUTABLE} ${script} ${sources}
        COMMAND ${CMAKE_COMMAND} -E touch ${stamp}
        DEPENDS ${script} ${sources}
        WORKING_DIRECTORY $<TARGET_PROPERTY:${target},SOURCE_DIR>
        COMMAND_EXPAND_LISTS
        COMMENT "Checking the coroutines of ${target}"
        VERBATIM
    )
    add_custom_target(${target}_coroutines DEPENDS ${stamp})
    add_dependencies(${target} ${target}_coroutines)
endfunction()
