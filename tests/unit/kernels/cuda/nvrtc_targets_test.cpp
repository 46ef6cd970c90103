// What NVRTC makes of a tile beside what nvcc made of it, in the PTX from cuda_targets.compile.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "kernels/cuda/gemm/gemm_nvrtc.hpp"

namespace microdc::kernels::cuda {
namespace {

/// From the .entry of the kernel of this mangled name to the next; empty without.
std::string kernel_text(const std::string& ptx, const std::string& name) {
  const std::string entry = ".entry ";
  const std::size_t at = ptx.find(entry + name + "(");
  if (at == std::string::npos) return {};
  return ptx.substr(at, ptx.find(entry, at + entry.size()) - at);
}

std::size_t instructions(const std::string& ptx, const std::string& name) {
  std::size_t count = 0;
  for (std::size_t at = ptx.find(name); at != std::string::npos; at = ptx.find(name, at + 1)) {
    ++count;
  }
  return count;
}

TEST(NvrtcTargets, HaveTheInstructionsOfTheCompiledTiles) {
  if (!Nvrtc::instance().gap().empty()) GTEST_SKIP() << "SKIP: " << Nvrtc::instance().gap();
  std::ifstream stream(MICRODC_CUDA_TARGETS "/gemm_mma.ptx");
  const std::string compiled{std::istreambuf_iterator<char>(stream), {}};
  for (const char* text : {"64x64x64-5", "64x128x64-4", "128x128x64-3", "128x256x64-3"}) {
    const ParsedTile parsed = parse_gemm_tile(text);
    ASSERT_EQ(parsed.problem, "") << text;
    for (const char* format : {"bf16", "fp16"}) {
      const CompiledKernel kernel = compile_tile(parsed.tile, format, 80).kernel;
      const std::string by_nvcc = kernel_text(compiled, kernel.name);
      const std::string by_nvrtc = kernel_text(kernel.ptx, kernel.name);
      ASSERT_FALSE(by_nvcc.empty() || by_nvrtc.empty()) << kernel.name;
      for (const char* instruction : {"mma.sync.", "cp.async.cg.", "cp.async.commit_group",
                                      "cp.async.wait_group", "ldmatrix.", "bar.sync", "shfl.sync",
                                      "st.global.v4", "st.global", "cvt.rn.", "setp."}) {
        EXPECT_EQ(instructions(by_nvrtc, instruction), instructions(by_nvcc, instruction))
            << text << " " << format << ": " << instruction;
      }
    }
  }
}

}  // namespace
}  // namespace microdc::kernels::cuda
