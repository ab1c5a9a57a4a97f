// SPDX-License-Identifier: BSL-1.0
#pragma once

// All of amphi but HTTP, which is <amphi/http.hpp> and a library of its own.
// IWYU pragma: begin_exports
#include <amphi/async/runtime.hpp>
#include <amphi/async/spawn.hpp>
#include <amphi/exec/for_each_concurrent.hpp>
#include <amphi/exec/join_set.hpp>
#include <amphi/exec/on.hpp>
#include <amphi/exec/run.hpp>
#include <amphi/exec/scope.hpp>
#include <amphi/exec/task_local.hpp>
#include <amphi/exec/this_task.hpp>
#include <amphi/exec/wait.hpp>
#include <amphi/exec/when.hpp>
#include <amphi/exec/yield.hpp>
#include <amphi/fs/file.hpp>
#include <amphi/fs/operations.hpp>
#include <amphi/io/completion.hpp>
#include <amphi/io/lines.hpp>
#include <amphi/io/readable.hpp>
#include <amphi/io/stream.hpp>
#include <amphi/net/resolve.hpp>
#include <amphi/net/tcp.hpp>
#include <amphi/process/child.hpp>
#include <amphi/process/command.hpp>
#include <amphi/process/exit_status.hpp>
#include <amphi/process/pipe.hpp>
#include <amphi/process/signals.hpp>
#include <amphi/process/standard_streams.hpp>
#include <amphi/sync/barrier.hpp>
#include <amphi/sync/broadcast.hpp>
#include <amphi/sync/channel.hpp>
#include <amphi/sync/condition.hpp>
#include <amphi/sync/event.hpp>
#include <amphi/sync/latch.hpp>
#include <amphi/sync/lazy.hpp>
#include <amphi/sync/mutex.hpp>
#include <amphi/sync/once.hpp>
#include <amphi/sync/oneshot.hpp>
#include <amphi/sync/rwlock.hpp>
#include <amphi/sync/semaphore.hpp>
#include <amphi/sync/watch_channel.hpp>
#include <amphi/task/result.hpp>
#include <amphi/task/sendable.hpp>
#include <amphi/task/task.hpp>
#include <amphi/task/trace.hpp>
#include <amphi/time/backoff.hpp>
#include <amphi/time/drain.hpp>
#include <amphi/time/interval.hpp>
#include <amphi/time/select.hpp>
#include <amphi/time/sleep.hpp>
#include <amphi/time/supervise.hpp>
#include <amphi/time/timeout.hpp>
#include <amphi/version.hpp>
// IWYU pragma: end_exports
