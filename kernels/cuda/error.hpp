// Errors of the CUDA runtime as exceptions.
#pragma once

#include <cuda_runtime_api.h>

#include <stdexcept>
#include <string>

namespace microdc::kernels::cuda {

/// A call of the CUDA runtime or of another library of NVIDIA failed.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The device has too little free memory. Makes KernelVariant::prepare return null.
class OutOfMemory : public Error {
 public:
  using Error::Error;
};

/// Throws if `status` is an error; `what` names the call: "cudaMalloc of 3 GB".
inline void check(cudaError_t status, const std::string& what) {
  if (status == cudaSuccess) return;
  cudaGetLastError();  // or the next, innocent call reports it again
  const std::string text = what + ": " + cudaGetErrorString(status);
  if (status == cudaErrorMemoryAllocation) throw OutOfMemory(text);
  throw Error(text);
}

}  // namespace microdc::kernels::cuda
