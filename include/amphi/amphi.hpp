// SPDX-License-Identifier: BSL-1.0
#pragma once

// All of amphi but HTTP, which is <amphi/http.hpp> and a library of its own.
#include <amphi/async/runtime.hpp>
#include <amphi/exec/run.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/exec/this_task.hpp>
#include <amphi/exec/wait.hpp>
#include <amphi/exec/yield.hpp>
#include <amphi/task/sendable.hpp>
#include <amphi/task/task.hpp>
#include <amphi/time/sleep.hpp>
#include <amphi/time/timeout.hpp>
#include <amphi/version.hpp>
