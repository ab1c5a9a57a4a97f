// SPDX-License-Identifier: BSL-1.0
#include "fetch/url_list.hpp"
#include "support/lives.hpp"
#include "support/temp_folder.hpp"

#include <fstream>
#include <optional>
#include <string>
#include <vector>

namespace amphi::fetch {

namespace {

using namespace amphi::testing;

class url_lists : public each_life {
public:
    std::vector<std::string> read(std::vector<std::string> given, const std::string& file) {
        return run(
            [](std::vector<std::string> first, std::string path) -> task<std::vector<std::string>> {
                url_list list(first, path);
                std::vector<std::string> all;
                for (;;) {
                    std::optional<std::string> next = co_await list.next();
                    if (!next) co_return all;
                    all.push_back(std::move(*next));
                }
            },
            std::move(given),
            file
        );
    }
    std::string file_of(const std::string& text) {
        std::ofstream(temp / "list") << text;
        return (temp / "list").string();
    }

    temp_folder temp;
};
INSTANTIATE_TEST_SUITE_P(lives, url_lists, all_lives(), name_of_life);

using texts = std::vector<std::string>;

TEST_P(url_lists, begin_with_what_was_given) {
    EXPECT_EQ(read({}, ""), texts());
    EXPECT_EQ(read({"a", "b"}, ""), texts({"a", "b"}));
    EXPECT_EQ(read({"a"}, file_of("b\nc\n")), texts({"a", "b", "c"}));
}

TEST_P(url_lists, leave_out_blanks_and_remarks) {
    EXPECT_EQ(read({}, file_of("\n# no\n \t\n  a \r\n\r\nb c\n #d")), texts({"a", "b c"}));
    EXPECT_EQ(read({}, file_of("")), texts());
}

TEST_P(url_lists, need_no_end_of_the_last_line) {
    EXPECT_EQ(read({}, file_of("a\nb")), texts({"a", "b"}));
}

TEST_P(url_lists, are_not_endless_lines) {
    EXPECT_THROW(read({}, file_of(std::string(200'000, 'x'))), list_error);
}

TEST_P(url_lists, need_a_file) {
    EXPECT_THROW(read({}, (temp / "none").string()), list_error);
    EXPECT_THROW(read({}, temp.path().string()), list_error);
}

}  // namespace

}  // namespace amphi::fetch
