// What the compiler made of the kernels: instructions in the PTX, registers and spills per
// architecture. The files come from the test cuda_targets.compile.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

const fs::path& folder() {
  static const fs::path path = MICRODC_CUDA_TARGETS;
  return path;
}

std::string text_of(const fs::path& file) {
  std::ifstream stream(file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::vector<fs::path> files_ending(const std::string& ending) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder())) {
    if (entry.path().string().ends_with(ending)) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

/// The kernels in a PTX text, each from its .entry to the next.
std::vector<std::string> kernels_in(const std::string& ptx) {
  std::vector<std::string> kernels;
  const std::string entry = ".entry ";
  for (std::size_t at = ptx.find(entry); at != std::string::npos;) {
    const std::size_t next = ptx.find(entry, at + entry.size());
    kernels.push_back(ptx.substr(at, next == std::string::npos ? next : next - at));
    at = next;
  }
  return kernels;
}

struct Claim {
  std::string file;
  std::vector<std::string> instructions;  // in every kernel of the file
  std::string kernel;                     // or only in those whose mangled name holds this
};

const std::vector<Claim>& gemm_claims() {
  static const std::vector<Claim> gemm{
      {"gemm_mma",
       {"cp.async.cg.shared.global.L2::128B", "cp.async.wait_group",
        "ldmatrix.sync.aligned.m8n8.x4", "mma.sync.aligned.m16n8k16.row.col.f32", "st.global.v4"}},
      {"gemm_mma_fp8",
       {"cp.async.cg.shared.global", "ldmatrix.sync.aligned.m8n8.x4",
        "mma.sync.aligned.m16n8k32.row.col.f32.e4m3.e4m3"}},
      {"gemm_wgmma",
       {"cp.async.bulk.tensor.2d.shared::cluster.global", "wgmma.mma_async.sync.aligned.m64n",
        "wgmma.fence.sync.aligned", "mbarrier.try_wait.parity", "mbarrier.arrive.expect_tx",
        "setmaxnreg.inc", "setmaxnreg.dec", "fence.mbarrier_init", "st.global.v4"}},
      {"gemv", {"ld.global.nc.L1::no_allocate.L2::256B.v4", "ld.global.nc.v4"}},
      {"skinny",
       {"cp.async.cg.shared.global.L2::128B", "cp.async.wait_group",
        "ldmatrix.sync.aligned.m8n8.x4", "mma.sync.aligned.m16n8k16.row.col.f32.bf16", "atom.",
        "st.global.v4"}},
      {"skinny_wgmma",
       {"cp.async.bulk.tensor.2d.shared::cluster.global", "wgmma.mma_async.sync.aligned.m64n",
        "wgmma.fence.sync.aligned", "mbarrier.try_wait.parity", "mbarrier.arrive.expect_tx",
        "setmaxnreg.inc", "setmaxnreg.dec", "fence.mbarrier_init", "atom.", "st.global.v4"}},
  };
  return gemm;
}

const std::vector<Claim>& attention_claims() {
  static const std::vector<Claim> attention{
      {"attention_decode",
       {"cp.async.cg.shared.global.L2::128B", "cp.async.wait_group", "ld.shared.v4",
        "mma.sync.aligned.m16n8k16.row.col.f32.bf16"},
       "Bf16Cache"},
      {"attention_decode",
       {"cp.async.cg.shared.global.L2::128B", "cp.async.wait_group", "ld.shared.v4",
        "mma.sync.aligned.m16n8k16.row.col.f32.f16"},
       "Fp8Cache"},
      {"attention_decode",
       {"movmatrix.sync.aligned.m8n8.trans.b16", "vote.sync.any", "atom."},
       "ColumnArithmetic"},
      {"attention_decode_bulk",
       {"cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes",
        "mbarrier.try_wait.parity", "mbarrier.arrive.expect_tx", "fence.mbarrier_init",
        "fence.proxy.async", "ld.shared.v4", "mma.sync.aligned.m16n8k16.row.col.f32.bf16"}},
      {"attention_decode_columns",
       {"cp.async.cg.shared.global.L2::128B", "cp.async.wait_group", "cvt.rn.f16x2.e4m3x2",
        "ld.shared.v4", "mma.sync.aligned.m16n8k16.row.col.f32.f16",
        "movmatrix.sync.aligned.m8n8.trans.b16", "vote.sync.any", "atom."}},
      {"attention_prefill",
       {"cp.async.cg.shared.global.L2::128B", "cp.async.wait_group",
        "ldmatrix.sync.aligned.m8n8.x4.shared", "ldmatrix.sync.aligned.m8n8.x4.trans",
        "mma.sync.aligned.m16n8k16.row.col.f32.bf16", "st.global.v4"}},
      {"attention_prefill_wgmma",
       {"cp.async.bulk.tensor.3d.shared::cluster.global", "wgmma.mma_async.sync.aligned.m64n128k16",
        "wgmma.fence.sync.aligned", "wgmma.wait_group.sync.aligned 1", "mbarrier.try_wait.parity",
        "setmaxnreg.inc", "setmaxnreg.dec", "ex2.approx", "st.global.v4"}},
      {"attention_prefill_wgmma", {"bar.sync", "bar.arrive"}, "Lb1E"},  // ping-pong
  };
  return attention;
}

const std::vector<Claim>& other_claims() {
  static const std::vector<Claim> others{
      // Mangled: unroll 4, with the streaming hint (1) and without (0).
      {"memory", {"ld.global.cs.v4", "st.global.cs.v4"}, "copy_memoryILi4ELb1E"},
      {"memory", {"ld.global.nc.v4", "st.global.v4"}, "copy_memoryILi4ELb0E"},
      {"memory", {"ld.global.cs.v4"}, "read_memoryILi8ELb1E"},
      {"memory", {"st.global.cs.v4"}, "write_memoryILi8ELb1E"},
      {"memory", {"ld.global.cs.v4", "fma.rn.f32", "st.global.cs.v4"}, "triad_memoryILi2ELb1E"},
      {"bulk_copy",
       {"cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes",
        "cp.async.bulk.global.shared::cta.bulk_group", "cp.async.bulk.wait_group.read",
        "mbarrier.try_wait.parity", "fence.mbarrier_init"}},
      {"row_kernels", {"ld.global.cs.v4", "st.global.v"}},
      {"elementwise", {"ld.global.cs.v4", "st.global.v4"}, "silu_multiply"},
      {"elementwise", {"ld.global.v4", "st.global.v4"}, "rotate"},
      {"sampling", {"ld.global.v4", "bar.red"}, "select_candidates"},
      {"latency", {"ld.global.cg"}, "5chase"},
      {"all_reduce", {"ld.acquire.sys.global", "st.release.sys.global", "ld.global.v4"}},
  };
  return others;
}

TEST(CudaTargets, HoldTheInstructionsThatTheyClaim) {
  std::vector<Claim> claims = gemm_claims();
  claims.insert(claims.end(), attention_claims().begin(), attention_claims().end());
  claims.insert(claims.end(), other_claims().begin(), other_claims().end());
  for (const Claim& claim : claims) {
    const auto kernels = kernels_in(text_of(folder() / (claim.file + ".ptx")));
    std::size_t looked_at = 0;
    for (const std::string& kernel : kernels) {
      if (kernel.substr(0, kernel.find('(')).find(claim.kernel) == std::string::npos) continue;
      ++looked_at;
      for (const std::string& instruction : claim.instructions) {
        EXPECT_NE(kernel.find(instruction), std::string::npos)
            << claim.file << ": " << kernel.substr(7, kernel.find('(') - 7) << " lacks "
            << instruction;
      }
    }
    EXPECT_GT(looked_at, 0u) << claim.file << " has no kernel " << claim.kernel;
  }
}

TEST(CudaTargets, NeitherSpillNorSerialise) {
  const std::regex spills(R"((\d+) bytes spill stores, (\d+) bytes spill loads)");
  const auto reports = files_ending(".txt");
  ASSERT_GT(reports.size(), 20u);
  for (const fs::path& report : reports) {
    const std::string text = text_of(report);
    std::size_t kernels = 0;
    for (std::sregex_iterator at(text.begin(), text.end(), spills), end; at != end; ++at) {
      ++kernels;
      EXPECT_EQ((*at)[1], "0") << report.filename() << ", kernel " << kernels;
    }
    EXPECT_GT(kernels, 0u) << report.filename();
    // Of wgmma among others: "Potential Performance Loss: ... are serialized", "warpgroup.arrive is
    // injected".
    EXPECT_EQ(text.find("erformance Loss"), std::string::npos) << report.filename() << "\n" << text;
    EXPECT_EQ(text.find("injected"), std::string::npos) << report.filename() << "\n" << text;
    EXPECT_EQ(text.find("warning"), std::string::npos) << report.filename() << "\n" << text;
  }
}

/// Static shared memory per block; dynamic is the registry's matter (CudaRegistry).
TEST(CudaTargets, KeepStaticSharedMemoryBelow48KiB) {
  const std::regex shared(R"((\d+) bytes smem)");
  for (const fs::path& report : files_ending(".txt")) {
    const std::string text = text_of(report);
    for (std::sregex_iterator at(text.begin(), text.end(), shared), end; at != end; ++at) {
      EXPECT_LE(std::stoi((*at)[1]), 48 * 1024) << report.filename();
    }
  }
}

}  // namespace
