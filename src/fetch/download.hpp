// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/http/url.hpp>
#include <amphi/task/task.hpp>

#include "byte_budget.hpp"
#include "counter.hpp"
#include "host_paces.hpp"
#include "manifest.hpp"
#include "outcome.hpp"
#include "settings.hpp"
#include "target_folder.hpp"
#include "wanted_file.hpp"

#include <chrono>

namespace amphi::fetch {

/// Who hears of a request before it is sent, and of a retry before it is waited for.
class retry_listener {
public:
    virtual void starting(const http::url& /*from*/, const outcome& /*so_far*/) {}
    virtual void
    retrying(const http::url& from, const outcome& failed, std::chrono::milliseconds pause) = 0;

protected:
    ~retry_listener() = default;
};

/// Who writes down what is about to be complete. Throws what must keep it from that.
class download_recorder {
public:
    virtual void completing(const wanted_file& what, const outcome& result) = 0;

protected:
    ~download_recorder() = default;
};

/// What the downloads of a run have in common.
class download_site {
public:
    download_site(
        const target_folder& into, const settings& s, counter& count, retry_listener& hears
    )
        : folder(into)
        , how(s)
        , received(count)
        , listener(hears)
        , paces(s.rate_per_host)
        , budget(s.bytes_rate) {}

    const target_folder& folder;
    const settings& how;
    counter& received;
    retry_listener& listener;
    host_paces paces;
    byte_budget budget;
    url_queue* queue = nullptr;             ///< where the URLs come from, if from one
    const manifest* known = nullptr;        ///< what earlier runs have downloaded, if that matters
    download_recorder* recorder = nullptr;  ///< for later runs, if any
};

/// Downloads a file, with all its attempts. What went wrong is part of the outcome; a cancel is
/// thrown, and leaves what can be continued.
[[nodiscard]] task<outcome> download(const wanted_file& what, download_site& at);

/// As `download`, to standard output, where nothing can be taken back: once a byte was written
/// there is no further attempt.
[[nodiscard]] task<outcome> print(const wanted_file& what, download_site& at);

}  // namespace amphi::fetch
