#include "kernels/cpu/cpu_device.hpp"

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <tuple>

#include "kernels/cpu/instruction_sets.hpp"

namespace microdc::kernels {
namespace {

TEST(CpuDevice, NamesEveryVariantOnce) {
  const auto device = open_cpu();
  std::set<std::tuple<Operation, std::string, std::string, std::string>> names;
  for (const KernelVariant& variant : device->variants()) {
    EXPECT_TRUE(
        names.insert({variant.operation, variant.format, variant.source, variant.name}).second)
        << variant.format << " " << variant.source << " " << variant.name;
  }
  EXPECT_GT(names.size(), 15u);
}

TEST(CpuDevice, OffersNothingThatTheProcessorLacks) {
  const auto device = open_cpu();
  for (const InstructionSet& set : instruction_sets()) {
    bool offered = false;
    for (const KernelVariant& variant : device->variants()) {
      offered = offered || variant.name == set.name ||
                variant.name.starts_with(set.name + "_rows") ||
                variant.name.starts_with(set.name + "_panels");
    }
    EXPECT_EQ(offered, set.usable) << set.name;
  }
}

TEST(CpuDevice, MeasuresLibrariesBesideItsOwnKernels) {
  const auto device = open_cpu();
  std::set<std::string> sources;
  for (const KernelVariant& variant : device->variants()) sources.insert(variant.source);
  EXPECT_TRUE(sources.contains("own"));
  EXPECT_TRUE(sources.contains("eigen"));
  void* openblas = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
  EXPECT_EQ(sources.contains("openblas"), openblas != nullptr);
  if (openblas) dlclose(openblas);
}

TEST(CpuDevice, DescribesItself) {
  const auto device = open_cpu(1);
  EXPECT_TRUE(device->is_cpu());
  EXPECT_EQ(device->multiprocessors(), 1);
  EXPECT_FALSE(device->name().empty());
  EXPECT_EQ(device->read_sensors().energy_joules.has_value(), device->energy_gap().empty());
}

}  // namespace
}  // namespace microdc::kernels
