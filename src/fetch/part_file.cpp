// SPDX-License-Identifier: BSL-1.0
#include "part_file.hpp"

#include <amphi/base/error.hpp>

#include "sha256.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <string_view>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace amphi::fetch {

namespace {

constexpr int safe_flags = O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK;
constexpr mode_t permissions = 0666;
// A large download is worth its origin being written at its start, so that also a crash leaves
// something to continue; of a small one little is lost.
constexpr std::uint64_t large_bytes = std::uint64_t{1} << 20;
constexpr std::size_t origin_bytes_max = 4096;
constexpr std::uint64_t given_back_bytes = 2 * origin_bytes_max;

std::string_view take_line(std::string_view& text) noexcept {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    return line;
}

}  // namespace

part_file::part_file(const target_folder& folder, std::string name, std::string url)
    : folder_(folder)
    , name_(std::move(name))
    , part_name_(name_ + ".part")
    , origin_name_(part_name_ + ".from")
    , url_(std::move(url)) {}

part_file::~part_file() {
    keep();
}

void part_file::fail(int error, const char* operation) const {
    detail::throw_system_error(error, operation, folder_.path_of(part_name_));
}

void part_file::open_existing() {
    fd_.reset(::openat(folder_.fd(), part_name_.c_str(), O_RDWR | safe_flags));
    if (!fd_) {
        if (errno == ENOENT) return;
        fail(errno, "open");
    }
    struct stat found{};
    if (::fstat(fd_.get(), &found) != 0) fail(errno, "look at");
    if (!S_ISREG(found.st_mode) || found.st_nlink != 1 || found.st_uid != ::geteuid()) {
        fd_.reset();
        fail(EEXIST, "this is no download of ours:");
    }
    if (::flock(fd_.get(), LOCK_EX | LOCK_NB) != 0) {
        fd_.reset();
        fail(EBUSY, "another download writes to");
    }
    size_ = static_cast<std::uint64_t>(found.st_size);
}

void part_file::create() {
    fd_.reset(::openat(
        folder_.fd(), part_name_.c_str(), O_RDWR | O_CREAT | O_EXCL | safe_flags, permissions
    ));
    if (!fd_ && errno == EEXIST) {
        // Another process has begun it since we looked, and has it locked as a rule.
        open_existing();
        if (!fd_) fail(EBUSY, "another download makes and removes");
        return;
    }
    if (!fd_) fail(errno, "make");
    if (::flock(fd_.get(), LOCK_EX | LOCK_NB) != 0) fail(errno, "lock");
}

std::optional<std::uint64_t> part_file::find() {
    if (!folder_.may_have(part_name_)) return std::nullopt;
    open_existing();
    if (!fd_) return std::nullopt;
    const auto found = read_origin();
    if (!found || found->validator.empty() || size_ == 0) return std::nullopt;
    origin_ = *found;
    origin_written_ = true;
    // All of it is there, only the last step was missing: one byte is asked for anew, since there
    // is no range of none.
    if (origin_.total && size_ >= *origin_.total) {
        if (*origin_.total == 0) return std::nullopt;
        size_ = *origin_.total - 1;
        if (::ftruncate(fd_.get(), static_cast<off_t>(size_)) != 0) fail(errno, "cut off");
    }
    return size_;
}

void part_file::start(part_origin origin) {
    if (!fd_) create();
    if (size_ != 0 && ::ftruncate(fd_.get(), 0) != 0) fail(errno, "empty");
    size_ = 0;
    if (origin_written_) ::unlinkat(folder_.fd(), origin_name_.c_str(), 0);
    origin_written_ = false;
    origin_ = std::move(origin);
    if (origin_.total.value_or(large_bytes) >= large_bytes) origin_written_ = write_origin();
}

void part_file::write(std::span<const std::byte> piece) {
    while (!piece.empty()) {
        const ssize_t count =
            ::pwrite(fd_.get(), piece.data(), piece.size(), static_cast<off_t>(size_));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) fail(errno, "write");
        size_ += static_cast<std::uint64_t>(count);
        piece = piece.subspan(static_cast<std::size_t>(count));
    }
}

std::size_t part_file::read_at(std::uint64_t offset, std::span<std::byte> into) const {
    for (;;) {
        const ssize_t count =
            ::pread(fd_.get(), into.data(), into.size(), static_cast<off_t>(offset));
        if (count >= 0) return static_cast<std::size_t>(count);
        if (errno != EINTR) fail(errno, "read");
    }
}

void part_file::settle() const {
    // A second descriptor's end writes back too, and keeps the lock. Without one it is left to the
    // last.
    const int second = ::fcntl(fd_.get(), F_DUPFD_CLOEXEC, 0);
    if (second >= 0 && ::close(second) != 0 && errno != EINTR) fail(errno, "complete");
}

bool part_file::commit(bool overwrite) {
    const unsigned flags = overwrite ? 0 : RENAME_NOREPLACE;
    const char* const from = part_name_.c_str();
    int result = ::renameat2(folder_.fd(), from, folder_.fd(), name_.c_str(), flags);
    if (result != 0 && (errno == EINVAL || errno == ENOSYS)) {
        // A file system without that flag: a link never replaces anything either.
        result = ::linkat(folder_.fd(), from, folder_.fd(), name_.c_str(), 0);
        if (result == 0) ::unlinkat(folder_.fd(), from, 0);
    }
    if (result != 0 && errno == EEXIST) {
        discard();
        return false;
    }
    if (result != 0) fail(errno, "give its name to");
    if (origin_written_) ::unlinkat(folder_.fd(), origin_name_.c_str(), 0);
    // What a network file system found out only now; its content is then not to be trusted.
    const int error = ::close(fd_.release()) == 0 ? 0 : errno;
    if (error != 0 && error != EINTR) fail(error, "complete");
    return true;
}

void part_file::discard() noexcept {
    if (!fd_) return;
    ::unlinkat(folder_.fd(), part_name_.c_str(), 0);
    if (origin_written_) ::unlinkat(folder_.fd(), origin_name_.c_str(), 0);
    fd_.reset();
}

void part_file::keep() noexcept {
    if (!fd_) return;
    if (size_ == 0) {
        discard();
        return;
    }
    folder_.note_unfinished();
    if (origin_written_ || origin_.validator.empty()) return;
    origin_written_ = write_origin();
    if (origin_written_ || size_ <= given_back_bytes) return;
    // On a full disk the end of what came is worth less than what lets it be continued.
    if (::ftruncate(fd_.get(), static_cast<off_t>(size_ - given_back_bytes)) == 0)
        origin_written_ = write_origin();
}

std::string part_file::url_hash() const {
    sha256 hash;
    hash.update(std::as_bytes(std::span(url_)));
    return to_hex(hash.finish());
}

bool part_file::write_origin() noexcept {
    // Without a validator nothing can be continued, and nothing has to be remembered.
    if (origin_.validator.empty()) return false;
    try {
        const std::string total = origin_.total ? std::to_string(*origin_.total) : std::string();
        const std::string text = url_hash() + '\n' + origin_.validator + '\n' + total + '\n';
        ::unlinkat(folder_.fd(), origin_name_.c_str(), 0);
        const descriptor to(::openat(
            folder_.fd(),
            origin_name_.c_str(),
            O_WRONLY | O_CREAT | O_EXCL | safe_flags,
            permissions
        ));
        if (to && text.size() <= origin_bytes_max &&
            ::write(to.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()))
            return true;
        if (to) ::unlinkat(folder_.fd(), origin_name_.c_str(), 0);
        return false;
    } catch (...) {
        return false;  // Whatever prevents it costs the continuation alone.
    }
}

std::optional<part_origin> part_file::read_origin() const {
    const descriptor from(::openat(folder_.fd(), origin_name_.c_str(), O_RDONLY | safe_flags));
    if (!from) return std::nullopt;
    std::array<char, origin_bytes_max> text;
    const ssize_t length = ::read(from.get(), text.data(), text.size());
    if (length <= 0) return std::nullopt;
    std::string_view rest(text.data(), static_cast<std::size_t>(length));
    if (take_line(rest) != url_hash()) return std::nullopt;
    part_origin origin;
    origin.validator = take_line(rest);
    const std::string_view total = take_line(rest);
    std::uint64_t number = 0;
    if (!total.empty() &&
        std::from_chars(total.data(), total.data() + total.size(), number).ec == std::errc())
        origin.total = number;
    return origin;
}

}  // namespace amphi::fetch
