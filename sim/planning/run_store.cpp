#include "sim/planning/run_store.hpp"

#include <utility>

namespace microdc {
namespace {

constexpr char separator = '\t';

}  // namespace

Result<RunStore> RunStore::open(const std::filesystem::path& file, std::string inputs) {
  RunStore store;
  store.inputs_ = std::move(inputs);
  bool ends_in_line = true;
  {
    std::ifstream in(file, std::ios::binary);
    std::string line;
    while (std::getline(in, line)) {
      ends_in_line = !in.eof();
      const std::size_t first = line.find(separator);
      const std::size_t second = line.find(separator, first + 1);
      if (first == std::string::npos || second == std::string::npos || !ends_in_line) continue;
      if (line.compare(0, first, store.inputs_) != 0) continue;
      store.known_[line.substr(first + 1, second - first - 1)] = line.substr(second + 1);
    }
  }
  store.file_.open(file, std::ios::binary | std::ios::app);
  if (!store.file_) {
    return Diagnostic{.file = file.string(),
                      .message = "the results of simulations cannot be written",
                      .fix = "name a folder with -o in which you may write"};
  }
  if (!ends_in_line) store.file_ << '\n';
  return store;
}

const std::string* RunStore::find(const std::string& key) const {
  const auto found = known_.find(key);
  return found == known_.end() ? nullptr : &found->second;
}

void RunStore::add(const std::string& key, const std::string& answer) {
  known_[key] = answer;
  if (!file_.is_open()) return;
  file_ << inputs_ << separator << key << separator << answer << '\n';
  file_.flush();
}

}  // namespace microdc
