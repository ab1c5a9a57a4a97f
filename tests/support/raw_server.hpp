// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/descriptor.hpp>

#include "loopback_listener.hpp"

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

namespace amphi::testing {

/// A connection of `raw_server`, in the hands of a test's script.
class raw_connection {
public:
    explicit raw_connection(int fd) noexcept : fd_(fd) {}

    /// The next request's head; empty when the client has gone.
    [[nodiscard]] std::string read_head() {
        std::size_t end = std::string::npos;
        while ((end = unread_.find("\r\n\r\n")) == std::string::npos) {
            char bytes[4096];
            const ssize_t count = ::recv(fd_, bytes, sizeof bytes, 0);
            if (count <= 0) return {};
            unread_.append(bytes, static_cast<std::size_t>(count));
        }
        std::string head = unread_.substr(0, end + 4);
        unread_.erase(0, end + 4);
        return head;
    }

    void send(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (count <= 0) return;  // The client has gone: what it makes of that is the test.
            bytes.remove_prefix(static_cast<std::size_t>(count));
        }
    }

    /// "HTTP/1.1 STATUS", a length that is true, and the body.
    void answer(int status, std::string_view body, const std::string& fields = {}) {
        send(
            "HTTP/1.1 " + std::to_string(status) + " x\r\nContent-Length: " +
            std::to_string(body.size()) + "\r\n" + fields + "\r\n" + std::string(body)
        );
    }

    /// Ends the connection by a reset.
    void reset() {
        const linger at_once{1, 0};
        ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        dropped_ = true;
    }

    /// Says no more until the client goes.
    void wait_for_end() {
        char byte = 0;
        while (::recv(fd_, &byte, 1, 0) > 0) {
        }
    }

    [[nodiscard]] bool is_dropped() const noexcept { return dropped_; }

private:
    int fd_;
    std::string unread_;
    bool dropped_ = false;
};

/// A server on 127.0.0.1 that does what a test's script says, misbehaving included. The script is
/// called for each request, on a thread a connection; true: the connection goes on.
class raw_server {
public:
    using script = std::function<bool(raw_connection& to, const std::string& head)>;

    explicit raw_server(script what) : script_(std::move(what)) {
        acceptor_ = std::thread([this] { accept_all(); });
    }
    raw_server(const raw_server&) = delete;
    raw_server& operator=(const raw_server&) = delete;
    ~raw_server() {
        listener_.end();
        acceptor_.join();
        {
            const std::lock_guard guard(mutex_);
            for (const descriptor& open : open_)
                ::shutdown(open.get(), SHUT_RDWR);
        }
        for (std::thread& t : threads_)
            t.join();
    }

    [[nodiscard]] std::uint16_t port() const noexcept { return listener_.port(); }
    [[nodiscard]] std::string url(const std::string& path) const {
        return "http://127.0.0.1:" + std::to_string(port()) + path;
    }

    /// The heads of all requests so far.
    [[nodiscard]] std::vector<std::string> requests() const {
        const std::lock_guard guard(mutex_);
        return requests_;
    }
    [[nodiscard]] std::size_t connections() const {
        const std::lock_guard guard(mutex_);
        return open_.size();
    }

    /// Waits until there have been so many requests, but not for ever.
    void wait_for_requests(std::size_t count) const {
        std::unique_lock guard(mutex_);
        EXPECT_TRUE(changed_.wait_for(
            guard, std::chrono::seconds(20), [&] { return requests_.size() >= count; }
        )) << "only "
           << requests_.size() << " requests came";
    }
    /// Waits until the server has ended so many connections, but not for ever.
    void wait_for_ends(std::size_t count) const {
        std::unique_lock guard(mutex_);
        EXPECT_TRUE(
            changed_.wait_for(guard, std::chrono::seconds(20), [&] { return ended_ >= count; })
        ) << "only "
          << ended_ << " connections have ended";
    }

private:
    void accept_all() {
        for (;;) {
            descriptor client = listener_.accept();
            if (!client) return;
            const std::lock_guard guard(mutex_);
            threads_.emplace_back([this, fd = client.get()] { serve(fd); });
            open_.push_back(std::move(client));
        }
    }

    void serve(int fd) {
        raw_connection connection(fd);
        for (;;) {
            const std::string head = connection.read_head();
            if (head.empty()) break;
            {
                const std::lock_guard guard(mutex_);
                requests_.push_back(head);
            }
            changed_.notify_all();
            if (!script_(connection, head)) break;
        }
        // The number stays ours until the end, so that nobody else's is shut down then.
        if (!connection.is_dropped()) ::shutdown(fd, SHUT_RDWR);
        const std::lock_guard guard(mutex_);
        if (connection.is_dropped())
            for (descriptor& open : open_)
                if (open.get() == fd) open.reset();
        ++ended_;
        changed_.notify_all();
    }

    script script_;
    loopback_listener listener_;
    std::thread acceptor_;
    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    std::list<descriptor> open_;
    std::list<std::thread> threads_;
    std::vector<std::string> requests_;
    std::size_t ended_ = 0;
};

}  // namespace amphi::testing
