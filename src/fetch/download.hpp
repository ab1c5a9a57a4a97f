// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/http/url.hpp>
#include <amphi/task/task.hpp>

#include "counter.hpp"
#include "outcome.hpp"
#include "part_file.hpp"
#include "settings.hpp"

#include <chrono>
#include <string>

namespace amphi::fetch {

/// Who hears of a retry before it is waited for.
class retry_listener {
public:
    virtual void
    retrying(const http::url& from, const outcome& failed, std::chrono::milliseconds pause) = 0;

protected:
    ~retry_listener() = default;
};

/// Downloads a URL to `name` in a folder, with all its attempts. What went wrong is part of the
/// outcome; a cancel is thrown, and leaves what can be continued.
[[nodiscard]] task<outcome> download(
    const http::url& from,
    const std::string& name,
    const target_folder& folder,
    const settings& how,
    counter& received,
    retry_listener& listener
);

/// As `download`, to standard output, where nothing can be taken back: once a byte was written
/// there is no further attempt.
[[nodiscard]] task<outcome>
print(const http::url& from, const settings& how, counter& received, retry_listener& listener);

}  // namespace amphi::fetch
