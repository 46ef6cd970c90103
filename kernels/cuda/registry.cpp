#include "kernels/cuda/registry.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "kernels/cuda/context.hpp"
#include "kernels/cuda/error.hpp"
#include "kernels/cuda/families.hpp"

namespace microdc::kernels::cuda {
namespace {

bool same_identity(const CudaVariant& a, const CudaVariant& b) {
  return a.operation == b.operation && a.format == b.format && a.source == b.source &&
         a.name == b.name;
}

}  // namespace

void Registry::add(CudaVariant variant) {
  const bool taken = std::any_of(variants_.begin(), variants_.end(), [&](const CudaVariant& other) {
    return same_identity(variant, other);
  });
  if (taken) {
    throw std::logic_error("two CUDA variants are named " + variant.format + "/" + variant.source +
                           "/" + variant.name);
  }
  variants_.push_back(std::move(variant));
}

const Registry& registry() {
  static const Registry all = registry_with({});
  return all;
}

Registry registry_with(std::vector<RunTimeGemm> run_time) {
  Registry registry(std::move(run_time));
  for (const FamilyEntry& family : families()) family.add_variants(registry);
  return registry;
}

std::vector<KernelVariant> variants_for(const Registry& registry, Context& context) {
  std::vector<KernelVariant> bound;
  const Limits& limits = context.limits();
  for (const CudaVariant& variant : registry.variants()) {
    if (!runs_on(variant.target, limits.capability)) continue;
    if (variant.shared_bytes > limits.shared_bytes_per_block) continue;
    bound.push_back(
        {variant.operation, variant.format, variant.source, variant.name,
         [&variant, &limits](const Shape& shape) { return variant.accepts(limits, shape); },
         [&variant, &context](const Shape& shape,
                              std::uint64_t seed) -> std::unique_ptr<PreparedKernel> {
           try {
             return variant.prepare(context, shape, seed);
           } catch (const OutOfMemory&) {
             return nullptr;
           }
         }});
  }
  return bound;
}

}  // namespace microdc::kernels::cuda
