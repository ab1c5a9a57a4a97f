// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/descriptor.hpp>

#include "folder.hpp"
#include "request.hpp"
#include "status.hpp"

#include <cstdint>
#include <string>

namespace amphi::serve {

/// What is sent: a text, the head, perhaps with a short body behind it; then a part of a file.
class response {
public:
    response(std::string text, bool keep_alive);
    response(
        std::string text, bool keep_alive, served_file file, std::uint64_t first, std::uint64_t size
    );

    [[nodiscard]] const std::string& text() const noexcept { return text_; }
    [[nodiscard]] bool keep_alive() const noexcept { return keep_alive_; }

    /// Of the file, `size` bytes from `first` on; none when `size` is zero.
    [[nodiscard]] int file() const noexcept { return file_.get(); }
    [[nodiscard]] std::uint64_t first() const noexcept { return first_; }
    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

private:
    std::string text_;
    descriptor file_;
    std::uint64_t first_ = 0;
    std::uint64_t size_ = 0;
    bool keep_alive_;
};

/// Answers a request with a file of the folder, or with the reason why not. Blocks as long as it
/// takes to open a file of a local disk.
[[nodiscard]] response answer(const request& asked, const folder& from);

/// The answer to what cannot be read as a request; the connection is closed after it.
[[nodiscard]] response refuse(status why);

}  // namespace amphi::serve
