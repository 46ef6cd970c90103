// Datasheet figures of an accelerator or CPU in the form in which the laws use them.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "hwprofiles/base/diagnostics.hpp"
#include "hwprofiles/catalog.hpp"
#include "hwprofiles/work/operators.hpp"

namespace microdc {

struct DeviceNumbers {
  std::string name;  ///< in the catalog
  std::string vendor;
  bool is_cpu = false;
  std::string relative;
  double bandwidth = 0;        ///< memory [B/s]
  double memory = 0;           ///< [byte]; 0 if unknown
  double cache = 0;            ///< last-level cache [byte]; 0 if unknown
  double multiprocessors = 0;  ///< SMs, compute units or cores; 0 if unknown
  double tdp = 0;              ///< [W]; 0 if unknown
  std::optional<Figure> idle_power;
  double link_bandwidth = 0;  ///< to its peers, per direction [B/s]; 0 if unknown
  /// Peak of the arithmetic that a GEMM with weights in this format runs in on this device
  /// [FLOP/s].
  std::array<double, number_format_count> peak{};
  /// Whether activations are computed in the weights' format; otherwise the weights are expanded to
  /// 16 bits on the fly (integers: by CPUs that have the instructions, the activations made int8).
  std::array<bool, number_format_count> native{};

  [[nodiscard]] double peak_of(NumberFormat format) const {
    return peak[static_cast<std::size_t>(format)];
  }
  [[nodiscard]] bool is_native(NumberFormat format) const {
    return native[static_cast<std::size_t>(format)];
  }
};

/// Looks `device` up among accelerators, then CPUs. Errors: unknown (with the nearest name), no
/// memory bandwidth, no 16-bit or 32-bit peak.
Result<DeviceNumbers> device_numbers(const HardwareCatalog& catalog, const std::string& device);

}  // namespace microdc
