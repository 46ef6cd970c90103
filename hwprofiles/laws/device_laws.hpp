// The laws that turn work into time and power for one device, with the kernels of one serving stack.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hwprofiles/base/diagnostics.hpp"
#include "hwprofiles/catalog.hpp"
#include "hwprofiles/laws/profile.hpp"
#include "hwprofiles/work/operators.hpp"

namespace microdc {

/// Efficiencies of a device resolved for one kernel source ("vllm", "tensorrt-llm", …), ready for
/// fast evaluation. Immutable; copies are cheap enough to make once per replica.
class DeviceLaws {
 public:
  [[nodiscard]] Seconds time(const OperatorKind& op) const;
  [[nodiscard]] Seconds time(const Gemm& op) const;
  [[nodiscard]] Seconds time(const PrefillAttention& op) const;
  [[nodiscard]] Seconds time(const DecodeAttention& op) const;
  [[nodiscard]] Seconds time(const ExpertGemm& op) const;
  [[nodiscard]] Seconds time(const Elementwise& op) const;
  [[nodiscard]] Seconds time(const Collective& op) const;

  /// Power of one device while it runs steps (docs/laws.md, "power"):
  /// TDP * (p0 + (1-p0) * (1 - exp(-(a*memory + b*arithmetic + s*slow)))).
  /// memory = bytes / (time * datasheet bandwidth); arithmetic = FLOP / (time * datasheet peak), of
  /// each format against its own peak, summed; slow = share of time in kernels known to be slow.
  [[nodiscard]] Watts power(double memory_utilisation, double arithmetic_utilisation,
                            double slow_share) const;
  [[nodiscard]] Watts idle_power() const;

  [[nodiscard]] Bytes memory() const;
  [[nodiscard]] BytesPerSecond memory_bandwidth() const;  ///< datasheet
  /// Datasheet peak for arithmetic in this format; for formats the device lacks, the one it falls
  /// back to.
  [[nodiscard]] FlopPerSecond peak(NumberFormat format) const;

  /// What a person should know: "borrowed from h100-sxm-80gb", "no fp8 kernels measured", …
  [[nodiscard]] const std::vector<std::string>& caveats() const;

 private:
  friend class DeviceLawsBuilder;
  // … (to be defined with the implementation)
};

/// What a replication of the simulation draws from a profile's uncertainty.
struct LawDraw {
  std::uint64_t seed = 0;
};

/// Laws of an accelerator or CPU of the catalog. An uncalibrated device takes the efficiencies of its
/// nearest measured relative (caveat added, wider bands). Without `draw` the best estimate.
/// Errors: unknown device, no relative with a profile.
Result<DeviceLaws> make_device_laws(const HardwareCatalog& catalog, const ProfileStore& profiles,
                                    const std::string& device, const std::string& kernel_source,
                                    std::optional<LawDraw> draw = std::nullopt);

}  // namespace microdc
