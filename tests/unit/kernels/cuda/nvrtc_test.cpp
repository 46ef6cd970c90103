// The GEMM kernel compiled at run time. Compiling needs no device: skipped only where the machine
// has no libnvrtc.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string>

#include "kernels/cuda/error.hpp"
#include "kernels/cuda/gemm/gemm_nvrtc.hpp"
#include "kernels/cuda/registry.hpp"

namespace microdc::kernels::cuda {
namespace {

#define SKIP_WITHOUT_NVRTC()                             \
  if (!Nvrtc::instance().gap().empty()) {                \
    GTEST_SKIP() << "SKIP: " << Nvrtc::instance().gap(); \
  }

bool knows(Capability architecture) {
  const auto known = Nvrtc::instance().architectures();
  return std::find(known.begin(), known.end(), architecture) != known.end();
}

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

GemmTile tile_of_text(const char* text) {
  const ParsedTile parsed = parse_gemm_tile(text);
  EXPECT_EQ(parsed.problem, "") << text;
  return parsed.tile;
}

/// Where nothing lies that a compiler could find; the working folder while it lives.
class EmptyFolder {
 public:
  EmptyFolder() : before_(std::filesystem::current_path()) {
    std::string name = (std::filesystem::temp_directory_path() / "microdc-nvrtc-XXXXXX").string();
    folder_ = mkdtemp(name.data());
    std::filesystem::current_path(folder_);
  }
  ~EmptyFolder() {
    std::filesystem::current_path(before_);
    std::filesystem::remove_all(folder_);
  }
  EmptyFolder(const EmptyFolder&) = delete;
  EmptyFolder& operator=(const EmptyFolder&) = delete;

 private:
  std::filesystem::path before_, folder_;
};

TEST(Nvrtc, ThatIsNotThereIsAReason) {
  const std::array files{"libnvrtc.so.0"};
  const Nvrtc absent(files);
  EXPECT_NE(absent.gap().find("libnvrtc.so.0 (part of the CUDA Toolkit) cannot be loaded"),
            std::string::npos);
  EXPECT_TRUE(absent.architectures().empty());
  const GemmTile tile = tile_of_text("128x192x64-4");
  EXPECT_THROW(static_cast<void>(compile_tile(tile, "bf16", 80, absent)), Error);
  std::vector<std::string> left_out;
  const Limits limits{90, 132, 227 * 1024, 50 << 20, 1 << 30};
  EXPECT_TRUE(compile_tiles({tile}, limits, left_out, absent).empty());
  ASSERT_EQ(left_out.size(), 2u);
  EXPECT_EQ(left_out[0], "128x192x64-4-4x2 in bf16: " + absent.gap());
}

TEST(Nvrtc, CompilesForTheNewestArchitectureThatRuns) {
  const std::vector<Capability> known{75, 80, 86, 89, 90, 100, 120};
  EXPECT_EQ(architecture_for(80, known), 80);
  EXPECT_EQ(architecture_for(87, known), 86);
  EXPECT_EQ(architecture_for(90, known), 90);
  EXPECT_EQ(architecture_for(121, known), 120);
  EXPECT_EQ(architecture_for(110, known), std::nullopt);
  EXPECT_EQ(architecture_for(80, {}), std::nullopt);
}

TEST(Nvrtc, SaysWhatDoesNotCompile) {
  SKIP_WITHOUT_NVRTC();
  const SourceText broken{"broken.cuh", "__global__ void kernel() { missing(); }\n"};
  try {
    static_cast<void>(
        Nvrtc::instance().compile("#include \"broken.cuh\"\n", "kernel", 80, {&broken, 1}));
    FAIL() << "compiled";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("missing"), std::string::npos) << error.what();
  }
}

struct OddTile {
  const char* text;
  const char* format;
};
constexpr std::array odd_tiles{
    OddTile{"128x192x64-3", "bf16"},    OddTile{"192x128x64-2", "fp16"},
    OddTile{"64x256x64-2", "bf16"},     OddTile{"96x64x64-4-2x2", "fp16"},
    OddTile{"32x128x64-6-1x4", "bf16"}, OddTile{"96x64x128-3-2x2", "fp8"},
};

/// None of these tiles is among the compiled ones.
TEST(GemmNvrtc, CompilesOddTilesFromAnEmptyFolder) {
  SKIP_WITHOUT_NVRTC();
  const EmptyFolder nothing_to_include;
  for (const Capability architecture : {80, 90, 120}) {
    if (!knows(architecture)) continue;
    for (const OddTile& odd : odd_tiles) {
      const bool fp8 = std::string(odd.format) == "fp8";
      if (fp8 && architecture < 89) continue;
      const GemmTile tile = tile_of_text(odd.text);
      const std::string label = std::string(odd.text) + " " + odd.format;
      for (const CudaVariant& variant : registry().variants()) {
        EXPECT_FALSE(variant.format == odd.format &&
                     variant.name.ends_with("mma-" + std::string(odd.text)));
      }
      const RunTimeGemm gemm = compile_tile(tile, odd.format, architecture);
      const CompiledKernel& kernel = gemm.kernel;
      EXPECT_EQ(kernel.cubin.substr(1, 3), "ELF") << label;
      EXPECT_NE(kernel.cubin.find(kernel.name), std::string::npos) << label;
      EXPECT_NE(kernel.ptx.find(".target sm_" + std::to_string(architecture)), std::string::npos);
      EXPECT_EQ(count_of(kernel.ptx, ".entry "), 1u) << label;
      // What a thread multiplies per 128 bytes of k, as the loop is written once.
      const std::size_t blocks =
          static_cast<std::size_t>(tile.m / tile.warps_m / 16 * (tile.n / tile.warps_n / 8));
      const std::string multiply = fp8 ? "mma.sync.aligned.m16n8k32.row.col.f32.e4m3.e4m3.f32"
                                       : "mma.sync.aligned.m16n8k16.row.col.f32";
      EXPECT_EQ(count_of(kernel.ptx, multiply), 4 * blocks) << label;
      // The 16-byte copies of every stage but one before the loop, and of one in it.
      const std::size_t copies =
          static_cast<std::size_t>(tile.stages * (tile.m + tile.n) * 8 / tile.threads());
      EXPECT_EQ(count_of(kernel.ptx, "cp.async.cg.shared.global.L2::128B"), copies) << label;
      EXPECT_GT(count_of(kernel.ptx, "ldmatrix.sync.aligned.m8n8.x4.shared.b16"), 0u) << label;
      EXPECT_GT(count_of(kernel.ptx, "st.global.v4"), 0u) << label;
    }
  }
}

int registers_in(const std::string& log) {
  const std::size_t at = log.find("Used ");
  return at == std::string::npos ? 0 : std::stoi(log.substr(at + 5));
}

TEST(GemmNvrtc, StaysWithinTheRegisterFile) {
  SKIP_WITHOUT_NVRTC();
  for (const OddTile& odd : odd_tiles) {
    const GemmTile tile = tile_of_text(odd.text);
    const CompiledKernel kernel = compile_tile(tile, odd.format, 90).kernel;
    const int registers = registers_in(kernel.log);
    EXPECT_GE(registers, tile.operand_registers() / 2) << odd.text;
    EXPECT_LE(registers, 255) << odd.text;
    EXPECT_LE(registers * tile.threads(), 64 * 1024) << odd.text;
    EXPECT_EQ(kernel.spilled_bytes(), 0) << odd.text << "\n" << kernel.log;
    // All shared memory is asked for at the launch.
    EXPECT_EQ(kernel.log.find("bytes smem"), std::string::npos) << kernel.log;
  }
}

TEST(GemmNvrtc, ReadsSpillsFromTheLog) {
  CompiledKernel kernel;
  EXPECT_EQ(kernel.spilled_bytes(), 0);
  kernel.log = "  720 bytes stack frame, 868 bytes spill stores, 876 bytes spill loads\n";
  EXPECT_EQ(kernel.spilled_bytes(), 868);
}

/// Its operands fit, but sm_90 computes this product of fp8 in fp16, which takes more.
TEST(GemmNvrtc, RefusesATileWhoseRegistersSpill) {
  SKIP_WITHOUT_NVRTC();
  const GemmTile tile = tile_of_text("64x192x128-3-2x2");
  EXPECT_THROW(static_cast<void>(compile_tile(tile, "fp8", 90)), Error);
  std::vector<std::string> left_out;
  const Limits hopper{90, 132, 227 * 1024, 50 << 20, 1 << 30};
  EXPECT_TRUE(compile_tiles({tile}, hopper, left_out).empty());
  ASSERT_EQ(left_out.size(), 1u);
  EXPECT_NE(left_out[0].find("in fp8: its registers do not suffice"), std::string::npos);
}

TEST(GemmNvrtc, LeavesOutWhatTheDeviceCannotRun) {
  SKIP_WITHOUT_NVRTC();
  std::vector<std::string> left_out;
  const Limits small{86, 84, small_shared_bytes, 6 << 20, 1 << 30};
  const auto compiled = compile_tiles(
      {tile_of_text("128x192x64-3"), tile_of_text("64x192x128-2-2x2"), tile_of_text("64x96x64-3")},
      small, left_out);
  ASSERT_EQ(left_out.size(), 3u);
  EXPECT_EQ(left_out[0],
            "128x192x64-3-4x2 in bf16: it takes 120 KiB of shared memory; a block of this device "
            "has at most 99 KiB");
  EXPECT_EQ(left_out[2], "64x192x128-2-2x2 in fp8: the device cannot multiply this format");
  ASSERT_EQ(compiled.size(), 2u);
  EXPECT_EQ(compiled[0].format, "bf16");
  EXPECT_EQ(compiled[1].format, "fp16");
}

/// Before wgmma's variants: devices list the plainest first, and calibrate takes the last without
/// a race.
TEST(GemmNvrtc, StandsBetweenTheCompiledFamilies) {
  const Registry with = registry_with(
      {{tile_of_text("128x192x64-3"), "bf16", {}}, {tile_of_text("64x192x128-3-2x2"), "fp8", {}}});
  ASSERT_EQ(with.variants().size(), registry().variants().size() + 2);
  const auto place = [&](const std::string& name) {
    return std::find_if(with.variants().begin(), with.variants().end(),
                        [&](const CudaVariant& variant) { return variant.name == name; });
  };
  const auto tile = place("nvrtc-128x192x64-3-4x2");
  ASSERT_NE(tile, with.variants().end());
  EXPECT_EQ(tile->format, "bf16");
  EXPECT_EQ(tile->source, "own");
  EXPECT_EQ(tile->operation, Operation::gemm);
  EXPECT_EQ(tile->shared_bytes, 3 * (128 + 192) * 128);
  EXPECT_GT(tile, place("mma-128x128x64-3"));
  EXPECT_LT(tile, place("wgmma-128x256x64-4"));
  EXPECT_EQ(place("nvrtc-64x192x128-3-2x2")->target, Target::sm_89_up);
}

}  // namespace
}  // namespace microdc::kernels::cuda
