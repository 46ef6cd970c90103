// A jump over many steps has to end where the single steps end.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/rigs.hpp"

namespace microdc::testing {

/// Runs the streams with macro-steps and with single steps; expects the same answers to the last
/// digit.
inline void expect_equal_modes(const Scenario& scenario,
                               const std::vector<RequestStream>& streams) {
  const std::string jumping = run_in_child(scenario, streams);
  const std::string stepping = run_in_child(scenario, streams, {.single_steps = true});
  EXPECT_EQ(jumping, stepping);
  EXPECT_EQ(jumping.find("failed"), std::string::npos) << jumping;
  EXPECT_EQ(jumping.find("died"), std::string::npos) << jumping;
}

}  // namespace microdc::testing
