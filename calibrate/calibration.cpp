#include "calibrate/calibration.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "calibrate/law_fit.hpp"
#include "hwprofiles/base/names.hpp"
#include "hwprofiles/laws/device_numbers.hpp"

namespace microdc {
namespace {

/// Rows that belong to one law. Ordered so that 16-bit GEMM comes before the quantised formats.
using LawKey = std::tuple<KernelOperation, std::string, NumberFormat, double>;
using LawRows = std::map<LawKey, std::vector<KernelRow>>;

/// Name in the catalog of a device as the table writes it; empty if unknown.
std::string catalog_name(const HardwareCatalog& catalog, const std::string& device) {
  if (const Accelerator* accelerator = catalog.accelerator(device)) return accelerator->name;
  if (const Cpu* cpu = catalog.cpu(device)) return cpu->name;
  return {};
}

/// Name in the catalog that a device may be meant by: one with a name or alias that differs by a
/// mistyping, else the one of which most of a name stands in it. Empty if there is none.
std::string nearest_device(const HardwareCatalog& catalog, const std::string& device) {
  std::map<std::string, std::string> names;  // by the form in which they are compared
  const auto add = [&](const auto& devices) {
    for (const auto& [name, item] : devices) {
      for (const std::string& alias : item.aliases) names.try_emplace(name_key(alias), name);
      names.insert_or_assign(name_key(name), name);
    }
  };
  add(catalog.accelerators());
  add(catalog.cpus());
  std::vector<std::string> keys;
  for (const auto& [key, name] : names) keys.push_back(key);
  const std::string wanted = name_key(device);
  if (const auto near = nearest_match(wanted, keys)) return names.at(*near);
  std::string longest;
  for (const std::string& key : keys) {
    if (key.size() > longest.size() && wanted.find(key) != std::string::npos) longest = key;
  }
  return longest.empty() ? "" : names.at(longest);
}

LawKey key_of(const KernelRow& row) {
  switch (row.operation) {
    case KernelOperation::gemm: return {row.operation, row.engine, row.format, 0};
    case KernelOperation::attention_prefill:
    case KernelOperation::attention_decode: return {row.operation, row.engine, row.kv_format, 0};
    case KernelOperation::elementwise: return {row.operation, row.engine, NumberFormat::bf16, 0};
    case KernelOperation::all_reduce:
      return {row.operation, row.engine, NumberFormat::bf16, row.group};
  }
  return {};
}

/// Measurements of a collective by several projects are of different machines: only the project
/// that covers the widest range of messages is kept.
void keep_widest_project(std::vector<KernelRow>& rows, DroppedRows& dropped) {
  std::map<std::string, std::pair<double, double>> ranges;
  for (const KernelRow& row : rows) {
    auto [it, fresh] = ranges.try_emplace(row.source, row.message, row.message);
    it->second.first = std::min(it->second.first, row.message);
    it->second.second = std::max(it->second.second, row.message);
  }
  std::string widest;
  double best = 0;
  for (const auto& [source, range] : ranges) {
    const double width = range.second / range.first;
    if (width > best) {
      best = width;
      widest = source;
    }
  }
  const auto removed =
      std::erase_if(rows, [&](const KernelRow& row) { return row.source != widest; });
  if (removed > 0) {
    dropped["all_reduce that another project measured over a wider range"] +=
        static_cast<std::int64_t>(removed);
  }
}

/// "aiconfigurator (vllm 0.19.0), …" of the rows of a law.
std::string sources_of(const std::vector<KernelRow>& rows) {
  std::set<std::string> parts;
  for (const KernelRow& row : rows) {
    parts.insert(fmt::format("{} ({} {})", row.source, row.engine, row.engine_version));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::optional<FittedLaw> fit_rows(const LawKey& key, const std::vector<KernelRow>& rows,
                                  const DeviceNumbers& device, const DeviceProfile& so_far,
                                  DroppedRows& dropped) {
  const auto& [operation, engine, format, group] = key;
  switch (operation) {
    case KernelOperation::gemm: {
      const FittedLaw* half = nullptr;
      for (const FittedLaw& law : so_far.laws) {
        if (law.kind == LawKind::gemm && law.format == NumberFormat::bf16 &&
            law.kernel_source == engine) {
          half = &law;
        }
      }
      return fit_gemm(rows, device, format, half, dropped);
    }
    case KernelOperation::attention_prefill:
      return fit_prefill_attention(rows, device, format, dropped);
    case KernelOperation::attention_decode:
      return fit_decode_attention(rows, device, format, dropped);
    case KernelOperation::elementwise: return fit_elementwise(rows, device, dropped);
    case KernelOperation::all_reduce: return fit_all_reduce(rows, device, dropped);
  }
  return std::nullopt;
}

/// "GEMM int4_weight of own kernels".
std::string name_of_law(const LawKey& key) {
  const auto& [operation, engine, format, group] = key;
  switch (operation) {
    case KernelOperation::gemm:
      return fmt::format("GEMM {} of {} kernels", name_of(format), engine);
    case KernelOperation::attention_prefill:
      return fmt::format("prefill attention {} of {} kernels", name_of(format), engine);
    case KernelOperation::attention_decode:
      return fmt::format("decode attention {} of {} kernels", name_of(format), engine);
    case KernelOperation::elementwise: return fmt::format("elementwise of {} kernels", engine);
    case KernelOperation::all_reduce:
      return fmt::format("all-reduce of {} ranks by {}", group, engine);
  }
  return {};
}

/// Says which law lacks the rows that `lacking` counts.
void add_unfitted(const LawKey& key, DroppedRows& lacking, CalibrationReport& report) {
  const auto few = lacking.find(too_few_rows);
  const std::int64_t points = few == lacking.end() ? 0 : few->second;
  report.unfitted.push_back({.name = name_of_law(key), .points = points});
  if (points == 0) return;
  report.dropped[fmt::format("{}: {}", too_few_rows, report.unfitted.back().name)] += points;
  lacking.erase(few);
}

DeviceProfile fit_device(const DeviceNumbers& device, LawRows& laws,
                         const CalibrationOptions& options, CalibrationReport& report) {
  DeviceProfile profile{.device = device.name};
  profile.note = options.source;
  for (auto& [key, rows] : laws) {
    if (std::get<0>(key) == KernelOperation::all_reduce) keep_widest_project(rows, report.dropped);
    DroppedRows dropped;
    auto law = fit_rows(key, rows, device, profile, dropped);
    if (!law) add_unfitted(key, dropped, report);
    for (const auto& [reason, count] : dropped) report.dropped[reason] += count;
    if (!law) continue;
    law->kernel_source = std::get<1>(key);
    law->format = std::get<2>(key);
    law->source = sources_of(rows);
    law->date = options.date;
    report.fitted += law->points;
    profile.laws.push_back(std::move(*law));
  }
  return profile;
}

Diagnostics check_devices(const HardwareCatalog& catalog, const CalibrationOptions& options,
                          const std::set<std::string>& measured, const std::string& file) {
  Diagnostics diagnostics;
  for (const std::string& device : options.devices) {
    const std::string name = catalog_name(catalog, device);
    if (measured.contains(name)) continue;
    const std::vector<std::string> known(measured.begin(), measured.end());
    const auto nearest = nearest_match(device, known);
    diagnostics.add({.file = file,
                     .message = name.empty() ? "the device is not in the hardware catalog"
                                             : "the table has no row of this device",
                     .found = device,
                     .allowed = join_names(known),
                     .fix = nearest ? fmt::format("did you mean \"{}\"?", *nearest) : ""});
  }
  return diagnostics;
}

/// Rows by device and law; rows of other devices are counted.
std::map<std::string, LawRows> rows_by_device(const KernelTable& table,
                                              const HardwareCatalog& catalog,
                                              DroppedRows& dropped) {
  std::map<std::string, LawRows> devices;
  for (const KernelRow& row : table.rows) {
    const std::string name = catalog_name(catalog, row.device);
    if (name.empty()) {
      ++dropped[fmt::format("device \"{}\" is not in the hardware catalog", row.device)];
    } else {
      devices[name][key_of(row)].push_back(row);
    }
  }
  return devices;
}

/// Why no law came of a table, and what to do about its devices.
Diagnostic nothing_fitted(const std::string& name, const KernelTable& table,
                          const CalibrationReport& report, const HardwareCatalog& catalog) {
  std::set<std::string> unknown;
  for (const KernelRow& row : table.rows) {
    if (catalog_name(catalog, row.device).empty()) unknown.insert(row.device);
  }
  std::vector<std::string> meant;
  for (const std::string& device : unknown) {
    const std::string near = nearest_device(catalog, device);
    if (!near.empty()) meant.push_back(fmt::format("\"{}\" for \"{}\"", near, device));
  }
  std::string fix = meant.empty() ? "" : fmt::format("did you mean {}? ", join_names(meant, 8));
  if (!unknown.empty()) {
    fix += "Name the device with --on (`microdc list accelerators`, `microdc list cpus`). ";
  }
  return {.file = name,
          .message = "no law could be fitted",
          .found = fmt::format("{} {}, none usable: {}", report.lines,
                               report.lines == 1 ? "row" : "rows", reasons_text(report.dropped)),
          .fix = fix + "docs/calibrate.md says which rows a law needs"};
}

}  // namespace

Diagnostics check_device(const HardwareCatalog& catalog, const std::string& device) {
  Diagnostics findings;
  if (!catalog_name(catalog, device).empty()) return findings;
  const std::string near = nearest_device(catalog, device);
  findings.add({.message = "the device is not in the hardware catalog",
                .found = fmt::format("\"{}\"", device),
                .allowed = "a name of `microdc list accelerators` or `microdc list cpus`",
                .fix = near.empty() ? "" : fmt::format("did you mean \"{}\"?", near)});
  return findings;
}

Result<CalibrationReport> calibrate_from_kernels(const std::filesystem::path& path,
                                                 const HardwareCatalog& catalog,
                                                 const CalibrationOptions& options) {
  const auto table = read_kernel_table(path);
  if (!table) return table.diagnostics();
  return calibrate_from_rows(*table, path.string(), catalog, options);
}

Result<CalibrationReport> calibrate_from_rows(const KernelTable& table, const std::string& name,
                                              const HardwareCatalog& catalog,
                                              const CalibrationOptions& options) {
  CalibrationReport report{.lines = table.lines, .dropped = table.dropped};
  auto devices = rows_by_device(table, catalog, report.dropped);
  std::set<std::string> measured, wanted;
  for (const auto& [device, laws] : devices) measured.insert(device);
  Diagnostics diagnostics = check_devices(catalog, options, measured, name);
  if (diagnostics.has_errors()) return diagnostics;
  for (const std::string& device : options.devices) wanted.insert(catalog_name(catalog, device));

  for (auto& [device, laws] : devices) {
    if (!wanted.empty() && !wanted.contains(device)) {
      for (const auto& [key, rows] : laws) {
        report.dropped["device was not asked for"] += static_cast<std::int64_t>(rows.size());
      }
      continue;
    }
    auto numbers = device_numbers(catalog, device);
    if (!numbers) {
      diagnostics.append(numbers.diagnostics());
      continue;
    }
    DeviceProfile profile = fit_device(*numbers, laws, options, report);
    if (!profile.laws.empty()) report.profiles.push_back(std::move(profile));
  }
  if (diagnostics.has_errors()) return diagnostics;
  if (report.profiles.empty()) {
    return nothing_fitted(name, table, report, catalog);
  }
  return report;
}

}  // namespace microdc
