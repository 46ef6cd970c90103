#include "sim/platform/platform.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <simgrid/plugins/energy.h>
#include <simgrid/s4u.hpp>

#include "sim/platform/simgrid_zones.hpp"

namespace microdc {
namespace {

namespace s4u = simgrid::s4u;
namespace zones = simgrid_zones;
using simgrid::kernel::routing::NetPoint;

// The energy cross-check runs draws as bounded executions: a host of this many cores, each of which
// draws core_power when fully used and nothing when idle.
constexpr int energy_cores = 64;
constexpr double core_power = 20e3;  // W; above what one server draws, so that a bound is below 1
constexpr double core_speed = 1e9;   // FLOP/s; only ratios of it are used

double figure_or(const std::optional<Figure>& figure, double otherwise) {
  return figure ? figure->value : otherwise;
}

s4u::Link* make_link(s4u::NetZone* zone, const std::string& name, const LinkType* type,
                     double ports = 1) {
  // A link type without figures does not constrain: the checks have warned about it.
  s4u::Link* link = zones::add_link(zone, name, ports * figure_or(type ? type->bandwidth : std::nullopt, 1e12));
  link->set_latency(figure_or(type ? type->latency : std::nullopt, 0.0));
  return link;
}

/// The link type with less bandwidth; one that is unknown does not constrain.
const LinkType* slower(const LinkType* a, const LinkType* b) {
  if (a == nullptr || b == nullptr) return a != nullptr ? a : b;
  return figure_or(b->bandwidth, 1e12) < figure_or(a->bandwidth, 1e12) ? b : a;
}

}  // namespace

struct Platform::Parts {
  struct Rack {
    std::string switch_link;
    s4u::NetZone* zone;
    NetPoint* router;
    s4u::Link* backbone;
  };
  struct Site {
    s4u::NetZone* zone;
    NetPoint* gateway;
    s4u::Link* wan;
  };
  struct Flow {
    s4u::CommPtr comm;
    EventTarget* target = nullptr;
    std::uint64_t payload = 0;
  };

  const HardwareCatalog& catalog;
  EventLoop& loop;
  std::vector<s4u::Host*> hosts;     // one per server
  std::vector<s4u::Host*> storages;  // its local storage, as a host behind the storage's bandwidth
  std::map<const s4u::Activity*, Flow> flows;
  s4u::CommPtr ended;  // SimGrid still uses a flow's object after it has reported its end
  std::deque<s4u::ExecPtr> draws;  // energy cross-check: powers being drawn

  void add_server(const Rack& rack, const PlacedServer& server);
  Rack add_rack(const RackSpec& spec, const SiteSpec& site_spec, s4u::NetZone* site,
                std::size_t site_index, std::size_t rack_index,
                std::vector<PlacedServer>& servers);
  Site add_site(const SiteSpec& spec, s4u::NetZone* world, std::size_t site_index,
                std::vector<PlacedServer>& servers);
  void on_completion(const s4u::Activity& activity);
};

void Platform::Parts::add_server(const Rack& rack, const PlacedServer& server) {
  const ServerType& type = *server.type;
  s4u::NetZone* zone = rack.zone;
  s4u::Host* host = zones::add_host(zone, server.name, core_speed);
  host->set_core_count(energy_cores);
  host->set_property("wattage_per_state", "0:0:" + std::to_string(energy_cores * core_power));
  host->set_property("wattage_off", "0");
  // A port runs at the speed of the slower of its two ends.
  const LinkType* port = slower(catalog.link(type.network_link), catalog.link(rack.switch_link));
  s4u::Link* nic =
      make_link(zone, server.name + "/nic", port, static_cast<double>(type.network_ports));
  zones::add_route(zone, host->get_netpoint(), rack.router, {s4u::LinkInRoute(nic)});

  const Accelerator* gpu = catalog.accelerator(type.accelerator);
  s4u::Link* inside = make_link(zone, server.name + "/scale-up",
                                gpu ? catalog.link(gpu->scale_up_link) : nullptr);
  zones::add_route(zone, host->get_netpoint(), host->get_netpoint(), {s4u::LinkInRoute(inside)},
                   false);

  s4u::Host* storage = zones::add_host(zone, server.name + "/storage", core_speed);
  storage->set_property("wattage_per_state", "0:0:0");
  s4u::Link* disk =
      zones::add_link(zone, server.name + "/disk", figure_or(type.storage_bandwidth, 2e9));
  zones::add_route(zone, storage->get_netpoint(), host->get_netpoint(), {s4u::LinkInRoute(disk)});
  hosts.push_back(host);
  storages.push_back(storage);
}

Platform::Parts::Rack Platform::Parts::add_rack(const RackSpec& spec, const SiteSpec& site_spec,
                                                s4u::NetZone* site, std::size_t site_index,
                                                std::size_t rack_index,
                                                std::vector<PlacedServer>& servers) {
  const std::string name = site_spec.name + "/" + spec.name;
  // Routes are found when first asked for: most pairs of servers never talk.
  s4u::NetZone* zone = zones::add_dijkstra_zone(site, name);
  Rack rack{spec.switch_link, zone, zones::add_router(zone, name + "/switch"),
            make_link(site, name + "/backbone", catalog.link(site_spec.backbone_link))};
  for (const ServerGroupSpec& group : spec.servers) {
    for (std::int64_t i = 0; i < group.count; ++i) {
      servers.push_back({.name = name + "/" + group.name + "-" + std::to_string(i),
                         .site = site_index,
                         .rack = rack_index,
                         .group = group.name,
                         .type = catalog.server(group.type)});
      add_server(rack, servers.back());
    }
  }
  zones::set_gateway(zone, rack.router);
  zone->seal();
  return rack;
}

Platform::Parts::Site Platform::Parts::add_site(const SiteSpec& spec, s4u::NetZone* world,
                                                std::size_t site_index,
                                                std::vector<PlacedServer>& servers) {
  s4u::NetZone* zone = zones::add_full_zone(world, spec.name);
  // SimGrid 3.32 picks wrong routes when a gateway sits directly in a zone with sub-zones, so the
  // site's core switch has a zone of its own.
  s4u::NetZone* core = zones::add_full_zone(zone, spec.name + "/core");
  NetPoint* core_switch = zones::add_router(core, spec.name + "/core-switch");
  zones::set_gateway(core, core_switch);
  core->seal();
  std::vector<Rack> racks;
  for (std::size_t r = 0; r < spec.racks.size(); ++r) {
    const Rack rack = add_rack(spec.racks[r], spec, zone, site_index, r, servers);
    zones::add_route(zone, rack.zone, rack.router, core, core_switch,
                     {s4u::LinkInRoute(rack.backbone)});
    for (const Rack& other : racks) {
      zones::add_route(zone, rack.zone, rack.router, other.zone, other.router,
                       {s4u::LinkInRoute(rack.backbone), s4u::LinkInRoute(other.backbone)});
    }
    racks.push_back(rack);
  }
  zones::set_gateway(zone, core_switch);
  zone->seal();
  return {zone, core_switch, make_link(world, spec.name + "/wan", catalog.link(spec.wan_link))};
}

void Platform::Parts::on_completion(const s4u::Activity& activity) {
  const auto at = flows.find(&activity);
  if (at == flows.end()) return;  // an execution of the energy cross-check
  const Flow flow = std::move(at->second);
  flows.erase(at);
  ended = flow.comm;
  loop.synchronise_with_simgrid();
  loop.schedule(loop.now(), EventClass::transfer, flow.target, flow.payload);
}

Platform::Platform(const Scenario& scenario, const HardwareCatalog& catalog, EventLoop& loop)
    : parts_(new Parts{catalog, loop, {}, {}, {}, {}, {}}) {
  s4u::NetZone* world = zones::add_world("world");
  std::vector<Parts::Site> sites;
  for (std::size_t s = 0; s < scenario.sites.size(); ++s) {
    const Parts::Site site = parts_->add_site(scenario.sites[s], world, s, servers_);
    for (const Parts::Site& other : sites) {
      zones::add_route(world, site.zone, site.gateway, other.zone, other.gateway,
                       {s4u::LinkInRoute(site.wan), s4u::LinkInRoute(other.wan)});
    }
    sites.push_back(site);
  }
  world->seal();
  s4u::Comm::on_completion_cb(
      [parts = parts_.get()](const auto& activity) { parts->on_completion(activity); });
}

Platform::~Platform() = default;

void Platform::transfer(Endpoint from, Endpoint to, Bytes size, EventTarget* target,
                        std::uint64_t payload) {
  const auto host_of = [&](Endpoint end) {
    return end.storage ? parts_->storages[end.server] : parts_->hosts[end.server];
  };
  const auto bytes = static_cast<std::uint64_t>(std::max(1.0, size.value()));
  s4u::CommPtr comm = s4u::Comm::sendto_init(host_of(from), host_of(to))->set_payload_size(bytes);
  parts_->flows.emplace(comm.get(), Parts::Flow{comm, target, payload});
  comm->start();
}

void Platform::set_online(std::size_t server, bool online) {
  s4u::Host* host = parts_->hosts[server];
  if (online) {
    host->turn_on();
  } else {
    host->turn_off();
  }
}

bool Platform::online(std::size_t server) const { return parts_->hosts[server]->is_on(); }

void Platform::enable_energy_plugin() { sg_host_energy_plugin_init(); }

void Platform::draw_power(std::size_t server, Watts power, Seconds duration) {
  if (power.value() <= 0 || duration.value() <= 0) return;
  const double share = power.value() / core_power;
  s4u::Host* host = parts_->hosts[server];
  // amount = share * speed * duration at a bound of share * speed lasts exactly `duration`.
  s4u::ExecPtr draw = s4u::Exec::init();
  draw->set_host(host);
  draw->set_flops_amount(share * core_speed * duration.value());
  draw->set_bound(share * core_speed);
  draw->start();
  // SimGrid needs the executions to live until they are over.
  auto& draws = parts_->draws;
  while (!draws.empty() && draws.front()->get_state() == s4u::Activity::State::FINISHED) {
    draws.pop_front();
  }
  draws.push_back(std::move(draw));
}

Joules Platform::plugin_energy(std::size_t server) const {
  sg_host_energy_update_all();
  return Joules(sg_host_get_consumed_energy(parts_->hosts[server]));
}

}  // namespace microdc
