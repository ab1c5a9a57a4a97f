// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <amphi/base/descriptor.hpp>

#include "support/loopback_listener.hpp"
#include "tls_server.hpp"

#include <cstddef>
#include <cstdint>
#include <future>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <openssl/ssl.h>
#include <poll.h>

namespace amphi::testing {

/// Speaks as much of HTTP/2, or of HTTP/1.1, as it takes to answer every request with 200 and no
/// body, and not before so many have come: until then all are under way at once. Over HTTP/1.1 the
/// first request of a connection is answered at once. It shakes hands when `greets` says so.
class http2_server {
public:
    enum class speaks : bool { http1, http2 };

    http2_server(
        const certificate& shown, speaks what, std::size_t awaited, std::future<void> greets = {}
    )
        : what_(what)
        , awaited_(awaited)
        , greets_(std::move(greets))
        , context_(SSL_CTX_new(TLS_server_method())) {
        SSL_CTX_use_certificate(context_.get(), shown.text());
        SSL_CTX_use_PrivateKey(context_.get(), shown.key());
        if (what == speaks::http2) SSL_CTX_set_alpn_select_cb(context_.get(), choose, nullptr);
        url_ = "https://127.0.0.1:" + std::to_string(listener_.port()) + "/";
        thread_ = std::thread([this] { serve(); });
    }
    http2_server(const http2_server&) = delete;
    http2_server& operator=(const http2_server&) = delete;
    ~http2_server() { stop(); }

    [[nodiscard]] const std::string& url() const noexcept { return url_; }

    /// Ends it, and gives how many connections were made to it.
    std::size_t stop() {
        listener_.end();
        if (thread_.joinable()) thread_.join();
        return clients_.size();
    }

private:
    class client {
    public:
        descriptor socket;
        std::unique_ptr<SSL, free_session> session;
        std::string unread;
        bool greeted = false;
        bool answered = false;
        std::vector<std::uint32_t> unanswered;  // streams
    };

    static constexpr std::size_t frame_head = 9;
    static constexpr std::string_view preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

    using bytes = const unsigned char*;

    static int choose(SSL*, bytes* chosen, unsigned char* size, bytes, unsigned, void*) {
        *chosen = reinterpret_cast<bytes>("h2");
        *size = 2;
        return SSL_TLSEXT_ERR_OK;
    }

    static std::string frame(char type, char flags, std::uint32_t stream, std::string_view body) {
        std::string text{'\0', '\0', static_cast<char>(body.size()), type, flags};
        for (int shift = 24; shift >= 0; shift -= 8)
            text += static_cast<char>(stream >> shift);
        return text.append(body);
    }

    static void send(client& to, std::string_view text) {
        SSL_write(to.session.get(), text.data(), static_cast<int>(text.size()));
    }

    void serve() {
        for (;;) {
            std::vector<pollfd> ready{{listener_.native_handle(), POLLIN, 0}};
            for (const client& c : clients_)
                ready.push_back({c.socket.get(), POLLIN, 0});
            ::poll(ready.data(), ready.size(), -1);
            std::size_t at = 1;
            for (client& c : clients_) {
                if (ready[at++].revents != 0 && c.session) receive(c);
            }
            if (ready[0].revents != 0 && !accept()) return;
            answer_all();
        }
    }

    bool accept() {
        client made;
        made.socket = listener_.accept();
        if (!made.socket) return false;
        if (greets_.valid()) greets_.get();
        made.session.reset(SSL_new(context_.get()));
        SSL_set_fd(made.session.get(), made.socket.get());
        EXPECT_EQ(SSL_accept(made.session.get()), 1);
        // 100 streams at once (setting 3).
        if (what_ == speaks::http2)
            send(made, frame(4, 0, 0, std::string_view("\0\3\0\0\0\144", 6)));
        clients_.push_back(std::move(made));
        return true;
    }

    void receive(client& from) {
        do {
            char piece[16384];
            const int count = SSL_read(from.session.get(), piece, sizeof piece);
            if (count <= 0) {
                from.session.reset();
                from.socket.reset();
                return;
            }
            from.unread.append(piece, static_cast<std::size_t>(count));
        } while (SSL_pending(from.session.get()) > 0);
        if (what_ == speaks::http2)
            take_frames(from);
        else
            take_heads(from);
    }

    void take_heads(client& from) {
        for (std::size_t end = 0; (end = from.unread.find("\r\n\r\n")) != std::string::npos;) {
            from.unread.erase(0, end + 4);
            from.unanswered.push_back(0);
            ++came_;
        }
    }

    void take_frames(client& from) {
        std::string& text = from.unread;
        if (!from.greeted) {
            if (text.size() < preface.size()) return;
            text.erase(0, preface.size());
            from.greeted = true;
        }
        const auto byte = [&text](std::size_t i) {
            return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i]));
        };
        while (text.size() >= frame_head) {
            const std::size_t size = byte(0) << 16 | byte(1) << 8 | byte(2);
            if (text.size() < frame_head + size) return;
            const bool is_settings = byte(3) == 4 && (byte(4) & 1) == 0;
            if (is_settings) send(from, frame(4, 1, 0, {}));
            if (byte(3) == 1) {
                from.unanswered.push_back(byte(5) << 24 | byte(6) << 16 | byte(7) << 8 | byte(8));
                ++came_;
            }
            text.erase(0, frame_head + size);
        }
    }

    void answer_all() {
        for (client& c : clients_) {
            if (came_ < awaited_ && (what_ == speaks::http2 || c.answered)) continue;
            c.answered = c.answered || !c.unanswered.empty();
            for (const std::uint32_t stream : std::exchange(c.unanswered, {})) {
                // The head is its last frame, and its only field ":status: 200".
                if (what_ == speaks::http2)
                    send(c, frame(1, 5, stream, "\x88"));
                else
                    send(c, "HTTP/1.1 200 x\r\nContent-Length: 0\r\n\r\n");
            }
        }
    }

    speaks what_;
    std::size_t awaited_;
    std::size_t came_ = 0;
    std::future<void> greets_;
    std::unique_ptr<SSL_CTX, free_context> context_;
    loopback_listener listener_;
    std::string url_;
    std::list<client> clients_;
    std::thread thread_;
};

}  // namespace amphi::testing
