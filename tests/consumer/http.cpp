// SPDX-License-Identifier: BSL-1.0
#include <amphi/http.hpp>

int main() {
    return 0;
}
