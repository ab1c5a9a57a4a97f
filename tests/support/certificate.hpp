// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdio>
#include <memory>
#include <string>

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace amphi::testing {

/// A certificate that has signed itself, or that another one has signed, with its key.
class certificate {
public:
    /// `names` as in a subjectAltName: "DNS:host" or "IP:127.0.0.1". It is valid from an hour ago,
    /// for so many seconds from now; negative: it was.
    certificate(const char* names, long valid_for) : certificate(names, valid_for, nullptr) {}
    certificate(const char* names, long valid_for, const certificate& authority)
        : certificate(names, valid_for, &authority) {}

    [[nodiscard]] EVP_PKEY* key() const noexcept { return key_.get(); }
    [[nodiscard]] X509* text() const noexcept { return text_.get(); }

    void write_to(const std::string& path) const {
        std::FILE* const file = std::fopen(path.c_str(), "w");
        ASSERT_NE(file, nullptr);
        EXPECT_EQ(PEM_write_X509(file, text_.get()), 1);
        std::fclose(file);
    }
    void write_key_to(const std::string& path) const {
        std::FILE* const file = std::fopen(path.c_str(), "w");
        ASSERT_NE(file, nullptr);
        EXPECT_EQ(PEM_write_PrivateKey(file, key_.get(), nullptr, nullptr, 0, nullptr, nullptr), 1);
        std::fclose(file);
    }

private:
    struct free_key {
        void operator()(EVP_PKEY* owned) const noexcept { EVP_PKEY_free(owned); }
    };
    struct free_text {
        void operator()(X509* owned) const noexcept { X509_free(owned); }
    };

    certificate(const char* names, long valid_for, const certificate* authority)
        : key_(EVP_EC_gen("P-256"))
        , text_(X509_new()) {
        X509* const x = text_.get();
        X509_set_version(x, X509_VERSION_3);
        ASN1_INTEGER_set(X509_get_serialNumber(x), authority == nullptr ? 1 : 2);
        X509_gmtime_adj(X509_getm_notBefore(x), -3600);
        X509_gmtime_adj(X509_getm_notAfter(x), valid_for);
        X509_set_pubkey(x, key_.get());
        X509_NAME* const name = X509_get_subject_name(x);
        const char* const shown = authority == nullptr ? "test" : "signed";
        const auto* const common = reinterpret_cast<const unsigned char*>(shown);
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common, -1, -1, 0);
        X509_set_issuer_name(
            x, authority == nullptr ? name : X509_get_subject_name(authority->text())
        );
        add(NID_subject_alt_name, names);
        if (authority == nullptr) add(NID_basic_constraints, "CA:TRUE");
        EVP_PKEY* const signer = authority == nullptr ? key_.get() : authority->key();
        EXPECT_NE(X509_sign(x, signer, EVP_sha256()), 0);
    }

    void add(int extension, const char* value) {
        X509_EXTENSION* const made = X509V3_EXT_conf_nid(nullptr, nullptr, extension, value);
        EXPECT_EQ(X509_add_ext(text_.get(), made, -1), 1);
        X509_EXTENSION_free(made);
    }

    std::unique_ptr<EVP_PKEY, free_key> key_;
    std::unique_ptr<X509, free_text> text_;
};

}  // namespace amphi::testing
