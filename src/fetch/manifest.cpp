// SPDX-License-Identifier: BSL-1.0
#include "manifest.hpp"

#include <amphi/base/error.hpp>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <functional>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace amphi::fetch {

namespace {

using amphi::detail::lock_guard;

constexpr const char* new_name = ".amphi-manifest.new";
constexpr int safe_flags = O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK;
constexpr mode_t permissions = 0666;
constexpr std::size_t block_bytes = std::size_t{256} << 10;
constexpr std::size_t line_bytes_usual = 1024;
// What is longer is damaged.
constexpr std::size_t line_bytes_max = std::size_t{128} << 10;

std::size_t hash_of(const std::string& key, std::string_view path) {
    // No key has a line break.
    return std::hash<std::string>()((key + '\n').append(path));
}

/// What is there of so many bytes; less at the file's end, and when it cannot be read.
std::string read_at(int fd, std::uint64_t offset, std::size_t bytes) {
    std::string text(bytes, '\0');
    ssize_t count = -1;
    do {
        count = ::pread(fd, text.data(), bytes, static_cast<off_t>(offset));
    } while (count < 0 && errno == EINTR);
    text.resize(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    return text;
}

bool write_all(int fd, std::string_view text) noexcept {
    while (!text.empty()) {
        const ssize_t count = ::write(fd, text.data(), text.size());
        if (count < 0 && errno != EINTR) return false;
        text.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    }
    return true;
}

void lock_shared(int fd) noexcept {
    while (::flock(fd, LOCK_SH) != 0 && errno == EINTR) {
    }
}

}  // namespace

manifest::manifest(const target_folder& folder) : folder_(folder) {
    const lock_guard guard(lock_);
    // Read anew when another run has made it shorter in between.
    for (int tries = 0; tries < 10; ++tries) {
        if (!open(0)) return;
        read();
        keep_latest();
        const std::uint64_t replaced = lines_ - damaged_ - places_.size();
        if (damaged_ != 0 || replaced > places_.size() / 4) compact();
        if (is_current()) break;
    }
    read_fd_ = file_.get();
}

void manifest::fail(int error, const char* operation) const {
    detail::throw_system_error(error, operation, folder_.path_of(file_name));
}

bool manifest::is_current() const {
    struct stat ours{};
    struct stat named{};
    return ::fstat(file_.get(), &ours) == 0 &&
           ::fstatat(folder_.fd(), file_name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
           ours.st_ino == named.st_ino && ours.st_dev == named.st_dev;
}

/// False when there is none.
bool manifest::open(int more_flags) {
    // Another run may put a shorter one in its place meanwhile, but not for ever.
    for (int tries = 0; tries < 100; ++tries) {
        file_.reset(::openat(
            folder_.fd(), file_name, O_RDWR | O_APPEND | safe_flags | more_flags, permissions
        ));
        if (!file_ && errno == ENOENT && more_flags == 0) return false;
        if (!file_) fail(errno, "open");
        struct stat found{};
        if (::fstat(file_.get(), &found) != 0) fail(errno, "look at");
        if (!S_ISREG(found.st_mode) || found.st_nlink > 1 || found.st_uid != ::geteuid())
            fail(EEXIST, "this is no manifest of ours:");
        // Where there are no locks, nobody makes it shorter.
        lock_shared(file_.get());
        if (!is_current()) continue;
        size_ = static_cast<std::uint64_t>(found.st_size);
        line_is_open_ = size_ != 0 && read_at(file_.get(), size_ - 1, 1) != "\n";
        return true;
    }
    fail(EBUSY, "open");
}

void manifest::read() {
    places_.clear();
    lines_ = damaged_ = first_damaged_ = 0;
    std::string text;          // From some line's begin on.
    std::uint64_t offset = 0;  // Of the text.
    bool is_tail = false;      // The text is what follows the first part of a line too long.
    for (;;) {
        const std::string block = read_at(file_.get(), offset + text.size(), block_bytes);
        if (block.empty()) break;
        text += block;
        std::size_t begin = 0;
        for (std::size_t end = 0; (end = text.find('\n', begin)) != std::string::npos;
             begin = end + 1) {
            const std::string_view line(text.data() + begin, is_tail ? 0 : end - begin);
            read_line(line, offset + begin);
            is_tail = false;
        }
        if (text.size() - begin > line_bytes_max) {
            begin = text.size();
            is_tail = true;
        }
        text.erase(0, begin);
        offset += begin;
    }
    // A line without its end was torn off, or is none.
    if (!text.empty() || is_tail) read_line({}, offset);
    size_ = offset + text.size();
}

void manifest::read_line(std::string_view line, std::uint64_t offset) {
    ++lines_;
    const auto entry = line.size() < line_bytes_max ? parse_manifest_line(line) : std::nullopt;
    if (entry) {
        places_.push_back({hash_of(entry->key, entry->path), offset});
        return;
    }
    if (++damaged_ == 1) first_damaged_ = lines_;
}

void manifest::keep_latest() {
    std::sort(places_.begin(), places_.end(), [](const place& a, const place& b) {
        return a.hash != b.hash ? a.hash < b.hash : a.offset > b.offset;
    });
    // Of those with one hash the first is the latest.
    const auto same = [](const place& a, const place& b) { return a.hash == b.hash; };
    places_.erase(std::unique(places_.begin(), places_.end(), same), places_.end());
}

/// Leaves everything as it is when another run has the folder, or the disk is full.
void manifest::compact() {
    struct stat found{};
    // Between the two locks there was none.
    const bool ours = ::flock(file_.get(), LOCK_EX | LOCK_NB) == 0 &&
                      ::fstat(file_.get(), &found) == 0 && is_current() &&
                      static_cast<std::uint64_t>(found.st_size) == size_;
    if (ours) ::unlinkat(folder_.fd(), new_name, 0);
    descriptor made;
    if (ours)
        made.reset(::openat(
            folder_.fd(),
            new_name,
            O_RDWR | O_APPEND | O_CREAT | O_EXCL | safe_flags,
            found.st_mode & 0777U
        ));
    std::vector<place> moved = places_;
    if (made && ::flock(made.get(), LOCK_SH | LOCK_NB) == 0 && copy_to(made.get(), moved) &&
        ::renameat(folder_.fd(), new_name, folder_.fd(), file_name) == 0) {
        file_ = std::move(made);
        places_ = std::move(moved);
        line_is_open_ = false;
    } else if (made) {
        ::unlinkat(folder_.fd(), new_name, 0);
    }
    lock_shared(file_.get());
}

bool manifest::copy_to(int fd, std::vector<place>& moved) const {
    std::sort(moved.begin(), moved.end(), [](const place& a, const place& b) {
        return a.offset < b.offset;
    });
    std::string text;
    std::uint64_t written = 0;
    for (place& one : moved) {
        const std::string line = line_at(file_.get(), one.offset);
        if (line.empty()) return false;
        one.offset = written + text.size();
        text += line + '\n';
        if (text.size() < block_bytes) continue;
        if (!write_all(fd, text)) return false;
        written += text.size();
        text.clear();
    }
    std::sort(moved.begin(), moved.end(), [](const place& a, const place& b) {
        return a.hash < b.hash;
    });
    return write_all(fd, text);
}

std::string manifest::line_at(int fd, std::uint64_t offset) const {
    for (const std::size_t bytes : {line_bytes_usual, line_bytes_max}) {
        std::string text = read_at(fd, offset, bytes);
        const std::size_t end = text.find('\n');
        if (end == std::string::npos) continue;
        text.resize(end);
        return text;
    }
    return {};
}

std::optional<manifest_entry> manifest::find(const http::url& from, std::string_view path) const {
    if (places_.empty()) return std::nullopt;
    const std::string key = manifest_key(from);
    const std::size_t hash = hash_of(key, path);
    const auto found =
        std::lower_bound(places_.begin(), places_.end(), hash, [](const place& p, std::size_t h) {
            return p.hash < h;
        });
    if (found == places_.end() || found->hash != hash) return std::nullopt;
    auto entry = parse_manifest_line(line_at(read_fd_, found->offset));
    // Something else may have the same hash.
    return entry && entry->key == key && entry->path == path ? std::move(entry) : std::nullopt;
}

void manifest::add(const manifest_entry& entry) {
    auto line = to_line(entry, std::chrono::system_clock::now());
    if (!line || line->size() > line_bytes_max) return;
    const lock_guard guard(lock_);
    if (!file_) (void)open(O_CREAT);
    if (line_is_open_) line->insert(0, "\n");
    // One write a line: those of several runs do not mix.
    const ssize_t count = ::write(file_.get(), line->data(), line->size());
    line_is_open_ = count > 0 ? static_cast<std::size_t>(count) != line->size() : line_is_open_;
    if (count < 0) fail(errno, "write");
    if (line_is_open_) fail(ENOSPC, "write");
}

std::string manifest::damage() const {
    if (damaged_ == 0) return {};
    std::string text = folder_.path_of(file_name) + ": line " + std::to_string(first_damaged_);
    if (damaged_ > 1) text += " and " + std::to_string(damaged_ - 1) + " more";
    return text + (damaged_ > 1 ? " are" : " is") + " damaged and ignored";
}

}  // namespace amphi::fetch
