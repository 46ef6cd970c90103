#include "sim/policy/catalog.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "hwprofiles/base/json_io.hpp"

namespace microdc {
namespace {

template <class T>
const T* find_named(const std::vector<T>& items, std::string_view name) {
  const auto at =
      std::find_if(items.begin(), items.end(), [&](const T& item) { return item.name == name; });
  return at == items.end() ? nullptr : &*at;
}

/// `first` and everything that `next` leads to, breadth first, each once.
template <class Next>
std::vector<std::string> closure(std::vector<std::string> names, Next next) {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (std::find(all.begin(), all.end(), names[i]) != all.end()) continue;
    all.push_back(names[i]);
    for (const std::string& more : next(names[i])) names.push_back(more);
  }
  return all;
}

/// A file that holds a description and one or two lists.
struct CatalogFile {
  std::string description, as_of;
  std::function<void(FieldVisitor&)> lists;
};
void describe(FieldVisitor& v, CatalogFile& file) {
  v.text({.name = "description", .label = "Description"}, file.description);
  v.text({.name = "as_of", .label = "As of"}, file.as_of);
  file.lists(v);
}

class Loader {
 public:
  explicit Loader(std::filesystem::path folder) : folder_(std::move(folder)) {}

  Result<PolicyCatalog> load() {
    read("jurisdictions.json", [this](FieldVisitor& v) {
      v.objects({.name = "jurisdictions", .label = "Jurisdictions", .required = true},
                catalog_.jurisdictions);
      v.objects({.name = "lists", .label = "Lists", .required = true}, catalog_.lists);
    });
    read("sectors.json", [this](FieldVisitor& v) {
      v.objects({.name = "sectors", .label = "Sectors", .required = true}, catalog_.sectors);
    });
    read("data_classes.json", [this](FieldVisitor& v) {
      v.objects({.name = "data_classes", .label = "Data classes", .required = true},
                catalog_.data_classes);
    });
    read("conditions.json", [this](FieldVisitor& v) {
      v.objects({.name = "conditions", .label = "Conditions", .required = true},
                catalog_.conditions);
    });
    read_regulations();
    check_names();
    check_references();
    for (const Regulation& rule : catalog_.regulations) check_regulation(rule);
    if (findings_.has_errors()) return findings_;
    return std::move(catalog_);
  }

 private:
  void read(const std::string& name, std::function<void(FieldVisitor&)> lists) {
    const auto path = folder_ / name;
    const auto json = read_json_file(path);
    findings_.append(json.diagnostics());
    if (!json) return;
    CatalogFile file{.lists = std::move(lists)};
    findings_.append(read_fields(file, *json, path.string()));
    catalog_.as_of = std::max(catalog_.as_of, file.as_of);
  }

  void read_regulations() {
    std::error_code error;
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder_ / "regulations", error)) {
      if (entry.path().extension() == ".json") files.push_back(entry.path().filename().string());
    }
    std::sort(files.begin(), files.end());
    if (files.empty()) wrong("regulations", "", "there is no file of regulations", "");
    for (const std::string& file : files) {
      std::vector<Regulation> rules;
      read("regulations/" + file, [&rules](FieldVisitor& v) {
        v.objects({.name = "regulations", .label = "Regulations", .required = true}, rules);
      });
      for (Regulation& rule : rules) catalog_.regulations.push_back(std::move(rule));
    }
  }

  void wrong(const std::string& file, const std::string& name, std::string message,
             std::string found) {
    findings_.add({.file = (folder_ / file).string(),
                   .place = name,
                   .message = std::move(message),
                   .found = std::move(found),
                   .fix = "correct the catalog"});
  }

  template <class T>
  void once(const std::vector<T>& items, const std::string& file) {
    std::set<std::string> seen;
    for (const T& item : items) {
      if (!seen.insert(item.name).second) wrong(file, item.name, "stands there twice", item.name);
    }
  }

  void check_names() {
    once(catalog_.jurisdictions, "jurisdictions.json");
    once(catalog_.lists, "jurisdictions.json");
    once(catalog_.sectors, "sectors.json");
    once(catalog_.data_classes, "data_classes.json");
    once(catalog_.conditions, "conditions.json");
    once(catalog_.regulations, "regulations");
    std::set<std::string> words;
    for (const DataClass& item : catalog_.data_classes) {
      std::vector<std::string> own = item.synonyms;
      own.push_back(item.name);
      for (const std::string& word : own) {
        if (!words.insert(word).second) {
          wrong("data_classes.json", item.name, "means two classes", word);
        }
      }
    }
  }

  void known(bool is_known, const std::string& file, const std::string& of,
             const std::string& name) {
    if (!is_known) wrong(file, of, "nothing of this name is defined", name);
  }

  void check_references() {
    for (const Jurisdiction& item : catalog_.jurisdictions) {
      for (const auto& name : item.within) {
        known(catalog_.jurisdiction(name) != nullptr, "jurisdictions.json", item.name, name);
      }
    }
    for (const PlaceList& list : catalog_.lists) {
      for (const auto& member : list.members) {
        known(catalog_.jurisdiction(member.place) != nullptr, "jurisdictions.json", list.name,
              member.place);
        known(member.condition.empty() || catalog_.condition(member.condition) != nullptr,
              "jurisdictions.json", list.name, member.condition);
      }
    }
    for (const Sector& item : catalog_.sectors) {
      for (const auto& name : item.within) {
        known(catalog_.sector(name) != nullptr, "sectors.json", item.name, name);
      }
      for (const auto& name : item.data_classes) {
        known(find_named(catalog_.data_classes, name) != nullptr, "sectors.json", item.name, name);
      }
    }
    for (const DataClass& item : catalog_.data_classes) {
      for (const auto& name : item.implies) {
        known(find_named(catalog_.data_classes, name) != nullptr, "data_classes.json", item.name,
              name);
      }
    }
  }

  void check_regulation(const Regulation& rule) {
    const auto check = [&](const std::vector<std::string>& names, auto is_known) {
      for (const auto& name : names) known(is_known(name), "regulations", rule.name, name);
    };
    const auto place = [&](const std::string& n) { return catalog_.jurisdiction(n) != nullptr; };
    if (!rule.jurisdiction.empty()) check({rule.jurisdiction}, place);
    check(rule.reaches, place);
    check(rule.sectors, [&](const std::string& n) { return catalog_.sector(n) != nullptr; });
    check(rule.data_classes,
          [&](const std::string& n) { return find_named(catalog_.data_classes, n) != nullptr; });
    for (const Way& way : rule.ways) {
      check(way.places,
            [&](const std::string& n) { return place(n) || catalog_.list(n) != nullptr; });
      check(way.operators, place);
      check(way.conditions, [&](const std::string& n) { return catalog_.condition(n) != nullptr; });
    }
    for (const std::string& day : {rule.from, rule.until}) {
      if (!day.empty() && !is_day(day)) wrong("regulations", rule.name, "this is no day", day);
    }
    const bool exposure = rule.strength == Regulation::Strength::exposure;
    if (exposure != !rule.reaches.empty()) {
      wrong("regulations", rule.name, "an exposure, and only that, says whom it reaches", "");
    }
    const auto [first, is_new] = strength_of_topic_.emplace(rule.topic(), rule.strength);
    if (!is_new && first->second != rule.strength) {
      wrong("regulations", rule.name, "rules of one question have one strength", rule.topic());
    }
  }

  std::filesystem::path folder_;
  PolicyCatalog catalog_;
  Diagnostics findings_;
  std::map<std::string, Regulation::Strength> strength_of_topic_;
};

}  // namespace

std::string_view name_of(Regulation::Strength strength) {
  switch (strength) {
    case Regulation::Strength::absolute: return "absolute";
    case Regulation::Strength::conditional: return "conditional";
    case Regulation::Strength::soft: return "soft";
    case Regulation::Strength::exposure: return "exposure";
    case Regulation::Strength::none: break;
  }
  return "none";
}

const Jurisdiction* PolicyCatalog::jurisdiction(std::string_view name) const {
  return find_named(jurisdictions, name);
}
const PlaceList* PolicyCatalog::list(std::string_view name) const {
  return find_named(lists, name);
}
const Sector* PolicyCatalog::sector(std::string_view name) const {
  return find_named(sectors, name);
}
const Condition* PolicyCatalog::condition(std::string_view name) const {
  return find_named(conditions, name);
}
std::string PolicyCatalog::meaning_of(std::string_view name) const {
  const Condition* found = condition(name);
  return found == nullptr || found->label.empty() ? "" : " (" + found->label + ")";
}
const Regulation* PolicyCatalog::regulation(std::string_view name) const {
  return find_named(regulations, name);
}
const DataClass* PolicyCatalog::data_class(std::string_view word) const {
  const auto at =
      std::find_if(data_classes.begin(), data_classes.end(), [&](const DataClass& item) {
        return item.name == word ||
               std::find(item.synonyms.begin(), item.synonyms.end(), word) != item.synonyms.end();
      });
  return at == data_classes.end() ? nullptr : &*at;
}

std::vector<std::string> PolicyCatalog::around(const std::string& name) const {
  return closure({name}, [this](const std::string& inner) {
    const Jurisdiction* place = jurisdiction(inner);
    return place == nullptr ? std::vector<std::string>{} : place->within;
  });
}

bool PolicyCatalog::pays_sales_tax(const std::string& name) const {
  const std::vector<std::string> all = sectors_of(name);
  return std::any_of(all.begin(), all.end(), [this](const std::string& inner) {
    const Sector* item = sector(inner);
    return item != nullptr && item->pays_sales_tax;
  });
}

std::vector<std::string> PolicyCatalog::sectors_of(const std::string& name) const {
  return closure({name}, [this](const std::string& inner) {
    const Sector* found = sector(inner);
    return found == nullptr ? std::vector<std::string>{} : found->within;
  });
}

std::vector<std::string> PolicyCatalog::usual_data(const std::string& name) const {
  for (const std::string& one : sectors_of(name)) {
    const Sector* found = sector(one);
    if (found != nullptr && !found->data_classes.empty()) return found->data_classes;
  }
  return {};
}

std::vector<std::string> PolicyCatalog::implied(const std::vector<std::string>& classes) const {
  std::vector<std::string> names;
  for (const std::string& word : classes) {
    const DataClass* found = data_class(word);
    names.push_back(found == nullptr ? word : found->name);
  }
  return closure(std::move(names), [this](const std::string& name) {
    const DataClass* found = data_class(name);
    return found == nullptr ? std::vector<std::string>{} : found->implies;
  });
}

Result<PolicyCatalog> load_policy_catalog(const std::filesystem::path& folder) {
  return Loader(folder).load();
}

const Result<PolicyCatalog>& policy_catalog() {
  static const Result<PolicyCatalog> catalog =
      load_policy_catalog(data_root() / "sim/policy/catalog");
  return catalog;
}

bool is_day(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  int parts[3] = {0, 0, 0};
  std::size_t part = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i == 4 || i == 7) {
      ++part;
    } else if (text[i] < '0' || text[i] > '9') {
      return false;
    } else {
      parts[part] = parts[part] * 10 + (text[i] - '0');
    }
  }
  constexpr int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const auto [year, month, day] = parts;
  if (month < 1 || month > 12) return false;
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return day >= 1 && day <= days[month - 1] + (month == 2 && leap ? 1 : 0);
}

}  // namespace microdc
