// Catalogs, rows and scenarios for the tests of planning.
#pragma once

#include "sim/planning/plan/bounds.hpp"
#include "sim/planning/validate/validate.hpp"

namespace microdc::testing {

/// The program's own catalogs, loaded once.
const Catalogs& catalogs();
const PlanKnowledge& plan_knowledge();
const Conventions& conventions();

/// An office of `users` with a chat on one server with an L4; prompts and answers of fixed length.
Scenario chat_office(const std::string& name, std::int64_t users, double prompt, double answer);

/// A run that can be predicted: one H100, Llama-3.1-8B in bf16, vLLM, four clients.
MeasuredRun plain_run();

/// The case of a run; fails the test if it is skipped.
RunCase case_of(const MeasuredRun& run, const MeasuredRequests& requests = {});
/// Why the run is skipped; empty if it is not.
std::string skip_reason(const MeasuredRun& run);

}  // namespace microdc::testing
