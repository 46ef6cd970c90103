// What devices draw that look documents up: as a device of its own or by its host's cores, never
// both.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <sstream>

#include "sim/platform/power.hpp"
#include "tests/support/forked.hpp"
#include "tests/unit/serving/retrieval_rig.hpp"

namespace microdc::testing {
namespace {

/// IT energy [J] of one request within 10 s, with or without a lookup, and how long that took [s].
std::pair<double, double> energy_of_one(const Scenario& scenario, bool looks_up) {
  const std::vector<PlainRequest> one{{0, 100, 1}};
  const std::string text = in_child([&] {
    RequestStream stream = looks_up ? asking(one) : stream_of(one);
    stream.trace.duration = 10'000'000'000;  // both runs are observed as long
    const auto result = simulate(scenario, catalogs(), {stream});
    if (!result || !result->energy.it) return std::string("-1 0");
    const double busy = looks_up ? static_cast<double>(result->knowledge_bases[0].busy) : 0;
    return fmt::format("{} {}", result->energy.it->value(), busy);
  });
  double energy = 0, busy = 0;
  std::istringstream(text) >> energy >> busy;
  return {energy, busy * 1e-9};
}

TEST(Retrieval, EnergyOfBusyCoresIsCounted) {
  const Scenario scenario = with_documents(small_base());
  const auto [with, busy] = energy_of_one(scenario, true);
  const auto [without, none] = energy_of_one(scenario, false);
  // One socket goes from idle to its TDP; fans and power supplies add theirs in proportion.
  const Cpu& cpu = *catalogs().hardware.cpu("epyc-7763");
  const ServerType& server = *catalogs().hardware.server("a100-1x");
  const ServerPowerModel power = make_server_power(server, catalogs().hardware, false);
  const double watts = (power.it_power(Watts(0), 64) - power.it_power(Watts(0), 0)).value();
  ASSERT_GT(watts, cpu.tdp->value - cpu.idle_power->value);
  ASSERT_GT(busy, 0.01);
  EXPECT_NEAR(with - without, watts * busy, 0.02 * watts * busy);
}

/// A lookup on one RTX PRO 6000 of its own.
LookupKind on_accelerator(const KnowledgeBaseParts& base, const DeviceLaws& laws, bool by_power) {
  const PlacedRetrieval host{
      .device = "rtx-pro-6000-96gb", .counts_by_power = by_power, .cores = 188};
  return lookup_kind(host, base, {}, catalogs().retrieval, laws);
}

TEST(Retrieval, AnAcceleratorDrawsTheMeanOfItsStagesAboveIdle) {
  const KnowledgeBaseSpec spec = small_base();
  const KnowledgeBaseParts base = parts(spec);
  const DeviceLaws laws = laws_of("rtx-pro-6000-96gb");
  const LookupCost cost = lookup_cost(base, {}, catalogs().retrieval, laws, 188);
  double joules = 0, seconds = 0;
  for (const RetrievalStage which : {RetrievalStage::embedding, RetrievalStage::search}) {
    const StageCost& own = stage(cost, which);
    const double memory = own.bytes / own.seconds / laws.memory_bandwidth().value();
    const Watts power = laws.power(memory, own.arithmetic / own.seconds, 0);
    joules += std::max(0.0, (power - laws.idle_power()).value()) * own.seconds;
    seconds += own.seconds;
  }
  const LookupKind counted = on_accelerator(base, laws, true);
  EXPECT_NEAR(counted.power.value(), joules / seconds, 1e-6);
  EXPECT_GT(counted.power.value(), 0);
  EXPECT_LT(counted.power.value(),
            catalogs().hardware.accelerator("rtx-pro-6000-96gb")->tdp->value);
  EXPECT_EQ(counted.host_cores, 0);
  // The same lookup counted as work of host cores has no power of its own: never both.
  const LookupKind cores = on_accelerator(base, laws, false);
  EXPECT_EQ(cores.power, Watts(0));
  EXPECT_GT(cores.host_cores, 0);
}

TEST(Retrieval, EnergyOfAnAcceleratorThatLooksUpIsCounted) {
  KnowledgeBaseSpec spec = small_base();
  spec.device = KnowledgeBaseSpec::Device::accelerator;
  Scenario scenario = with_documents(spec);
  scenario.sites[0].racks[0].servers[0].type = "gpu-pcie-2x-rtx-pro-6000";
  const auto [with, busy] = energy_of_one(scenario, true);
  const auto [without, none] = energy_of_one(scenario, false);
  ASSERT_GT(busy, 0.001);
  const Watts device = on_accelerator(parts(spec), laws_of("rtx-pro-6000-96gb"), true).power;
  const ServerPowerModel power = make_server_power(
      *catalogs().hardware.server("gpu-pcie-2x-rtx-pro-6000"), catalogs().hardware, false);
  const double watts = (power.it_power(device, 0) - power.it_power(Watts(0), 0)).value();
  EXPECT_NEAR(with - without, watts * busy, 0.02 * watts * busy);
}

TEST(Retrieval, WhoseSocketsServeAModelIsCountedByPower) {
  Scenario scenario = with_documents(small_base());
  scenario.sites[0].racks[0].servers[0].type = "cpu-2x-xeon-6980p";
  scenario.pools[0].engine = "cpu-native";
  const auto [with, busy] = energy_of_one(scenario, true);
  const auto [without, none] = energy_of_one(scenario, false);
  ASSERT_GT(busy, 0.001);
  const DeviceLaws laws = laws_of("xeon-6980p");
  const PlacedRetrieval host{.device = "xeon-6980p", .counts_by_power = true, .cores = 128};
  const Watts device = lookup_kind(host, parts(small_base()), {}, catalogs().retrieval, laws).power;
  const ServerPowerModel power = make_server_power(*catalogs().hardware.server("cpu-2x-xeon-6980p"),
                                                   catalogs().hardware, true);
  const double watts = (power.it_power(device, 0) - power.it_power(Watts(0), 0)).value();
  EXPECT_NEAR(with - without, watts * busy, 0.02 * watts * busy);
}

}  // namespace
}  // namespace microdc::testing
