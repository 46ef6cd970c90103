// Looking things up in the catalog.
#include "hwprofiles/catalog.hpp"

#include "hwprofiles/base/names.hpp"

namespace microdc {
namespace {

template <class Item>
const Item* look_up(const std::map<std::string, Item>& items,
                    const std::map<std::string, std::string>& index, std::string_view name) {
  const auto at = index.find(name_key(name));
  return at == index.end() ? nullptr : &items.at(at->second);
}

template <class Item>
void put(Item item, std::map<std::string, Item>& items, std::map<std::string, std::string>& index) {
  index[name_key(item.name)] = item.name;
  std::string name = item.name;
  items.insert_or_assign(std::move(name), std::move(item));
}

}  // namespace

const Accelerator* HardwareCatalog::accelerator(std::string_view name) const {
  return look_up(accelerators_, index_.accelerators, name);
}
const Cpu* HardwareCatalog::cpu(std::string_view name) const {
  return look_up(cpus_, index_.cpus, name);
}
const LinkType* HardwareCatalog::link(std::string_view name) const {
  return look_up(links_, index_.links, name);
}
const ServerType* HardwareCatalog::server(std::string_view name) const {
  if (const ServerType* known = look_up(servers_, index_.servers, name)) return known;
  const std::size_t at = name.find('@');
  if (at == std::string_view::npos) return nullptr;
  const ServerType* type = server(name.substr(0, at));
  const Cpu* host = cpu(name.substr(at + 1));
  if (type == nullptr || host == nullptr) return nullptr;
  if (host == cpu(type->cpu)) return type;
  const Accelerator* device = accelerator(type->accelerator);
  const bool plugged = device != nullptr && device->host_link.starts_with("pcie");
  if (!plugged || type->price) return nullptr;
  const auto [known, made] = rehosted_.try_emplace(type->name + "@" + host->name, *type);
  ServerType& rehosted = known->second;
  if (!made) return &rehosted;
  rehosted.name = known->first;
  rehosted.label += " with " + host->label;
  rehosted.cpu = host->name;
  return &rehosted;
}

void HardwareCatalog::add(ServerType server) {
  rehosted_.clear();
  put(std::move(server), servers_, index_.servers);
}
void HardwareCatalog::add(Cpu cpu) {
  rehosted_.clear();
  for (const std::string& alias : cpu.aliases) index_.cpus[name_key(alias)] = cpu.name;
  put(std::move(cpu), cpus_, index_.cpus);
}
void HardwareCatalog::add(Accelerator accelerator) {
  rehosted_.clear();
  for (const std::string& alias : accelerator.aliases) {
    index_.accelerators[name_key(alias)] = accelerator.name;
  }
  put(std::move(accelerator), accelerators_, index_.accelerators);
}

void HardwareCatalog::visit_items(
    const std::function<void(const std::string& key, const FieldVisitor::Describe&)>& visit) {
  rehosted_.clear();
  const auto visit_all = [&](const std::string& kind, auto& items) {
    for (auto& entry : items) {
      visit(kind + "/" + entry.first, [&entry](FieldVisitor& v) { describe(v, entry.second); });
    }
  };
  visit_all("accelerators", accelerators_);
  visit_all("cpus", cpus_);
  visit_all("links", links_);
  visit_all("servers", servers_);
}

}  // namespace microdc
