// SPDX-License-Identifier: BSL-1.0
// Computes on all CPUs: halves, jobs, algorithms, and from a task.
#include <amphi/amphi.hpp>
#include <amphi/compute/parallel.hpp>
#include <amphi/compute/pipeline.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace parallel = amphi::parallel;

// [join]
std::uint64_t sum_of(std::span<const int> numbers) {
    if (numbers.size() < 1'000) {
        std::uint64_t sum = 0;
        for (const int each : numbers)
            sum += static_cast<std::uint64_t>(each);
        return sum;
    }
    const std::size_t half = numbers.size() / 2;
    const auto [left, right] = amphi::join(
        [&] { return sum_of(numbers.first(half)); },
        [&] { return sum_of(numbers.subspan(half)); }  // perhaps on another thread
    );
    return left + right;
}
// [join]

// [scope]
struct tree {
    int value = 0;
    std::vector<std::unique_ptr<tree>> children;
};

void double_all(tree& node, parallel::job_scope& jobs) {
    node.value *= 2;
    for (const std::unique_ptr<tree>& child : node.children)
        jobs.spawn([&child, &jobs] { double_all(*child, jobs); });
}

void double_all(tree& root) {
    parallel::scope([&root](parallel::job_scope& jobs) { double_all(root, jobs); });
}  // every job has ended
// [scope]

// [algorithms]
double mean_length(std::vector<std::string>& words) {
    parallel::sort(words);
    parallel::for_each(words, [](std::string& each) { each += '\n'; });
    const std::size_t letters = parallel::transform_reduce(
        words,
        std::size_t{0},
        [](std::size_t a, std::size_t b) { return a + b; },
        [](const std::string& each) { return each.size(); },
        parallel::grain(1'000)  // not worth a thread for fewer
    );
    return static_cast<double>(letters) / static_cast<double>(words.size());
}
// [algorithms]

// [pipeline]
std::vector<std::string> long_words(const std::vector<std::string>& words) {
    return parallel::from(words) |
           parallel::filter([](const std::string& each) { return each.size() > 3; }) |
           parallel::transform([](const std::string& each) { return each + '!'; }) |
           parallel::to_vector();
}
// [pipeline]

// [on]
amphi::task<> report(std::vector<std::string> words) {
    // The worker serves others meanwhile.
    const double mean = co_await amphi::on(amphi::compute, mean_length, words);
    std::printf("%.1f letters\n", mean);
}
// [on]

// [pool]
void at_most_two_threads(std::vector<int>& numbers) {
    amphi::compute_pool pool(amphi::compute_options().workers(2).name("sorter"));
    pool.run([&] { parallel::sort(numbers); });
}
// [pool]

int main() {
    std::vector<int> numbers(100'000);
    parallel::for_each_index(0, numbers.size(), [&](std::size_t i) {
        numbers[i] = static_cast<int>(numbers.size() - i);
    });
    at_most_two_threads(numbers);
    std::printf("%d, %llu\n", numbers[0], static_cast<unsigned long long>(sum_of(numbers)));

    tree root;
    root.value = 1;
    root.children.push_back(std::make_unique<tree>());
    root.children[0]->value = 4;
    double_all(root);
    std::printf("%d %d\n", root.value, root.children[0]->value);

    const std::vector<std::string> words{"pear", "fig", "apple"};
    for (const std::string& each : long_words(words))
        std::printf("%s ", each.c_str());
    amphi::run(amphi::async, report, words);
}
