#include "kernels/cuda/gemm/gemm_nvrtc.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "kernels/cuda/error.hpp"
#include "kernels/cuda/gemm/gemm_problem.hpp"
#include "kernels/cuda/gemm/gemm_sources.hpp"
#include "kernels/cuda/launch_shape.hpp"
#include "kernels/cuda/registry.hpp"

namespace microdc::kernels::cuda {
namespace {

/// A format that gemm_mma multiplies, as gemm_mma.cu and gemm_mma_fp8.cu instantiate it.
struct MmaFormat {
  const char* format;
  const char *element, *result;  // types of the device code
  GemmFormats formats;
  Target target;
};

constexpr std::array mma_formats{
    MmaFormat{"bf16", "__nv_bfloat16", "__nv_bfloat16", bf16_gemm, Target::sm_80_up},
    MmaFormat{"fp16", "__half", "__half", fp16_gemm, Target::sm_80_up},
    MmaFormat{"fp8", "__nv_fp8_e4m3", "__nv_bfloat16", fp8_gemm, Target::sm_89_up},
};

/// Of a name in the table.
const MmaFormat& mma_format(const std::string& name) {
  return *std::find_if(mma_formats.begin(), mma_formats.end(),
                       [&](const MmaFormat& format) { return format.format == name; });
}

bool has_format(const GemmTile& tile, const MmaFormat& format) {
  return storage_bytes(format.formats.a, 1) == static_cast<std::size_t>(tile.element_bytes());
}

std::string kernel_name(const GemmTile& tile, const MmaFormat& format) {
  const std::string scope = "microdc::kernels::cuda::";
  std::string name =
      scope + "gemm_mma<" + format.element + ", " + format.result + ", " + scope + "MmaTile<";
  for (const int number : {tile.m, tile.n, tile.warps_m, tile.warps_n}) {
    name += std::to_string(number) + ", ";
  }
  return name + std::to_string(tile.stages) + ">>";
}

/// Why a device with these limits cannot run the tile; empty if it can.
std::string device_gap(const GemmTile& tile, const MmaFormat& format, const Limits& limits) {
  if (!runs_on(format.target, limits.capability)) return "the device cannot multiply this format";
  if (tile.shared_bytes() <= limits.shared_bytes_per_block) return {};
  return "it takes " + std::to_string(tile.shared_bytes() / 1024) +
         " KiB of shared memory; a block of this device has at most " +
         std::to_string(limits.shared_bytes_per_block / 1024) + " KiB";
}

/// What to compile for. Throws Error.
Capability architecture_of(Capability capability, const Nvrtc& compiler) {
  if (!compiler.gap().empty()) throw Error(compiler.gap());
  const auto architecture = architecture_for(capability, compiler.architectures());
  if (architecture) return *architecture;
  throw Error("this machine's libnvrtc does not know compute capability " +
              std::to_string(capability / 10) + "." + std::to_string(capability % 10));
}

/// A compiled kernel that goes to the device when it is first asked for.
class DeviceKernel {
 public:
  explicit DeviceKernel(CompiledKernel compiled) : compiled_(std::move(compiled)) {}
  ~DeviceKernel() {
    if (library_ != nullptr) cudaLibraryUnload(library_);
  }
  DeviceKernel(const DeviceKernel&) = delete;
  DeviceKernel& operator=(const DeviceKernel&) = delete;

  /// What the runtime's functions take for a kernel. Throws Error.
  const void* function() {
    if (function_ == nullptr) {
      check(cudaLibraryLoadData(&library_, compiled_.cubin.data(), nullptr, nullptr, 0, nullptr,
                                nullptr, 0),
            "cudaLibraryLoadData of gemm_mma");
      check(cudaLibraryGetKernel(&function_, library_, compiled_.name.c_str()),
            "cudaLibraryGetKernel of gemm_mma");
    }
    return function_;
  }

 private:
  CompiledKernel compiled_;
  cudaLibrary_t library_ = nullptr;
  cudaKernel_t function_ = nullptr;
};

void launch_tile(const void* function, const GemmTile& tile, const GemmOperands& of,
                 cudaStream_t stream) {
  // In the order of gemm_mma's parameters.
  const void *a = of.a, *weights = of.weights;
  void* c = of.c;
  int m = of.m, n = of.n, k = of.k;
  std::array<void*, 6> arguments{&a, &weights, &c, &m, &n, &k};
  const auto blocks = static_cast<unsigned>(divided_up(m, tile.m) * divided_up(n, tile.n));
  check(cudaLaunchKernel(function, dim3(blocks), dim3(static_cast<unsigned>(tile.threads())),
                         arguments.data(), static_cast<std::size_t>(tile.shared_bytes()), stream),
        "launch of gemm_mma compiled at run time");
}

}  // namespace

RunTimeGemm compile_tile(const GemmTile& tile, const std::string& format, Capability architecture,
                         const Nvrtc& compiler) {
  RunTimeGemm gemm{tile, format, {}};
  gemm.kernel =
      compiler.compile("#include \"kernels/cuda/gemm/gemm_mma.cuh\"\n",
                       kernel_name(tile, mma_format(format)), architecture, gemm_sources());
  if (const int bytes = gemm.kernel.spilled_bytes(); bytes > 0) {
    throw Error("its registers do not suffice: each thread would keep " + std::to_string(bytes) +
                " bytes of them in memory");
  }
  return gemm;
}

std::vector<RunTimeGemm> compile_tiles(const std::vector<GemmTile>& tiles, const Limits& limits,
                                       std::vector<std::string>& left_out, const Nvrtc& compiler) {
  std::vector<RunTimeGemm> compiled;
  for (const GemmTile& tile : tiles) {
    for (const MmaFormat& format : mma_formats) {
      if (!has_format(tile, format)) continue;
      std::string gap = device_gap(tile, format, limits);
      try {
        if (gap.empty()) {
          const Capability architecture = architecture_of(limits.capability, compiler);
          compiled.push_back(compile_tile(tile, format.format, architecture, compiler));
        }
      } catch (const Error& error) {
        gap = error.what();
      }
      if (!gap.empty()) left_out.push_back(text_of(tile) + " in " + format.format + ": " + gap);
    }
  }
  return compiled;
}

void add_gemm_nvrtc(Registry& registry) {
  for (const RunTimeGemm& gemm : registry.run_time()) {
    const MmaFormat& format = mma_format(gemm.format);
    GemmKernel kernel;
    kernel.format = gemm.format;
    kernel.name = "nvrtc-" + text_of(gemm.tile);
    kernel.formats = format.formats;
    kernel.target = format.target;
    kernel.shared_bytes = gemm.tile.shared_bytes();
    kernel.accepts = [](const Limits&, const Shape&) { return true; };
    kernel.workspace_bytes = [](const Limits&, const Shape&) { return std::size_t{0}; };
    kernel.call = [tile = gemm.tile, loaded = std::make_shared<DeviceKernel>(gemm.kernel)](
                      const Limits&, const GemmOperands& operands) -> GemmCall {
      const void* const function = loaded->function();
      allow_shared_bytes(function, tile.shared_bytes());
      return [=](cudaStream_t stream) { launch_tile(function, tile, operands, stream); };
    };
    add_gemm(registry, std::move(kernel));
  }
}

}  // namespace microdc::kernels::cuda
