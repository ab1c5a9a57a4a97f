// SPDX-License-Identifier: BSL-1.0
#include "random_files.hpp"

#include <amphi/base/descriptor.hpp>
#include <amphi/base/error.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace amphi::cli {

namespace {

constexpr std::size_t piece_size = std::size_t{64} * 1024;

std::filesystem::path make_temporary_folder() {
    std::string model = std::filesystem::temp_directory_path() / "amphi-XXXXXX";
    if (mkdtemp(model.data()) == nullptr)
        detail::throw_system_error(errno, "cannot make a temporary folder", model);
    return model;
}

void write_all(const descriptor& file, std::span<const std::byte> piece, const std::string& path) {
    while (!piece.empty()) {
        const ssize_t count = write(file.get(), piece.data(), piece.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) detail::throw_system_error(errno, "cannot write", path);
        piece = piece.subspan(static_cast<std::size_t>(count));
    }
}

/// None when the file cannot be read to its end.
std::optional<fetch::sha256_digest> digest_of(const std::filesystem::path& path) {
    const descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) return std::nullopt;
    const auto piece = std::make_unique_for_overwrite<std::byte[]>(piece_size);
    fetch::sha256 sum;
    for (;;) {
        const ssize_t count = read(file.get(), piece.get(), piece_size);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return std::nullopt;
        if (count == 0) return sum.finish();
        sum.update({piece.get(), static_cast<std::size_t>(count)});
    }
}

}  // namespace

temporary_folder::temporary_folder(afterwards what)
    : path_(make_temporary_folder())
    , afterwards_(what) {}

temporary_folder::~temporary_folder() {
    std::error_code ignored;  // The rest is the system's to clean: it is a temporary folder.
    if (afterwards_ == afterwards::remove) std::filesystem::remove_all(path_, ignored);
}

void random_files::add(std::size_t count, std::size_t size) {
    std::array<std::uint64_t, piece_size / sizeof(std::uint64_t)> random{};
    for (std::size_t i = 0; i < count; ++i) {
        std::string name = "file" + std::to_string(files_.size()) + ".bin";
        const std::string path = folder_ / name;
        const descriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
        if (!file) detail::throw_system_error(errno, "cannot create", path);
        fetch::sha256 sum;
        for (std::size_t left = size; left > 0;) {
            const std::size_t piece = std::min(left, piece_size);
            std::generate_n(random.begin(), (piece + 7) / 8, [this] { return random_(); });
            const auto bytes = std::as_bytes(std::span(random)).first(piece);
            sum.update(bytes);
            write_all(file, bytes, path);
            left -= piece;
        }
        files_.push_back({std::move(name), sum.finish()});
        bytes_ += size;
    }
}

bool random_files::is_right(std::size_t index, const std::filesystem::path& copies) const {
    const entry& file = files_[index];
    return digest_of(copies / file.name) == file.digest;
}

}  // namespace amphi::cli
