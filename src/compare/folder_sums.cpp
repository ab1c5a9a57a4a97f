// SPDX-License-Identifier: BSL-1.0
#include "folder_sums.hpp"

#include <amphi/base/descriptor.hpp>
#include <amphi/base/error.hpp>

#include "fetch/sha256.hpp"

#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include <fcntl.h>
#include <unistd.h>

namespace amphi::compare {

namespace {

constexpr std::size_t piece_size = std::size_t{256} * 1024;

std::string sum_of_file(const std::filesystem::path& path) {
    const descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!file) detail::throw_system_error(errno, "cannot read", path.string());
    const auto piece = std::make_unique_for_overwrite<std::byte[]>(piece_size);
    fetch::sha256 sum;
    for (;;) {
        const ssize_t count = read(file.get(), piece.get(), piece_size);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) detail::throw_system_error(errno, "cannot read", path.string());
        if (count == 0) return fetch::to_hex(sum.finish());
        sum.update({piece.get(), static_cast<std::size_t>(count)});
    }
}

std::string sum_of(const std::filesystem::directory_entry& entry) {
    // A link to a file is a link: so it is asked first.
    if (entry.is_symlink())
        return "link to " + std::filesystem::read_symlink(entry.path()).string();
    if (entry.is_directory()) return "folder";
    return entry.is_regular_file() ? sum_of_file(entry.path()) : "other";
}

std::string written_alone(std::string path, const std::string& name) {
    return path.append(" was written by ").append(name).append(" alone");
}

}  // namespace

std::map<std::string, std::string> sums_of(const std::filesystem::path& folder) {
    std::map<std::string, std::string> sums;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
        sums[entry.path().lexically_relative(folder).string()] = sum_of(entry);
    return sums;
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
        std::string text = path;
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
