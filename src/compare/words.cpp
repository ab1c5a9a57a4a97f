// SPDX-License-Identifier: BSL-1.0
#include "words.hpp"

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace amphi::compare {

namespace {

constexpr std::string_view blanks = " \t\n";
constexpr std::string_view needs_shell = "|&;<>()$`";
// Of what a backslash escapes between double quotes.
constexpr std::string_view escaped_in_quotes = "\"\\$`\n";

class splitter {
public:
    explicit splitter(std::string_view command) : command_(command) {}

    std::vector<std::string> split() {
        while (at_ < command_.size()) {
            const char letter = take();
            if (blanks.find(letter) != std::string_view::npos)
                end_word();
            else
                add(letter);
        }
        end_word();
        return words_;
    }

private:
    char take() { return command_[at_++]; }

    [[nodiscard]] bool has_more() const noexcept { return at_ < command_.size(); }

    void add(char letter) {
        in_word_ = true;
        if (letter == '\'')
            single_quoted();
        else if (letter == '"')
            double_quoted();
        else if (letter == '\\')
            escaped();
        else if (needs_shell.find(letter) != std::string_view::npos)
            refuse(letter);
        else
            word_ += letter;
    }

    void single_quoted() {
        const std::size_t end = command_.find('\'', at_);
        if (end == std::string_view::npos) throw std::invalid_argument("a ' is not closed");
        word_ += command_.substr(at_, end - at_);
        at_ = end + 1;
    }

    void double_quoted() {
        while (has_more()) {
            const char letter = take();
            if (letter == '"') return;
            if (letter == '$' || letter == '`') refuse(letter);
            if (letter != '\\' || !has_more()) {
                word_ += letter;
                continue;
            }
            const char next = take();
            if (escaped_in_quotes.find(next) == std::string_view::npos) word_ += '\\';
            if (next != '\n') word_ += next;
        }
        throw std::invalid_argument("a \" is not closed");
    }

    void escaped() {
        if (!has_more()) throw std::invalid_argument("a \\ stands at the end");
        const char letter = take();
        if (letter != '\n') word_ += letter;
    }

    [[noreturn]] static void refuse(char letter) {
        throw std::invalid_argument(
            std::string("'") + letter + "' needs a shell: quote it, or use sh -c '...'"
        );
    }

    void end_word() {
        if (in_word_) words_.push_back(word_);
        word_.clear();
        in_word_ = false;
    }

    std::string_view command_;
    std::size_t at_ = 0;
    std::vector<std::string> words_;
    std::string word_;
    bool in_word_ = false;
};

}  // namespace

std::vector<std::string> split_words(std::string_view command) {
    return splitter(command).split();
}

std::vector<std::string> with_out(std::vector<std::string> words, const std::string& out) {
    constexpr std::string_view place = "{out}";
    for (std::string& word : words)
        for (std::size_t at = word.find(place); at != std::string::npos;
             at = word.find(place, at + out.size()))
            word.replace(at, place.size(), out);
    return words;
}

}  // namespace amphi::compare
