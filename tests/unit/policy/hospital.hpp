// An Ontario hospital with one pool on its premises and a cloud abroad.
#pragma once

#include "tests/support/rigs.hpp"

namespace microdc::testing {

/// Workload 0 holds patients' data, workload 1 none; target 0 is the pool, target 1 the cloud
/// "api".
inline Scenario hospital() {
  Scenario scenario = one_accelerator();
  scenario.organisation = {.jurisdiction = "CA-ON",
                           .sector = "public_hospital",
                           .conditions = {"reasonable_safeguards"}};
  scenario.workloads[0].name = "letters";
  scenario.workloads[0].pool = "pool";
  scenario.workloads[0].data_classes = {"phi"};
  scenario.workloads.push_back(
      {.name = "canteen", .pool = "pool", .data_classes = {"public_data"}});
  scenario.clouds.push_back({.name = "api",
                             .offer = "none",
                             .jurisdiction = "US",
                             .operator_jurisdiction = "US",
                             .input_price = Money(1),
                             .output_price = Money(2),
                             .ttft = Seconds(0.5),
                             .tpot = Seconds(0.02)});
  return scenario;
}

}  // namespace microdc::testing
