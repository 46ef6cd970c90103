// What published measurements leave unsaid: facts of workloads, of how a source records its runs,
// and defaults for blank fields. Data: sim/planning/catalog/validation.json.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "hwprofiles/base/diagnostics.hpp"
#include "hwprofiles/base/fields.hpp"

namespace microdc {

/// Lengths of a workload whose prompts were not published.
struct WorkloadConvention {
  std::string match;                    ///< part of the workload's name
  std::optional<Figure> input_tokens;   ///< mean
  std::optional<Figure> output_spread;  ///< sigma of the logarithm of the answers' lengths
  bool prompts_repeat = false;  ///< few prompts come again and again: all are in the prefix cache
};

/// How a source records its runs.
struct SourceConvention {
  std::string match;        ///< part of the source's name
  std::string engine;       ///< applies to this engine only; empty: to all
  std::string explanation;  ///< why
  /// tp (or dp) was multiplied by ep: 8 GPUs with ep=8 stand as tp=64.
  bool degrees_multiplied = false;
  /// Figures are of the steady state while requests were waiting, not of the whole run.
  bool steady_state = false;
  bool itl_is_per_request = false;  ///< itl_* are the requests' mean gaps, not pooled gaps
  bool limits_are_totals = false;   ///< max_num_seqs counts all data-parallel ranks, not one
  /// The token budget of a step was set to hold one prompt beside the running sequences.
  bool one_prompt_per_step = false;
  std::string kv_cache_with_low_precision;  ///< KV format of fp8 and fp4 runs; empty: the engine's
};

/// New requests are looked for only every so many steps, so the first token comes half that later.
struct PollingConvention {
  std::string match;   ///< part of the source's name
  std::string engine;  ///< canonical name
  std::string explanation;
  std::int64_t from_concurrency = 1;  ///< for at least so many clients
  std::int64_t from_ranks = 1;        ///< for at least so many data-parallel ranks
  std::int64_t steps = 1;
};

/// Residuals of this product's predictions, for the bands of `p10` and `p90`.
struct ResidualBand {
  std::string metric;  ///< class: ttft, tpot, itl, e2e, throughput, energy, power; "_tail" for the
                       ///< percentiles from 90
  std::string arch;    ///< dense, moe, hybrid; empty: any
  double low = 0;      ///< 10th percentile of measured / predicted
  double high = 0;     ///< 90th percentile
};

struct Conventions {
  std::optional<Figure> requests_per_slot;   ///< closed loop: requests / concurrency
  std::optional<Figure> steady_generations;  ///< steady state: requests / batch
  std::optional<Figure> input_tokens;        ///< of an unknown workload
  std::optional<Figure> output_tokens;
  std::optional<Figure> natural_spread;        ///< sigma of the log of lengths that nobody fixed
  std::optional<Figure> borrowed_band_factor;  ///< widens bands (in the log) of unmeasured devices
  std::vector<WorkloadConvention> workloads;
  std::vector<SourceConvention> sources;
  std::vector<PollingConvention> polling;
  std::vector<ResidualBand> bands;

  /// Steps between two looks for new requests; 1 if the source says nothing.
  [[nodiscard]] std::int64_t polling_steps(const std::string& source, const std::string& engine,
                                           std::int64_t concurrency, std::int64_t ranks) const;
  [[nodiscard]] const WorkloadConvention* workload(const std::string& name) const;
  /// All conventions of a source together.
  [[nodiscard]] SourceConvention source(const std::string& name, const std::string& engine) const;
  [[nodiscard]] const ResidualBand* band(std::string_view metric_class,
                                         const std::string& arch) const;
};
void describe(FieldVisitor& visitor, Conventions& conventions);

Result<Conventions> load_conventions(const std::filesystem::path& file);

}  // namespace microdc
