// SPDX-License-Identifier: BSL-1.0
#include <amphi/fs/temporary_folder.hpp>

#include <amphi/exec/executor.hpp>
#include <amphi/exec/on.hpp>
#include <amphi/fs/operations.hpp>
#include <amphi/task/task.hpp>

#include "blocking.hpp"
#include "temporary_name.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include <stdlib.h>
#include <unistd.h>

namespace amphi::fs {

namespace {

std::filesystem::path make_now(const std::filesystem::path& in, const std::string& prefix) {
    std::string name = detail::temporary_name(in, prefix);
    if (::mkdtemp(name.data()) == nullptr)  // 0700
        detail::throw_file_error("make a temporary folder as", name);
    return name;
}

}  // namespace

task<temporary_folder> temporary_folder::make(std::filesystem::path folder, std::string prefix) {
    std::filesystem::path made = co_await on(threads, make_now, folder, prefix);
    co_return temporary_folder(std::move(made), ::getpid());
}

temporary_folder::temporary_folder(temporary_folder&& other) noexcept
    : path_(std::move(other.path_))
    , maker_(std::exchange(other.maker_, 0)) {}

temporary_folder& temporary_folder::operator=(temporary_folder&& other) noexcept {
    if (this == &other) return *this;
    remove_now();
    path_ = std::move(other.path_);
    maker_ = std::exchange(other.maker_, 0);
    return *this;
}

temporary_folder::~temporary_folder() {
    remove_now();
}

void temporary_folder::remove_now() noexcept {
    std::error_code ignored;
    try {
        if (maker_ == ::getpid()) std::filesystem::remove_all(path_, ignored);
    } catch (...) {
        // Without memory, what is left stays.
    }
    maker_ = 0;
}

task<std::uintmax_t> temporary_folder::remove() {
    if (maker_ == 0) co_return std::uintmax_t{0};
    const std::uintmax_t count = co_await fs::remove_all(path_);
    maker_ = 0;
    co_return count;
}

}  // namespace amphi::fs
