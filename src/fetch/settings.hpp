// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "list_row.hpp"
#include "secrets.hpp"
#include "sha256.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace amphi::fetch {

/// Where a host is, as somebody says who knows better than its name.
class address_given {
public:
    std::string host;
    std::uint16_t port = 0;
    std::string address;
};

/// What a run of downloads was asked to do; the defaults are the command's.
class settings {
public:
    std::size_t jobs = 64;
    std::size_t per_host = 8;      ///< zero: no limit
    double rate_per_host = 0;      ///< requests a second; zero: no limit
    std::uint64_t bytes_rate = 0;  ///< a second, all together; zero: no limit
    unsigned retries = 3;
    bool overwrite = false;
    bool refresh = false;  ///< asks whether what is there is still current
    bool manifest = true;  ///< remembers what was downloaded
    bool tree = false;     ///< names are folders and files, from host and path
    bool durable = false;  ///< what is done is synced to the disk
    row_format format = row_format::any;
    std::uint64_t size_max = 0;           ///< of one file; zero: no limit
    std::vector<std::string> accept;      ///< patterns of names, of which one must fit; none: all
    std::optional<sha256_digest> sha256;  ///< of the one URL
    std::string name;                     ///< of the one URL's file; empty: from the URL
    bool to_output = false;               ///< the one URL goes to standard output

    std::vector<std::string> headers;
    secrets access;
    std::vector<address_given> addresses;  ///< of hosts, instead of a lookup
    std::optional<std::string> proxy;      ///< empty: none; nothing: as the environment says
    std::string ca_file;
    bool insecure = false;
    std::chrono::milliseconds connect_timeout{std::chrono::seconds(30)};
    std::chrono::milliseconds stall_timeout{std::chrono::seconds(60)};
    std::chrono::milliseconds deadline{0};  ///< for all of it; zero: no limit
    std::chrono::milliseconds max_time{0};  ///< for one URL with all its attempts; zero: no limit
};

}  // namespace amphi::fetch
