// SPDX-License-Identifier: BSL-1.0
#include "list_row.hpp"

#include "json_members.hpp"
#include "json_object.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <stdexcept>
#include <system_error>

namespace amphi::fetch {

namespace {

constexpr std::size_t fields_max = 4;

sha256_digest sum_of(std::string_view text) {
    const auto sum = parse_sha256(text);
    if (!sum) throw std::invalid_argument("its SHA-256 is not written as 64 hexadecimal digits");
    return *sum;
}

list_row parse_tsv(std::string_view line) {
    std::array<std::string_view, fields_max> fields;
    std::size_t count = 0;
    for (bool more = true; more; ++count) {
        if (count == fields_max)
            throw std::invalid_argument("it has more fields than URL, path, size and SHA-256");
        const std::size_t tab = line.find('\t');
        fields.at(count) = line.substr(0, tab);
        more = tab != std::string_view::npos;
        if (more) line.remove_prefix(tab + 1);
    }
    list_row row;
    row.url = fields[0];
    row.path = fields[1];
    if (const std::string_view text = fields[2]; !text.empty()) {
        std::uint64_t size = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
        if (error != std::errc() || end != text.data() + text.size())
            throw std::invalid_argument("its size is no number of bytes");
        row.size = size;
    }
    if (!fields[3].empty()) row.sha256 = sum_of(fields[3]);
    return row;
}

list_row parse_json(std::string_view line) {
    const auto members = json_members::parse(line);
    if (!members) throw std::invalid_argument("it is no JSON object in one line");
    const auto text = [&](std::string_view name) {
        auto value = members->text(name);
        if (!value && members->has(name))
            throw std::invalid_argument("its \"" + std::string(name) + "\" is no text");
        return value.value_or("");
    };
    list_row row;
    row.url = text("url");
    if (row.url.empty()) throw std::invalid_argument("it has no \"url\"");
    if (members->has("url_sha256"))
        throw std::invalid_argument("a manifest does not keep the secrets of its URL");
    row.path = text("path");
    row.size = members->number("size");
    if (!row.size && members->has("size"))
        throw std::invalid_argument("its \"size\" is no number of bytes");
    if (const std::string sum = text("sha256"); !sum.empty()) row.sha256 = sum_of(sum);
    return row;
}

}  // namespace

list_row parse_row(std::string_view line, row_format format) {
    if (format == row_format::any)
        format = line.starts_with('{')                       ? row_format::json
                 : line.find('\t') != std::string_view::npos ? row_format::tsv
                                                             : row_format::urls;
    if (format == row_format::json) return parse_json(line);
    if (format == row_format::tsv) return parse_tsv(line);
    list_row row;
    row.url = line;
    return row;
}

std::string to_text(const list_row& row, row_format format) {
    if (!row.has_more() && format != row_format::json) return row.url;
    if (format == row_format::tsv)
        return row.url + '\t' + row.path + '\t' + (row.size ? std::to_string(*row.size) : "") +
               '\t' + (row.sha256 ? to_hex(*row.sha256) : "");
    json_object object;
    object.add("url", row.url);
    if (!row.path.empty()) object.add("path", row.path);
    if (row.size) object.add("size", *row.size);
    if (row.sha256) object.add("sha256", to_hex(*row.sha256));
    return object.text();
}

}  // namespace amphi::fetch
