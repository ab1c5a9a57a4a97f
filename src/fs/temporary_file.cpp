// SPDX-License-Identifier: BSL-1.0
#include <amphi/fs/temporary_file.hpp>

#include <amphi/base/descriptor.hpp>
#include <amphi/exec/executor.hpp>
#include <amphi/exec/on.hpp>
#include <amphi/fs/file.hpp>
#include <amphi/fs/operations.hpp>
#include <amphi/task/task.hpp>

#include "blocking.hpp"
#include "temporary_name.hpp"

#include <cerrno>
#include <filesystem>
#include <string>
#include <utility>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

namespace amphi::fs {

namespace {

using named_descriptor = std::pair<descriptor, std::filesystem::path>;

named_descriptor make_named_now(const std::filesystem::path& folder, const std::string& prefix) {
    std::string name = detail::temporary_name(folder, prefix);
    descriptor fd(::mkostemp(name.data(), O_CLOEXEC));  // 0600, and O_EXCL
    if (!fd) detail::throw_file_error("make a temporary file as", name);
    return {std::move(fd), std::move(name)};
}

named_descriptor make_unnamed_now(const std::filesystem::path& folder) {
    std::filesystem::path in = detail::temporary_folder_or(folder);
    // O_EXCL: nobody can give it a name either.
    const int flags = O_TMPFILE | O_EXCL | O_RDWR | O_CLOEXEC;
    descriptor fd(detail::uninterrupted([&] { return ::open(in.c_str(), flags, 0600); }));
    if (fd) return {std::move(fd), std::move(in)};
    // What the file system answers that cannot, and an old one that takes it for an open of a
    // folder.
    if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)
        detail::throw_file_error("make a temporary file in", in);
    named_descriptor made = make_named_now(in, "tmp-");
    if (::unlink(made.second.c_str()) != 0) detail::throw_file_error("remove", made.second);
    return {std::move(made.first), std::move(in)};
}

}  // namespace

task<file> temporary_file(std::filesystem::path folder) {
    named_descriptor made = co_await on(threads, make_unnamed_now, folder);
    co_return file(std::move(made.first), std::move(made.second), false);
}

task<named_temporary_file>
named_temporary_file::make(std::filesystem::path folder, std::string prefix) {
    named_descriptor made = co_await on(threads, make_named_now, folder, prefix);
    file opened(std::move(made.first), made.second, false);
    co_return named_temporary_file(std::move(opened), std::move(made.second), ::getpid());
}

named_temporary_file::named_temporary_file(named_temporary_file&& other) noexcept
    : file_(std::move(other.file_))
    , path_(std::move(other.path_))
    , maker_(std::exchange(other.maker_, 0)) {}

named_temporary_file& named_temporary_file::operator=(named_temporary_file&& other) noexcept {
    if (this == &other) return *this;
    remove_now();
    file_ = std::move(other.file_);
    path_ = std::move(other.path_);
    maker_ = std::exchange(other.maker_, 0);
    return *this;
}

named_temporary_file::~named_temporary_file() {
    remove_now();
}

void named_temporary_file::remove_now() noexcept {
    if (maker_ == ::getpid()) (void)::unlink(path_.c_str());
    maker_ = 0;
}

task<> named_temporary_file::keep(std::filesystem::path name, existing target) {
    co_await fs::rename(path_, name, target);
    maker_ = 0;
    file_.path_ = name;
    path_ = std::move(name);
}

task<bool> named_temporary_file::remove() {
    if (maker_ == 0) co_return false;
    const bool removed = co_await fs::remove(path_);
    maker_ = 0;
    co_return removed;
}

}  // namespace amphi::fs
