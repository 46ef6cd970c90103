// The CUDA kernels in all their variants, also those that the device at hand cannot run: what tests
// without a GPU look at.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

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
  /// Throws std::logic_error if operation, format, source and name are taken.
  void add(CudaVariant variant);
  [[nodiscard]] const std::vector<CudaVariant>& variants() const { return variants_; }

 private:
  std::vector<CudaVariant> variants_;
};

/// All families (families.cpp), built at the first call.
const Registry& registry();

/// Those that run on `context`, bound to it, which must outlive them.
std::vector<KernelVariant> variants_for(Context& context);

}  // namespace microdc::kernels::cuda
