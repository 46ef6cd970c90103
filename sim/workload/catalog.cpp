#include "sim/workload/catalog.hpp"

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>
#include <set>
#include <string>

#include "hwprofiles/base/json_io.hpp"
#include "hwprofiles/base/provenance.hpp"

namespace microdc {
namespace {

struct TableEntry {
  QuantileTable table;
  std::int64_t rows = 0;
  std::string date;
  Provenance kind = Provenance::measured;
};
struct ProfileEntry {
  DayProfile profile;
  std::vector<double> weights;
  std::string clock;
  std::string date;
  Provenance kind = Provenance::assumed;
};
struct TableFile {
  std::string description;
  std::vector<TableEntry> tables;
};
struct ProfileFile {
  std::string description;
  std::vector<ProfileEntry> profiles;
};
struct BehaviourFile {
  std::string description;
  std::optional<Figure> autocorrelation, prompts_sigma, think_sigma, chunk_popularity;
};

void describe(FieldVisitor& v, TableEntry& entry) {
  v.text({.name = "name", .label = "Name", .required = true}, entry.table.name);
  v.number({.name = "mean", .label = "Mean of the data", .min = 0}, entry.table.mean);
  v.integer({.name = "rows", .label = "Requests behind the table", .min = 0}, entry.rows);
  v.text({.name = "source", .label = "Source", .required = true}, entry.table.source);
  v.text({.name = "date", .label = "Date"}, entry.date);
  v.choice({.name = "kind", .label = "Kind", .required = true}, provenance_names(), entry.kind);
  v.numbers(
      {.name = "percent", .label = "Per cent of requests", .min = 0, .max = 100, .required = true},
      entry.table.percent);
  v.numbers({.name = "tokens", .label = "Quantiles", .min = 0, .required = true},
            entry.table.tokens);
}
void describe(FieldVisitor& v, TableFile& file) {
  v.text({.name = "description", .label = "Description"}, file.description);
  v.objects({.name = "tables", .label = "Tables", .required = true}, file.tables);
}
void describe(FieldVisitor& v, ProfileEntry& entry) {
  v.text({.name = "name", .label = "Name", .required = true}, entry.profile.name);
  v.text({.name = "description", .label = "Description"}, entry.profile.description);
  v.text({.name = "clock", .label = "Clock"}, entry.clock);
  v.choice({.name = "kind", .label = "Kind", .required = true}, provenance_names(), entry.kind);
  v.text({.name = "date", .label = "Date"}, entry.date);
  v.text({.name = "source", .label = "Source", .required = true}, entry.profile.source);
  v.numbers({.name = "hour_weights", .label = "Weights of the hours", .min = 0, .required = true},
            entry.weights);
}
void describe(FieldVisitor& v, ProfileFile& file) {
  v.text({.name = "description", .label = "Description"}, file.description);
  v.objects({.name = "profiles", .label = "Profiles", .required = true}, file.profiles);
}
void describe(FieldVisitor& v, BehaviourFile& file) {
  v.text({.name = "description", .label = "Description"}, file.description);
  v.figure({.name = "minute_rate_autocorrelation",
            .label = "Autocorrelation of the rate by minute",
            .min = 0,
            .max = 0.999,
            .required = true},
           file.autocorrelation);
  v.figure({.name = "prompts_per_user_sigma",
            .label = "Spread of prompts among users",
            .min = 0,
            .max = 5,
            .required = true},
           file.prompts_sigma);
  v.figure({.name = "think_time_sigma",
            .label = "Spread of the think time",
            .min = 0,
            .max = 5,
            .required = true},
           file.think_sigma);
  v.figure({.name = "chunk_popularity_exponent",
            .label = "Zipf exponent of chunks",
            .min = 0,
            .max = 3,
            .required = true},
           file.chunk_popularity);
}

template <class File>
void load(const std::string& name, File& file, Diagnostics& errors) {
  const auto path = data_root() / "sim/workload/catalog" / name;
  const auto json = read_json_file(path);
  errors.append(json.diagnostics());
  if (json) {
    errors.append(
        read_fields([&file](FieldVisitor& v) { describe(v, file); }, *json, path.string()));
  }
}

Diagnostic wrong_entry(const std::string& file, const std::string& name, std::string message,
                       std::string allowed) {
  return {.file = "sim/workload/catalog/" + file,
          .message = "\"" + name + "\" " + std::move(message),
          .allowed = std::move(allowed),
          .fix = "correct the catalog"};
}

void check_table(const QuantileTable& table, Diagnostics& errors) {
  const bool good =
      table.percent.size() == table.tokens.size() && table.percent.size() >= 2 &&
      table.percent.front() == 0 && table.percent.back() == 100 &&
      std::is_sorted(table.percent.begin(), table.percent.end(), std::less_equal<>()) &&
      std::is_sorted(table.tokens.begin(), table.tokens.end());
  if (good) return;
  errors.add(wrong_entry("lengths.json", table.name, "is no distribution function",
                         "as many tokens as percent; percent rising from 0 to 100, tokens never "
                         "falling"));
}

void take_profile(const ProfileEntry& entry, WorkloadCatalog& catalog, Diagnostics& errors) {
  const double sum = std::accumulate(entry.weights.begin(), entry.weights.end(), 0.0);
  if (entry.weights.size() != 24 || !(sum > 0)) {
    errors.add(wrong_entry("day_profiles.json", entry.profile.name, "is no day profile",
                           "24 weights, one of them above 0"));
    return;
  }
  DayProfile profile = entry.profile;
  for (std::size_t hour = 0; hour < 24; ++hour) {
    profile.hour_weights[hour] = entry.weights[hour] / sum;
  }
  catalog.day_profiles.push_back(std::move(profile));
}

Result<WorkloadCatalog> load_catalog() {
  Diagnostics errors;
  TableFile tables;
  ProfileFile profiles;
  BehaviourFile behaviour;
  load("lengths.json", tables, errors);
  load("day_profiles.json", profiles, errors);
  load("office.json", behaviour, errors);
  if (errors.has_errors()) return errors;
  WorkloadCatalog catalog;
  std::set<std::string> names;
  for (TableEntry& entry : tables.tables) {
    check_table(entry.table, errors);
    if (!names.insert(entry.table.name).second) {
      errors.add(
          wrong_entry("lengths.json", entry.table.name, "stands there twice", "one of them"));
    }
    catalog.lengths.push_back(std::move(entry.table));
  }
  names.clear();
  for (const ProfileEntry& entry : profiles.profiles) {
    if (!names.insert(entry.profile.name).second) {
      errors.add(wrong_entry("day_profiles.json", entry.profile.name, "stands there twice",
                             "one of them"));
    }
    take_profile(entry, catalog, errors);
  }
  if (errors.has_errors()) return errors;
  catalog.behaviour = {behaviour.autocorrelation->value, behaviour.prompts_sigma->value,
                       behaviour.think_sigma->value,
                       behaviour.chunk_popularity->value};
  return catalog;
}

}  // namespace

const Result<WorkloadCatalog>& workload_catalog() {
  static const Result<WorkloadCatalog> catalog = load_catalog();
  return catalog;
}

std::vector<std::string> length_table_names() {
  std::vector<std::string> names;
  if (const auto& catalog = workload_catalog(); catalog.ok()) {
    for (const QuantileTable& table : catalog->lengths) names.push_back(table.name);
  }
  return names;
}

std::vector<std::string> day_profile_names() {
  std::vector<std::string> names;
  if (const auto& catalog = workload_catalog(); catalog.ok()) {
    for (const DayProfile& profile : catalog->day_profiles) names.push_back(profile.name);
  }
  return names;
}

}  // namespace microdc
