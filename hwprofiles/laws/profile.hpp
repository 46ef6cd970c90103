// Fitted laws of one device as they are stored: parameters, covariance, errors, where they come
// from. Data: hwprofiles/catalog/profiles/*.json (written by `microdc calibrate`), power laws in
// hwprofiles/catalog/profiles/power/*.json.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hwprofiles/base/diagnostics.hpp"
#include "hwprofiles/base/fields.hpp"
#include "hwprofiles/work/operators.hpp"

namespace microdc {

/// The equations of docs/laws.md.
enum class LawKind { gemm, decode_attention, prefill_attention, elementwise, all_reduce };
const std::vector<std::string_view>& law_kind_names();

/// Name, unit and bounds of each parameter of a law, in the order of those that a law has.
struct ParameterInfo {
  std::string_view name;
  std::string_view unit;  ///< "s", "1", "B", "s/B^0.5", "B/s"
  /// Fits and draws stay within: beyond, an equation means nothing (a smooth maximum with a
  /// sharpness near 0 multiplies its arguments).
  double low;
  double high;
  /// Its value in laws that lack it; such parameters come last.
  std::optional<double> without = std::nullopt;
};
std::span<const ParameterInfo> law_parameters(LawKind kind);

struct LawParameter {
  std::string name;
  std::string unit;
  double value = 0;   ///< in `unit`; positive
  double log_sd = 0;  ///< standard deviation of its natural logarithm
};

/// Errors of points that took no part in the fit: quantiles of |log(measured / law)|.
struct RegimeError {
  std::string
      name;  ///< gemm: "decode" (m <= 64), "mid" (m <= 512), "prefill"; others: docs/laws.md
  std::int64_t points = 0;
  double q50 = 0, q90 = 0, q95 = 0;
};

/// Range of one shape variable over the fitted points; outside the law is extrapolated.
struct DomainRange {
  std::string name;  ///< "m", "n", "k", "context", "sequences", "message", …
  double low = 0;
  double high = 0;
};

/// Relative errors |law / measured - 1|.
struct ErrorSummary {
  double median = 0;
  double p90 = 0;
};

/// One law fitted to the measurements of one kernel source in one format.
struct FittedLaw {
  LawKind kind = LawKind::gemm;
  std::string kernel_source;  ///< engine or library: "vllm", "tensorrt-llm", "nccl"
  NumberFormat format =
      NumberFormat::bf16;  ///< of the weights (gemm) or of the KV cache (attention)
  std::int64_t group = 0;  ///< ranks of a collective; 0 for the others
  std::vector<LawParameter> parameters;
  /// Of the natural logarithms of the parameters, row by row; empty for assumed laws, whose
  /// parameters then vary independently by log_sd.
  std::vector<double> covariance;
  double residual_sd = 0;  ///< half-width of the central 68 % of log(measured / law), held out
  std::vector<RegimeError> regimes;
  std::vector<DomainRange> domain;
  std::int64_t points = 0;
  std::optional<ErrorSummary> in_sample, held_out, roofline;
  Provenance origin = Provenance::fitted;
  std::string source;  ///< "aiconfigurator (vllm 0.19.0)"
  std::string date;

  /// Value of a parameter; nullopt if the law does not have it.
  [[nodiscard]] std::optional<double> parameter(std::string_view name) const;
  /// Values of all of law_parameters(kind), in its order: `values` of `parameters` and, of those
  /// that the law lacks, what they are without.
  [[nodiscard]] std::vector<double> theta(std::span<const double> values) const;
  [[nodiscard]] std::vector<double> theta() const;
};

/// Which variant of a kernel measured best over a range of shapes.
struct VariantChoice {
  std::string operation;      ///< "gemm", "attention_decode", …
  std::string kernel_source;  ///< "own", or a vendor's library
  std::string format;         ///< of the weights or the KV cache
  std::string bucket;         ///< range of shapes: "m<=8"
  std::string variant;
  double seconds = 0;     ///< on the shape that stands for the bucket
  std::string runner_up;  ///< the next in speed; empty if there is only one variant
  double margin = 0;      ///< time of the runner-up / time of the variant - 1; negative where the
                          ///< plainer one was taken because the intervals overlap
  std::string rule;       ///< "fastest", "intervals overlap, plainest", "only variant"
};

/// How the laws of a profile were measured on one machine by `microdc calibrate --device`.
struct MeasurementRecord {
  std::string machine;  ///< what the device calls itself
  bool quick = false;   ///< one pass over few points
  std::int64_t passes = 0;
  std::optional<double> repeat_sd;  ///< of the logarithm of a time between the passes
  double contended_share = 0;       ///< of samples during which something else ran
  std::string power_method;         ///< "energy_counter" or "tdp_model"
  std::string power_gap;            ///< why energy is not measured; empty if it is
  std::optional<double> read_bandwidth, copy_bandwidth;  ///< [B/s], beyond all caches
};

/// Everything measured on one device.
struct DeviceProfile {
  std::string device;  ///< name in the hardware catalog, or "generic-cpu"
  std::string note;
  /// SpreadFigures::machine of this device, where it is known better.
  std::optional<Figure> common_sd;
  std::vector<FittedLaw> laws;
  std::vector<VariantChoice> variants;
  std::optional<MeasurementRecord> measurement;
};

/// P/TDP = floor + (1 - floor) * (1 - exp(-(memory*u_mem + arithmetic*u_comp + slow*u_slow))).
struct PowerLaw {
  std::string device;                 ///< name in the hardware catalog, or "generic"
  std::optional<Figure> floor;        ///< share of TDP of a device that works at nothing
  std::optional<Figure> memory;       ///< per unit of bandwidth utilisation
  std::optional<Figure> arithmetic;   ///< per unit of arithmetic utilisation
  std::optional<Figure> slow;         ///< per unit of time in kernels known to be slow
  std::optional<Figure> idle_share;   ///< share of TDP of an idle device without a catalog figure
  std::optional<Figure> residual_sd;  ///< of log power, on models left out
};

/// Standard deviations of the logarithm of a time when a law stands for what it was not fitted to.
struct LawSpread {
  LawKind kind = LawKind::gemm;
  std::optional<Figure> borrowed;      ///< measured on another device
  std::optional<Figure> other_source;  ///< kernels of another engine
  std::optional<Figure> other_format;  ///< another number format
  std::optional<Figure> other_vendor;  ///< borrowed across vendors, on top of `borrowed`
};

/// How much less is known than the covariance of a fit says. Data: profiles/spread/*.json.
struct SpreadFigures {
  std::optional<Figure> machine;  ///< between machines of one kind: laboratory, cooling, power cap
  /// An engine step sums kernels of about this many shapes, whose residuals average out.
  std::optional<Figure> shapes_per_step;
  std::vector<LawSpread> laws;
};

void describe(FieldVisitor& visitor, LawSpread& spread);
void describe(FieldVisitor& visitor, SpreadFigures& figures);
void describe(FieldVisitor& visitor, LawParameter& parameter);
void describe(FieldVisitor& visitor, RegimeError& regime);
void describe(FieldVisitor& visitor, DomainRange& range);
void describe(FieldVisitor& visitor, ErrorSummary& summary);
void describe(FieldVisitor& visitor, FittedLaw& law);
void describe(FieldVisitor& visitor, VariantChoice& choice);
void describe(FieldVisitor& visitor, MeasurementRecord& record);
void describe(FieldVisitor& visitor, DeviceProfile& profile);
void describe(FieldVisitor& visitor, PowerLaw& law);

/// Structural mistakes of a law: wrong parameters for its kind, not positive, covariance of a wrong
/// size or not positive definite. `place` is the JSON pointer of the law.
Diagnostics check_law(const FittedLaw& law, const std::string& file, const std::string& place);

/// The profile as JSON text, ready for a file.
std::string profile_text(const DeviceProfile& profile);

/// All profiles and power laws of a folder.
class ProfileStore {
 public:
  /// Reads folder/*.json and, if they exist, folder/power/*.json and folder/spread/*.json (the last
  /// one counts), in the order of their names.
  /// Errors: no such folder, unreadable files, wrong fields, a device twice.
  static Result<ProfileStore> load(const std::filesystem::path& folder);

  /// Adds a profile, replacing the one of the same device.
  void put(DeviceProfile profile);
  void put(PowerLaw law);
  /// Adds everything from `other`; what both have is taken from `other`. Of a device in both, laws
  /// for kernels that only one has measured are kept.
  void merge(const ProfileStore& other);

  /// Null if the device has none. Names are compared exactly (names of the hardware catalog).
  [[nodiscard]] const DeviceProfile* profile(const std::string& device) const;
  [[nodiscard]] const PowerLaw* power(const std::string& device) const;
  [[nodiscard]] const std::map<std::string, DeviceProfile>& profiles() const { return profiles_; }
  /// Null if the folder has none: draws then vary by covariance and residuals only.
  [[nodiscard]] const SpreadFigures* spread() const { return spread_ ? &*spread_ : nullptr; }
  void put(SpreadFigures figures) { spread_ = std::move(figures); }

 private:
  std::map<std::string, DeviceProfile> profiles_;
  std::map<std::string, PowerLaw> power_;
  std::optional<SpreadFigures> spread_;
};

/// The profile of CPUs without a relative of their own.
inline constexpr std::string_view generic_cpu_profile = "generic-cpu";
/// The power law of devices without a relative that has one.
inline constexpr std::string_view generic_power_law = "generic";

}  // namespace microdc
