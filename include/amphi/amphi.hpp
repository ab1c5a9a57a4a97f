// SPDX-License-Identifier: BSL-1.0
#pragma once

// All of amphi but HTTP, which is <amphi/http.hpp> and a library of its own.
#include <amphi/exec/run.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/task/task.hpp>
#include <amphi/version.hpp>
