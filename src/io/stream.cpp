// SPDX-License-Identifier: BSL-1.0
#include <amphi/io/stream.hpp>

#include <cstddef>
#include <stdexcept>
#include <string>

namespace amphi {

end_of_stream::end_of_stream(std::size_t received, std::size_t expected)
    : std::runtime_error(
          "the stream ended after " + std::to_string(received) + " of " + std::to_string(expected) +
          " bytes"
      )
    , received_(received)
    , expected_(expected) {}

end_of_stream::~end_of_stream() = default;

}  // namespace amphi
