// SPDX-License-Identifier: BSL-1.0
#pragma once

// The algorithms of the compute pool.
// IWYU pragma: begin_exports
#include <amphi/compute/any_of.hpp>
#include <amphi/compute/copy_if.hpp>
#include <amphi/compute/count.hpp>
#include <amphi/compute/fill.hpp>
#include <amphi/compute/find.hpp>
#include <amphi/compute/for_each.hpp>
#include <amphi/compute/grain.hpp>
#include <amphi/compute/histogram.hpp>
#include <amphi/compute/merge.hpp>
#include <amphi/compute/min_max.hpp>
#include <amphi/compute/nth_element.hpp>
#include <amphi/compute/partition.hpp>
#include <amphi/compute/random_access.hpp>
#include <amphi/compute/reduce.hpp>
#include <amphi/compute/scan.hpp>
#include <amphi/compute/sort.hpp>
#include <amphi/compute/sort_by_key.hpp>
#include <amphi/compute/stable_sort.hpp>
#include <amphi/compute/transform.hpp>
#include <amphi/compute/unique.hpp>
// IWYU pragma: end_exports
