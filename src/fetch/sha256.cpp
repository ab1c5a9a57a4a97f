// SPDX-License-Identifier: BSL-1.0
#include "sha256.hpp"

#include <amphi/base/error.hpp>

#include <cerrno>
#include <memory>
#include <stdexcept>

#include <openssl/evp.h>
#include <unistd.h>

namespace amphi::fetch {

namespace {

EVP_MD_CTX* state_of(void* state) noexcept {
    return static_cast<EVP_MD_CTX*>(state);
}

void check(int result) {
    if (result != 1) throw std::runtime_error("SHA-256: the crypto library refused");
}

/// Looked up once: it costs more than to hash a small file.
const EVP_MD* algorithm() {
    static const EVP_MD* const fetched = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    return fetched;
}

int hex_value(char digit) noexcept {
    if (digit >= '0' && digit <= '9') return digit - '0';
    if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
    return -1;
}

}  // namespace

void sha256::free_state::operator()(void* state) const noexcept {
    EVP_MD_CTX_free(state_of(state));
}

sha256::sha256() : state_(EVP_MD_CTX_new()) {
    if (!state_) throw std::runtime_error("SHA-256: out of memory");
    start();
}

void sha256::start() {
    check(algorithm() != nullptr ? 1 : 0);
    check(EVP_DigestInit_ex2(state_of(state_.get()), algorithm(), nullptr));
}

void sha256::update(std::span<const std::byte> piece) {
    check(EVP_DigestUpdate(state_of(state_.get()), piece.data(), piece.size()));
}

sha256_digest sha256::finish() {
    sha256_digest digest{};
    unsigned size = 0;
    check(EVP_DigestFinal_ex(
        state_of(state_.get()), reinterpret_cast<unsigned char*>(digest.data()), &size
    ));
    start();
    return digest;
}

sha256_digest sha256_of(int fd) {
    constexpr std::size_t block_bytes = std::size_t{256} << 10;
    const auto block = std::make_unique_for_overwrite<std::byte[]>(block_bytes);
    sha256 hash;
    for (off_t offset = 0;;) {
        const ssize_t count = ::pread(fd, block.get(), block_bytes, offset);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) amphi::detail::throw_system_error(errno, "read back what is there");
        if (count == 0) return hash.finish();
        hash.update({block.get(), static_cast<std::size_t>(count)});
        offset += count;
    }
}

std::string to_hex(const sha256_digest& digest) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(digest.size() * 2);
    for (const std::byte b : digest) {
        text += digits[std::to_integer<std::size_t>(b >> 4)];
        text += digits[std::to_integer<std::size_t>(b & std::byte{15})];
    }
    return text;
}

std::optional<sha256_digest> parse_sha256(std::string_view text) {
    sha256_digest digest{};
    if (text.size() != digest.size() * 2) return std::nullopt;
    for (std::size_t i = 0; i < digest.size(); ++i) {
        const int high = hex_value(text[2 * i]);
        const int low = hex_value(text[2 * i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        digest[i] = static_cast<std::byte>(high * 16 + low);
    }
    return digest;
}

}  // namespace amphi::fetch
