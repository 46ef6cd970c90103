#include "sim/policy/audit_law.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace microdc::audited {

Names names_in(const Json& item, const char* key) {
  const auto at = item.find(key);
  return at == item.end() ? Names() : at->get<Names>();
}

std::string text_in(const Json& item, const char* key) { return item.value(key, std::string()); }

bool overlap(const Names& a, const Names& b) {
  return std::any_of(a.begin(), a.end(), [&](const auto& name) { return b.contains(name); });
}

namespace {

void read_parents(const Json& items, const char* key, std::map<std::string, Names>& parents) {
  for (const Json& item : items) parents[item.at("name")] = names_in(item, key);
}

}  // namespace

Law read_law(const std::filesystem::path& folder, Diagnostics& findings) {
  const auto file = [&](const std::filesystem::path& name) {
    const auto json = read_json_file(folder / name);
    findings.append(json.diagnostics());
    return json ? *json : Json::object();
  };
  Law law;
  const Json places = file("jurisdictions.json");
  const Json sectors = file("sectors.json");
  const Json classes = file("data_classes.json");
  std::vector<Json> regulations;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "regulations", error)) {
    if (entry.path().extension() == ".json") {
      regulations.push_back(file("regulations" / entry.path().filename()));
    }
  }
  if (findings.has_errors()) return law;
  read_parents(places.at("jurisdictions"), "within", law.jurisdictions);
  read_parents(sectors.at("sectors"), "within", law.sectors);
  read_parents(classes.at("data_classes"), "implies", law.classes);
  for (const Json& item : classes.at("data_classes")) {
    for (const std::string& word : names_in(item, "synonyms")) law.synonyms[word] = item.at("name");
  }
  for (const Json& list : places.at("lists")) {
    for (const Json& member : list.at("members")) {
      law.lists[list.at("name")][member.at("place")] = text_in(member, "condition");
    }
  }
  for (const Json& regulation : regulations) {
    law.as_of = std::max(law.as_of, text_in(regulation, "as_of"));
    for (const Json& rule : regulation.at("regulations")) law.rules.push_back(rule);
  }
  std::sort(law.rules.begin(), law.rules.end(),
            [](const Json& a, const Json& b) { return text_in(a, "name") < text_in(b, "name"); });
  return law;
}

}  // namespace microdc::audited
