// SPDX-License-Identifier: BSL-1.0
#pragma once

// Pipelines on the compute pool: a source, stages, an end.
// IWYU pragma: begin_exports
#include <amphi/compute/chunks.hpp>
#include <amphi/compute/filter.hpp>
#include <amphi/compute/flat_map.hpp>
#include <amphi/compute/fold.hpp>
#include <amphi/compute/from.hpp>
#include <amphi/compute/from_generator.hpp>
#include <amphi/compute/grain.hpp>
#include <amphi/compute/pipeline_ends.hpp>
#include <amphi/compute/pipeline_transform.hpp>
#include <amphi/compute/take_any_while.hpp>
#include <amphi/compute/to_vector.hpp>
#include <amphi/compute/zip.hpp>
// IWYU pragma: end_exports
