// SPDX-License-Identifier: BSL-1.0
#include "file_type_of.hpp"

#include <filesystem>

#include <sys/stat.h>
#include <sys/types.h>

namespace amphi::detail {

using std::filesystem::file_type;

file_type type_of(mode_t mode) noexcept {
    switch (mode & S_IFMT) {
    case S_IFREG:
        return file_type::regular;
    case S_IFDIR:
        return file_type::directory;
    case S_IFLNK:
        return file_type::symlink;
    case S_IFBLK:
        return file_type::block;
    case S_IFCHR:
        return file_type::character;
    case S_IFIFO:
        return file_type::fifo;
    case S_IFSOCK:
        return file_type::socket;
    default:
        return file_type::unknown;
    }
}

}  // namespace amphi::detail
