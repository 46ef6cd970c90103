#include "kernels/cpu/cpu_device.hpp"

#include <algorithm>

#include "kernels/cpu/cpu_kernel.hpp"
#include "kernels/cpu/libraries/library_product.hpp"
#include "kernels/cpu/sensors.hpp"

namespace microdc::kernels {
namespace {

/// The CPUs to use, those of one core after those that stand alone.
std::vector<LogicalCpu> chosen(const Topology& topology, int threads) {
  std::vector<LogicalCpu> cpus = topology.cpus;
  const auto cores = static_cast<std::size_t>(
      std::count_if(cpus.begin(), cpus.end(), [](const auto& cpu) { return cpu.sibling == 0; }));
  const std::size_t wanted = threads > 0 ? static_cast<std::size_t>(threads) : cores;
  cpus.resize(std::min(wanted, cpus.size()));
  return cpus;
}

std::vector<int> ids_of(const std::vector<LogicalCpu>& cpus) {
  std::vector<int> ids;
  for (const LogicalCpu& cpu : cpus) ids.push_back(cpu.id);
  return ids;
}

class CpuDevice final : public Device {
 public:
  CpuDevice(Topology topology, int threads)
      : topology_(std::move(topology)),
        cpus_(chosen(topology_, threads)),
        pool_(ids_of(cpus_)),
        context_{pool_, topology_.last_level_cache_bytes, {}, ids_of(cpus_)} {
    for (const LogicalCpu& cpu : cpus_) context_.nodes.push_back(cpu.node);
    add_launch(context_, variants_);
    add_latency(context_, variants_);
    for (const InstructionSet& set : instruction_sets()) {
      if (!set.usable) continue;
      add_streams(context_, set, variants_);
      add_peaks(context_, set, variants_);
      add_row_products(context_, set, variants_);
      add_panel_products(context_, set, variants_);
      add_attention(context_, set, variants_);
      add_elementwise(context_, set, variants_);
      add_eigen_products(context_, set, variants_);
    }
    add_openblas_products(context_, variants_);
#ifdef MICRODC_WITH_ONEDNN
    add_onednn_products(context_, variants_);
#endif
  }

  [[nodiscard]] std::string name() const override { return topology_.name; }
  [[nodiscard]] bool is_cpu() const override { return true; }
  [[nodiscard]] int multiprocessors() const override { return pool_.size(); }
  [[nodiscard]] std::int64_t memory_bytes() const override { return topology_.memory_bytes; }
  [[nodiscard]] std::int64_t last_level_cache_bytes() const override {
    return topology_.last_level_cache_bytes;
  }
  [[nodiscard]] const std::vector<KernelVariant>& variants() const override { return variants_; }
  [[nodiscard]] SensorReading read_sensors() override { return sensors_.read(); }
  [[nodiscard]] std::string energy_gap() const override { return sensors_.energy_gap(); }

 private:
  const Topology topology_;
  const std::vector<LogicalCpu> cpus_;
  ThreadPool pool_;
  CpuContext context_;
  CpuSensors sensors_;
  Variants variants_;
};

}  // namespace

std::unique_ptr<Device> open_cpu(int threads) { return open_cpu(threads, read_topology()); }

std::unique_ptr<Device> open_cpu(int threads, const Topology& topology) {
  return std::make_unique<CpuDevice>(topology, threads);
}

}  // namespace microdc::kernels
