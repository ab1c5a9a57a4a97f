// SPDX-License-Identifier: BSL-1.0
// Runs an empty task on two workers, and ends.
#include <amphi/amphi.hpp>

namespace {

amphi::task<> nothing() {
    co_return;
}

}  // namespace

int main() {
    amphi::run(amphi::async, nothing);
}
