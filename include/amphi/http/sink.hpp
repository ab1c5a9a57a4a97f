// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/export.hpp>
#include <amphi/http/response.hpp>
#include <amphi/task/task.hpp>

#include <cstddef>
#include <cstdint>
#include <span>

namespace amphi::http {

/// Where a body goes. `fetch` calls its members one after the other, never two at once: `begin` and
/// `take` from inside the transfer, on whichever thread carries it, `make_room` as a part of the
/// task that awaits the fetch. What they throw ends the fetch and leaves it.
class AMPHI_EXPORT sink {
public:
    enum class wish : std::uint8_t { body, no_body };

    sink() = default;
    sink(const sink&) = delete;
    sink& operator=(const sink&) = delete;
    virtual ~sink();

    /// An answer begins; not called for redirects that are followed. `no_body`: what comes is
    /// dropped, and the connection is kept if that is little.
    virtual wish begin(const response_head& head) = 0;

    /// Takes all of a piece; or, returning false, nothing: then the transfer pauses until
    /// `make_room` is done, and offers the piece again. On async it runs on a worker: it may copy
    /// or write to a file in the page cache, but not wait for somebody.
    virtual bool take(std::span<const std::byte> piece) = 0;

    /// Awaited after `take` refused. The default has nothing to wait for.
    virtual task<> make_room();
};

}  // namespace amphi::http
