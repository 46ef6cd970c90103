#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <system_error>

#include "hwprofiles/base/json_io.hpp"
#include "hwprofiles/laws/draws.hpp"
#include "hwprofiles/laws/profile.hpp"

namespace microdc {
namespace {

Result<std::vector<std::filesystem::path>> json_files(const std::filesystem::path& folder) {
  std::error_code error;
  std::vector<std::filesystem::path> files;
  for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end;
       it.increment(error)) {
    if (it->path().extension() == ".json") files.push_back(it->path());
  }
  if (error) {
    return Diagnostic{.file = folder.string(),
                      .message = "the folder with device profiles cannot be read",
                      .found = error.message(),
                      .fix =
                          "run `microdc calibrate`, or set MICRODC_HOME to the folder that "
                          "contains hwprofiles/"};
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<std::filesystem::path> json_files_if_any(const std::filesystem::path& folder) {
  auto files = json_files(folder);
  return files ? std::move(*files) : std::vector<std::filesystem::path>{};
}

/// Reads one described struct from a file; nullopt after an error.
template <class T>
std::optional<T> read_item(const std::filesystem::path& path, Diagnostics& diagnostics) {
  auto json = read_json_file(path);
  diagnostics.append(json.diagnostics());
  if (!json) return std::nullopt;
  T item;
  Diagnostics found = read_fields(item, *json, path.string());
  const bool usable = !found.has_errors();
  diagnostics.append(std::move(found));
  if (!usable) return std::nullopt;
  return item;
}

Diagnostic twice(const std::filesystem::path& path, const std::string& device) {
  return {.file = path.string(),
          .place = "/device",
          .message = "another file of this folder already describes this device",
          .found = device,
          .fix = "keep one of them"};
}

bool is_flat(const OrderedJson& json) {
  return std::none_of(json.begin(), json.end(),
                      [](const OrderedJson& item) { return item.is_structured(); });
}

/// Like dump(1), but innermost lists and objects stay on one line: files of a readable length.
void append_json(const OrderedJson& json, int depth, std::string& text) {
  if (!json.is_structured() || is_flat(json)) {
    text += json.dump();
    return;
  }
  const std::string indent(static_cast<std::size_t>(depth) + 1, ' ');
  text += json.is_object() ? "{" : "[";
  bool first = true;
  for (const auto& [key, item] : json.items()) {
    text += first ? "\n" : ",\n";
    text += indent;
    first = false;
    if (json.is_object()) text += OrderedJson(key).dump() + ": ";
    append_json(item, depth + 1, text);
  }
  text += "\n";
  text.append(indent, 1);
  text += json.is_object() ? "}" : "]";
}

/// Whether two laws are of the same kernels.
bool same_kernels(const FittedLaw& a, const FittedLaw& b) {
  return a.kind == b.kind && a.kernel_source == b.kernel_source && a.format == b.format &&
         a.group == b.group;
}

}  // namespace

Diagnostics check_law(const FittedLaw& law, const std::string& file, const std::string& place) {
  Diagnostics diagnostics;
  const std::size_t count = law.parameters.size();
  std::vector<std::string> found, names;
  for (const LawParameter& parameter : law.parameters) found.push_back(parameter.name);
  for (const ParameterInfo& info : law_parameters(law.kind)) {
    const bool lacks = info.without && std::count(found.begin(), found.end(), info.name) == 0;
    if (!lacks) names.emplace_back(info.name);
  }
  if (found != names) {
    diagnostics.add({.file = file,
                     .place = place + "/parameters",
                     .message = "not the parameters of this law, in its order",
                     .found = join_names(found),
                     .allowed = join_names(names)});
  }
  for (std::size_t i = 0; i < count; ++i) {
    const LawParameter& parameter = law.parameters[i];
    const std::string where = fmt::format("{}/parameters/{}", place, i);
    if (!(parameter.value > 0) || !std::isfinite(parameter.value)) {
      diagnostics.add({.file = file,
                       .place = where + "/value",
                       .message = "a parameter must be a positive number",
                       .found = fmt::format("{}", parameter.value)});
    }
  }
  if (law.covariance.empty()) return diagnostics;
  if (law.covariance.size() != count * count) {
    diagnostics.add({.file = file,
                     .place = place + "/covariance",
                     .message = "the covariance does not fit the number of parameters",
                     .found = fmt::format("{}", law.covariance.size()),
                     .allowed = fmt::format("{}", count * count)});
  } else if (!cholesky(law.covariance, count)) {
    diagnostics.add({.file = file,
                     .place = place + "/covariance",
                     .message = "the covariance is not a symmetric positive semi-definite matrix"});
  }
  return diagnostics;
}

std::string profile_text(const DeviceProfile& profile) {
  std::string text;
  append_json(write_fields(describing(DeviceProfile(profile))), 0, text);
  return text + "\n";
}

Result<ProfileStore> ProfileStore::load(const std::filesystem::path& folder) {
  auto files = json_files(folder);
  if (!files) return files.diagnostics();
  Diagnostics diagnostics;
  ProfileStore store;
  for (const auto& path : *files) {
    auto item = read_item<DeviceProfile>(path, diagnostics);
    if (!item) continue;
    for (std::size_t i = 0; i < item->laws.size(); ++i) {
      diagnostics.append(check_law(item->laws[i], path.string(), fmt::format("/laws/{}", i)));
    }
    if (store.profile(item->device)) diagnostics.add(twice(path, item->device));
    store.put(std::move(*item));
  }
  for (const auto& path : json_files_if_any(folder / "power")) {
    auto item = read_item<PowerLaw>(path, diagnostics);
    if (!item) continue;
    if (store.power(item->device)) diagnostics.add(twice(path, item->device));
    store.put(std::move(*item));
  }
  for (const auto& path : json_files_if_any(folder / "spread")) {
    auto item = read_item<SpreadFigures>(path, diagnostics);
    if (item) store.put(std::move(*item));
  }
  if (diagnostics.has_errors()) return diagnostics;
  return {std::move(store), std::move(diagnostics)};
}

void ProfileStore::put(DeviceProfile profile) {
  std::string device = profile.device;
  profiles_.insert_or_assign(std::move(device), std::move(profile));
}

void ProfileStore::put(PowerLaw law) {
  std::string device = law.device;
  power_.insert_or_assign(std::move(device), std::move(law));
}

void ProfileStore::merge(const ProfileStore& other) {
  for (const auto& [device, profile] : other.profiles_) {
    DeviceProfile both = profile;
    if (const DeviceProfile* ours = this->profile(device)) {
      for (const FittedLaw& law : ours->laws) {
        const bool replaced =
            std::any_of(profile.laws.begin(), profile.laws.end(),
                        [&](const FittedLaw& theirs) { return same_kernels(law, theirs); });
        if (!replaced) both.laws.push_back(law);
      }
    }
    put(std::move(both));
  }
  for (const auto& [device, law] : other.power_) put(law);
  if (other.spread_) spread_ = other.spread_;
}

const DeviceProfile* ProfileStore::profile(const std::string& device) const {
  const auto found = profiles_.find(device);
  return found == profiles_.end() ? nullptr : &found->second;
}

const PowerLaw* ProfileStore::power(const std::string& device) const {
  const auto found = power_.find(device);
  return found == power_.end() ? nullptr : &found->second;
}

}  // namespace microdc
