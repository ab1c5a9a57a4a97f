# SPDX-License-Identifier: BSL-1.0
# Sets amphi_version from include/amphi/version.hpp, the one place where the version is written.
file(
    STRINGS ${CMAKE_CURRENT_LIST_DIR}/../include/amphi/version.hpp amphi_version
    REGEX "^#define AMPHI_VERSION_(MAJOR|MINOR|PATCH) [0-9]+$"
)
list(TRANSFORM amphi_version REPLACE "^#define AMPHI_VERSION_[A-Z]+ " "")
list(JOIN amphi_version "." amphi_version)
