// Building SimGrid platforms with both of its interfaces: 3.32 (Debian 12) and 4.0 (Debian 13),
// which renamed the functions and made the gateway a property of a zone. Private to this folder:
// the only header with SimGrid types.
#pragma once

#include <simgrid/s4u.hpp>
#include <simgrid/version.h>
#include <string>
#include <vector>

namespace microdc::simgrid_zones {

using simgrid::kernel::routing::NetPoint;
using simgrid::s4u::Host;
using simgrid::s4u::Link;
using simgrid::s4u::LinkInRoute;
using simgrid::s4u::NetZone;

#if SIMGRID_VERSION >= 40000

/// The zone that holds all others; routes between its children are given one by one.
inline NetZone* add_world(const std::string& name) {
  return simgrid::s4u::Engine::get_instance()->get_netzone_root()->add_netzone_full(name);
}
inline NetZone* add_full_zone(NetZone* parent, const std::string& name) {
  return parent->add_netzone_full(name);
}
inline NetZone* add_dijkstra_zone(NetZone* parent, const std::string& name) {
  return parent->add_netzone_dijkstra(name, true);
}
inline Host* add_host(NetZone* zone, const std::string& name, double speed) {
  return zone->add_host(name, speed);
}
inline Link* add_link(NetZone* zone, const std::string& name, double bandwidth) {
  return zone->add_link(name, bandwidth);
}
inline NetPoint* add_router(NetZone* zone, const std::string& name) {
  return zone->add_router(name);
}
/// Routes to and from `zone` will pass `gateway`; before the zone is sealed.
inline void set_gateway(NetZone* zone, NetPoint* gateway) { zone->set_gateway(gateway); }
/// A route between two points of `zone`.
inline void add_route(NetZone* zone, NetPoint* from, NetPoint* to,
                      const std::vector<LinkInRoute>& links, bool symmetrical = true) {
  zone->add_route(from, to, links, symmetrical);
}
/// A route, both ways, between two children of `zone`, through the gateway of each.
inline void add_route(NetZone* zone, NetZone* from, NetPoint* /*from_gateway*/, NetZone* to,
                      NetPoint* /*to_gateway*/, const std::vector<LinkInRoute>& links) {
  zone->add_route(from, to, links);
}

#else

inline NetZone* add_world(const std::string& name) {
  return simgrid::s4u::create_full_zone(name);
}
inline NetZone* add_full_zone(NetZone* parent, const std::string& name) {
  return simgrid::s4u::create_full_zone(name)->set_parent(parent);
}
inline NetZone* add_dijkstra_zone(NetZone* parent, const std::string& name) {
  return simgrid::s4u::create_dijkstra_zone(name, true)->set_parent(parent);
}
inline Host* add_host(NetZone* zone, const std::string& name, double speed) {
  return zone->create_host(name, speed);
}
inline Link* add_link(NetZone* zone, const std::string& name, double bandwidth) {
  return zone->create_link(name, bandwidth);
}
inline NetPoint* add_router(NetZone* zone, const std::string& name) {
  return zone->create_router(name);
}
inline void set_gateway(NetZone*, NetPoint*) {}  // given with each route
inline void add_route(NetZone* zone, NetPoint* from, NetPoint* to,
                      const std::vector<LinkInRoute>& links, bool symmetrical = true) {
  zone->add_route(from, to, nullptr, nullptr, links, symmetrical);
}
inline void add_route(NetZone* zone, NetZone* from, NetPoint* from_gateway, NetZone* to,
                      NetPoint* to_gateway, const std::vector<LinkInRoute>& links) {
  zone->add_route(from->get_netpoint(), to->get_netpoint(), from_gateway, to_gateway, links);
}

#endif

}  // namespace microdc::simgrid_zones
