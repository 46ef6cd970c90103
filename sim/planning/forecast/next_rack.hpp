// The rack that the same money buys later: the same servers with better processors.
#pragma once

#include "sim/scenario/scenario.hpp"
#include "sim/serving/catalogs.hpp"

namespace microdc {

/// Factors over today's devices of the same price.
struct HardwareFactors {
  double compute = 1;    ///< arithmetic peaks
  double bandwidth = 1;  ///< of memory
  double memory = 1;     ///< capacity
  bool operator==(const HardwareFactors&) const = default;
};

/// The scenario on servers whose accelerators (or CPUs, where they serve) are better by `factors`.
/// Server types "TYPE@next" with devices "DEVICE@next" are added to `catalogs`; they borrow the
/// efficiency of today's devices. Links, host CPUs and powers stay: a forecast scales energy by
/// itself. Nothing happens for factors of one.
Scenario on_next_rack(const Scenario& scenario, const HardwareFactors& factors, Catalogs& catalogs);

}  // namespace microdc
