// Rule 1 of the house: rooms and floors include only what lies below them.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/unit/house/source_tree.hpp"

namespace microdc::testing {
namespace {

struct Room {
  std::string folder;
  std::vector<std::string> may_include;  // besides itself
};

/// The rooms, and the floors within hwprofiles and sim; a file belongs to the last one that fits.
const std::vector<Room>& rooms() {
  static const std::vector<Room> all{
      {"hwprofiles", {"hwprofiles"}},
      {"hwprofiles/base", {}},
      {"hwprofiles/work", {"hwprofiles/base"}},
      {"models", {"hwprofiles"}},
      {"kernels", {}},
      {"calibrate", {"kernels", "hwprofiles"}},
      {"sim/workload", {"hwprofiles", "sim/scenario"}},
      {"sim/scenario", {"hwprofiles", "models"}},
      {"sim/platform", {"hwprofiles", "sim/scenario", "sim/workload"}},
      {"sim/serving", {"hwprofiles", "models", "sim/scenario", "sim/workload", "sim/platform"}},
      {"sim/economics",
       {"hwprofiles", "models", "sim/scenario", "sim/workload", "sim/platform", "sim/serving"}},
      {"sim/policy",
       {"hwprofiles", "models", "sim/scenario", "sim/workload", "sim/platform", "sim/serving"}},
      {"sim/report",
       {"hwprofiles", "models", "sim/scenario", "sim/workload", "sim/platform", "sim/serving",
        "sim/economics", "sim/policy"}},
      {"sim/planning",
       {"hwprofiles", "models", "sim/scenario", "sim/workload", "sim/platform", "sim/serving",
        "sim/economics", "sim/policy", "sim/report"}},
      {"sim/cli", {"hwprofiles", "models", "sim", "calibrate"}},
      {"gui", {"sim", "models", "hwprofiles"}},
  };
  return all;
}

const Room* room_of(const std::string& path) {
  const Room* found = nullptr;
  for (const Room& room : rooms()) {
    if (lies_in(path, room.folder)) found = &room;
  }
  return found;
}

bool allowed(const Room& room, const std::string& target) {
  if (lies_in(target, room.folder)) return true;
  return std::any_of(room.may_include.begin(), room.may_include.end(),
                     [&](const std::string& folder) { return lies_in(target, folder); });
}

bool is_ours(const std::string& target) {
  return room_of(target) != nullptr || lies_in(target, "sim") || lies_in(target, "tests");
}

TEST(Arrows, RunOnlyDownwards) {
  const auto sources = product_sources();
  ASSERT_GT(sources.size(), 100u) << "the source tree was not found";
  for (const SourceFile& source : sources) {
    const Room* room = room_of(source.path);
    ASSERT_NE(room, nullptr) << source.path << " lies in no room of the house";
    for (const std::string& target : source.includes) {
      if (!is_ours(target)) continue;
      EXPECT_TRUE(allowed(*room, target))
          << source.path << " includes " << target << ", which does not lie below it";
    }
  }
}

TEST(Arrows, LeadOnlyToHeaders) {
  for (const SourceFile& source : product_sources()) {
    for (const std::string& target : source.includes) {
      if (!is_ours(target)) continue;
      EXPECT_TRUE(target.ends_with(".hpp") || target.ends_with(".cuh") || target.ends_with(".h"))
          << source.path << " includes " << target;
    }
  }
}

/// What only some folders may include.
struct Reserved {
  std::string prefix;                // of the included name
  std::vector<std::string> folders;  // who may
};

TEST(Arrows, KeepQtAndCudaInTheirRooms) {
  const std::vector<Reserved> reserved{{"Q", {"gui"}},
                                       {"cuda", {"kernels", "calibrate"}},
                                       {"cublas", {"kernels", "calibrate"}},
                                       {"cub/", {"kernels", "calibrate"}},
                                       {"nvml", {"kernels", "calibrate"}}};
  for (const SourceFile& source : product_sources()) {
    for (const std::string& target : source.includes) {
      for (const Reserved& library : reserved) {
        if (is_ours(target) || !target.starts_with(library.prefix)) continue;
        EXPECT_TRUE(std::any_of(
            library.folders.begin(), library.folders.end(),
            [&](const std::string& folder) { return lies_in(source.path, folder); }))
            << source.path << " includes " << target;
      }
    }
  }
}

TEST(Arrows, KeepSimGridInThePlatformAndOutOfItsHeaders) {
  // Not public: nobody outside the folder includes it (checked below).
  const std::string private_header = "sim/platform/simgrid_zones.hpp";
  for (const SourceFile& source : product_sources()) {
    for (const std::string& target : source.includes) {
      if (target == private_header) {
        EXPECT_TRUE(lies_in(source.path, "sim/platform") && !source.is_header())
            << source.path << " includes " << target;
      }
      if (!target.starts_with("simgrid/") && !target.starts_with("xbt")) continue;
      EXPECT_TRUE(lies_in(source.path, "sim/platform")) << source.path << " includes " << target;
      EXPECT_TRUE(!source.is_header() || source.path == private_header)
          << source.path << " shows SimGrid's types to whoever includes it";
    }
  }
}

TEST(Arrows, KeepTheHeavyOptionHeaderInOneSource) {
  std::vector<std::string> users;
  for (const SourceFile& source : product_sources()) {
    for (const std::string& target : source.includes) {
      if (target.starts_with("CLI/")) users.push_back(source.path);
    }
  }
  EXPECT_EQ(users, std::vector<std::string>{"sim/cli/option_set.cpp"})
      << "include sim/cli/option_set.hpp instead (seconds per source file)";
}

TEST(Arrows, KeepTheHeavyJsonHeaderOutOfHeaders) {
  for (const SourceFile& source : product_sources()) {
    if (!source.is_header()) continue;
    for (const std::string& target : source.includes) {
      EXPECT_NE(target, "nlohmann/json.hpp")
          << source.path << ": include nlohmann/json_fwd.hpp instead (5 s per source file)";
    }
  }
}

}  // namespace
}  // namespace microdc::testing
