// SPDX-License-Identifier: BSL-1.0
#include "blocking.hpp"

#include <amphi/base/descriptor.hpp>
#include <amphi/base/error.hpp>
#include <amphi/fs/file.hpp>

#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <span>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

namespace amphi::detail {

void throw_file_error(const char* operation, const std::filesystem::path& path) {
    throw_system_error(errno, operation, "'" + path.string() + "'");
}

std::filesystem::file_type waited_for(const std::filesystem::path& path) noexcept {
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0) return std::filesystem::file_type::regular;
    if (S_ISFIFO(status.st_mode)) return std::filesystem::file_type::fifo;
    if (S_ISCHR(status.st_mode)) return std::filesystem::file_type::character;
    return std::filesystem::file_type::regular;
}

descriptor open_file(const std::filesystem::path& path, const fs::open_options& how) {
    const auto mode = static_cast<mode_t>(how.permissions());
    descriptor fd(uninterrupted([&] { return ::open(path.c_str(), how.flags(), mode); }));
    if (!fd) throw_file_error("open", path);
    return fd;
}

std::size_t read_file(int fd, const std::filesystem::path& path, std::span<std::byte> into) {
    const ssize_t count = uninterrupted([&] { return ::read(fd, into.data(), into.size()); });
    if (count < 0) throw_file_error("read", path);
    return static_cast<std::size_t>(count);
}

std::size_t write_file(int fd, const std::filesystem::path& path, std::span<const std::byte> from) {
    const ssize_t count = uninterrupted([&] { return ::write(fd, from.data(), from.size()); });
    if (count == 0 && !from.empty()) errno = EIO;  // else it would be asked for ever
    if (count <= 0 && !from.empty()) throw_file_error("write", path);
    return static_cast<std::size_t>(count);
}

void close_file(descriptor fd, const std::filesystem::path& path) {
    // Not again after EINTR: Linux has freed the number, and it may be another's by now.
    if (::close(fd.release()) != 0 && errno != EINTR) throw_file_error("close", path);
}

}  // namespace amphi::detail
