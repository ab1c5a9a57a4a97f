# SPDX-License-Identifier: BSL-1.0
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(amphi_cmake_dir ${CMAKE_INSTALL_LIBDIR}/cmake/amphi)

# amphi_install_library(TARGET NAME pkg-config-name DESCRIPTION text REQUIRES pkg-config-names...)
#
# Each library is an export set and a .pc file of its own, so that a user of the core alone needs
# nothing that http needs.
function(amphi_install_library target)
    cmake_parse_arguments(PARSE_ARGV 1 pc "" "DESCRIPTION;NAME" "REQUIRES")
    install(TARGETS ${target} EXPORT ${target} FILE_SET HEADERS)
    install(
        EXPORT ${target}
        NAMESPACE amphi::
        DESTINATION ${amphi_cmake_dir}
        FILE ${target}Targets.cmake
    )
    set(pc_LIBRARY ${target})
    list(JOIN pc_REQUIRES ", " pc_REQUIRES)
    if(BUILD_SHARED_LIBS)
        set(pc_CFLAGS "-DAMPHI_SHARED")
    endif()
    # Relative to the file itself, so that `cmake --install --prefix` may move the whole.
    file(RELATIVE_PATH pc_PREFIX /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
    configure_file(cmake/amphi.pc.in ${pc_NAME}.pc @ONLY)
    install(
        FILES ${PROJECT_BINARY_DIR}/${pc_NAME}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig
    )
endfunction()

amphi_install_library(amphi NAME amphi DESCRIPTION "${PROJECT_DESCRIPTION}" REQUIRES liburing)
if(TARGET amphi_tls)
    amphi_install_library(
        amphi_tls
        NAME amphi-tls
        DESCRIPTION "TLS for amphi"
        REQUIRES "amphi = ${PROJECT_VERSION}" openssl
    )
endif()
if(TARGET amphi_http)
    amphi_install_library(
        amphi_http
        NAME amphi-http
        DESCRIPTION "HTTP for amphi"
        REQUIRES "amphi = ${PROJECT_VERSION}" libcurl openssl
    )
endif()
if(TARGET amphi-cli)
    install(TARGETS amphi-cli)
endif()

configure_package_config_file(
    cmake/amphiConfig.cmake.in amphiConfig.cmake INSTALL_DESTINATION ${amphi_cmake_dir}
)
write_basic_package_version_file(amphiConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(
    FILES
        ${PROJECT_BINARY_DIR}/amphiConfig.cmake
        ${PROJECT_BINARY_DIR}/amphiConfigVersion.cmake
        cmake/amphi_check_coroutines.cmake
        tools/coroutine_check.py
    DESTINATION ${amphi_cmake_dir}
)
