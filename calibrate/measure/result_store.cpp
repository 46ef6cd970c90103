#include "calibrate/measure/result_store.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string_view>

#include "hwprofiles/base/json_io.hpp"

namespace microdc {
namespace {

Diagnostic cannot_write(const std::filesystem::path& file) {
  return {.file = file.string(),
          .message = "results cannot be written",
          .fix = "check that the folder is writable and has space left"};
}

/// Appends and waits for the disk. A line goes out in one write, so that an interruption leaves at
/// most its beginning.
bool append_durably(const std::filesystem::path& file, std::string_view text) {
  const int handle = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (handle < 0) return false;
  const bool written =
      ::write(handle, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
      ::fsync(handle) == 0;
  return ::close(handle) == 0 && written;
}

std::string text_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// What of a run may not change while its results grow.
Diagnostics compare(const MeasuredMachine& stored, const MeasuredMachine& now,
                    const std::string& file) {
  Diagnostics findings;
  const auto differ = [&](const char* what, const std::string& found, const std::string& allowed) {
    findings.add({.file = file,
                  .message = fmt::format("the results in this folder are of another {}", what),
                  .found = found,
                  .allowed = allowed,
                  .fix = "choose another folder with -o, or ask for what is there"});
  };
  if (stored.name != now.name) differ("device", stored.name, now.name);
  if (stored.multiprocessors != now.multiprocessors) {
    differ("number of cores", std::to_string(stored.multiprocessors),
           std::to_string(now.multiprocessors));
  }
  if (stored.quick != now.quick) {
    differ("kind of run", stored.quick ? "quick" : "full", now.quick ? "quick" : "full");
  }
  if (stored.seed != now.seed) {
    differ("seed", std::to_string(stored.seed), std::to_string(now.seed));
  }
  if (stored.tiles != now.tiles) {
    const auto text = [](const std::string& tiles) { return tiles.empty() ? "none" : tiles; };
    differ("choice of further tiles", text(stored.tiles), text(now.tiles));
  }
  if (stored.plan != now.plan) {
    differ("version of microdc, which planned other shapes", std::to_string(stored.plan),
           std::to_string(now.plan));
  }
  return findings;
}

}  // namespace

void describe(FieldVisitor& v, MeasuredMachine& machine) {
  v.text({.name = "name", .label = "Device", .required = true}, machine.name);
  v.boolean({.name = "is_cpu", .label = "CPU"}, machine.is_cpu);
  v.integer({.name = "multiprocessors", .label = "Multiprocessors or cores", .min = 0},
            machine.multiprocessors);
  v.number({.name = "memory", .label = "Memory", .dimension = Dimension::bytes, .min = 0},
           machine.memory);
  v.number({.name = "cache", .label = "Last-level cache", .dimension = Dimension::bytes, .min = 0},
           machine.cache);
  v.boolean({.name = "quick", .label = "Quick run"}, machine.quick);
  v.integer({.name = "seed", .label = "Seed", .min = 0}, machine.seed);
  v.text({.name = "energy_gap", .label = "Why energy is not measured"}, machine.energy_gap);
  v.text({.name = "tiles", .label = "Further tiles of the GEMM kernel"}, machine.tiles);
  v.text({.name = "date", .label = "Date"}, machine.date);
  v.integer({.name = "plan", .label = "Version of the plan", .min = 1}, machine.plan);
}

Diagnostics ResultStore::load() {
  auto points = parse_results(text_of(results_file()), results_file().string());
  if (!points) return points.diagnostics();
  points_ = std::move(*points);
  for (std::size_t i = 0; i < points_.size(); ++i) index_[key_of(points_[i])] = i;
  return {};
}

Result<ResultStore> ResultStore::read(const std::filesystem::path& folder) {
  ResultStore store;
  store.folder_ = folder;
  const auto json = read_json_file(folder / machine_name);
  if (!json) return json.diagnostics();
  Diagnostics findings = read_fields(store.machine_, *json, (folder / machine_name).string());
  if (!findings.has_errors()) findings.append(store.load());
  if (findings.has_errors()) return findings;
  return store;
}

Result<ResultStore> ResultStore::open(const std::filesystem::path& folder,
                                      const MeasuredMachine& machine) {
  const std::filesystem::path machine_file = folder / machine_name;
  if (std::filesystem::exists(folder / results_name)) {
    auto store = read(folder);
    if (!store) return store;
    Diagnostics findings = compare(store->machine_, machine, machine_file.string());
    if (findings.has_errors()) return findings;
    // What an interrupted write left would run into the next line.
    const std::string text = text_of(store->results_file());
    std::error_code error;
    std::filesystem::resize_file(store->results_file(), text.rfind('\n') + 1, error);
    if (error) return cannot_write(store->results_file());
    return store;
  }
  ResultStore store;
  store.folder_ = folder;
  store.machine_ = machine;
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  std::string text = write_fields(describing(machine)).dump(1) + "\n";
  Diagnostics findings = write_file_atomically(machine_file, text);
  if (!append_durably(store.results_file(), results_header())) {
    findings.add(cannot_write(store.results_file()));
  }
  if (findings.has_errors()) return findings;
  return store;
}

Diagnostics ResultStore::add(MeasuredPoint point) {
  Diagnostics findings;
  if (!append_durably(results_file(), results_line(point, machine_.name))) {
    findings.add(cannot_write(results_file()));
    return findings;
  }
  index_[key_of(point)] = points_.size();
  points_.push_back(std::move(point));
  return findings;
}

const MeasuredPoint* ResultStore::find(const std::string& key) const {
  const auto at = index_.find(key);
  return at == index_.end() ? nullptr : &points_[at->second];
}

}  // namespace microdc
