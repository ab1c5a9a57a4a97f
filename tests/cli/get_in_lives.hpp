// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "support/temp_folder.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace amphi::cli {

inline std::string content_of(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// `amphi get`, a program of its own, in the life that the parameter names, into the folder `temp`.
class get_in_lives : public ::testing::TestWithParam<const char*> {
protected:
    [[nodiscard]] std::vector<std::string> words(const std::vector<std::string>& more) const {
        std::vector<std::string> all = words_that_retry({"--retries", "0"});
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }
    [[nodiscard]] std::vector<std::string> words_that_retry(const std::vector<std::string>& more
    ) const {
        std::vector<std::string> all{
            AMPHI_COMMAND, "get", "--on", GetParam(), "-o", temp.path().string()
        };
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }

    testing::temp_folder temp;
    testing::temp_folder other;
};

}  // namespace amphi::cli
