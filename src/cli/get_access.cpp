// SPDX-License-Identifier: BSL-1.0
#include "get_access.hpp"

#include <amphi/http/request.hpp>

#include "fetch/secrets.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Error.hpp>

namespace amphi::cli {

namespace {

/// Adds an option whose value `take` uses or refuses; it may stand several times.
template <class Take>
void add_taken(
    CLI::App& command,
    const std::string& name,
    const std::string& value,
    const std::string& description,
    Take take
) {
    command
        .add_option_function<std::vector<std::string>>(
            name,
            [name, take](const std::vector<std::string>& texts) {
                try {
                    for (const std::string& text : texts)
                        take(text);
                } catch (const std::invalid_argument& error) {
                    throw CLI::ValidationError(name, error.what());
                }
            },
            description
        )
        ->allow_extra_args(false)
        ->type_name(value);
}

/// HOST=SOURCE taken apart, the secret read. What is wrong is not repeated: it may be the secret.
template <class Add>
void add_secret(std::string_view text, Add add) {
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos)
        throw std::invalid_argument("write it as HOST=env:NAME or HOST=file:PATH");
    add(text.substr(0, equals), fetch::read_secret(text.substr(equals + 1)));
}

void add_header_lines(fetch::settings& how, const std::string& path) {
    const std::string text = fetch::read_small_file(path);
    std::size_t number = 0;
    for (std::string_view rest = text; !rest.empty();) {
        std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        ++number;
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.empty() || line.starts_with('#')) continue;
        try {
            http::request("http://host/").header(std::string(line));
        } catch (const std::invalid_argument& error) {
            throw std::invalid_argument(
                path + ", line " + std::to_string(number) + ": " + error.what()
            );
        }
        how.headers.emplace_back(line);
    }
}

/// HOST:PORT:ADDRESS, the address as it is or in brackets.
void add_address(fetch::settings& how, std::string_view text) {
    constexpr const char* form = "write it as HOST:PORT:ADDRESS";
    const std::size_t first = text.find(':');
    const std::size_t second = first == std::string_view::npos ? first : text.find(':', first + 1);
    if (first == 0 || second == std::string_view::npos) throw std::invalid_argument(form);
    fetch::address_given one;
    one.host = text.substr(0, first);
    for (char& c : one.host)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    const std::string_view digits = text.substr(first + 1, second - first - 1);
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), one.port);
    if (error != std::errc() || end != digits.data() + digits.size() || one.port == 0)
        throw std::invalid_argument(form);
    std::string_view address = text.substr(second + 1);
    if (address.starts_with('[') && address.ends_with(']'))
        address = address.substr(1, address.size() - 2);
    one.address = address;
    http::request("http://host/").resolve_to(one.host, one.port, one.address);
    how.addresses.push_back(std::move(one));
}

std::string proxy_of(const std::string& text) {
    constexpr std::array<std::string_view, 4> known{
        "http://", "https://", "socks5://", "socks5h://"
    };
    if (text == "none") return {};
    if (text.find('@') != std::string::npos)
        throw std::invalid_argument(
            "a password is not for the command line, where others see it: set https_proxy or "
            "http_proxy in the environment"
        );
    if (std::none_of(known.begin(), known.end(), [&](std::string_view scheme) {
            return text.starts_with(scheme) && text.size() > scheme.size();
        }))
        throw std::invalid_argument(
            "write it as http://host:port, https://..., socks5://... or socks5h://..., or none"
        );
    return text;
}

}  // namespace

void add_access_options(CLI::App& command, fetch::settings& how) {
    const auto bearer = [&how](std::string_view host, const std::string& token) {
        how.access.add_bearer(host, token);
    };
    const auto basic = [&how](std::string_view host, const std::string& login) {
        how.access.add_basic(host, login);
    };
    add_taken(
        command,
        "--header-file",
        "FILE",
        "Header lines to send, one a line",
        [&how](auto& t) { add_header_lines(how, t); }
    );
    add_taken(
        command,
        "--bearer",
        "HOST=SOURCE",
        "A token for HOST, from env:NAME or file:PATH; repeatable",
        [bearer](auto& text) { add_secret(text, bearer); }
    );
    add_taken(
        command,
        "--basic",
        "HOST=SOURCE",
        "user:password for HOST, from env:NAME or file:PATH; repeatable",
        [basic](auto& text) { add_secret(text, basic); }
    );
    add_taken(command, "--netrc-file", "FILE", "Logins of hosts, as in ~/.netrc", [&how](auto& t) {
        how.access.add_netrc(fetch::read_small_file(t));
    });
    add_taken(command, "--cookies", "FILE", "Cookies, as browsers export them", [&how](auto& t) {
        how.access.add_cookies(fetch::read_small_file(t));
    });
    add_taken(
        command,
        "--proxy",
        "URL",
        "Goes through a proxy; none: through no one (as the environment says)",
        [&how](auto& text) { how.proxy = proxy_of(text); }
    );
    add_taken(
        command,
        "--resolve",
        "HOST:PORT:ADDRESS",
        "Where a host is, instead of asking for its address; repeatable",
        [&how](auto& text) { add_address(how, text); }
    );
}

}  // namespace amphi::cli
