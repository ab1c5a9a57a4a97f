// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/stream/stream.hpp>
#include <amphi/task/operation.hpp>
#include <amphi/task/sendable.hpp>

#include <initializer_list>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

namespace amphi {

namespace detail {

/// What `co_await` of a task or an operation yields.
template <class Awaited>
struct awaited_value {};
template <class Awaited>
    requires requires { typename Awaited::value_type; } && (!is_operation<Awaited>)
struct awaited_value<Awaited> {
    using type = typename Awaited::value_type;
};
template <is_operation Awaited>
struct awaited_value<Awaited> {
    using type = decltype(std::declval<Awaited&>().result());
};

template <class Optional>
struct item_in {};
template <class T>
struct item_in<std::optional<T>> {
    using type = T;
};

template <class Source>
using next_of = item_in<typename awaited_value<decltype(std::declval<Source&>().next())>::type>;
template <class Source>
using received_of =
    item_in<typename awaited_value<decltype(std::declval<Source&>().receive())>::type>;

/// A reader: its `next()` yields an optional, which is empty at the end.
template <class Source>
concept gives_next = requires { typename next_of<Source>::type; };
/// The end of a channel: its `receive()` does.
template <class Source>
concept gives_received = requires { typename received_of<Source>::type; };

template <class Range>
using element_of =
    typename std::iterator_traits<decltype(std::declval<Range&>().begin())>::value_type;

}  // namespace detail

/// The elements of a range, which the stream owns: a container's are moved out of it, a view's are
/// copied, and what it looks at outlives the stream.
template <class Range>
    requires requires { typename detail::element_of<Range>; }
stream<detail::element_of<Range>> stream_of(Range range) {
    for (auto&& element : range) {
        if constexpr (detail::owning_container<Range>)
            co_yield std::move(element);
        else
            co_yield element;
    }
}

template <class T>
stream<T> stream_of(std::initializer_list<T> items) {
    return stream_of(std::vector<T>(items));
}

/// What a reader gives, as a stream that owns it: `stream_of(lines(connection))`.
template <detail::gives_next Reader>
stream<typename detail::next_of<Reader>::type> stream_of(Reader reader) {
    while (auto item = co_await reader.next())
        co_yield std::move(*item);
}

/// What comes out of a channel, as a stream that owns that end.
template <detail::gives_received Receiver>
stream<typename detail::received_of<Receiver>::type> stream_of(Receiver receiver) {
    while (auto item = co_await receiver.receive())
        co_yield std::move(*item);
}

}  // namespace amphi
