// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/export.hpp>
#include <amphi/task/task.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>

namespace amphi {

/// What bytes can be read from. `read_some` waits until there are some, puts at most as many as fit
/// into the buffer and says how many; zero is the end of the stream, or an empty buffer.
template <class Stream>
concept readable_stream = requires(Stream& stream, std::span<std::byte> into) {
    { stream.read_some(into) } -> std::same_as<task<std::size_t>>;
};

/// What bytes can be written to. `write_some` waits until it can take some and says how many it has
/// taken from the front: at least one, unless there are none.
template <class Stream>
concept writable_stream = requires(Stream& stream, std::span<const std::byte> from) {
    { stream.write_some(from) } -> std::same_as<task<std::size_t>>;
};

/// Thrown when a stream ended before all that was asked for had come.
class AMPHI_EXPORT end_of_stream : public std::runtime_error {
public:
    end_of_stream(std::size_t received, std::size_t expected);
    end_of_stream(const end_of_stream&) noexcept = default;
    end_of_stream& operator=(const end_of_stream&) noexcept = default;
    ~end_of_stream() override;

    [[nodiscard]] std::size_t received() const noexcept { return received_; }
    [[nodiscard]] std::size_t expected() const noexcept { return expected_; }

private:
    std::size_t received_;
    std::size_t expected_;
};

/// Fills the whole buffer. Throws `end_of_stream` when the stream ends before.
/// Cancellation: what has been read is in the buffer, but how much is not told.
template <readable_stream Stream>
task<> read_exactly(Stream& from, std::span<std::byte> into) {
    std::size_t filled = 0;
    while (filled < into.size()) {
        const std::size_t count = co_await from.read_some(into.subspan(filled));
        if (count == 0) throw end_of_stream(filled, into.size());
        filled += count;
    }
}

namespace detail {

template <writable_stream Stream>
task<> write_in_parts(Stream& to, std::span<const std::byte> from) {
    while (!from.empty()) {
        const std::size_t count = co_await to.write_some(from);
        from = from.subspan(count);
    }
}

}  // namespace detail

/// Writes everything, by the stream's own `write_all` where it has one.
/// Cancellation: a part from the front may have been written.
template <writable_stream Stream>
task<> write_all(Stream& to, std::span<const std::byte> from) {
    if constexpr (requires {
                      { to.write_all(from) } -> std::same_as<task<>>;
                  })
        return to.write_all(from);
    else
        return detail::write_in_parts(to, from);
}

/// Copies until `from` ends, through one buffer, and yields how many bytes that were.
/// Cancellation: what was read last may be lost.
template <readable_stream From, writable_stream To>
task<std::uint64_t> copy(From& from, To& to, std::size_t buffer_size = std::size_t{64} * 1024) {
    if (buffer_size == 0) throw std::invalid_argument("copy needs a buffer of at least one byte");
    const auto buffer = std::make_unique_for_overwrite<std::byte[]>(buffer_size);
    std::uint64_t total = 0;
    for (;;) {
        const std::size_t count = co_await from.read_some({buffer.get(), buffer_size});
        if (count == 0) co_return total;
        co_await write_all(to, std::span<const std::byte>(buffer.get(), count));
        total += count;
    }
}

}  // namespace amphi
