// SPDX-License-Identifier: BSL-1.0
#include <amphi/tls/error.hpp>

#include <stdexcept>
#include <string>
#include <utility>

namespace amphi::tls {

tls_error::tls_error(failure kind, const std::string& operation, std::string reason)
    : std::runtime_error(operation + ": " + reason)
    , kind_(kind)
    , reason_(std::move(reason)) {}

tls_error::~tls_error() = default;

}  // namespace amphi::tls
