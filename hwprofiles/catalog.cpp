// Looking things up in the catalog.
#include "hwprofiles/catalog.hpp"

#include <cctype>

namespace microdc {
namespace {

template <class Item>
const Item* look_up(const std::map<std::string, Item>& items,
                    const std::map<std::string, std::string>& index, std::string_view name) {
  const auto at = index.find(catalog_key(name));
  return at == index.end() ? nullptr : &items.at(at->second);
}

}  // namespace

std::string catalog_key(std::string_view name) {
  std::string key;
  key.reserve(name.size());
  for (const char c : name) {
    if (c == '-' || c == '_' || std::isspace(static_cast<unsigned char>(c)) != 0) continue;
    key += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return key;
}

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
  return look_up(servers_, index_.servers, name);
}

}  // namespace microdc
