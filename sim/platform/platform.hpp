// The hardware of a scenario as a SimGrid platform: sites hold racks, racks hold servers, servers
// hold accelerators; links carry the flows that contend (KV caches, weights, WAN).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "hwprofiles/catalog.hpp"
#include "sim/platform/event_loop.hpp"
#include "sim/scenario/scenario.hpp"

namespace microdc {

/// One physical server of the scenario.
struct PlacedServer {
  std::string name;  ///< "site/rack/group-3"
  std::size_t site = 0;
  std::size_t rack = 0;          ///< within the site
  std::string group;             ///< name of its server group
  const ServerType* type = nullptr;
};

/// What a flow moves between: a server's memory, or its local storage.
struct Endpoint {
  std::size_t server = 0;
  bool storage = false;
};

class Platform {
 public:
  /// Builds zones, hosts and links. The scenario has passed its checks. `loop` outlives the platform.
  Platform(const Scenario& scenario, const HardwareCatalog& catalog, EventLoop& loop);
  ~Platform();
  Platform(const Platform&) = delete;
  Platform& operator=(const Platform&) = delete;

  [[nodiscard]] const std::vector<PlacedServer>& servers() const { return servers_; }

  /// Moves bytes as a SimGrid flow that shares links with the others; `target` gets `payload` as an
  /// event of class `transfer` when the last byte has arrived.
  void transfer(Endpoint from, Endpoint to, Bytes size, EventTarget* target, std::uint64_t payload);

  /// Turns a server's host off or on in SimGrid. Flows from and to it are lost.
  void set_online(std::size_t server, bool online);
  [[nodiscard]] bool online(std::size_t server) const;

  /// Cross-check of our own energy integration with SimGrid's energy plugin: declares that a server
  /// draws `power` for `duration` from now. Only with `with_energy_plugin`.
  void draw_power(std::size_t server, Watts power, Seconds duration);
  /// Energy that SimGrid's plugin has counted on the server so far.
  [[nodiscard]] Joules plugin_energy(std::size_t server) const;
  /// Loads SimGrid's energy plugin; after the event loop and before the platform is built.
  static void enable_energy_plugin();

 private:
  struct Parts;
  std::vector<PlacedServer> servers_;
  std::unique_ptr<Parts> parts_;
};

}  // namespace microdc
