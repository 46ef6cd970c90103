#include "tests/unit/laws/small_world.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <fstream>

namespace microdc::test {
namespace {

std::string figure(const std::string& value) {
  return R"({"value": ")" + value + R"(", "kind": "assumed", "source": "made up"})";
}

std::string accelerator(const std::string& name, const std::string& vendor,
                        const std::string& relative, bool half) {
  const auto number = [&](const char* full, const char* halved) {
    return figure(half ? halved : full);
  };
  std::string text = R"({"name": ")" + name + R"(", "label": ")" + name + R"(", "vendor": ")" +
                     vendor + R"(", "architecture": "round")";
  text += R"(, "memory": )" + number("80 GB", "40 GB");
  text += R"(, "memory_bandwidth": )" + number("1 TB/s", "0.5 TB/s");
  text += R"(, "l2_cache": )" + number("10 MB", "5 MB");
  text += R"(, "multiprocessors": )" + std::string(half ? "50" : "100");
  text += R"(, "peak_bf16": )" + number("1 PFLOP/s", "0.5 PFLOP/s");
  if (!half) text += R"(, "peak_fp8": )" + figure("2 PFLOP/s");
  text += R"(, "tdp": )" + number("500 W", "250 W");
  if (!half) text += R"(, "idle_power": )" + figure("50 W");
  text += R"(, "scale_up_link": ")" + std::string(half ? "thread" : "wire") + R"(")";
  if (!relative.empty()) text += R"(, "relative": ")" + relative + R"(")";
  return text + "}";
}

std::string link(const std::string& name, const std::string& bandwidth) {
  return R"({"name": ")" + name + R"(", "label": ")" + name + R"(", "bandwidth": )" +
         figure(bandwidth) + R"(, "latency": )" + figure("1 us") + "}";
}

constexpr const char* socket_text =
    R"({"name": "socket", "label": "socket", "vendor": "maker", "architecture": "round",
        "cores": 64,
        "memory_bandwidth": {"value": "400 GB/s", "kind": "assumed", "source": "made up"},
        "peak_bf16": {"value": "10 TFLOP/s", "kind": "assumed", "source": "made up"},
        "tdp": {"value": "300 W", "kind": "assumed", "source": "made up"}})";

}  // namespace

TemporaryFolder::TemporaryFolder() {
  static std::atomic<int> count = 0;
  path_ = std::filesystem::temp_directory_path() /
          ("microdc-test-" + std::to_string(getpid()) + "-" + std::to_string(count++));
  std::filesystem::create_directories(path_);
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void TemporaryFolder::write(const std::filesystem::path& name, const std::string& text) const {
  std::filesystem::create_directories((path_ / name).parent_path());
  std::ofstream(path_ / name) << text;
}

HardwareCatalog small_catalog() {
  const TemporaryFolder folder;
  folder.write("accelerators/alpha.json", accelerator("alpha", "maker", "", false));
  folder.write("accelerators/beta.json", accelerator("beta", "maker", "alpha", true));
  folder.write("accelerators/other.json", accelerator("other", "rival", "alpha", false));
  folder.write("accelerators/alone.json", accelerator("alone", "maker", "", true));
  folder.write("cpus/socket.json", socket_text);
  folder.write("links/wire.json", link("wire", "100 GB/s"));
  folder.write("links/thread.json", link("thread", "50 GB/s"));
  std::filesystem::create_directories(folder.path() / "servers");
  auto catalog = HardwareCatalog::load(folder.path());
  EXPECT_TRUE(catalog.ok()) << to_text(catalog.diagnostics());
  return catalog ? *catalog : HardwareCatalog{};
}

FittedLaw make_law(LawKind kind, const std::string& source, NumberFormat format,
                   const std::vector<double>& values) {
  FittedLaw law{.kind = kind, .kernel_source = source, .format = format, .points = 100};
  const auto info = law_parameters(kind);
  for (std::size_t i = 0; i < values.size(); ++i) {
    law.parameters.push_back({.name = std::string(info[i].name),
                              .unit = std::string(info[i].unit),
                              .value = values[i],
                              .log_sd = 0.1});
    for (std::size_t j = 0; j < values.size(); ++j) {
      law.covariance.push_back(i == j ? 0.01 : 0.0);
    }
  }
  return law;
}

ProfileStore small_profiles() {
  using enum LawKind;
  DeviceProfile alpha{.device = "alpha"};
  const auto add = [&](FittedLaw law) { alpha.laws.push_back(std::move(law)); };
  FittedLaw half = make_law(gemm, "vllm", NumberFormat::bf16, {2e-6, 1e-6, 0.8, 0.5, 2, 0.1});
  half.domain = {{"m", 1, 1000}, {"n", 512, 8192}, {"k", 512, 8192}};
  add(half);
  add(make_law(gemm, "vllm", NumberFormat::fp8, {3e-6, 1e-6, 0.7, 0.5, 2, 0.1, 1.2}));
  add(make_law(gemm, "tensorrt-llm", NumberFormat::bf16, {1e-6, 1e-6, 0.9, 0.6, 2, 0.1}));
  add(make_law(decode_attention, "vllm", NumberFormat::bf16, {5e-6, 1e-6, 0.5, 0.8, 2, 2}));
  add(make_law(prefill_attention, "vllm", NumberFormat::bf16, {5e-6, 1e-7, 0.5, 0.8, 0.5, 1, 2}));
  add(make_law(elementwise, "torch", NumberFormat::bf16, {1e-6, 0.5}));
  for (const double group : {2.0, 8.0}) {
    FittedLaw nccl = make_law(all_reduce, "nccl", NumberFormat::bf16, {group * 4e-6, 1e-9, 1e11});
    nccl.group = static_cast<std::int64_t>(group);
    nccl.domain = {{"message", 256, 1e9}};
    add(nccl);
    FittedLaw custom = make_law(all_reduce, "custom", NumberFormat::bf16, {3e-6, 1e-9, 4e10});
    custom.group = nccl.group;
    custom.domain = {{"message", 256, 1e6}};
    add(custom);
  }
  ProfileStore store;
  store.put(std::move(alpha));
  const auto figure = [](double value) {
    return Figure{.value = value, .kind = Provenance::fitted, .source = "made up"};
  };
  store.put(PowerLaw{.device = "alpha",
                     .floor = figure(0.2),
                     .memory = figure(1),
                     .arithmetic = figure(10),
                     .slow = figure(2),
                     .idle_share = figure(0.1),
                     .residual_sd = figure(0.1)});
  SpreadFigures spread{.machine = figure(0.03), .shapes_per_step = figure(4)};
  spread.laws.push_back({.kind = gemm,
                         .borrowed = figure(0.1),
                         .other_source = figure(0.05),
                         .other_format = figure(0.05),
                         .other_vendor = figure(0.3)});
  store.put(std::move(spread));
  return store;
}

DeviceLaws laws_of(const std::string& device, const std::string& source,
                   std::optional<LawDraw> draw) {
  auto laws = make_device_laws(small_catalog(), small_profiles(), device, source, draw);
  EXPECT_TRUE(laws.ok()) << to_text(laws.diagnostics());
  return laws ? *laws : DeviceLaws{};
}

bool mentions(const std::vector<std::string>& caveats, const std::string& text) {
  for (const std::string& caveat : caveats) {
    if (caveat.find(text) != std::string::npos) return true;
  }
  return false;
}

}  // namespace microdc::test
