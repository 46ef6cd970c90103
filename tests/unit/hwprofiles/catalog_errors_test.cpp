// What the catalog says about files with mistakes.
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "hwprofiles/catalog.hpp"

namespace microdc {
namespace {

constexpr const char* link_text = R"({"name": "pcie-5", "label": "PCIe 5",
  "bandwidth": {"value": "64 GB/s", "kind": "datasheet", "source": "PCI-SIG"}})";
constexpr const char* cpu_text = R"({"name": "cpu-a", "aliases": ["CPU A 1"], "label": "A",
  "vendor": "V", "architecture": "x", "cores": 8})";
constexpr const char* gpu_text = R"({"name": "gpu-a", "aliases": ["NVIDIA GPU A"], "label": "A",
  "vendor": "V", "architecture": "x", "host_link": "pcie-5",
  "memory": {"value": "80 GB", "low": "79 GB", "high": "80 GB", "kind": "datasheet",
             "source": "data sheet", "date": "2025"}})";
constexpr const char* server_text = R"({"name": "server-a", "label": "A", "cpu": "cpu-a",
  "accelerator": "gpu-a", "accelerators": 2, "network_link": "pcie-5"})";

/// A complete small catalog in a folder of its own; tests break one thing each.
class CatalogErrors : public testing::Test {
 protected:
  void SetUp() override {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::temp_directory_path() /
              ("microdc-catalog-" + std::to_string(::getpid()) + "-" + info->name());
    for (const char* kind : {"accelerators", "cpus", "links", "servers"}) {
      std::filesystem::create_directories(folder_ / kind);
    }
    write("links/pcie-5.json", link_text);
    write("cpus/cpu-a.json", cpu_text);
    write("accelerators/gpu-a.json", gpu_text);
    write("servers/server-a.json", server_text);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name) << text;
  }
  static std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
  }
  /// The only error of loading.
  Diagnostic only_error() {
    const auto catalog = HardwareCatalog::load(folder_);
    EXPECT_FALSE(catalog.ok());
    const auto& items = catalog.diagnostics().items();
    EXPECT_EQ(items.size(), 1u) << to_text(catalog.diagnostics());
    return items.empty() ? Diagnostic{} : items.front();
  }

  std::filesystem::path folder_;
};

TEST_F(CatalogErrors, ASoundCatalogLoads) {
  const auto catalog = HardwareCatalog::load(folder_);
  ASSERT_TRUE(catalog.ok()) << to_text(catalog.diagnostics());
  const Accelerator* gpu = catalog->accelerator("nvidia gpu_A");
  ASSERT_NE(gpu, nullptr);
  EXPECT_EQ(gpu->name, "gpu-a");
  EXPECT_DOUBLE_EQ(gpu->memory->value, 80e9);
  EXPECT_DOUBLE_EQ(*gpu->memory->low, 79e9);
  EXPECT_EQ(gpu->memory->kind, Provenance::datasheet);
  EXPECT_FALSE(gpu->tdp.has_value());
  EXPECT_EQ(catalog->server("SERVER A")->accelerators, 2);
  EXPECT_EQ(catalog->cpu("cpua1")->cores, 8);
  EXPECT_EQ(catalog->accelerator("gpu-b"), nullptr);
  EXPECT_EQ(catalog->accelerator(""), nullptr);
}

TEST_F(CatalogErrors, LookUpsSurviveCopyAndMove) {
  auto loaded = HardwareCatalog::load(folder_);
  ASSERT_TRUE(loaded.ok());
  const HardwareCatalog copy = *loaded;
  const HardwareCatalog moved = std::move(*loaded);
  EXPECT_EQ(copy.accelerator("GPU A"), &copy.accelerators().at("gpu-a"));
  EXPECT_EQ(moved.accelerator("GPU A"), &moved.accelerators().at("gpu-a"));
}

TEST_F(CatalogErrors, AnAliasTwiceNamesItsOwner) {
  write("accelerators/gpu-b.json", R"({"name": "gpu-b", "aliases": ["nvidia-gpu-a"], "label": "B",
    "vendor": "V", "architecture": "x"})");
  const Diagnostic error = only_error();
  EXPECT_EQ(error.place, "/aliases/0");
  EXPECT_EQ(error.found, "\"nvidia-gpu-a\"");
  EXPECT_NE(error.fix.find("gpu-a"), std::string::npos);
  EXPECT_NE(error.file.find("gpu-b.json"), std::string::npos);
}

TEST_F(CatalogErrors, ANameThatIsNotTheFilesIsRefused) {
  write("links/pcie-4.json", replaced(link_text, "pcie-5", "pcie-44"));
  const Diagnostic error = only_error();
  EXPECT_EQ(error.place, "/name");
  EXPECT_EQ(error.allowed, "\"pcie-4\"");
}

TEST_F(CatalogErrors, ANameTwiceIsRefused) {
  write("links/pcie_5.json", replaced(link_text, "pcie-5", "pcie_5"));
  EXPECT_EQ(only_error().message, "this name or alias is already taken");
}

TEST_F(CatalogErrors, ADanglingLinkNamesTheNearest) {
  write("accelerators/gpu-a.json", replaced(gpu_text, "\"pcie-5\"", "\"pcie-6\""));
  const Diagnostic error = only_error();
  EXPECT_EQ(error.place, "/host_link");
  EXPECT_EQ(error.fix, "did you mean \"pcie-5\"?");
}

TEST_F(CatalogErrors, ADanglingCpuRelativeAndAcceleratorAreAllReported) {
  write("cpus/cpu-a.json", replaced(cpu_text, "\"cores\"", "\"relative\": \"cpu-z\", \"cores\""));
  std::string server = replaced(server_text, "\"cpu-a\"", "\"cpu-b\"");
  write("servers/server-a.json", replaced(server, "\"gpu-a\"", "\"gpu-c\""));
  const auto catalog = HardwareCatalog::load(folder_);
  ASSERT_FALSE(catalog.ok());
  ASSERT_EQ(catalog.diagnostics().items().size(), 3u) << to_text(catalog.diagnostics());
  EXPECT_EQ(catalog.diagnostics().items()[0].place, "/relative");
  EXPECT_EQ(catalog.diagnostics().items()[1].place, "/cpu");
  EXPECT_EQ(catalog.diagnostics().items()[2].place, "/accelerator");
}

TEST_F(CatalogErrors, AMissingUnitIsAnError) {
  write("accelerators/gpu-a.json", replaced(gpu_text, "\"value\": \"80 GB\"", "\"value\": 80"));
  const Diagnostic error = only_error();
  EXPECT_EQ(error.place, "/memory/value");
  EXPECT_NE(error.allowed.find("GB"), std::string::npos);
}

TEST_F(CatalogErrors, AWrongUnitIsAnError) {
  write("accelerators/gpu-a.json",
        replaced(gpu_text, "\"value\": \"80 GB\"", "\"value\": \"80 GB/s\""));
  EXPECT_EQ(only_error().place, "/memory/value");
}

TEST_F(CatalogErrors, AnUnknownKeyNamesTheNearest) {
  write("accelerators/gpu-a.json", replaced(gpu_text, "\"host_link\"", "\"host_lnk\""));
  const Diagnostic error = only_error();
  EXPECT_EQ(error.place, "/host_lnk");
  EXPECT_NE(error.fix.find("host_link"), std::string::npos);
}

TEST_F(CatalogErrors, AFigureNeedsKindAndSource) {
  write("links/pcie-5.json",
        R"({"name": "pcie-5", "label": "x", "bandwidth": {"value": "64 GB/s"}})");
  const auto catalog = HardwareCatalog::load(folder_);
  ASSERT_FALSE(catalog.ok());
  EXPECT_EQ(catalog.diagnostics().items().size(), 2u) << to_text(catalog.diagnostics());
  write("links/pcie-5.json", replaced(link_text, "\"PCI-SIG\"", "\"\""));
  EXPECT_EQ(only_error().place, "/bandwidth/source");
}

TEST_F(CatalogErrors, AFigureLiesInItsOwnRange) {
  write("accelerators/gpu-a.json", replaced(gpu_text, "\"79 GB\"", "\"81 GB\""));
  const Diagnostic error = only_error();
  EXPECT_EQ(error.place, "/memory");
  EXPECT_EQ(error.found, "80 GB");
}

TEST_F(CatalogErrors, AnImplausibleValueIsOutOfRange) {
  write("links/pcie-5.json", replaced(link_text, "64 GB/s", "640 TB/s"));
  EXPECT_EQ(only_error().place, "/bandwidth/value");
}

TEST_F(CatalogErrors, AcceleratorAndCountGoTogether) {
  write("servers/server-a.json",
        replaced(server_text, "\"accelerators\": 2", "\"accelerators\": 0"));
  EXPECT_EQ(only_error().place, "/accelerators");
}

TEST_F(CatalogErrors, RelativesInACircleAreReported) {
  write("accelerators/gpu-a.json",
        replaced(gpu_text, "\"host_link\"", "\"relative\": \"gpu-b\", \"host_link\""));
  write("accelerators/gpu-b.json", R"({"name": "gpu-b", "label": "B", "vendor": "V",
    "architecture": "x", "relative": "gpu-a"})");
  const auto catalog = HardwareCatalog::load(folder_);
  ASSERT_FALSE(catalog.ok());
  EXPECT_EQ(catalog.diagnostics().items().size(), 2u);
  for (const Diagnostic& error : catalog.diagnostics().items()) {
    EXPECT_EQ(error.place, "/relative");
    EXPECT_NE(error.message.find("circle"), std::string::npos);
  }
}

TEST_F(CatalogErrors, BrokenJsonAndOtherMistakesComeInOnePass) {
  write("links/bad.json", "{\"name\": ");
  write("cpus/cpu-a.json", replaced(cpu_text, "\"cores\": 8", "\"cores\": 0"));
  const auto catalog = HardwareCatalog::load(folder_);
  ASSERT_FALSE(catalog.ok());
  EXPECT_EQ(catalog.diagnostics().items().size(), 2u) << to_text(catalog.diagnostics());
  EXPECT_EQ(catalog.diagnostics().exit_code(), 2);
}

TEST_F(CatalogErrors, AMissingFolderSaysWhatToSet) {
  const auto catalog = HardwareCatalog::load(folder_ / "nowhere");
  ASSERT_FALSE(catalog.ok());
  EXPECT_EQ(catalog.diagnostics().items().size(), 4u);
  EXPECT_NE(catalog.diagnostics().items().front().fix.find("MICRODC_HOME"), std::string::npos);
}

}  // namespace
}  // namespace microdc
