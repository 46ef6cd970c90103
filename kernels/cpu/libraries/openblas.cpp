// OpenBLAS, loaded when a device is opened: linked, it would start its threads in every process of
// the program.
#include <dlfcn.h>

#include "kernels/cpu/libraries/library_product.hpp"

namespace microdc::kernels {
namespace {

// cblas.h of OpenBLAS with 32-bit integers (libopenblas.so.0; 64-bit ones are in libopenblas64).
constexpr int row_major = 101, as_is = 111, transposed = 112;
using Sgemm = void (*)(int order, int transpose_a, int transpose_b, int m, int n, int k,
                       float alpha, const float* a, int lda, const float* b, int ldb, float beta,
                       float* c, int ldc);
using Sgemv = void (*)(int order, int transpose, int m, int n, float alpha, const float* a, int lda,
                       const float* x, int incx, float beta, float* y, int incy);

struct OpenBlas {
  Sgemm sgemm = nullptr;
  Sgemv sgemv = nullptr;

  OpenBlas() {
    void* library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
    if (!library) return;
    const auto one_thread =
        reinterpret_cast<void (*)(int)>(dlsym(library, "openblas_set_num_threads"));
    if (!one_thread) return;
    one_thread(1);
    sgemm = reinterpret_cast<Sgemm>(dlsym(library, "cblas_sgemm"));
    sgemv = reinterpret_cast<Sgemv>(dlsym(library, "cblas_sgemv"));
  }
};

/// Never unloaded.
const OpenBlas& openblas() {
  static const OpenBlas library;
  return library;
}

void multiply_by_sgemm(const Fp32Product& p) {
  const int m = static_cast<int>(p.m), n = static_cast<int>(p.n), k = static_cast<int>(p.k);
  openblas().sgemm(row_major, as_is, transposed, m, n, k, 1, p.values, k, p.weights, k, 0, p.out,
                   static_cast<int>(p.out_stride));
}

void multiply_by_sgemv(const Fp32Product& p) {
  const int n = static_cast<int>(p.n), k = static_cast<int>(p.k);
  openblas().sgemv(row_major, as_is, n, k, 1, p.weights, k, p.values, 1, 0, p.out, 1);
}

/// Its integers are 32 bits wide.
bool is_countable(const Shape& shape) {
  constexpr std::int64_t most = INT32_MAX;
  return shape.m <= most && shape.n <= most && shape.k <= most;
}

}  // namespace

void add_openblas_products(const CpuContext& context, Variants& variants) {
  if (openblas().sgemm) {
    add_shared_product(context, "openblas", "sgemm", multiply_by_sgemm, is_countable, variants);
  }
  if (openblas().sgemv) {
    add_shared_product(
        context, "openblas", "sgemv", multiply_by_sgemv,
        [](const Shape& shape) { return shape.m == 1 && is_countable(shape); }, variants);
  }
}

}  // namespace microdc::kernels
