// SPDX-License-Identifier: BSL-1.0
#include <amphi/net/resolve.hpp>

#include <amphi/base/error.hpp>
#include <amphi/base/fork.hpp>
#include <amphi/exec/on.hpp>
#include <amphi/io/completion.hpp>
#include <amphi/net/endpoint.hpp>
#include <amphi/task/task.hpp>

#include "lookup_pool.hpp"
#include "socket_address.hpp"

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <netdb.h>
#include <sys/socket.h>

namespace amphi::net {

namespace {

constexpr std::size_t lookups_at_once = 16;

class resolver_errors final : public std::error_category {
public:
    [[nodiscard]] const char* name() const noexcept override { return "resolver"; }
    [[nodiscard]] std::string message(int code) const override { return ::gai_strerror(code); }
};

[[noreturn]] void throw_unresolved(int code, const std::string& host) {
    throw std::system_error(code, resolver_category(), "resolve '" + host + "'");
}

std::vector<endpoint> ask_system(const std::string& host, std::uint16_t port) {
    // The system would cut the name off there, and ask for another than the one that was checked.
    const std::size_t zero = host.find('\0');
    if (zero != std::string::npos) throw_unresolved(EAI_NONAME, host.substr(0, zero) + "\\0...");
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICSERV;
    addrinfo* list = nullptr;
    const int code = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list);
    if (code == EAI_SYSTEM) detail::throw_system_error(errno, "resolve", host);
    if (code != 0) throw_unresolved(code, host);
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(list, ::freeaddrinfo);

    std::vector<endpoint> found;
    for (const addrinfo* each = list; each != nullptr; each = each->ai_next)
        if (each->ai_family == AF_INET || each->ai_family == AF_INET6)
            found.push_back(detail::socket_address(*each->ai_addr, each->ai_addrlen).to_address());
    if (found.empty()) throw_unresolved(EAI_NONAME, host);
    return found;
}

detail::lookup_pool* make_lookups() {
    return new detail::lookup_pool(lookups_at_once, ask_system);
}

detail::lookup_pool& lookups() {
    return detail::one_per_process<detail::lookup_pool, make_lookups>();
}

std::optional<endpoint> numeric(std::string_view host, std::uint16_t port) noexcept {
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    return endpoint::from_address(host, port);
}

}  // namespace

const std::error_category& resolver_category() noexcept {
    static const resolver_errors category;
    return category;
}

task<std::vector<endpoint>> resolve(std::string host, std::uint16_t port) {
    detail::checkpoint begun;
    co_await begun;
    std::vector<endpoint> found;
    if (const auto known = numeric(host, port)) {
        found.push_back(*known);
        co_return found;
    }
    completion<std::vector<endpoint>> answered;
    lookups().start(detail::lookup{std::move(host), port, answered.to_complete()});
    found = co_await answered;
    co_return found;
}

}  // namespace amphi::net
