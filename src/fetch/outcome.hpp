// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/clock.hpp>
#include <amphi/http/response.hpp>
#include <amphi/task/sendable.hpp>

#include "sha256.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace amphi::fetch {

/// How the download of one URL ended.
class outcome {
public:
    enum class kind : std::uint8_t {
        done,       ///< it is on disk, complete
        unchanged,  ///< an earlier run has put it there, and nothing had to come
        exists,     ///< a file of its name was there before, from elsewhere
        failed      ///< `cause` and `hint` say more
    };

    kind what = kind::failed;
    std::string file;   ///< where it is, or would have been
    std::string cause;  ///< what went wrong
    std::string hint;   ///< what to try
    std::uint64_t bytes = 0;
    unsigned attempts = 0;
    int status = 0;       ///< of the last answer; zero: there was none
    http::phases phases;  ///< of the last answer
    std::chrono::milliseconds took{0};

    // What a later run should know of a file that is done.
    std::string etag;
    std::string last_modified;
    std::optional<sha256_digest> sha256;

    /// Whether the same may succeed a little later, and how long the server asks to wait.
    bool temporary = false;
    bool too_many = false;  ///< the host wants fewer requests
    duration held{};        ///< then: how long it is left alone from now on
    std::chrono::seconds retry_after{0};
};

[[nodiscard]] constexpr const char* name_of(outcome::kind what) noexcept {
    switch (what) {
    case outcome::kind::done:
        return "done";
    case outcome::kind::unchanged:
        return "unchanged";
    case outcome::kind::exists:
        return "exists";
    case outcome::kind::failed:
        return "failed";
    }
    return "";
}

}  // namespace amphi::fetch

template <>
inline constexpr bool amphi::enable_sendable<amphi::fetch::outcome> = true;
