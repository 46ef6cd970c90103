// The CUDA kernels in all their variants, also those that the device at hand cannot run: what tests
// without a GPU look at.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "kernels/cuda/gemm/gemm_nvrtc.hpp"
#include "kernels/cuda/limits.hpp"
#include "kernels/kernel.hpp"

namespace microdc::kernels::cuda {

class Context;

/// KernelVariant before a device is chosen.
struct CudaVariant {
  Operation operation = Operation::launch;
  std::string format, source = "own", name;  ///< as in KernelVariant
  Target target = Target::sm_80_up;
  int shared_bytes = 0;  ///< dynamic shared memory of one block
  /// Whether a device with these limits, of the target, can run this shape. Shared memory is
  /// checked besides.
  std::function<bool(const Limits&, const Shape&)> accepts;
  /// Throws OutOfMemory, Error.
  std::function<std::unique_ptr<PreparedKernel>(Context&, const Shape&, std::uint64_t seed)>
      prepare;
};

class Registry {
 public:
  Registry() = default;
  /// With what families add besides, since it was compiled at run time (gemm_nvrtc.hpp).
  explicit Registry(std::vector<RunTimeGemm> run_time) : run_time_(std::move(run_time)) {}

  /// Throws std::logic_error if operation, format, source and name are taken.
  void add(CudaVariant variant);
  [[nodiscard]] const std::vector<CudaVariant>& variants() const { return variants_; }
  [[nodiscard]] const std::vector<RunTimeGemm>& run_time() const { return run_time_; }

 private:
  std::vector<RunTimeGemm> run_time_;
  std::vector<CudaVariant> variants_;
};

/// All families (families.cpp), built at the first call, without kernels compiled at run time.
const Registry& registry();
/// All families, with these kernels among them.
Registry registry_with(std::vector<RunTimeGemm> run_time);

/// Those that run on `context`, bound to it. It and the registry must outlive them.
std::vector<KernelVariant> variants_for(const Registry& registry, Context& context);

}  // namespace microdc::kernels::cuda
