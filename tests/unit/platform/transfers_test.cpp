// How long bytes take between two ends of the platform: size over the narrowest link, plus the
// latencies of all links on the way. With more than eight servers per rack and racks in more than
// one site, because SimGrid 3.32 is known to pick wrong routes there if the zones are laid out
// carelessly, and 4.0 routes by other code.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <initializer_list>
#include <map>

#include "sim/platform/platform.hpp"
#include "tests/support/forked.hpp"
#include "tests/support/rigs.hpp"

namespace microdc::testing {
namespace {

constexpr std::int64_t servers_per_rack = 10;
constexpr double gigabyte = 1e9;

/// Two sites with two racks each; server s of rack r of site t has index 20 t + 10 r + s.
Scenario two_sites() {
  Scenario scenario = one_accelerator();
  const SiteSpec pattern = scenario.sites[0];
  scenario.sites.clear();
  for (const char* site_name : {"north", "south"}) {
    SiteSpec site = pattern;
    site.name = site_name;
    site.racks.clear();
    for (const char* rack_name : {"a", "b"}) {
      RackSpec rack = pattern.racks[0];
      rack.name = rack_name;
      rack.servers[0].name = fmt::format("{}-{}", site_name, rack_name);
      rack.servers[0].count = servers_per_rack;
      site.racks.push_back(rack);
    }
    scenario.sites.push_back(site);
  }
  return scenario;
}

struct Move {
  Endpoint from;
  Endpoint to;
};

class Arrivals final : public EventTarget {
 public:
  void on_event(Nanoseconds now, std::uint64_t payload) override {
    seconds[payload] = static_cast<double>(now) * 1e-9;
  }
  std::map<std::uint64_t, double> seconds;
};

/// "0:SECONDS 1:SECONDS …", when moves of one gigabyte that all begin at zero have arrived.
std::string arrivals(const std::vector<Move>& moves) {
  return in_child([&] {
    EventLoop loop;
    Platform platform(two_sites(), catalogs().hardware, loop);
    Arrivals target;
    for (std::size_t i = 0; i < moves.size(); ++i) {
      platform.transfer(moves[i].from, moves[i].to, Bytes(gigabyte), &target, i);
    }
    loop.run();
    std::string text;
    for (const auto& [move, seconds] : target.seconds) {
      text += fmt::format("{}:{:.4f} ", move, seconds);
    }
    return text;
  });
}

/// The link a server has to its rack's switch, all ports together.
LinkType server_link() {
  const ServerType& server = *catalogs().hardware.server("a100-1x");
  LinkType link = *catalogs().hardware.link(server.network_link);
  link.bandwidth->value *= static_cast<double>(server.network_ports);
  return link;
}
LinkType catalog_link(const std::string& name) { return *catalogs().hardware.link(name); }

std::string expected(std::initializer_list<LinkType> route) {
  double latency = 0;
  double bandwidth = 1e18;
  for (const LinkType& link : route) {
    latency += link.latency->value;
    bandwidth = std::min(bandwidth, link.bandwidth->value);
  }
  return fmt::format("0:{:.4f} ", gigabyte / bandwidth + latency);
}

std::string expected_between_racks() {
  const LinkType backbone = catalog_link(SiteSpec{}.backbone_link);
  return expected({server_link(), backbone, backbone, server_link()});
}

std::string expected_between_sites() {
  const LinkType backbone = catalog_link(SiteSpec{}.backbone_link);
  const LinkType wan = catalog_link(SiteSpec{}.wan_link);
  return expected({server_link(), backbone, wan, wan, backbone, server_link()});
}

TEST(Transfers, WithinOneRackPassTwoServerLinks) {
  const std::string time = expected({server_link(), server_link()});
  EXPECT_EQ(arrivals({{.from = {0}, .to = {1}}}), time);
  EXPECT_EQ(arrivals({{.from = {9}, .to = {8}}}), time);
  EXPECT_EQ(arrivals({{.from = {30}, .to = {39}}}), time);
}

TEST(Transfers, BetweenRacksPassBothBackbones) {
  EXPECT_EQ(arrivals({{.from = {0}, .to = {10}}}), expected_between_racks());
  EXPECT_EQ(arrivals({{.from = {19}, .to = {9}}}), expected_between_racks());
}

TEST(Transfers, BetweenSitesPassBothWideAreaLinks) {
  EXPECT_EQ(arrivals({{.from = {0}, .to = {20}}}), expected_between_sites());
  EXPECT_EQ(arrivals({{.from = {39}, .to = {19}}}), expected_between_sites());
  EXPECT_EQ(arrivals({{.from = {12}, .to = {37}}}), expected_between_sites());
}

TEST(Transfers, WithinOneServerUseTheScaleUpLink) {
  const ServerType& server = *catalogs().hardware.server("a100-1x");
  const Accelerator& gpu = *catalogs().hardware.accelerator(server.accelerator);
  EXPECT_EQ(arrivals({{.from = {3}, .to = {3}}}), expected({catalog_link(gpu.scale_up_link)}));
}

TEST(Transfers, FromStorageAreAsFastAsTheDrive) {
  const double bandwidth = catalogs().hardware.server("a100-1x")->storage_bandwidth->value;
  EXPECT_EQ(arrivals({{.from = {5, true}, .to = {5}}}),
            fmt::format("0:{:.4f} ", gigabyte / bandwidth));
}

TEST(Transfers, OfOneSenderShareItsLink) {
  const LinkType link = server_link();
  const double time = 2 * gigabyte / link.bandwidth->value + 2 * link.latency->value;
  EXPECT_EQ(arrivals({{.from = {0}, .to = {1}}, {.from = {0}, .to = {2}}}),
            fmt::format("0:{:.4f} 1:{:.4f} ", time, time));
}

TEST(Transfers, OfDifferentPairsDoNotDisturbEachOther) {
  const LinkType link = server_link();
  const double time = gigabyte / link.bandwidth->value + 2 * link.latency->value;
  EXPECT_EQ(arrivals({{.from = {0}, .to = {1}}, {.from = {2}, .to = {3}}}),
            fmt::format("0:{:.4f} 1:{:.4f} ", time, time));
}

}  // namespace
}  // namespace microdc::testing
