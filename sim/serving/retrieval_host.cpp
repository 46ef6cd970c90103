#include "sim/serving/retrieval_host.hpp"

#include <algorithm>

namespace microdc {

RetrievalHost::RetrievalHost(std::vector<std::size_t> servers, EventLoop& loop,
                             RetrievalListener& listener)
    : loop_(loop), listener_(listener) {
  for (const std::size_t server : servers) devices_.push_back({.server = server});
}

void RetrievalHost::submit(std::uint64_t request, const LookupKind& kind) {
  waiting_.push_back({request, &kind, loop_.now()});
  start_next();
}

void RetrievalHost::start_next() {
  for (Device& device : devices_) {
    if (!device.online || device.since >= 0) continue;
    while (!waiting_.empty() && !listener_.is_wanted(waiting_.front())) waiting_.pop_front();
    if (waiting_.empty()) return;
    const Lookup lookup = waiting_.front();
    waiting_.pop_front();
    begin(device, lookup);
  }
}

void RetrievalHost::begin(Device& device, const Lookup& lookup) {
  device.lookup = lookup;
  device.since = loop_.now();
  ++device.run;
  const auto index = static_cast<std::uint64_t>(&device - devices_.data());
  loop_.schedule(loop_.now() + lookup.kind->service(), EventClass::arrival, this,
                 (index << 32) | device.run);
  listener_.on_lookups_changed(device.server);
}

void RetrievalHost::end(Device& device) {
  add_use(device.done, *device.lookup.kind, loop_.now() - device.since);
  device.since = -1;
  listener_.on_lookups_changed(device.server);
}

void RetrievalHost::on_event(Nanoseconds now, std::uint64_t payload) {
  Device& device = devices_[payload >> 32];
  if (device.since < 0 || device.run != (payload & 0xffffffffu)) return;
  const Lookup lookup = device.lookup;
  end(device);
  start_next();
  listener_.on_looked_up(lookup, now);
}

void RetrievalHost::fail(std::size_t server) {
  std::vector<Lookup> lost;
  for (Device& device : devices_) {
    if (device.server != server || !device.online) continue;
    device.online = false;
    if (device.since < 0) continue;
    lost.push_back(device.lookup);
    end(device);
  }
  std::stable_sort(lost.begin(), lost.end(),
                   [](const Lookup& a, const Lookup& b) { return a.submitted < b.submitted; });
  waiting_.insert(waiting_.begin(), lost.begin(), lost.end());
  start_next();
}

void RetrievalHost::restore(std::size_t server) {
  for (Device& device : devices_) {
    if (device.server == server) device.online = true;
  }
  start_next();
}

RetrievalHost::Load RetrievalHost::load(std::size_t server) const {
  Load load;
  for (const Device& device : devices_) {
    if (device.server != server || device.since < 0) continue;
    load.power += device.lookup.kind->power;
    load.host_cores += device.lookup.kind->host_cores;
  }
  return load;
}

RetrievalHost::Use RetrievalHost::use_until(std::size_t server, Nanoseconds now) const {
  Use use;
  for (const Device& device : devices_) {
    if (device.server != server) continue;
    use.energy += device.done.energy;
    use.core_seconds += device.done.core_seconds;
    if (device.since >= 0)
      add_use(use, *device.lookup.kind, std::max<Nanoseconds>(0, now - device.since));
  }
  return use;
}

void RetrievalHost::add_use(Use& use, const LookupKind& kind, Nanoseconds time) {
  const double seconds = static_cast<double>(time) * 1e-9;
  use.energy += kind.power * Seconds(seconds);
  use.core_seconds += kind.host_cores * seconds;
}

}  // namespace microdc
