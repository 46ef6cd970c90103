#include "kernels/cuda/nccl.hpp"

#include <dlfcn.h>

#include <string>
#include <utility>
#include <vector>

#include "kernels/cuda/error.hpp"
#include "kernels/cuda/peer_ranks.hpp"

namespace microdc::kernels::cuda {
namespace {

// Of nccl.h (NCCL 2): the ABI has been stable since 2.10, which brought bf16.
using Communicator = struct ncclComm*;
constexpr int success = 0, bf16 = 9, sum = 0;

struct Nccl {
  int (*init_all)(Communicator*, int, const int*) = nullptr;
  int (*destroy)(Communicator) = nullptr;
  int (*group_start)() = nullptr;
  int (*group_end)() = nullptr;
  int (*all_reduce)(const void*, void*, std::size_t, int, int, Communicator,
                    cudaStream_t) = nullptr;
  const char* (*error_text)(int) = nullptr;
  bool complete = false;

  Nccl() {
    void* library = dlopen("libnccl.so.2", RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) return;
    const auto find = [library](auto& function, const char* name) {
      function =
          reinterpret_cast<std::remove_reference_t<decltype(function)>>(dlsym(library, name));
      return function != nullptr;
    };
    complete = find(init_all, "ncclCommInitAll") && find(destroy, "ncclCommDestroy") &&
               find(group_start, "ncclGroupStart") && find(group_end, "ncclGroupEnd") &&
               find(all_reduce, "ncclAllReduce") && find(error_text, "ncclGetErrorString");
  }

  void check(int status, const char* what) const {
    if (status != success) throw Error(std::string(what) + ": " + error_text(status));
  }
};

const Nccl& nccl() {
  static const Nccl library;
  return library;
}

class NcclAllReduce final : public AllReduceKernel {
 public:
  NcclAllReduce(Context& context, const Shape& shape, std::uint64_t seed)
      : AllReduceKernel(context, shape, seed), communicators_(ranks().size()) {
    std::vector<int> devices;
    for (const Rank& rank : ranks()) devices.push_back(rank.device);
    nccl().check(
        nccl().init_all(communicators_.data(), static_cast<int>(devices.size()), devices.data()),
        "ncclCommInitAll");
  }
  ~NcclAllReduce() override {
    for (const Communicator communicator : communicators_) nccl().destroy(communicator);
  }
  NcclAllReduce(const NcclAllReduce&) = delete;
  NcclAllReduce& operator=(const NcclAllReduce&) = delete;

 protected:
  void launch_all() override {
    nccl().check(nccl().group_start(), "ncclGroupStart");
    for (std::size_t r = 0; r < ranks().size(); ++r) {
      const Rank& rank = ranks()[r];
      nccl().check(nccl().all_reduce(rank.message.data(), rank.result.data(),
                                     static_cast<std::size_t>(message_bytes()) / 2, bf16, sum,
                                     communicators_[r], rank.stream),
                   "ncclAllReduce");
    }
    nccl().check(nccl().group_end(), "ncclGroupEnd");
  }

 private:
  std::vector<Communicator> communicators_;
};

}  // namespace

bool nccl_is_there() { return nccl().complete; }

std::unique_ptr<PreparedKernel> prepare_nccl_all_reduce(Context& context, const Shape& shape,
                                                        std::uint64_t seed) {
  return std::make_unique<NcclAllReduce>(context, shape, seed);
}

}  // namespace microdc::kernels::cuda
