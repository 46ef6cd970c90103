// Is the catalog that we ship physically consistent?
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <set>

#include "hwprofiles/base/json_io.hpp"
#include "hwprofiles/catalog.hpp"

namespace microdc {
namespace {

const HardwareCatalog& catalog() {
  static const auto loaded = HardwareCatalog::load(data_root() / "hwprofiles" / "catalog");
  if (!loaded) {
    ADD_FAILURE() << to_text(loaded.diagnostics());
    std::abort();
  }
  return *loaded;
}

double value_or_nan(const std::optional<Figure>& figure) {
  return figure ? figure->value : std::nan("");
}

TEST(CatalogData, LoadsWithoutAnyFinding) {
  const auto loaded = HardwareCatalog::load(data_root() / "hwprofiles" / "catalog");
  ASSERT_TRUE(loaded.ok()) << to_text(loaded.diagnostics());
  EXPECT_TRUE(loaded.diagnostics().empty()) << to_text(loaded.diagnostics());
  EXPECT_GE(loaded->accelerators().size(), 30u);
  EXPECT_GE(loaded->cpus().size(), 10u);
  EXPECT_GE(loaded->links().size(), 20u);
  EXPECT_GE(loaded->servers().size(), 20u);
}

TEST(CatalogData, EveryGpuNameOfMeasurementsIsFound) {
  const std::pair<std::string_view, std::string_view> names[] = {
      {"A100-SXM-80GB", "a100-sxm-80gb"},
      {"A40-48GB", "a40-48gb"},
      {"AMD-MI210-64GB", "amd-mi210-64gb"},
      {"B200-SXM-180GB", "b200-sxm-180gb"},
      {"GB200-NVL72", "gb200-nvl72"},
      {"H100-SXM-80GB", "h100-sxm-80gb"},
      {"RTX-3090-24GB", "rtx-3090-24gb"},
      {"RTX-PRO-6000-96GB", "rtx-pro-6000-96gb"},
      {"TPU-v6e-1", "tpu-v6e-1"},
      {"V100-PCIE-16GB", "v100-pcie-16gb"},
      // Azure NC A100 v4 and NC H100 v5: PCIe boards bridged in pairs.
      {"A100-NVLINK-PAIR", "a100-pcie-80gb"},
      {"H100-NVLINK-PAIR", "h100-nvl-94gb"},
      // Spellings of drivers, cloud price lists and other collections.
      {"H200-SXM-141GB", "h200-sxm-141gb"},
      {"NVIDIA H100 80GB HBM3", "h100-sxm-80gb"},
      {"NVIDIA A100-SXM4-80GB", "a100-sxm-80gb"},
      {"NVIDIA A100-PCIE-40GB", "a100-pcie-40gb"},
      {"NVIDIA H200", "h200-sxm-141gb"},
      {"NVIDIA L40S", "l40s-48gb"},
      {"Tesla V100-SXM2-32GB", "v100-sxm-32gb"},
      {"NVIDIA GeForce RTX 4090", "rtx-4090-24gb"},
      {"h100_sxm", "h100-sxm-80gb"},
      {"h200_sxm", "h200-sxm-141gb"},
      {"b200_sxm", "b200-sxm-180gb"},
      {"gb200_sxm", "gb200-nvl72"},
      {"H100", "h100-sxm-80gb"},
      {"A100", "a100-sxm-80gb"},
      {"B200", "b200-sxm-180gb"},
      {"B300", "b300-sxm-288gb"},
      {"MI300X", "amd-mi300x-192gb"},
      {"DGX Spark", "gb10-128gb"},
      {"L4", "l4-24gb"}};
  for (const auto& [spelling, name] : names) {
    const Accelerator* found = catalog().accelerator(spelling);
    ASSERT_NE(found, nullptr) << spelling;
    EXPECT_EQ(found->name, name) << spelling;
  }
  EXPECT_NE(catalog().cpu("Intel(R) Xeon(R) Platinum 8480+"), nullptr);
  EXPECT_NE(catalog().cpu("AMD EPYC 9654 96-Core Processor"), nullptr);
}

TEST(CatalogData, EveryGpuNameOfTheMeasurementFilesIsFound) {
  const char* folder = std::getenv("MICRODC_DATA");
  if (folder == nullptr) GTEST_SKIP() << "MICRODC_DATA is not set";
  for (const auto& [file, column] : {std::pair{"e2e.csv", 6}, std::pair{"kernels.csv", 1}}) {
    std::ifstream stream(std::filesystem::path(folder) / "measured" / file);
    ASSERT_TRUE(stream.good()) << file;
    std::string line;
    std::getline(stream, line);
    while (std::getline(stream, line)) {
      // The columns up to the name of the GPU hold commas only inside quotes.
      std::size_t at = 0;
      bool quoted = false;
      for (int commas = 0; commas < column && at < line.size(); ++at) {
        if (line[at] == '"') quoted = !quoted;
        if (line[at] == ',' && !quoted) ++commas;
      }
      const std::string gpu = line.substr(at, line.find(',', at) - at);
      EXPECT_NE(catalog().accelerator(gpu), nullptr) << file << ": " << gpu;
    }
  }
}

TEST(CatalogData, MemoryAndBandwidthArePlausible) {
  for (const auto& [name, gpu] : catalog().accelerators()) {
    ASSERT_TRUE(gpu.memory) << name;
    EXPECT_GE(gpu.memory->value, 16e9) << name;
    EXPECT_LE(gpu.memory->value, 600e9) << name;
    if (!gpu.memory_bandwidth) continue;
    // Reading the whole memory takes from 15 ms (HBM) to a second (unified memory).
    const double seconds = gpu.memory->value / gpu.memory_bandwidth->value;
    EXPECT_GT(seconds, 0.015) << name;
    EXPECT_LT(seconds, 1.0) << name;
    if (gpu.l2_cache) {
      EXPECT_LT(gpu.l2_cache->value, 0.02 * gpu.memory->value) << name;
    }
  }
}

TEST(CatalogData, PeaksArePlausible) {
  for (const auto& [name, gpu] : catalog().accelerators()) {
    ASSERT_TRUE(gpu.peak_bf16) << name;
    if (gpu.memory_bandwidth) {
      // FLOP per byte at which arithmetic takes over from memory.
      const double balance = gpu.peak_bf16->value / gpu.memory_bandwidth->value;
      EXPECT_GT(balance, 20) << name;
      EXPECT_LT(balance, 700) << name;
    }
    if (gpu.peak_fp32) {
      EXPECT_LE(gpu.peak_fp32->value, gpu.peak_bf16->value) << name;
    }
    if (gpu.tdp) {
      const double flop_per_joule = gpu.peak_bf16->value / gpu.tdp->value;
      EXPECT_GT(flop_per_joule, 0.1e12) << name;
      EXPECT_LT(flop_per_joule, 3e12) << name;
    }
  }
}

TEST(CatalogData, HalvingTheWidthDoublesThePeak) {
  // Blackwell Ultra gave up integer units for fp4 (data sheet): no ratio holds there.
  const std::set<std::string> no_integer = {"b300-sxm-288gb", "gb300-nvl72"};
  // Consumer boards run bf16 and fp8 with fp32 sums at half the rate of their other units.
  const std::set<std::string> fast_integer = {"rtx-3090-24gb", "rtx-4090-24gb", "rtx-5090-32gb"};
  // AMD's CDNA2 multiplies int8 as fast as fp16.
  const std::set<std::string> equal_integer = {"amd-mi210-64gb"};
  for (const auto& [name, gpu] : catalog().accelerators()) {
    const double bf16 = value_or_nan(gpu.peak_bf16);
    if (gpu.peak_fp8) {
      EXPECT_NEAR(gpu.peak_fp8->value / bf16, 2, 0.1) << name;
    }
    if (gpu.peak_int8 && !no_integer.contains(name)) {
      const double ratio = fast_integer.contains(name) ? 4 : equal_integer.contains(name) ? 1 : 2;
      EXPECT_NEAR(gpu.peak_int8->value / bf16, ratio, 0.05 * ratio) << name;
    }
    if (gpu.peak_fp4 && !no_integer.contains(name)) {
      const double ratio = fast_integer.contains(name) ? 8 : 4;
      EXPECT_NEAR(gpu.peak_fp4->value / bf16, ratio, 0.05 * ratio) << name;
    }
  }
}

TEST(CatalogData, IdleIsFarBelowTheLimit) {
  for (const auto& [name, gpu] : catalog().accelerators()) {
    if (gpu.tdp && gpu.idle_power) {
      EXPECT_LT(gpu.idle_power->value, 0.35 * gpu.tdp->value) << name;
    }
  }
  for (const auto& [name, cpu] : catalog().cpus()) {
    ASSERT_TRUE(cpu.tdp && cpu.idle_power) << name;
    EXPECT_LE(cpu.idle_power->value, 0.4 * cpu.tdp->value) << name;
  }
}

TEST(CatalogData, CpusArePlausible) {
  for (const auto& [name, cpu] : catalog().cpus()) {
    ASSERT_TRUE(cpu.memory_bandwidth && cpu.single_thread_speed) << name;
    EXPECT_GT(cpu.memory_bandwidth->value, 50e9) << name;
    EXPECT_LT(cpu.memory_bandwidth->value, 1e12) << name;
    EXPECT_GT(cpu.single_thread_speed->value, 0.5) << name;
    EXPECT_LT(cpu.single_thread_speed->value, 2) << name;
    EXPECT_TRUE(cpu.single_thread_speed->low && cpu.single_thread_speed->high) << name;
    if (cpu.peak_bf16 && cpu.peak_int8) {
      EXPECT_NEAR(cpu.peak_int8->value / cpu.peak_bf16->value, 2, 0.1) << name;
    }
  }
  for (const char* reference : {"xeon-8480", "epyc-9654"}) {
    EXPECT_EQ(catalog().cpu(reference)->single_thread_speed->value, 1) << reference;
  }
}

TEST(CatalogData, ServersWithAcceleratorsTakeOtherHosts) {
  const ServerType* own = catalog().server("gpu-pcie-4x-l4");
  const ServerType* other = catalog().server("GPU-PCIe-4x-L4@EPYC-9575F");
  ASSERT_TRUE(own != nullptr && other != nullptr);
  EXPECT_EQ(other->name, "gpu-pcie-4x-l4@epyc-9575f");
  EXPECT_EQ(other->cpu, "epyc-9575f");
  EXPECT_EQ(other->sockets, own->sockets);
  EXPECT_EQ(catalog().server("gpu-pcie-4x-l4@" + own->cpu), own);
  EXPECT_EQ(catalog().server(other->name), other) << "asked for twice, made once";
  HardwareCatalog more = catalog();
  ServerType loose = *own;
  loose.name = "own";
  loose.cpu = "AMD EPYC 9354";
  more.add(loose);
  EXPECT_EQ(more.server("own@epyc-9354"), more.server("own")) << "its own CPU by another name";
  for (const char* name :
       {"gpu-pcie-4x-l4@epyc-1", "gpu-pcie-9x-l4@epyc-9575f", "cpu-2x-epyc-9654@epyc-9575f",
        "gh200-1x@epyc-9575f", "hgx-h100-8@epyc-9575f"}) {
    EXPECT_EQ(catalog().server(name), nullptr) << name;
  }
}

TEST(CatalogData, ARehostedServerFollowsItsType) {
  HardwareCatalog own = catalog();
  ASSERT_NE(own.server("gpu-pcie-4x-l4@epyc-9575f"), nullptr);
  ServerType larger = *own.server("gpu-pcie-4x-l4");
  larger.rack_units = 9;
  own.add(larger);
  EXPECT_EQ(own.server("gpu-pcie-4x-l4@epyc-9575f")->rack_units, 9);
}

TEST(CatalogData, RelativesLeadToADeviceMeasuredInFull) {
  const std::set<std::string> measured = {"a100-sxm-80gb", "h100-sxm-80gb", "b200-sxm-180gb",
                                          "rtx-pro-6000-96gb"};
  for (const auto& [name, gpu] : catalog().accelerators()) {
    EXPECT_EQ(gpu.relative.empty(), measured.contains(name)) << name;
    const Accelerator* last = &gpu;
    while (!last->relative.empty()) last = catalog().accelerator(last->relative);
    EXPECT_TRUE(measured.contains(last->name)) << name;
  }
}

TEST(CatalogData, LinksHaveBandwidthAndLatency) {
  for (const auto& [name, link] : catalog().links()) {
    ASSERT_TRUE(link.bandwidth && link.latency) << name;
  }
  EXPECT_DOUBLE_EQ(catalog().link("ethernet-100g")->bandwidth->value, 12.5e9);
  EXPECT_DOUBLE_EQ(catalog().link("wan-1g")->bandwidth->value, 125e6);
  EXPECT_DOUBLE_EQ(catalog().link("nvlink-4")->bandwidth->value, 450e9);
}

/// Sum of price figures of the parts, or the server's own.
std::optional<double> price_of(const ServerType& server) {
  if (server.price) return server.price->value;
  const Cpu* cpu = catalog().cpu(server.cpu);
  if (!server.price_without_processors || !cpu->price) return std::nullopt;
  double sum = server.price_without_processors->value +
               static_cast<double>(server.sockets) * cpu->price->value;
  if (server.accelerators > 0) {
    const Accelerator* gpu = catalog().accelerator(server.accelerator);
    if (!gpu->price) return std::nullopt;
    sum += static_cast<double>(server.accelerators) * gpu->price->value;
  }
  return sum;
}

TEST(CatalogData, ServersAreComplete) {
  // No price of their processors is known.
  const std::set<std::string> unpriced = {"hgx-b300-8", "gh200-1x"};
  for (const auto& [name, server] : catalog().servers()) {
    EXPECT_TRUE(server.memory && server.storage_bandwidth && server.base_power &&
                server.fan_power && server.psu_efficiency)
        << name;
    EXPECT_EQ(price_of(server).has_value(), !unpriced.contains(name)) << name;
    if (server.accelerators > 0) {
      // One scale-up domain or several full ones (boards bridged in pairs).
      const auto size = catalog().accelerator(server.accelerator)->scale_up_size;
      EXPECT_TRUE(server.accelerators <= size || server.accelerators % size == 0) << name;
    }
  }
}

TEST(CatalogData, MaximumPowerOfKnownServersIsThatOfTheirMakers) {
  const auto maximum = [](const std::string& name) {
    const ServerType& server = *catalog().server(name);
    const double processors =
        static_cast<double>(server.sockets) * catalog().cpu(server.cpu)->tdp->value +
        static_cast<double>(server.accelerators) *
            catalog().accelerator(server.accelerator)->tdp->value;
    return (processors + server.base_power->value + server.fan_power->value) /
           server.psu_efficiency->value;
  };
  EXPECT_NEAR(maximum("hgx-h100-8"), 10.2e3, 1.0e3);  // DGX H100: 10.2 kW
  EXPECT_NEAR(maximum("hgx-b200-8"), 14.3e3, 1.4e3);  // DGX B200: 14.3 kW
  EXPECT_NEAR(maximum("gb200-nvl72"), 132e3, 13e3);   // NVL72: 132 kW
  EXPECT_NEAR(maximum("dgx-spark"), 240, 50);         // power supply: 240 W
}

}  // namespace
}  // namespace microdc
