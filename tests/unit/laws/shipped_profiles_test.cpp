// The profiles in hwprofiles/catalog are complete and physically plausible for every device.
#include <gtest/gtest.h>

#include "hwprofiles/base/json_io.hpp"
#include "hwprofiles/laws/device_laws.hpp"
#include "hwprofiles/laws/device_numbers.hpp"

namespace microdc {
namespace {

class ShippedProfiles : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    const auto folder = data_root() / "hwprofiles" / "catalog";
    catalog_ = new Result<HardwareCatalog>(HardwareCatalog::load(folder));
    store_ = new Result<ProfileStore>(ProfileStore::load(folder / "profiles"));
  }
  static void TearDownTestSuite() {
    delete catalog_;
    delete store_;
  }
  void SetUp() override {
    ASSERT_TRUE(catalog_->ok()) << to_text(catalog_->diagnostics());
    ASSERT_TRUE(store_->ok()) << to_text(store_->diagnostics());
  }
  static const HardwareCatalog& catalog() { return **catalog_; }
  static const ProfileStore& store() { return **store_; }

 private:
  static inline Result<HardwareCatalog>* catalog_ = nullptr;
  static inline Result<ProfileStore>* store_ = nullptr;
};

void expect_plausible(const DeviceLaws& laws, const std::string& name) {
  const double bandwidth = laws.memory_bandwidth().value();
  const double peak = laws.peak(NumberFormat::bf16).value();
  // A GEMV reads its weights at 40 to 105 % of the datasheet bandwidth plus at most 100 us.
  const double gemv = laws.time(Gemm{1, 16384, 16384}).value();
  const double read = 2.0 * 16384 * 16384 / bandwidth;
  EXPECT_GT(gemv, read / 1.05) << name;
  EXPECT_LT(gemv, read / 0.4 + 100e-6) << name;
  // A large product runs at 25 to 105 % of the datasheet peak.
  const double large = laws.time(Gemm{8192, 8192, 8192}).value();
  const double work = 2.0 * 8192 * 8192 * 8192 / peak;
  EXPECT_GT(large, work / 1.05) << name;
  EXPECT_LT(large, work / 0.25) << name;
  EXPECT_LT(laws.time(Gemm{1, 16384, 16384, NumberFormat::int4_weight}).value(), gemv) << name;
  const double decode = laws.time(DecodeAttention{64, 64 * 8192.0, 32, 8, 128, 128}).value();
  EXPECT_GT(decode, 64 * 8192.0 * 8 * 256 * 2 / bandwidth / 1.05) << name;
  EXPECT_GT(laws.time(PrefillAttention{2048, 2048, 32, 8, 128, 128}).value(), 0) << name;
  EXPECT_GE(laws.power(1, 1, 0).value(), laws.power(0, 0, 0).value()) << name;
}

TEST_F(ShippedProfiles, GiveLawsToEveryDeviceWithDatasheetFigures) {
  int devices = 0;
  for (const auto& [name, item] : catalog().accelerators()) {
    if (!device_numbers(catalog(), name)) continue;  // not even a bandwidth is known
    const auto laws = make_device_laws(catalog(), store(), name, "vllm");
    ASSERT_TRUE(laws.ok()) << name << to_text(laws.diagnostics());
    expect_plausible(*laws, name);
    ++devices;
  }
  EXPECT_GT(devices, 20);
  for (const auto& [name, item] : catalog().cpus()) {
    if (!device_numbers(catalog(), name)) continue;
    const auto laws = make_device_laws(catalog(), store(), name, "llama.cpp");
    ASSERT_TRUE(laws.ok()) << name << to_text(laws.diagnostics());
    expect_plausible(*laws, name);
  }
}

TEST_F(ShippedProfiles, HoldTheFittedErrorsOfTheMeasuredDevices) {
  for (const char* device :
       {"h100-sxm-80gb", "b200-sxm-180gb", "a100-sxm-80gb", "rtx-pro-6000-96gb"}) {
    const DeviceProfile* profile = store().profile(device);
    ASSERT_NE(profile, nullptr) << device;
    bool found = false;
    for (const FittedLaw& law : profile->laws) {
      if (law.kind != LawKind::gemm || law.format != NumberFormat::bf16 ||
          law.kernel_source != "vllm") {
        continue;
      }
      found = true;
      EXPECT_LT(law.held_out.value().median, 0.065) << device;
      EXPECT_FALSE(law.covariance.empty()) << device;
      EXPECT_FALSE(law.source.empty()) << device;
    }
    EXPECT_TRUE(found) << device;
  }
}

// A parameter that the data hardly tell has a wide covariance; its draws must not run away.
TEST_F(ShippedProfiles, DrawsStayWithinReason) {
  const DecodeAttention decode{.sequences = 8,
                               .kv_tokens = 16000,
                               .q_heads = 32,
                               .kv_heads = 8,
                               .qk_dim = 128,
                               .v_dim = 128};
  const PrefillAttention prefill{.new_tokens = 1024,
                                 .context_tokens = 1024,
                                 .q_heads = 32,
                                 .kv_heads = 8,
                                 .qk_dim = 128,
                                 .v_dim = 128};
  for (const std::string device :
       {"a100-sxm-80gb", "h100-sxm-80gb", "b200-sxm-180gb", "rtx-pro-6000-96gb"}) {
    const auto best = make_device_laws(catalog(), store(), device, "vllm");
    ASSERT_TRUE(best);
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
      const auto drawn = make_device_laws(catalog(), store(), device, "vllm", LawDraw{seed});
      EXPECT_LT(drawn->time(decode) / best->time(decode), 20) << device << " " << seed;
      EXPECT_LT(drawn->time(prefill) / best->time(prefill), 20) << device << " " << seed;
      EXPECT_LT(drawn->time(Gemm{8, 4096, 4096}) / best->time(Gemm{8, 4096, 4096}), 5)
          << device << " " << seed;
    }
  }
}

}  // namespace
}  // namespace microdc
