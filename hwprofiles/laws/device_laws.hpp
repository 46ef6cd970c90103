// The laws that turn work into time and power for one device, with the kernels of one serving
// stack.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hwprofiles/base/diagnostics.hpp"
#include "hwprofiles/catalog.hpp"
#include "hwprofiles/laws/equations.hpp"
#include "hwprofiles/laws/profile.hpp"
#include "hwprofiles/work/operators.hpp"

namespace microdc {

/// Efficiencies of a device resolved for one kernel source ("vllm", "tensorrt-llm", …), ready for
/// fast evaluation. Immutable; copies are cheap enough to make once per replica.
/// Times are those of kernels replayed from a graph on cold data. What the engine adds per step
/// (host scheduling, gaps between kernels, sampling, kernels around the experts) belongs to the
/// engine.
class DeviceLaws {
 public:
  [[nodiscard]] Seconds time(const OperatorKind& op) const;
  [[nodiscard]] Seconds time(const Gemm& op) const;
  [[nodiscard]] Seconds time(const PrefillAttention& op) const;
  [[nodiscard]] Seconds time(const DecodeAttention& op) const;
  /// `compute_factor`: arithmetic of the serving stack's grouped kernels over the GEMM law's; they
  /// are not measured, so it comes from whole serving steps (an engine's expert_compute_factor).
  [[nodiscard]] Seconds time(const ExpertGemm& op, double compute_factor = 1) const;
  [[nodiscard]] Seconds time(const Elementwise& op) const;
  [[nodiscard]] Seconds time(const Collective& op) const;

  /// Power of one device while it runs steps (docs/laws.md, "power"):
  /// TDP * (p0 + (1-p0) * (1 - exp(-(a*memory + b*arithmetic + s*slow)))).
  /// memory = bytes / (time * datasheet bandwidth); arithmetic = FLOP / (time * datasheet peak), of
  /// each format against its own peak, summed; slow = share of time in kernels known to be slow.
  [[nodiscard]] Watts power(double memory_utilisation, double arithmetic_utilisation,
                            double slow_share) const;
  [[nodiscard]] Watts idle_power() const;
  /// Thermal design power; zero if power is not known (a caveat says so, and power() is zero).
  [[nodiscard]] Watts tdp() const;

  [[nodiscard]] Bytes memory() const;
  [[nodiscard]] BytesPerSecond memory_bandwidth() const;  ///< datasheet
  /// Datasheet peak for arithmetic in this format; for formats the device lacks, the one it falls
  /// back to.
  [[nodiscard]] FlopPerSecond peak(NumberFormat format) const;

  /// What a person should know whatever the model: "borrowed from h100-sxm-80gb", …
  [[nodiscard]] const std::vector<std::string>& caveats() const;
  /// The same, and what concerns weights and KV cache in these formats: "no fp8 kernels measured",
  /// …
  [[nodiscard]] std::vector<std::string> caveats_for(NumberFormat weights, NumberFormat kv) const;
  /// Whether the operator lies outside the shapes to which its law was fitted, by more than a
  /// factor of two in any variable. Experts, elementwise work and laws that are assumed: never.
  [[nodiscard]] bool extrapolated(const OperatorKind& op) const;

 private:
  friend class DeviceLawsBuilder;

  /// An interval of one shape variable; the default contains everything.
  struct Range {
    double low = 0;
    double high = 1e300;
    [[nodiscard]] bool contains(double x) const { return x >= 0.5 * low && x <= 2 * high; }
  };
  struct GemmLaw {
    GemmCoefficients coefficients;
    double row_padding = 16;  ///< rows of an expert are padded to a multiple of this
    Range m, n, k;
    std::vector<std::string> caveats;
  };
  struct DecodeLaw {
    DecodeCoefficients coefficients;
    Range sequences, context;
    std::vector<std::string> caveats;
  };
  struct PrefillLaw {
    PrefillCoefficients coefficients;
    Range queries, context;
    std::vector<std::string> caveats;
  };
  struct GroupLaw {
    double group = 2;
    AllReduceCoefficients coefficients;
  };
  /// One library's collectives.
  struct CollectiveLibrary {
    std::vector<GroupLaw> groups;  ///< by rising group size
    double largest_message = 1e300;
    double factor = 1;
  };

  template <class T>
  static const T& at(const std::array<T, number_format_count>& laws, NumberFormat format) {
    return laws[static_cast<std::size_t>(format)];
  }
  [[nodiscard]] static AllReduceCoefficients at_group(const CollectiveLibrary& library,
                                                      double group);
  [[nodiscard]] double all_reduce(double message, double group) const;
  [[nodiscard]] double derived_collective(double message, double group, double share) const;

  std::array<GemmLaw, number_format_count> gemm_;
  std::array<DecodeLaw, number_format_count> decode_;    // by KV format
  std::array<PrefillLaw, number_format_count> prefill_;  // by KV format
  ElementwiseCoefficients elementwise_;
  std::vector<CollectiveLibrary> collectives_;  // the library that covers all sizes comes first

  std::array<double, number_format_count> peak_{};
  double bandwidth_ = 0;
  double memory_ = 0;
  PowerCoefficients power_;
  std::vector<std::string> caveats_;
};

/// What a replication of the simulation draws from a profile's uncertainty: once per law,
/// parameters from their fitted covariance and a common factor for what the law cannot explain.
/// Draws 2i-1 and 2i lie on opposite sides of the best estimate.
struct LawDraw {
  std::uint64_t seed = 0;
  /// Standard normal number `index` of the stream `purpose`.
  [[nodiscard]] double normal(std::string_view purpose, std::uint64_t index) const;
};

/// Laws of an accelerator or CPU of the catalog. An uncalibrated device takes the efficiencies of
/// its nearest measured relative (caveat added, wider bands). Without `draw` the best estimate.
/// Errors: unknown device, no memory bandwidth or arithmetic peak, no relative with a profile.
Result<DeviceLaws> make_device_laws(const HardwareCatalog& catalog, const ProfileStore& profiles,
                                    const std::string& device, const std::string& kernel_source,
                                    std::optional<LawDraw> draw = std::nullopt);

}  // namespace microdc
