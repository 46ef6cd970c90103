// Reading the catalog's files, and the checks that no single file can answer.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "hwprofiles/base/json_io.hpp"
#include "hwprofiles/base/names.hpp"
#include "hwprofiles/catalog.hpp"

namespace microdc {
namespace {

/// Looks at every figure of a described struct: a range that holds the value, and a source.
class FigureCheck final : public FieldVisitor {
 public:
  FigureCheck(std::string file, Diagnostics& findings)
      : file_(std::move(file)), findings_(findings) {}

  void figure(const FieldInfo& info, std::optional<Figure>& value) override {
    if (!value) return;
    const std::string place = fmt::format("/{}", info.name);
    if ((value->low && *value->low > value->value) ||
        (value->high && *value->high < value->value)) {
      const auto text = [&](double number) {
        return format_quantity(number, info.dimension, value->currency);
      };
      findings_.add({.file = file_,
                     .place = place,
                     .message = "the value lies outside its own range",
                     .found = text(value->value),
                     .allowed = fmt::format("{} to {}", value->low ? text(*value->low) : "…",
                                            value->high ? text(*value->high) : "…"),
                     .fix = "correct value, low or high"});
    }
    if (value->source.empty()) {
      findings_.add({.file = file_,
                     .place = place + "/source",
                     .message = "the source is empty",
                     .fix = "say who says so, or \"unsourced, from general knowledge\""});
    }
  }

  void number(const FieldInfo&, double&) override {}
  void number(const FieldInfo&, std::optional<double>&) override {}
  void ranged(const FieldInfo&, std::optional<double>&, std::optional<Range>&) override {}
  void integer(const FieldInfo&, std::int64_t&) override {}
  void integer(const FieldInfo&, std::optional<std::int64_t>&) override {}
  void boolean(const FieldInfo&, bool&) override {}
  void text(const FieldInfo&, std::string&) override {}
  void texts(const FieldInfo&, std::vector<std::string>&) override {}
  void numbers(const FieldInfo&, std::vector<double>&) override {}
  void choice(const FieldInfo&, const std::vector<std::string_view>&, int&) override {}
  void nested(const FieldInfo&, const Describe& describe_object, bool*) override {
    describe_object(*this);
  }
  void list(const FieldInfo&, const ListAccess& items) override {
    for (std::size_t i = 0; i < items.size(); ++i) items.describe_item(*this, i);
  }

 private:
  std::string file_;
  Diagnostics& findings_;
};

std::vector<std::filesystem::path> json_files(const std::filesystem::path& folder,
                                              Diagnostics& findings) {
  std::vector<std::filesystem::path> files;
  std::error_code error;
  for (const auto& item : std::filesystem::directory_iterator(folder, error)) {
    if (item.path().extension() == ".json") files.push_back(item.path());
  }
  if (error) {
    findings.add({.file = folder.string(),
                  .message = "this folder of the hardware catalog cannot be read",
                  .found = error.message(),
                  .fix = "set MICRODC_HOME to the folder that holds hwprofiles/catalog"});
  }
  // The order of a directory is the file system's; ours must not depend on it.
  std::sort(files.begin(), files.end());
  return files;
}

bool holds_json(const std::filesystem::path& folder) {
  std::error_code error;
  for (std::filesystem::recursive_directory_iterator at(folder, error), end; !error && at != end;
       at.increment(error)) {
    if (at->path().extension() == ".json") return true;
  }
  return false;
}

/// Without this a wrong folder would change nothing and nobody would know.
void check_measured_folder(const std::filesystem::path& folder, Diagnostics& findings) {
  const std::string calibrate = "`microdc calibrate --device cpu -o DIR` writes one";
  if (!std::filesystem::is_directory(folder)) {
    findings.add({.file = folder.string(),
                  .place = "--hardware",
                  .message = "this folder of measured hardware does not exist",
                  .fix = calibrate});
    return;
  }
  std::string fix = calibrate;
  for (const char* part : measured_folders) {
    if (holds_json(folder / part)) return;
    std::filesystem::path named = folder.lexically_normal();
    if (!named.has_filename()) named = named.parent_path();
    if (named.filename() != part) continue;
    const std::string above = named.parent_path().string();
    fix = fmt::format("name the folder above it: {}", above.empty() ? "." : above);
  }
  if (std::filesystem::exists(folder / "kernels.csv") &&
      std::filesystem::exists(folder / "machine.json")) {
    fix = "it holds a calibration that has not ended: the command that began it goes on";
  }
  findings.add(
      {.file = folder.string(),
       .place = "--hardware",
       .message = "this folder holds no measured hardware",
       .allowed = fmt::format("JSON files in one of {}/", fmt::join(measured_folders, "/, ")),
       .fix = fix});
}

std::vector<std::string> aliases_of(const Accelerator& item) { return item.aliases; }
std::vector<std::string> aliases_of(const Cpu& item) { return item.aliases; }
std::vector<std::string> aliases_of(const LinkType&) { return {}; }
std::vector<std::string> aliases_of(const ServerType&) { return {}; }

template <class Item>
std::vector<std::string> names_of(const std::map<std::string, Item>& items) {
  std::vector<std::string> names;
  for (const auto& [name, item] : items) names.push_back(name);
  return names;
}

}  // namespace

class CatalogLoader {
 public:
  CatalogLoader(std::filesystem::path folder, std::vector<std::filesystem::path> more)
      : folder_(std::move(folder)), more_(std::move(more)) {}

  Result<HardwareCatalog> load() {
    for (const std::filesystem::path& folder : more_) check_measured_folder(folder, findings_);
    read(links_folder, catalog_.links_, catalog_.index_.links);
    read(accelerators_folder, catalog_.accelerators_, catalog_.index_.accelerators);
    read(cpus_folder, catalog_.cpus_, catalog_.index_.cpus);
    read(servers_folder, catalog_.servers_, catalog_.index_.servers);
    check_references();
    check_servers();
    check_circles(accelerators_folder, catalog_.accelerators_);
    check_circles(cpus_folder, catalog_.cpus_);
    if (findings_.has_errors()) return std::move(findings_);
    return {std::move(catalog_), std::move(findings_)};
  }

 private:
  static constexpr std::string_view accelerators_folder = "accelerators";
  static constexpr std::string_view cpus_folder = "cpus";
  static constexpr std::string_view links_folder = "links";
  static constexpr std::string_view servers_folder = "servers";

  [[nodiscard]] std::string file_of(std::string_view kind, const std::string& name) const {
    return (folder_ / kind / (name + ".json")).string();
  }

  [[nodiscard]] std::vector<std::filesystem::path> files_of(std::string_view kind) {
    auto files = json_files(folder_ / kind, findings_);
    for (const std::filesystem::path& folder : more_) {
      if (!std::filesystem::exists(folder / kind)) continue;
      const auto further = json_files(folder / kind, findings_);
      files.insert(files.end(), further.begin(), further.end());
    }
    return files;
  }

  template <class Item>
  void read(std::string_view kind, std::map<std::string, Item>& items,
            std::map<std::string, std::string>& index) {
    for (const std::filesystem::path& path : files_of(kind)) {
      const auto json = read_json_file(path);
      findings_.append(json.diagnostics());
      if (!json) continue;
      Item item;
      findings_.append(read_fields(item, *json, path.string()));
      FigureCheck figures(path.string(), findings_);
      describe(figures, item);
      // A file without a legible name still takes its place under the file's name, so that
      // references to it are not reported as dangling on top.
      const std::string stem = path.stem().string();
      if (!item.name.empty() && item.name != stem) {
        findings_.add({.file = path.string(),
                       .place = "/name",
                       .message = "the name is not that of the file",
                       .found = fmt::format("\"{}\"", item.name),
                       .allowed = fmt::format("\"{}\"", stem),
                       .fix = "rename the file or the item"});
      }
      if (item.name.empty()) item.name = stem;
      register_names(path.string(), item, index);
      items.try_emplace(item.name, item);
    }
  }

  template <class Item>
  void register_names(const std::string& file, const Item& item,
                      std::map<std::string, std::string>& index) {
    const auto add = [&](const std::string& name, const std::string& place) {
      const auto [at, is_new] = index.try_emplace(name_key(name), item.name);
      if (is_new) return;
      findings_.add(
          {.file = file,
           .place = place,
           .message = "this name or alias is already taken",
           .found = fmt::format("\"{}\"", name),
           .allowed = "names that differ in more than case, '-', '_' and blanks",
           .fix = fmt::format("it belongs to \"{}\": remove one of the two", at->second)});
    };
    add(item.name, "/name");
    const auto aliases = aliases_of(item);
    for (std::size_t i = 0; i < aliases.size(); ++i) add(aliases[i], fmt::format("/aliases/{}", i));
  }

  /// `target` must be a name (not an alias) in `items`; empty means none.
  template <class Item>
  void check_reference(std::string_view kind, const std::string& owner, std::string_view field,
                       const std::string& target, const std::map<std::string, Item>& items) {
    if (target.empty() || items.contains(target)) return;
    const auto names = names_of(items);
    const auto near = nearest_match(target, names);
    findings_.add({.file = file_of(kind, owner),
                   .place = fmt::format("/{}", field),
                   .message = "this refers to something that is not in the catalog",
                   .found = fmt::format("\"{}\"", target),
                   .allowed = join_names(names),
                   .fix = near ? fmt::format("did you mean \"{}\"?", *near) : ""});
  }

  void check_references() {
    // No structured bindings: clang 14 cannot capture them.
    for (const auto& entry : catalog_.accelerators_) {
      const std::string& name = entry.first;
      const auto& item = entry.second;
      const auto check = [&](std::string_view field, const std::string& target, const auto& items) {
        check_reference(accelerators_folder, name, field, target, items);
      };
      check("scale_up_link", item.scale_up_link, catalog_.links_);
      check("host_link", item.host_link, catalog_.links_);
      check("relative", item.relative, catalog_.accelerators_);
    }
    for (const auto& [name, item] : catalog_.cpus_) {
      check_reference(cpus_folder, name, "relative", item.relative, catalog_.cpus_);
    }
    for (const auto& entry : catalog_.servers_) {
      const std::string& name = entry.first;
      const auto& item = entry.second;
      const auto check = [&](std::string_view field, const std::string& target, const auto& items) {
        check_reference(servers_folder, name, field, target, items);
      };
      check("cpu", item.cpu, catalog_.cpus_);
      check("accelerator", item.accelerator, catalog_.accelerators_);
      check("network_link", item.network_link, catalog_.links_);
    }
  }

  void check_servers() {
    for (const auto& [name, item] : catalog_.servers_) {
      if (item.accelerator.empty() == (item.accelerators == 0)) continue;
      findings_.add({.file = file_of(servers_folder, name),
                     .place = "/accelerators",
                     .message = "accelerator and accelerators contradict each other",
                     .found = fmt::format("accelerator \"{}\", accelerators {}", item.accelerator,
                                          item.accelerators),
                     .allowed = "both or neither",
                     .fix = "name the accelerator and how many, or leave out both"});
    }
  }

  /// Following relatives must end.
  template <class Item>
  void check_circles(std::string_view kind, const std::map<std::string, Item>& items) {
    for (const auto& [name, item] : items) {
      std::set<std::string> seen{name};
      auto at = items.find(item.relative);
      while (at != items.end() && seen.insert(at->first).second)
        at = items.find(at->second.relative);
      if (at == items.end() || at->first != name) continue;
      findings_.add({.file = file_of(kind, name),
                     .place = "/relative",
                     .message = "relatives refer to each other in a circle",
                     .found = fmt::format("\"{}\"", item.relative),
                     .fix = "let the measured one have no relative"});
    }
  }

  std::filesystem::path folder_;
  std::vector<std::filesystem::path> more_;
  HardwareCatalog catalog_;
  Diagnostics findings_;
};

Result<HardwareCatalog> HardwareCatalog::load(const std::filesystem::path& folder,
                                              const std::vector<std::filesystem::path>& more) {
  return CatalogLoader(folder, more).load();
}

}  // namespace microdc
