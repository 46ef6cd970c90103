#include "sim/report/inputs_digest.hpp"

#include <fmt/format.h>
#include <nettle/sha2.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <nlohmann/json.hpp>

#include "hwprofiles/catalog.hpp"
#include "sim/scenario/model_files.hpp"
#include "sim/scenario/write.hpp"

namespace microdc {
namespace {

namespace fs = std::filesystem;

constexpr std::array catalog_folders{"hwprofiles/catalog",    "models/catalog",
                                     "sim/economics/catalog", "sim/policy/catalog",
                                     "sim/serving/catalog",   "sim/workload/catalog"};

class Digest {
 public:
  Digest() { sha256_init(&state_); }

  void add(std::string_view bytes) {
    sha256_update(&state_, bytes.size(), reinterpret_cast<const std::uint8_t*>(bytes.data()));
  }
  /// Name and length first, so that no two sequences of parts look alike.
  void add_part(std::string_view name, std::string_view bytes) {
    add(fmt::format("{}\n{}\n", name, bytes.size()));
    add(bytes);
  }
  /// False if the file cannot be read.
  bool add_file(std::string_view name, const fs::path& path) {
    std::error_code error;
    const auto size = fs::file_size(path, error);
    std::ifstream stream(path, std::ios::binary);
    if (error || !stream) return false;
    add(fmt::format("{}\n{}\n", name, size));
    std::array<char, 1 << 16> block;
    while (stream.read(block.data(), block.size()) || stream.gcount() > 0) {
      add({block.data(), static_cast<std::size_t>(stream.gcount())});
    }
    return stream.eof();
  }
  std::string hexadecimal() {
    std::array<std::uint8_t, SHA256_DIGEST_SIZE> bytes{};
    sha256_digest(&state_, bytes.size(), bytes.data());
    std::string text;
    for (const std::uint8_t byte : bytes) text += fmt::format("{:02x}", byte);
    return text;
  }

 private:
  sha256_ctx state_{};
};

/// All JSON files of these folders in the order of their names.
template <std::size_t N>
std::vector<std::string> json_files(const fs::path& root,
                                    const std::array<const char*, N>& folders) {
  std::vector<std::string> files;
  for (const char* folder : folders) {
    std::error_code error;
    for (const auto& entry : fs::recursive_directory_iterator(root / folder, error)) {
      if (entry.path().extension() != ".json") continue;
      files.push_back(fs::relative(entry.path(), root, error).generic_string());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

Diagnostic unreadable(const fs::path& file) {
  return {.file = file.string(),
          .message = "the file cannot be read",
          .fix = "check that it exists and that you may read it"};
}

}  // namespace

Result<std::string> inputs_sha256(const Scenario& scenario, const fs::path& base_folder,
                                  const fs::path& data_root,
                                  const std::vector<fs::path>& measured) {
  Digest digest;
  Diagnostics errors;
  Scenario without_paths = scenario;
  for (WorkloadSpec& workload : without_paths.workloads) workload.trace_file.clear();
  for (PoolSpec& pool : without_paths.pools) {
    if (is_model_file(pool.model)) pool.model.clear();
  }
  digest.add_part("scenario", write_scenario(without_paths).dump());
  for (std::size_t i = 0; i < scenario.workloads.size(); ++i) {
    const WorkloadSpec& workload = scenario.workloads[i];
    if (workload.kind != "trace") continue;
    const fs::path file = base_folder / workload.trace_file;
    if (!digest.add_file(fmt::format("trace {}", i), file)) errors.add(unreadable(file));
  }
  for (std::size_t i = 0; i < scenario.pools.size(); ++i) {
    const std::string& model = scenario.pools[i].model;
    if (!is_model_file(model)) continue;
    const fs::path file = base_folder / model;
    if (!digest.add_file(fmt::format("model {}", i), file)) errors.add(unreadable(file));
  }
  for (const std::string& file : json_files(data_root, catalog_folders)) {
    if (!digest.add_file(file, data_root / file)) errors.add(unreadable(data_root / file));
  }
  for (const fs::path& folder : measured) {
    for (const std::string& file : json_files(folder, measured_folders)) {
      if (!digest.add_file(file, folder / file)) errors.add(unreadable(folder / file));
    }
  }
  if (errors.has_errors()) return errors;
  return digest.hexadecimal();
}

std::string sha256_of(std::string_view text) {
  Digest digest;
  digest.add(text);
  return digest.hexadecimal();
}

}  // namespace microdc
