// Answers of simulations that are done, in a file that only grows: an interrupted run of many goes
// on where it was.
#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "hwprofiles/base/diagnostics.hpp"

namespace microdc {

class RunStore {
 public:
  /// Forgets everything with the process.
  RunStore() = default;
  /// Reads what is there; a last line that an interruption cut short is left out. `inputs` is the
  /// digest of everything that an answer depends on, the program too: lines of others are kept and
  /// ignored.
  /// Errors: the file cannot be read or written.
  static Result<RunStore> open(const std::filesystem::path& file, std::string inputs);

  /// Null if it is not known.
  [[nodiscard]] const std::string* find(const std::string& key) const;
  /// Written to the file before it returns. Neither key nor answer has tabs or line ends.
  void add(const std::string& key, const std::string& answer);
  [[nodiscard]] std::size_t size() const { return known_.size(); }

 private:
  std::string inputs_;
  std::map<std::string, std::string> known_;
  std::ofstream file_;
};

}  // namespace microdc
