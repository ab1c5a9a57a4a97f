// SPDX-License-Identifier: BSL-1.0
#include <amphi/base/intrusive_list.hpp>

#include <array>
#include <deque>
#include <random>

#include <gtest/gtest.h>

namespace {

class number : public amphi::detail::list_node<number> {
public:
    explicit number(int n = 0) : value(n) {}
    int value;
};

using list = amphi::detail::intrusive_list<number>;

void drain(list& l) {
    while (l.pop_front() != nullptr) {
    }
}

TEST(intrusive_list, is_first_in_first_out) {
    std::array<number, 3> nodes{number(1), number(2), number(3)};
    list l;
    EXPECT_TRUE(l.empty());
    for (number& n : nodes)
        l.push_back(n);
    EXPECT_FALSE(l.empty());
    for (const number& n : nodes) {
        EXPECT_EQ(l.front(), &n);
        EXPECT_EQ(l.pop_front(), &n);
        EXPECT_FALSE(n.is_linked());
    }
    EXPECT_EQ(l.pop_front(), nullptr);
}

TEST(intrusive_list, removes_from_anywhere_and_what_is_in_no_list) {
    std::array<number, 3> nodes;
    list l;
    for (number& n : nodes)
        l.push_back(n);
    l.remove(nodes[1]);
    l.remove(nodes[1]);
    EXPECT_EQ(list::next(nodes[0]), &nodes[2]);
    l.remove(nodes[2]);
    l.push_back(nodes[1]);
    EXPECT_EQ(l.pop_front(), &nodes[0]);
    EXPECT_EQ(l.pop_front(), &nodes[1]);
    EXPECT_TRUE(l.empty());
}

// Against a std::deque, on all positions, with a fixed seed.
TEST(intrusive_list, behaves_as_a_deque_does) {
    std::mt19937 random(1);  // NOLINT(cert-msc51-cpp): the same sequence each time
    std::array<number, 16> nodes;
    list l;
    std::deque<number*> model;
    for (int step = 0; step < 20'000; ++step) {
        number& n = nodes[random() % nodes.size()];
        if (!n.is_linked()) {
            l.push_back(n);
            model.push_back(&n);
        } else if (random() % 2 == 0) {
            l.remove(n);
            std::erase(model, &n);
        } else {
            ASSERT_EQ(l.pop_front(), model.front());
            model.pop_front();
        }
        ASSERT_EQ(l.empty(), model.empty());
        const number* at = l.front();
        for (const number* expected : model) {
            ASSERT_EQ(at, expected);
            at = list::next(*at);
        }
        ASSERT_EQ(at, nullptr);
    }
    drain(l);
}

TEST(intrusive_list_death, tells_misuse) {
    number n;
    list l;
    l.push_back(n);
    EXPECT_DEATH(l.push_back(n), "is_linked");
    EXPECT_DEATH(list().remove(n), "list_ == this");
    EXPECT_DEATH(
        {
            number lost;
            l.push_back(lost);
        },
        "is_linked"
    );
    drain(l);
}

}  // namespace
