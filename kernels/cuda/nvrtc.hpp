// NVIDIA's run-time compiler, if the machine has it. Opened at run time: no build needs it.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kernels/cuda/limits.hpp"

namespace microdc::kernels::cuda {

/// A text that programs can include by its name.
struct SourceText {
  const char* name;  ///< "kernels/cuda/gemm/tiles.hpp"
  const char* text;
};

/// One kernel, compiled for one architecture.
struct CompiledKernel {
  std::string name;   ///< mangled
  std::string cubin;  ///< what the driver loads
  std::string ptx;
  std::string log;  ///< the assembler's report of registers and spills among others

  /// Bytes that threads store because their registers do not suffice, from the log.
  [[nodiscard]] int spilled_bytes() const;
};

class Nvrtc {
 public:
  /// Opens the first of these files that is there.
  explicit Nvrtc(std::span<const char* const> files);
  ~Nvrtc();
  Nvrtc(const Nvrtc&) = delete;
  Nvrtc& operator=(const Nvrtc&) = delete;
  /// That of CUDA 13 or 12, opened at the first call and never closed.
  static const Nvrtc& instance();

  /// Why nothing can be compiled, for the user; empty if it can.
  [[nodiscard]] const std::string& gap() const { return gap_; }
  /// Compute capabilities that it knows, ascending; none if there is a gap.
  [[nodiscard]] std::vector<Capability> architectures() const;
  /// Compiles the kernel of this C++ name ("scope::kernel<Type>") from `source`, which sees the
  /// `headers`, stand-ins for <cstdint>, <cstring> and <cuda_runtime.h>, and no file. Throws Error
  /// with the compiler's first line if it does not compile, or with gap().
  [[nodiscard]] CompiledKernel compile(const std::string& source, const std::string& kernel,
                                       Capability architecture,
                                       std::span<const SourceText> headers) const;

 private:
  struct Library;
  std::unique_ptr<Library> library_;
  std::string gap_;
};

/// The newest of the architectures whose code runs on a device of this capability: the same major
/// version, and no later minor one.
std::optional<Capability> architecture_for(Capability capability,
                                           const std::vector<Capability>& architectures);

}  // namespace microdc::kernels::cuda
