#include "kernels/cpu/libraries/eigen.hpp"

namespace microdc::kernels {
namespace {

Fp32Multiply eigen_for(const std::string& instruction_set) {
  if (instruction_set == "plain") return multiply_by_eigen_plain;
#if defined(__x86_64__)
  if (instruction_set == "avx2") return multiply_by_eigen_avx2;
  if (instruction_set == "avx512") return multiply_by_eigen_avx512;
#endif
  return nullptr;
}

}  // namespace

void add_eigen_products(const CpuContext& context, const InstructionSet& set, Variants& variants) {
  const Fp32Multiply multiply = eigen_for(set.name);
  if (!multiply) return;
  add_shared_product(
      context, "eigen", set.name, multiply, [](const Shape&) { return true; }, variants);
}

}  // namespace microdc::kernels
