// Small racks for tests of the simulation.
#pragma once

#include <string>
#include <vector>

#include "sim/serving/simulation.hpp"

namespace microdc::testing {

/// The program's own catalogs, loaded once.
const Catalogs& catalogs();

/// One A100 server with one pool of Llama 3.1 8B on vLLM and one workload; seed 1.
Scenario one_accelerator();

/// The same with `count` servers and as many replicas.
Scenario replicas_on_servers(std::int64_t count);

/// Two such servers: pool "pool" prefills on one, pool "decode" decodes on the other.
Scenario disaggregated();

/// Requests at the given times with the given lengths, as one open-loop stream.
struct PlainRequest {
  double arrival_s = 0;
  std::int32_t input_tokens = 1;
  std::int32_t output_tokens = 1;
};
RequestStream stream_of(const std::vector<PlainRequest>& requests);

/// Every number of a result that must not depend on how it was computed: request counts, latency
/// histograms, replica counters, energies; one line each, exact. Without the number of events.
std::string fingerprint(const SimulationResult& result);

/// fingerprint() of a run in a child process, or the errors.
std::string run_in_child(const Scenario& scenario, const std::vector<RequestStream>& streams,
                         SimulationOptions options = {});

}  // namespace microdc::testing
