// SPDX-License-Identifier: BSL-1.0
#include "netrc.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <stdexcept>
#include <utility>

namespace amphi::fetch {

namespace {

constexpr std::string_view blank = " \t\r\n";

/// The words of a file, some of them in quotes.
class words {
public:
    explicit words(std::string_view text) noexcept : rest_(text) {}

    /// The next keyword, behind remarks.
    std::optional<std::string> next() {
        for (skip_blank(); rest_.starts_with('#'); skip_blank())
            rest_.remove_prefix(std::min(rest_.find('\n'), rest_.size()));
        return word();
    }

    /// What stands behind a keyword, whatever it begins with.
    std::string value() {
        skip_blank();
        auto word = this->word();
        if (!word) throw std::invalid_argument("a .netrc that ends in the midst of an entry");
        return std::move(*word);
    }

    /// A macro ends with an empty line.
    void skip_macro() noexcept {
        const std::size_t end = std::min(rest_.find("\n\n"), rest_.find("\n\r\n"));
        rest_.remove_prefix(std::min(end, rest_.size()));
    }

private:
    void skip_blank() noexcept {
        rest_.remove_prefix(std::min(rest_.find_first_not_of(blank), rest_.size()));
    }

    std::optional<std::string> word() {
        if (rest_.empty()) return std::nullopt;
        if (rest_.front() == '"') return quoted();
        const std::size_t end = std::min(rest_.find_first_of(blank), rest_.size());
        std::string word(rest_.substr(0, end));
        rest_.remove_prefix(end);
        return word;
    }

    std::string quoted() {
        std::string word;
        for (std::size_t i = 1; i < rest_.size(); ++i) {
            if (rest_[i] == '"') {
                rest_.remove_prefix(i + 1);
                return word;
            }
            if (rest_[i] == '\\' && i + 1 < rest_.size()) ++i;
            word += rest_[i];
        }
        throw std::invalid_argument("a .netrc with a quote that does not end");
    }

    std::string_view rest_;
};

}  // namespace

std::vector<netrc_entry> parse_netrc(std::string_view text) {
    std::vector<netrc_entry> all;
    netrc_entry ignored;
    netrc_entry* current = nullptr;
    words from(text);
    while (const auto word = from.next()) {
        if (*word == "machine") {
            current = &all.emplace_back();
            current->machine = from.value();
            for (char& c : current->machine)
                if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        } else if (*word == "default") {
            current = &ignored;
        } else if (*word == "macdef") {
            from.skip_macro();
        } else if (current != nullptr && *word == "login") {
            current->login = from.value();
        } else if (current != nullptr && *word == "password") {
            current->password = from.value();
        } else if (current != nullptr && *word == "account") {
            (void)from.value();
        } else {
            throw std::invalid_argument("a .netrc has `machine NAME login NAME password WORD`");
        }
    }
    return all;
}

}  // namespace amphi::fetch
