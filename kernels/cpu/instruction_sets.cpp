#include "kernels/cpu/instruction_sets.hpp"

#if defined(__x86_64__)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace microdc::kernels {
namespace {

#if defined(__x86_64__)
bool has_avx2() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }

bool has_avx512() {
  return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}

bool has_avx512_vnni() { return has_avx512() && __builtin_cpu_supports("avx512vnni"); }

bool has_avx512_bf16() { return has_avx512() && __builtin_cpu_supports("avx512bf16"); }

/// Tiles are 8 KiB of state per thread; Linux hands them out only on request (kernel documentation,
/// x86/xstate), for the whole process.
bool has_amx_bf16() {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  if (!has_avx512_bf16() || __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) == 0) return false;
  constexpr unsigned amx_bf16 = 1u << 22, amx_tile = 1u << 24;
  if ((edx & amx_bf16) == 0 || (edx & amx_tile) == 0) return false;
  constexpr long request_permission = 0x1023, tile_data = 18;
  return syscall(SYS_arch_prctl, request_permission, tile_data) == 0;
}
#endif

std::vector<InstructionSet> detect() {
  std::vector<InstructionSet> sets;
  sets.push_back({"plain", &simd::plain_kernels(), true});
#if defined(__x86_64__)
  sets.push_back({"avx2", &simd::avx2_kernels(), has_avx2()});
  sets.push_back({"avx512", &simd::avx512_kernels(), has_avx512()});
  sets.push_back({"avx512_vnni", &simd::avx512_vnni_kernels(), has_avx512_vnni()});
  sets.push_back({"avx512_bf16", &simd::avx512_bf16_kernels(), has_avx512_bf16()});
  sets.push_back({"amx_bf16", &simd::amx_bf16_kernels(), has_amx_bf16()});
#endif
  return sets;
}

}  // namespace

const std::vector<InstructionSet>& instruction_sets() {
  static const std::vector<InstructionSet> sets = detect();
  return sets;
}

}  // namespace microdc::kernels
