// Replications of a simulation with laws and figures drawn from their uncertainty.
#pragma once

#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "sim/cli/verbs/simulate/options.hpp"
#include "sim/report/report.hpp"
#include "sim/workload/generators.hpp"

namespace microdc::cli {

struct SampleSettings {
  std::size_t samples = 0;
  std::size_t jobs = 1;
  bool single_steps = false;
  bool quiet = false;
  PlacementTable placements;  ///< of the gateway
};

/// The figures of `samples` replications with the same requests; replication i, from 1, has the
/// laws of LawDraw{i} and the figures of FigureDraw{seed, i}, and runs in a process of its own, so
/// the bands do not depend on `jobs`. No value, and no error, if the user interrupted it.
Result<std::optional<Bands>> run_samples(const Scenario& scenario, const Catalogs& catalogs,
                                         const std::vector<RequestStream>& streams,
                                         const SampleSettings& settings, std::ostream& progress);

/// Figures by path as lines of text, for a pipe; numbers keep every bit.
std::string figures_to_text(const std::map<std::string, double>& figures);
std::map<std::string, double> figures_from_text(const std::string& text);

}  // namespace microdc::cli
