// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/export.hpp>
#include <amphi/task/sendable.hpp>

#include <array>
#include <compare>  // IWYU pragma: keep (for <=>)
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace amphi {

namespace detail {
class unix_socket_address;

template <class T>
concept path_like =
    std::convertible_to<const T&, std::string_view> || std::convertible_to<const T&, std::string>;
}  // namespace detail

namespace net {

/// The name of a Unix socket: a path, an abstract name, or none. A value. A string or a
/// `std::filesystem::path` becomes one by itself.
class AMPHI_EXPORT unix_address {
public:
    /// The longest path or abstract name.
    static constexpr std::size_t size_max = 107;

    /// No name. To bind to it lets the system pick an abstract one.
    constexpr unix_address() noexcept = default;

    /// The file `path`. Errors: `std::system_error`, ENAMETOOLONG when it is longer than `size_max`
    /// bytes, EINVAL when it is empty or contains a zero.
    template <detail::path_like Path>
    // NOLINTNEXTLINE(google-explicit-constructor): so that connect("/run/x") does
    unix_address(const Path& path) {
        if constexpr (std::convertible_to<const Path&, std::string_view>)
            set_path(path);
        else
            set_path(static_cast<std::string>(path));
    }

    /// A name outside of the file system, which is free again when its socket is closed: any bytes,
    /// at most `size_max`. Any user of this network namespace may connect to it.
    [[nodiscard]] static unix_address abstract(std::string_view name);

    [[nodiscard]] bool is_unnamed() const noexcept { return size_ == 0; }
    [[nodiscard]] bool is_abstract() const noexcept { return size_ != 0 && bytes_[0] == '\0'; }
    [[nodiscard]] bool is_path() const noexcept { return size_ != 0 && bytes_[0] != '\0'; }

    /// The path, or the abstract name; empty without one.
    [[nodiscard]] std::string_view name() const noexcept {
        const std::size_t lead = is_abstract() ? 1 : 0;
        return {bytes_.data() + lead, size_ - lead};
    }

    [[nodiscard]] auto operator<=>(const unix_address&) const noexcept = default;

private:
    friend class detail::unix_socket_address;
    void set_path(std::string_view path);

    std::array<char, size_max + 1> bytes_{};  // an abstract name stands behind a zero
    std::uint8_t size_ = 0;                   // with that zero
};

/// The path; "@name" for an abstract one, with what cannot be printed as \xNN; "(unnamed)".
[[nodiscard]] AMPHI_EXPORT std::string to_string(const unix_address& shown);

}  // namespace net

template <>
inline constexpr bool enable_sendable<net::unix_address> = true;

}  // namespace amphi
