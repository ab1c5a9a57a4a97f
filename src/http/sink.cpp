// SPDX-License-Identifier: BSL-1.0
#include <amphi/http/sink.hpp>

namespace amphi::http {

sink::~sink() = default;

task<> sink::make_room() {
    co_return;
}

}  // namespace amphi::http
