// SPDX-License-Identifier: BSL-1.0
#include <amphi/fs/operations.hpp>

#include <amphi/base/descriptor.hpp>
#include <amphi/base/error.hpp>
#include <amphi/exec/executor.hpp>
#include <amphi/exec/on.hpp>
#include <amphi/fs/file.hpp>
#include <amphi/io/stream.hpp>
#include <amphi/task/task.hpp>

#include "blocking.hpp"
#include "named_call.hpp"

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/types.h>

namespace amphi::fs {

namespace {

using std::filesystem::path;

using content_buffer = detail::lent_buffer<const std::byte>;

/// Nothing for a file that is waited for, which is not touched.
std::optional<std::string> read_now(const path& from) {
    if (detail::waited_for(from) != std::filesystem::file_type::regular) return std::nullopt;
    const descriptor fd = detail::open_file(from, open_options().read());
    struct stat status{};
    if (::fstat(fd.get(), &status) != 0) detail::throw_file_error("tell the size of", from);

    // One byte more than the size, so that the end is seen without another round. Files of the
    // kernel say 0 and have content all the same.
    std::string content(static_cast<std::size_t>(status.st_size) + 1, '\0');
    std::size_t filled = 0;
    for (;;) {
        if (filled == content.size()) content.resize(2 * content.size() + 4096);
        const auto room = std::as_writable_bytes(std::span(content)).subspan(filled);
        const std::size_t count = detail::read_file(fd.get(), from, room);
        if (count == 0) break;
        filled += count;
    }
    content.resize(filled);
    return content;
}

/// False for a file that is waited for, which is not touched.
bool write_now(const path& to, content_buffer content) {
    if (detail::waited_for(to) != std::filesystem::file_type::regular) return false;
    descriptor fd = detail::open_file(to, open_options().write().create().truncate());
    std::span<const std::byte> left = content.get();
    while (!left.empty())
        left = left.subspan(detail::write_file(fd.get(), to, left));
    detail::close_file(std::move(fd), to);
    return true;
}

void rename_now(const path& from, const path& to, existing target) {
    const unsigned flags = target == existing::keep ? RENAME_NOREPLACE : 0;
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), flags) != 0)
        detail::throw_system_error(
            errno, "rename", "'" + from.string() + "' to '" + to.string() + "'"
        );
}

bool remove_now(const path& removed) {
    if (std::remove(removed.c_str()) == 0) return true;
    if (errno != ENOENT) detail::throw_file_error("remove", removed);
    return false;
}

task<std::string> read_what_is_waited_for(const path& at) {
    file from = co_await file::open(at);
    std::string content;
    std::size_t filled = 0;
    for (;;) {
        if (filled == content.size()) content.resize(2 * content.size() + 4096);
        const auto room = std::as_writable_bytes(std::span(content)).subspan(filled);
        const std::size_t count = co_await from.read_some(room);
        if (count == 0) break;
        filled += count;
    }
    content.resize(filled);
    co_return content;
}

task<> write_to_what_is_waited_for(const path& at, std::span<const std::byte> content) {
    file to = co_await file::open(at, open_options().write().truncate());
    co_await write_all(to, content);
    to.close();
}

}  // namespace

task<std::string> read(const path& at) {
    std::optional<std::string> content = co_await on(threads, read_now, at);
    if (content) co_return std::move(*content);
    co_return co_await read_what_is_waited_for(at);
}

task<> write(const path& at, std::span<const std::byte> content) {
    const content_buffer buffer(content);
    const bool written = co_await on(threads, write_now, at, buffer);
    if (!written) co_await write_to_what_is_waited_for(at, content);
}

task<> write(const path& at, std::string_view content) {
    return write(at, std::as_bytes(std::span(content)));
}

task<> rename(const path& from, const path& to, existing target) {
    co_await on(threads, rename_now, from, to, target);
}

task<bool> remove(const path& at) {
    co_return co_await on(threads, remove_now, at);
}

task<std::uintmax_t> remove_all(const path& at) {
    return detail::named_call(
        "remove", [](auto&... with) { return std::filesystem::remove_all(with...); }, at
    );
}

task<> resize_file(const path& at, std::uintmax_t size) {
    return detail::named_call(
        "resize", [](auto&... with) { return std::filesystem::resize_file(with...); }, at, size
    );
}

}  // namespace amphi::fs
