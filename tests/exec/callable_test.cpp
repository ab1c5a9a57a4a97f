// SPDX-License-Identifier: BSL-1.0
#include <amphi/exec/callable.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include <gtest/gtest.h>

namespace {

using namespace amphi::detail;

using function = int (*)(const std::string&, int) noexcept;

struct member_of_nothing {
    amphi::task<long> operator()(std::unique_ptr<int> owned, double&&) const;
};

TEST(parameters, are_those_of_functions_closures_and_functors) {
    using of_pointer = parameters<function>::types;
    EXPECT_TRUE((std::is_same_v<of_pointer, type_list<const std::string&, int>>));
    using of_functor = parameters<member_of_nothing>::types;
    EXPECT_TRUE((std::is_same_v<of_functor, type_list<std::unique_ptr<int>, double&&>>));
    const auto closure = [](int&) mutable noexcept {};
    using of_closure = parameters<std::remove_const_t<decltype(closure)>>::types;
    EXPECT_TRUE((std::is_same_v<of_closure, type_list<int&>>));
    const auto generic = [](auto) {};
    using of_generic = parameters<std::remove_const_t<decltype(generic)>>::types;
    EXPECT_TRUE((std::is_same_v<of_generic, deduced>));
}

TEST(owned_call, stores_values_of_the_parameters_types) {
    using call = owned_call_of<int (*)(const std::string&, int), const char*, short>;
    EXPECT_TRUE((std::is_same_v<call::stored, std::tuple<std::string, int>>));
    EXPECT_TRUE((std::is_same_v<call::result, int>));
    using functor = owned_call_of<member_of_nothing, std::unique_ptr<int>, float>;
    EXPECT_TRUE((std::is_same_v<result_of_run<functor::result>, long>));
}

TEST(owned_call, passes_each_argument_as_the_parameters_kind_of_reference) {
    auto f = [](std::string& by_reference, std::string by_value, std::string&& moved) {
        by_reference += "!";
        return std::string(std::move(by_value)) + std::move(moved);
    };
    using call = owned_call_of<decltype(f), const char*, const char*, const char*>;
    call::stored arguments("a", "b", "c");
    EXPECT_EQ(call::invoke(f, arguments), "bc");
    EXPECT_EQ(std::get<0>(arguments), "a!");
    EXPECT_EQ(std::get<1>(arguments), "") << "moved into the parameter";
}

TEST(captureless, admits_functions_and_empty_closures) {
    int n = 0;
    [[maybe_unused]] const auto captures = [&n] { ++n; };
    [[maybe_unused]] const auto empty = [] {};
    EXPECT_FALSE(captureless<std::remove_const_t<decltype(captures)>>);
    EXPECT_TRUE(captureless<std::remove_const_t<decltype(empty)>>);
    EXPECT_TRUE((captureless<int (*)(int)>));
    EXPECT_FALSE(captureless<int*>);
}

}  // namespace
