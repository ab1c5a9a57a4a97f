# SPDX-License-Identifier: BSL-1.0
# A library is made of rooms. A room is compiled once, as an object library, and knows nothing of
# the other rooms' settings; what it may include is checked by tools/tidy.py.

# amphi_library(TARGET [STATIC] ROOMS room... [HEADERS x.hpp...] [EXPORT_NAME name]
#               [LIBRARIES target...])
#
# HEADERS are names below include/amphi; LIBRARIES are linked by the library and by its rooms.
function(amphi_library target)
    cmake_parse_arguments(PARSE_ARGV 1 library "STATIC" "EXPORT_NAME" "HEADERS;LIBRARIES;ROOMS")
    if(library_STATIC)
        add_library(${target} STATIC)
    else()
        add_library(${target})
    endif()
    amphi_usage(${target} PUBLIC)
    target_link_libraries(${target} PRIVATE ${library_LIBRARIES})
    if(NOT library_EXPORT_NAME)
        set(library_EXPORT_NAME ${target})
    endif()
    add_library(amphi::${library_EXPORT_NAME} ALIAS ${target})
    list(TRANSFORM library_HEADERS PREPEND ${PROJECT_SOURCE_DIR}/include/amphi/)
    target_sources(
        ${target}
        PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR}/include FILES ${library_HEADERS}
    )
    set_target_properties(
        ${target}
        PROPERTIES
            EXPORT_NAME ${library_EXPORT_NAME}
            LINKER_LANGUAGE CXX
            SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}
            VERIFY_INTERFACE_HEADER_SETS ON
            VERSION ${PROJECT_VERSION}
    )
    set(amphi_room_library ${target})
    set(amphi_room_links ${library_LIBRARIES})
    foreach(room IN LISTS library_ROOMS)
        add_subdirectory(${PROJECT_SOURCE_DIR}/src/${room} ${PROJECT_BINARY_DIR}/src/${room})
    endforeach()
endfunction()

# amphi_room(NAME room [HEADERS x.hpp...] [SOURCES x.cpp...] [LIBRARIES target...])
#
# Called by src/ROOM/CMakeLists.txt. HEADERS are names below include/amphi/ROOM; a room of headers
# alone has no SOURCES.
function(amphi_room)
    cmake_parse_arguments(PARSE_ARGV 0 room "" "NAME" "HEADERS;LIBRARIES;SOURCES")
    list(TRANSFORM room_HEADERS PREPEND ${PROJECT_SOURCE_DIR}/include/amphi/${room_NAME}/)
    target_sources(${amphi_room_library} PUBLIC FILE_SET HEADERS FILES ${room_HEADERS})
    set_property(GLOBAL PROPERTY amphi_library_of_${room_NAME} ${amphi_room_library})
    if(NOT room_SOURCES)
        return()
    endif()
    set(objects amphi_room_${room_NAME})
    add_library(${objects} OBJECT ${room_SOURCES})
    amphi_usage(${objects} PRIVATE)
    target_link_libraries(${objects} PRIVATE ${amphi_room_links} ${room_LIBRARIES})
    set_target_properties(
        ${objects}
        PROPERTIES
            CXX_VISIBILITY_PRESET hidden
            VISIBILITY_INLINES_HIDDEN ON
    )
    target_sources(${amphi_room_library} PRIVATE $<TARGET_OBJECTS:${objects}>)
endfunction()

# What compiling against amphi's headers takes: the same for a room (PRIVATE) and a user (PUBLIC).
function(amphi_usage target scope)
    target_compile_features(${target} ${scope} cxx_std_20)
    target_compile_definitions(
        ${target}
        ${scope}
            $<$<BOOL:${AMPHI_INTERLEAVE}>:AMPHI_INTERLEAVE>
            $<$<BOOL:${BUILD_SHARED_LIBS}>:AMPHI_SHARED>
    )
    target_include_directories(
        ${target} ${scope} $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
    )
    if(AMPHI_INTERLEAVE)
        # The compiler's calls at plain accesses; src/base/interleave_hooks.cpp is what they reach.
        target_compile_options(${target} ${scope} -fsanitize=thread)
    endif()
    target_link_libraries(${target} ${scope} Threads::Threads)
endfunction()
