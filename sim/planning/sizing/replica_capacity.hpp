// How many requests a second one replica serves within its objectives: a formula on the laws of its
// steps, in place of a simulation.
#pragma once

#include "sim/planning/sizing/peak_load.hpp"
#include "sim/serving/deployment.hpp"

namespace microdc {

/// Requests per second of the lengths of `load` that a replica of `pool` takes so that the mean
/// time per token and the first token of a long prompt are within `slo` and the KV cache holds the
/// batch. Zero if not even a lone request is.
///
///   steady batch  b = rate · answer · step(b) / (1 − p),  p = rate · time of a prompt   (Little)
///   fullest batch B = b + 2 √b                            (Poisson arrivals, two deviations)
///   per token       = step(B) / (1 − p)
///   first token     = overheads + 2 step(B) + (long prompt + p/(1 − p) mean prompt) / (1 − p)
double replica_capacity(DeployedPool& pool, const PeakLoad& load, const SloSpec& slo);

}  // namespace microdc
