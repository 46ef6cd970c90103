#include "tests/support/gemm_on_host.hpp"

#include <array>
#include <cstring>
#include <deque>
#include <map>
#include <stdexcept>
#include <utility>
#include <vector>

#include "kernels/cuda/gemm/gemm_instructions.cuh"
#include "kernels/cuda/gemm/tma.cuh"
#include "kernels/cuda/gemm/wgmma_registers.cuh"

namespace microdc::testing::host_device {
namespace {

using namespace kernels::cuda;

/// Start of dynamic shared memory in the window of 32-bit addresses: not at a multiple of 1024, as
/// it may be on a device.
constexpr std::uint32_t window_offset = 384;

unsigned char* pointer_at(std::uint32_t address) {
  return dynamic_shared_memory() + (address - window_offset);
}

/// The swizzle of 128 bytes is a function of address bits (PTX manual, "Swizzling modes").
std::uint32_t swizzled(std::uint32_t address) { return address ^ ((address >> 7 & 7) << 4); }

struct BoxCopy {
  std::uint32_t to;
  const CUtensorMap* map;
  int column, row, matrix;
};

struct BulkCopy {
  void* to;
  const void* from;
  int bytes;
};

struct BarrierState {
  int expected = 0, arrived = 0, phase = 0;
  int bytes = 0;  // announced and not yet copied
  std::vector<BoxCopy> copies;
  std::vector<BulkCopy> bulk_copies;
};

struct HostMap {
  const unsigned char* start;
  int matrices, rows, columns, element_bytes, box_rows;
};

struct Multiplication {
  float* d;
  int sums;
  std::uint64_t a, b;
  bool accumulate;
  double (*value)(const unsigned char*);
  int bytes;
  const std::uint32_t* registers = nullptr;  // of a[64,16] of bf16
  bool panels = false;                       // b lies in panels, its rows along k
};

struct NamedBarrier {
  int arrived = 0, threads = 0, round = 0;
};

struct ThreadWork {
  std::vector<Multiplication> open_group;
  std::deque<std::vector<Multiplication>> groups;
};

std::map<Barrier*, BarrierState> barriers;
std::map<unsigned, ThreadWork> work;                                          // by thread
std::map<std::pair<const unsigned char*, int>, NamedBarrier> named_barriers;  // of a block
std::uint32_t flag = 0;

ThreadWork& own_work() { return work[threadIdx.x]; }

BarrierState& state_of(Barrier* barrier) {
  const auto found = barriers.find(barrier);
  if (found == barriers.end()) throw std::runtime_error("a barrier was not initialised");
  return found->second;
}

void end_phase_if_complete(BarrierState& state) {
  if (state.arrived < state.expected || state.bytes != 0) return;
  state.arrived = 0;
  ++state.phase;
  store_release_system(&flag, flag + 1);  // progress
}

void arrive_at(BarrierState& state) {
  if (++state.arrived > state.expected) throw std::runtime_error("too many arrivals in a phase");
  end_phase_if_complete(state);
}

HostMap host_map(const CUtensorMap& map) {
  HostMap content{};
  std::memcpy(&content, &map, sizeof content);
  return content;
}

int box_bytes(const HostMap& map) { return map.box_rows * tile_row_bytes; }

void land(const BoxCopy& copy) {
  const HostMap map = host_map(*copy.map);
  for (int row = 0; row < map.box_rows; ++row) {
    for (int byte = 0; byte < tile_row_bytes; byte += map.element_bytes) {
      const auto offset = static_cast<std::uint32_t>(row * tile_row_bytes + byte);
      unsigned char* to = pointer_at(swizzled(copy.to + offset));
      const int column = copy.column + byte / map.element_bytes;
      const bool inside =
          copy.row + row < map.rows && column < map.columns && copy.matrix < map.matrices;
      const std::ptrdiff_t from =
          ((std::ptrdiff_t{copy.matrix} * map.rows + copy.row + row) * map.columns + column) *
          map.element_bytes;
      if (inside) {
        std::memcpy(to, map.start + from, static_cast<std::size_t>(map.element_bytes));
      } else {
        std::memset(to, 0, static_cast<std::size_t>(map.element_bytes));
      }
    }
  }
}

/// All copies that are under way arrive.
void land_copies(BarrierState& state) {
  for (const BoxCopy& copy : std::exchange(state.copies, {})) {
    land(copy);
    state.bytes -= box_bytes(host_map(*copy.map));
  }
  for (const BulkCopy& copy : std::exchange(state.bulk_copies, {})) {
    std::memcpy(copy.to, copy.from, static_cast<std::size_t>(copy.bytes));
    state.bytes -= copy.bytes;
  }
  end_phase_if_complete(state);
}

/// What a descriptor says of a tile: address of byte `byte` of row `row`.
const unsigned char* tile_byte(std::uint64_t descriptor, int row, int byte) {
  if (descriptor >> 62 != 1) throw std::runtime_error("the descriptor's swizzle is not 128 bytes");
  const auto start = static_cast<std::uint32_t>((descriptor & 0x3FFF) << 4);
  const auto panel_bytes = static_cast<std::uint32_t>((descriptor >> 16 & 0x3FFF) << 4);
  const auto group_stride = static_cast<std::uint32_t>((descriptor >> 32 & 0x3FFF) << 4);
  const auto r = static_cast<std::uint32_t>(row), b = static_cast<std::uint32_t>(byte);
  return pointer_at(
      swizzled(start + b / 128 * panel_bytes + r / 8 * group_stride + r % 8 * 128 + b % 128));
}

/// A row of the left matrix: `half` 0 or 1 for this thread's first or second.
std::array<double, 32> left_row(const Multiplication& of, int half) {
  const int thread = static_cast<int>(threadIdx.x) % 128;
  std::array<double, 32> row{};
  if (of.registers == nullptr) {
    for (int k = 0; k < 32 / of.bytes; ++k) {
      row[static_cast<std::size_t>(k)] =
          of.value(tile_byte(of.a, thread / 32 * 16 + half * 8 + thread % 32 / 4, k * of.bytes));
    }
    return row;
  }
  // From the other lanes by shuffles; layout of mma.m16n8k16 (PTX manual, "Register fragments for
  // wgmma.mma_async.m64nNk16"): the register half + 2 * (k / 8) of lane k % 8 / 2 of the quad.
  for (int k = 0; k < 16; k += 2) {
    const std::uint32_t pair = shuffle(of.registers[half + k / 8 * 2], lane() / 4 * 4 + k % 8 / 2);
    row[static_cast<std::size_t>(k)] = static_cast<double>(low_bf16(pair));
    row[static_cast<std::size_t>(k + 1)] = static_cast<double>(high_bf16(pair));
  }
  return row;
}

/// This thread's part of d[64, 2 * sums].
void perform(const Multiplication& of) {
  const int k_elements = 32 / of.bytes;
  const std::array<double, 32> left[2] = {left_row(of, 0), left_row(of, 1)};
  for (int pair = 0; pair < of.sums / 2; ++pair) {  // the sums of a column
    const int column = pair / 2 * 8 + static_cast<int>(threadIdx.x) % 4 * 2 + pair % 2;
    double sum[2] = {};
    for (int k = 0; k < k_elements; ++k) {
      const double right = of.value(of.panels ? tile_byte(of.b, k, column * of.bytes)
                                              : tile_byte(of.b, column, k * of.bytes));
      for (std::size_t half = 0; half < 2; ++half)
        sum[half] += left[half][static_cast<std::size_t>(k)] * right;
    }
    for (int half = 0; half < 2; ++half) {
      float& d = of.d[pair / 2 * 4 + half * 2 + pair % 2];
      d = static_cast<float>(sum[half] + (of.accumulate ? static_cast<double>(d) : 0));
    }
  }
}

}  // namespace

CUtensorMap host_stack_map(const void* stack, int matrices, int rows, int columns,
                           int element_bytes, int box_rows) {
  const HostMap content{
      static_cast<const unsigned char*>(stack), matrices, rows, columns, element_bytes, box_rows};
  static_assert(sizeof content <= sizeof(CUtensorMap));
  CUtensorMap map{};
  std::memcpy(&map, &content, sizeof content);
  return map;
}

CUtensorMap host_matrix_map(const void* matrix, int rows, int columns, int element_bytes,
                            int box_rows) {
  return host_stack_map(matrix, 1, rows, columns, element_bytes, box_rows);
}

void finish_hopper_kernel() {
  for (const auto& [barrier, state] : barriers) {
    if (!state.copies.empty() || !state.bulk_copies.empty())
      throw std::runtime_error("copies were left under way");
  }
  for (const auto& [thread, left] : work) {
    if (!left.open_group.empty() || !left.groups.empty())
      throw std::runtime_error("multiplications were left under way");
  }
  for (const auto& [place, barrier] : named_barriers) {
    if (barrier.arrived != 0) throw std::runtime_error("a round of a named barrier was left open");
  }
  barriers.clear();
  work.clear();
  named_barriers.clear();
}

}  // namespace microdc::testing::host_device

namespace microdc::kernels::cuda {

using namespace testing::host_device;

std::uint32_t shared_address(const void* pointer) {
  return static_cast<std::uint32_t>(static_cast<const unsigned char*>(pointer) -
                                    dynamic_shared_memory()) +
         window_offset;
}

double value_at(const unsigned char* bytes, __nv_bfloat16) {
  __nv_bfloat16 element;
  std::memcpy(static_cast<void*>(&element), bytes, sizeof element);
  return static_cast<double>(__bfloat162float(element));
}
double value_at(const unsigned char* bytes, __half) {
  __half element;
  std::memcpy(static_cast<void*>(&element), bytes, sizeof element);
  return static_cast<double>(__half2float(element));
}
double value_at(const unsigned char* bytes, __nv_fp8_e4m3) {
  __nv_fp8_e4m3 element;
  element.__x = *bytes;
  return static_cast<double>(static_cast<float>(element));
}

void init_barrier(Barrier* barrier, int arrivals) {
  barriers[barrier] = {};
  barriers[barrier].expected = arrivals;
}

void fence_barrier_init() {}

void arrive_expecting(Barrier* barrier, int bytes) {
  BarrierState& state = state_of(barrier);
  state.bytes += bytes;
  arrive_at(state);
}

void arrive(Barrier* barrier) { arrive_at(state_of(barrier)); }

void wait_for_phase(Barrier* barrier, unsigned parity) {
  BarrierState& state = state_of(barrier);
  land_copies(state);
  // The phase of `parity` is over once the current one has the other parity.
  while (static_cast<unsigned>(state.phase % 2) == parity) {
    load_acquire_system(&flag);  // lets the others run
    land_copies(state);
  }
}

void copy_bulk(void* to, const void* from, int bytes, Barrier* barrier) {
  if (reinterpret_cast<std::uintptr_t>(to) % 16 != 0 ||
      reinterpret_cast<std::uintptr_t>(from) % 16 != 0 || bytes % 16 != 0)
    throw std::runtime_error("a bulk copy is not aligned");
  std::memset(to, 0xFF, static_cast<std::size_t>(bytes));  // in flight
  state_of(barrier).bulk_copies.push_back({to, from, bytes});
}

void copy_box(void* to, const CUtensorMap* map, int column, int row, Barrier* barrier) {
  copy_box(to, map, column, row, 0, barrier);
}

void copy_box(void* to, const CUtensorMap* map, int column, int row, int matrix, Barrier* barrier) {
  const std::uint32_t address = shared_address(to);
  if (address % 1024 != 0) throw std::runtime_error("a swizzled box is not at a multiple of 1024");
  std::memset(to, 0xFF, static_cast<std::size_t>(box_bytes(host_map(*map))));  // in flight
  state_of(barrier).copies.push_back({address, map, column, row, matrix});
}

namespace {

NamedBarrier& come_to(int name, int threads) {
  if (name < 1 || name > 15 || threads % 32 != 0) throw std::runtime_error("no such named barrier");
  NamedBarrier& barrier = named_barriers[{dynamic_shared_memory(), name}];
  if (barrier.arrived > 0 && barrier.threads != threads)
    throw std::runtime_error("a named barrier is used with different numbers of threads");
  barrier.threads = threads;
  if (++barrier.arrived == threads) {
    barrier.arrived = 0;
    ++barrier.round;
    store_release_system(&flag, flag + 1);  // progress
  }
  return barrier;
}

}  // namespace

void wait_at_named(int name, int threads) {
  wait_for_warp();
  const int round = named_barriers[{dynamic_shared_memory(), name}].round;
  const NamedBarrier& barrier = come_to(name, threads);
  while (barrier.round == round) load_acquire_system(&flag);  // lets the others run
}

void wait_for_some(int threads) { wait_at_named(1, threads); }

void arrive_at_named(int name, int threads) {
  wait_for_warp();
  come_to(name, threads);
}

// Instructions of wgmma are ".sync.aligned": no lane of a warp gets past them alone.
void multiply_fence() { wait_for_warp(); }

void multiply_async_of(float* d, int sums, std::uint64_t a, std::uint64_t b, bool accumulate,
                       double (*value)(const unsigned char*), int bytes) {
  own_work().open_group.push_back({d, sums, a, b, accumulate, value, bytes});
}

void multiply_async_of(float* d, int sums, const std::uint32_t* a, std::uint64_t b, bool accumulate,
                       bool panels) {
  const auto value = [](const unsigned char* at) { return value_at(at, __nv_bfloat16{}); };
  own_work().open_group.push_back({d, sums, 0, b, accumulate, value, 2, a, panels});
}

void multiply_commit() {
  ThreadWork& own = own_work();
  own.groups.push_back(std::exchange(own.open_group, {}));
  wait_for_warp();
}

void multiply_wait_for(int pending) {
  ThreadWork& own = own_work();
  while (own.groups.size() > static_cast<std::size_t>(pending)) {
    for (const Multiplication& of : own.groups.front()) perform(of);
    own.groups.pop_front();
  }
  wait_for_warp();
}

}  // namespace microdc::kernels::cuda
