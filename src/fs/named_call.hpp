// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/exec/executor.hpp>
#include <amphi/exec/on.hpp>
#include <amphi/task/sendable.hpp>
#include <amphi/task/task.hpp>

#include <filesystem>
#include <system_error>
#include <type_traits>

namespace amphi {

namespace detail {

/// What is being done, for the message of an error.
class act {
public:
    // NOLINTNEXTLINE(google-explicit-constructor): named_call("copy", ...)
    constexpr act(const char* name) noexcept : name_(name) {}
    [[nodiscard]] const char* name() const noexcept { return name_; }

private:
    const char* name_;
};

/// "operation 'path'", and "to 'other'" behind it when there is another one.
[[noreturn]] void throw_named(
    std::error_code error,
    act what,
    const std::filesystem::path& path,
    const std::filesystem::path* other
);

[[nodiscard]] inline const std::filesystem::path* other_path() noexcept {
    return nullptr;
}
template <class First, class... Rest>
[[nodiscard]] const std::filesystem::path*
other_path(const First& first, const Rest&... /*rest*/) noexcept {
    if constexpr (std::is_same_v<First, std::filesystem::path>)
        return &first;
    else
        return nullptr;
}

template <class F, class... Args>
auto call_now(const act& what, const std::filesystem::path& path, const Args&... args) {
    std::error_code error;
    using result =
        std::invoke_result_t<F, const std::filesystem::path&, const Args&..., std::error_code&>;
    try {
        if constexpr (std::is_void_v<result>) {
            F()(path, args..., error);
            if (!error) return;
        } else {
            result value = F()(path, args..., error);
            if (!error) return value;
        }
    } catch (const std::filesystem::filesystem_error& failure) {
        error = failure.code();  // what goes through a directory throws all the same
    }
    throw_named(error, what, path, other_path(args...));
}

/// Calls a function of std::filesystem, `F`, on a plain thread. Its paths and options come first,
/// the place for the error last.
template <class F, class... Args>
task<std::invoke_result_t<F, const std::filesystem::path&, const Args&..., std::error_code&>>
named_call(act what, F /*closure*/, const std::filesystem::path& path, Args... args) {
    co_return co_await on(threads, call_now<F, Args...>, what, path, args...);
}

}  // namespace detail

template <>
inline constexpr bool enable_sendable<detail::act> = true;

}  // namespace amphi
