// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/error.hpp>

#include <cerrno>
#include <exception>
#include <string>
#include <system_error>

namespace amphi {

operation_cancelled::operation_cancelled() noexcept = default;
operation_cancelled::~operation_cancelled() = default;
const char* operation_cancelled::what() const noexcept {
    return "operation cancelled";
}

timed_out::timed_out(const void* owner) noexcept : owner_(owner) {}
timed_out::~timed_out() = default;
const char* timed_out::what() const noexcept {
    return "timed out";
}

would_block_worker::would_block_worker(const char* operation)
    : std::logic_error(
          std::string(operation) +
          " would block a worker of the async executor: use co_await, or co_await on(threads, ...)"
      ) {}
would_block_worker::~would_block_worker() = default;

namespace detail {

namespace {

const char* advice(int error) noexcept {
    switch (error) {
    case EMFILE:
        return " (this process has reached its limit of descriptors: raise `ulimit -n`)";
    case ENFILE:
        return " (the system has reached its limit of open files: fs.file-max)";
    default:
        return "";
    }
}

}  // namespace

std::string message_of(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const std::exception& e) {
        return e.what();
    } catch (...) {
        return "an exception that is not a std::exception";
    }
}

void throw_system_error(int error, const char* operation, const std::string& subject) {
    std::string what = operation;
    if (!subject.empty()) what += " " + subject;
    what += advice(error);
    throw std::system_error(error, std::system_category(), what);
}

}  // namespace detail
}  // namespace amphi
