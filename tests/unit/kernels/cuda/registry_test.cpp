#include "kernels/cuda/registry.hpp"

#include <gtest/gtest.h>

#include <set>
#include <stdexcept>
#include <string>

namespace microdc::kernels::cuda {
namespace {

TEST(CudaRegistry, RefusesASecondVariantOfTheSameName) {
  Registry registry;
  registry.add({.operation = Operation::gemm, .format = "bf16", .name = "a"});
  registry.add({.operation = Operation::gemm, .format = "fp16", .name = "a"});
  EXPECT_THROW(registry.add({.operation = Operation::gemm, .format = "bf16", .name = "a"}),
               std::logic_error);
}

TEST(CudaRegistry, DescribesEveryVariant) {
  for (const CudaVariant& variant : registry().variants()) {
    const std::string label = variant.format + "/" + variant.source + "/" + variant.name;
    EXPECT_FALSE(variant.name.empty() || variant.source.empty()) << label;
    EXPECT_TRUE(variant.accepts && variant.prepare) << label;
    EXPECT_LE(variant.shared_bytes, shared_bytes_of(variant.target)) << label;
  }
}

}  // namespace
}  // namespace microdc::kernels::cuda
