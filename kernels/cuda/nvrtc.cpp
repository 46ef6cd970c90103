#include "kernels/cuda/nvrtc.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <array>

#include "kernels/cuda/error.hpp"

namespace microdc::kernels::cuda {
namespace {

/// Headers of the host that sources include, as far as NVRTC does not declare their content anyway.
constexpr std::array<SourceText, 3> host_headers{{
    {"cuda_runtime.h", ""},
    {"cstdint",
     "namespace std {\n"
     "using int8_t = signed char;\n"
     "using int32_t = int;\n"
     "using int64_t = long long;\n"
     "using uint8_t = unsigned char;\n"
     "using uint32_t = unsigned int;\n"
     "using uint64_t = unsigned long long;\n"
     "}\n"},
    {"cstring", ""},
}};

}  // namespace

// Of nvrtc.h; the ABI of these functions has been the same since CUDA 11.2.
struct Nvrtc::Library {
  using Program = void*;
  int (*architecture_count)(int*) = nullptr;
  int (*architectures)(int*) = nullptr;
  int (*create)(Program*, const char* source, const char* name, int headers,
                const char* const* texts, const char* const* names) = nullptr;
  int (*destroy)(Program*) = nullptr;
  int (*name_kernel)(Program, const char*) = nullptr;
  int (*mangled_name)(Program, const char*, const char**) = nullptr;
  int (*compile)(Program, int, const char* const* options) = nullptr;
  int (*log_size)(Program, std::size_t*) = nullptr;
  int (*log)(Program, char*) = nullptr;
  int (*ptx_size)(Program, std::size_t*) = nullptr;
  int (*ptx)(Program, char*) = nullptr;
  int (*cubin_size)(Program, std::size_t*) = nullptr;
  int (*cubin)(Program, char*) = nullptr;
  const char* (*error_text)(int) = nullptr;

  /// False if one of the functions is missing.
  bool find_all(void* file) {
    const auto find = [file](auto& function, const char* name) {
      function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(dlsym(file, name));
      return function != nullptr;
    };
    return find(architecture_count, "nvrtcGetNumSupportedArchs") &&
           find(architectures, "nvrtcGetSupportedArchs") && find(create, "nvrtcCreateProgram") &&
           find(destroy, "nvrtcDestroyProgram") && find(name_kernel, "nvrtcAddNameExpression") &&
           find(mangled_name, "nvrtcGetLoweredName") && find(compile, "nvrtcCompileProgram") &&
           find(log_size, "nvrtcGetProgramLogSize") && find(log, "nvrtcGetProgramLog") &&
           find(ptx_size, "nvrtcGetPTXSize") && find(ptx, "nvrtcGetPTX") &&
           find(cubin_size, "nvrtcGetCUBINSize") && find(cubin, "nvrtcGetCUBIN") &&
           find(error_text, "nvrtcGetErrorString");
  }

  void check_status(int status, const char* what) const {
    if (status != 0) throw Error(std::string(what) + ": " + error_text(status));
  }

  /// One of the texts that a program has, by the functions of its size and of itself.
  std::string text(Program program, int (*size_of)(Program, std::size_t*),
                   int (*read)(Program, char*)) const {
    std::size_t size = 0;
    check_status(size_of(program, &size), "size of a program's text");
    std::string text(size, '\0');
    if (size > 0) check_status(read(program, text.data()), "text of a program");
    if (!text.empty()) text.pop_back();  // the size counts the terminating zero
    return text;
  }
};

Nvrtc::Nvrtc(std::span<const char* const> files) {
  void* file = nullptr;
  for (const char* name : files) {
    if (file == nullptr) file = dlopen(name, RTLD_NOW | RTLD_LOCAL);
  }
  if (file == nullptr) {
    gap_ = std::string(files.front()) +
           " (part of the CUDA Toolkit) cannot be loaded: is its folder in LD_LIBRARY_PATH?";
    return;
  }
  library_ = std::make_unique<Library>();
  if (library_->find_all(file)) return;
  library_.reset();
  gap_ = std::string(files.front()) + " lacks a function that is needed; it is too old";
}

Nvrtc::~Nvrtc() = default;

const Nvrtc& Nvrtc::instance() {
  static constexpr std::array files{"libnvrtc.so.13", "libnvrtc.so.12"};
  static const Nvrtc library(files);
  return library;
}

std::vector<Capability> Nvrtc::architectures() const {
  int count = 0;
  if (!library_ || library_->architecture_count(&count) != 0) return {};
  std::vector<Capability> known(static_cast<std::size_t>(count));
  if (library_->architectures(known.data()) != 0) return {};
  std::sort(known.begin(), known.end());
  return known;
}

CompiledKernel Nvrtc::compile(const std::string& source, const std::string& kernel,
                              Capability architecture, std::span<const SourceText> headers) const {
  if (!library_) throw Error(gap_);
  std::vector<const char*> texts, names;
  for (const std::span<const SourceText> part :
       {headers, std::span<const SourceText>(host_headers)}) {
    for (const SourceText& header : part) {
      names.push_back(header.name);
      texts.push_back(header.text);
    }
  }
  Library::Program created = nullptr;
  library_->check_status(
      library_->create(&created, source.c_str(), "run_time.cu", static_cast<int>(names.size()),
                       texts.data(), names.data()),
      "nvrtcCreateProgram");
  const auto destroy = [this](Library::Program program) { library_->destroy(&program); };
  const std::unique_ptr<void, decltype(destroy)> program(created, destroy);
  library_->check_status(library_->name_kernel(created, kernel.c_str()), "nvrtcAddNameExpression");
  const std::string target = "--gpu-architecture=sm_" + std::to_string(architecture);
  const std::array options{target.c_str(), "--std=c++20", "--ptxas-options=-v"};
  const int status = library_->compile(created, static_cast<int>(options.size()), options.data());
  CompiledKernel compiled;
  compiled.log = library_->text(created, library_->log_size, library_->log);
  if (status != 0) {
    throw Error(std::string(library_->error_text(status)) + ": " +
                compiled.log.substr(0, compiled.log.find('\n')));
  }
  const char* name = nullptr;
  library_->check_status(library_->mangled_name(created, kernel.c_str(), &name),
                         "nvrtcGetLoweredName");
  compiled.name = name;
  compiled.ptx = library_->text(created, library_->ptx_size, library_->ptx);
  compiled.cubin = library_->text(created, library_->cubin_size, library_->cubin);
  return compiled;
}

int CompiledKernel::spilled_bytes() const {
  const std::size_t end = log.find(" bytes spill stores");
  if (end == std::string::npos) return 0;
  const std::size_t start = log.find_last_not_of("0123456789", end - 1) + 1;
  return std::stoi(log.substr(start, end - start));
}

std::optional<Capability> architecture_for(Capability capability,
                                           const std::vector<Capability>& architectures) {
  std::optional<Capability> best;
  for (const Capability architecture : architectures) {
    const bool runs = architecture / 10 == capability / 10 && architecture <= capability;
    if (runs && (!best || architecture > *best)) best = architecture;
  }
  return best;
}

}  // namespace microdc::kernels::cuda
