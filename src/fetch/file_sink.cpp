// SPDX-License-Identifier: BSL-1.0
#include "file_sink.hpp"

#include "content_range.hpp"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

namespace amphi::fetch {

void size_limit::check_announced(std::optional<std::uint64_t> total) const {
    if (!total) return;
    check_so_far(*total);
    check_all(*total);
}

void size_limit::check_so_far(std::uint64_t bytes) const {
    if (most_ != 0 && bytes > most_)
        throw wrong_size("it has more than the " + std::to_string(most_) + " bytes allowed");
    if (wanted_ && bytes > *wanted_) check_all(bytes);
}

void size_limit::check_all(std::uint64_t bytes) const {
    if (wanted_ && bytes != *wanted_)
        throw wrong_size(
            "it has " + std::to_string(bytes) + " bytes, and not the " + std::to_string(*wanted_) +
            " that the list says"
        );
}

file_sink::file_sink(
    part_file& part,
    std::optional<std::uint64_t> resume_at,
    sha256* hash,
    counter& received,
    byte_budget& budget,
    size_limit limit
)
    : part_(part)
    , resume_at_(resume_at)
    , hash_(hash)
    , received_(received)
    , share_(budget)
    , limit_(limit) {}

http::sink::wish file_sink::begin(const http::response_head& head) {
    if (head.status() == 206 && resume_at_) {
        go_on(head);
    } else if (head.status() == 200) {
        part_origin origin;
        origin.validator = strong_validator(head);
        origin.total = head.content_length();
        limit_.check_announced(origin.total);
        part_.start(std::move(origin));
        if (hash_ != nullptr) (void)hash_->finish();
    } else {
        return wish::no_body;
    }
    has_content_ = true;
    return wish::body;
}

void file_sink::go_on(const http::response_head& head) {
    // A server that answers with another range, or with a range of another content, would build a
    // file that never was.
    const auto range = parse_content_range(head.field("content-range"));
    const part_origin& origin = part_.origin();
    if (!range || range->first != *resume_at_)
        throw not_the_rest("the server answered with another range than was asked for");
    if (range->total && origin.total && *origin.total != *range->total)
        throw not_the_rest("the server's file has another size now");
    // The body's own framing says how long the body is, not whether it is all of the range.
    end_ = range->total ? range->total : origin.total;
    if (!end_ || range->last + 1 != *end_)
        throw not_the_rest("the server answered with less than the rest");
    limit_.check_announced(end_);
    const std::string validator = strong_validator(head);
    if (!validator.empty() && validator.front() == origin.validator.front() &&
        validator != origin.validator)
        throw not_the_rest("the server's file has changed");
    if (hash_ != nullptr) hash_what_is_there();
}

void file_sink::hash_what_is_there() {
    constexpr std::size_t block_bytes = std::size_t{256} << 10;
    const auto block = std::make_unique_for_overwrite<std::byte[]>(block_bytes);
    (void)hash_->finish();
    for (std::uint64_t offset = 0; offset < part_.size();) {
        const std::size_t wanted = std::min<std::uint64_t>(block_bytes, part_.size() - offset);
        const std::size_t count = part_.read_at(offset, {block.get(), wanted});
        if (count == 0) throw not_the_rest("the unfinished file has become shorter");
        hash_->update({block.get(), count});
        offset += count;
    }
}

bool file_sink::has_content() const {
    if (end_ && part_.size() != *end_)
        throw not_the_rest("the server sent less than the rest that it announced");
    if (has_content_) limit_.check_all(part_.size());
    return has_content_;
}

bool file_sink::take(std::span<const std::byte> piece) {
    if (end_ && piece.size() > *end_ - part_.size())
        throw not_the_rest("the server sent more than the rest");
    limit_.check_so_far(part_.size() + piece.size());
    if (!share_.may_take(piece.size())) return false;
    part_.write(piece);
    if (hash_ != nullptr) hash_->update(piece);
    // relaxed: statistics only.
    received_.fetch_add(piece.size(), std::memory_order_relaxed);
    return true;
}

}  // namespace amphi::fetch
