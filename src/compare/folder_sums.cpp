// SPDX-License-Identifier: BSL-1.0
#include "folder_sums.hpp"

#include <amphi/base/descriptor.hpp>
#include <amphi/base/error.hpp>

#include "fetch/printable.hpp"
#include "fetch/sha256.hpp"
#include "measure.hpp"

#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace amphi::compare {

namespace {

constexpr std::size_t piece_size = std::size_t{256} * 1024;

void heed(int stop) {
    pollfd asked{stop, POLLIN, 0};
    if (poll(&asked, 1, 0) > 0) throw interrupted();
}

std::string sum_of_file(const std::filesystem::path& path, int stop) {
    const descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!file) detail::throw_system_error(errno, "cannot read", path.string());
    const auto piece = std::make_unique_for_overwrite<std::byte[]>(piece_size);
    fetch::sha256 sum;
    for (;;) {
        heed(stop);
        const ssize_t count = read(file.get(), piece.get(), piece_size);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) detail::throw_system_error(errno, "cannot read", path.string());
        if (count == 0) return fetch::to_hex(sum.finish());
        sum.update({piece.get(), static_cast<std::size_t>(count)});
    }
}

std::string sum_of(const std::filesystem::directory_entry& entry, int stop) {
    // A link to a file is a link: so it is asked first.
    if (entry.is_symlink())
        return "link to " + std::filesystem::read_symlink(entry.path()).string();
    if (entry.is_directory()) return "folder";
    return entry.is_regular_file() ? sum_of_file(entry.path(), stop) : "other";
}

/// A link to a folder is none.
bool is_real_folder(const std::filesystem::path& path) {
    return std::filesystem::is_directory(std::filesystem::symlink_status(path));
}

/// Each folder is opened before what is in it is looked for.
void open_to_owner(const std::filesystem::path& folder) {
    const auto open_one = [](const std::filesystem::path& path) {
        std::error_code seen_by_the_removal;
        std::filesystem::permissions(
            path,
            std::filesystem::perms::owner_all,
            std::filesystem::perm_options::add,
            seen_by_the_removal
        );
    };
    open_one(folder);
    for (const auto& entry : std::filesystem::recursive_directory_iterator(
             folder, std::filesystem::directory_options::skip_permission_denied
         ))
        if (is_real_folder(entry.path())) open_one(entry.path());
}

std::string written_alone(const std::string& path, const std::string& name) {
    return fetch::printable(path).append(" was written by ").append(name).append(" alone");
}

}  // namespace

std::map<std::string, std::string> sums_of(const std::filesystem::path& folder, int stop) {
    if (!is_real_folder(folder))
        throw std::filesystem::filesystem_error(
            "the folder is gone, or is none any more",
            folder,
            std::make_error_code(std::errc::not_a_directory)
        );
    std::map<std::string, std::string> sums;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        heed(stop);
        sums[entry.path().lexically_relative(folder).string()] = sum_of(entry, stop);
    }
    return sums;
}

void remove_folder(const std::filesystem::path& folder) {
    std::error_code failed;
    std::filesystem::remove_all(folder, failed);
    if (!failed) return;
    if (is_real_folder(folder)) open_to_owner(folder);
    std::filesystem::remove_all(folder);
}

std::string difference_of(
    const std::map<std::string, std::string>& first,
    const std::string& first_name,
    const std::map<std::string, std::string>& second,
    const std::string& second_name
) {
    for (const auto& [path, sum] : first) {
        const auto found = second.find(path);
        if (found == second.end()) return written_alone(path, first_name);
        if (found->second == sum) continue;
        std::string text = fetch::printable(path);
        return text.append(" of ")
            .append(first_name)
            .append(" differs from that of ")
            .append(second_name);
    }
    for (const auto& [path, sum] : second)
        if (!first.contains(path)) return written_alone(path, second_name);
    return {};
}

}  // namespace amphi::compare
