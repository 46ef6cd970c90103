// Which instruction sets the processor has and the operating system lets this process use.
#pragma once

#include <string>
#include <vector>

#include "kernels/cpu/simd/kernel_table.hpp"

namespace microdc::kernels {

/// A set of kernels, compiled for one instruction set.
struct InstructionSet {
  std::string name;  ///< "avx2"; names variants
  const simd::KernelTable* table = nullptr;
  bool usable = false;  ///< on this machine
};

/// All that this build has, from the plainest to the newest.
const std::vector<InstructionSet>& instruction_sets();

}  // namespace microdc::kernels
