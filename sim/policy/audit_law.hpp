// The files of the catalog as the auditor reads them, by itself (audit.hpp).
#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>
#include <vector>

#include "hwprofiles/base/diagnostics.hpp"
#include "hwprofiles/base/json_io.hpp"

namespace microdc::audited {

using Names = std::set<std::string>;

/// A list of names; none if there is no such key.
Names names_in(const Json& item, const char* key);
/// A text; empty if there is no such key.
std::string text_in(const Json& item, const char* key);
bool overlap(const Names& a, const Names& b);

/// The files of the catalog as they are.
struct Law {
  std::map<std::string, Names> jurisdictions, sectors, classes;  // name: what it belongs to or is
  std::map<std::string, std::string> synonyms;                   // of classes
  std::map<std::string, std::map<std::string, std::string>> lists;  // list: place: condition
  std::vector<Json> rules;
  std::string as_of;

  /// Everything that a name belongs to, itself included.
  static Names all(const std::map<std::string, Names>& parents, const std::string& name) {
    Names found{name};
    const auto at = parents.find(name);
    if (at == parents.end()) return found;
    for (const std::string& parent : at->second) found.merge(all(parents, parent));
    return found;
  }
};

/// Errors: files that cannot be read.
Law read_law(const std::filesystem::path& folder, Diagnostics& findings);

}  // namespace microdc::audited
