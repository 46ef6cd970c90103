// A catalog of made-up devices with round numbers, and profiles for them.
#pragma once

#include <filesystem>
#include <string>

#include "hwprofiles/catalog.hpp"
#include "hwprofiles/laws/device_laws.hpp"

namespace microdc::test {

/// A folder that disappears with the object.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  void write(const std::filesystem::path& name, const std::string& text) const;

 private:
  std::filesystem::path path_;
};

/// "alpha": 1 PFLOP/s bf16, 2 PFLOP/s fp8, 1 TB/s, 100 SMs, 10 MB cache, 500 W, idle 50 W, link
/// 100 GB/s. "beta": relative of alpha, half of everything, link 50 GB/s, no idle figure, no fp8.
/// "other": like alpha, another vendor, relative alpha. "alone": no relative.
/// CPU "socket": 10 TFLOP/s bf16, 400 GB/s, 64 cores, 300 W.
HardwareCatalog small_catalog();

/// Profile of alpha: all laws of source "vllm" with round parameters, bf16 and fp8 GEMM, bf16
/// attention, all-reduce of libraries "nccl" (n = 2, 8) and "custom" (n = 2, 8; up to 1 MB).
/// Parameter covariance is (log_sd 0.1)^2 on the diagonal.
ProfileStore small_profiles();

FittedLaw make_law(LawKind kind, const std::string& source, NumberFormat format,
                   const std::vector<double>& values);

/// The laws, failing the test with the diagnostics otherwise.
DeviceLaws laws_of(const std::string& device, const std::string& source = "vllm",
                   std::optional<LawDraw> draw = std::nullopt);

bool mentions(const std::vector<std::string>& caveats, const std::string& text);

}  // namespace microdc::test
