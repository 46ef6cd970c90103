#include "tests/support/gemm_on_host.hpp"

#include <cstring>
#include <deque>
#include <map>
#include <optional>
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
  int column, row;
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
  const unsigned char* matrix;
  int rows, columns, element_bytes, box_rows;
};

struct Multiplication {
  float* d;
  int sums;
  std::uint64_t a, b;
  bool accumulate;
  double (*value)(const unsigned char*);
  int bytes;
  const std::uint32_t* a_registers = nullptr;  // instead of a
};

struct ThreadWork {
  std::vector<Multiplication> open_group;
  std::deque<std::vector<Multiplication>> groups;
};

std::map<Barrier*, BarrierState> barriers;
std::map<unsigned, ThreadWork> work;  // by thread
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
      const bool inside = copy.row + row < map.rows && column < map.columns;
      const std::ptrdiff_t from =
          (std::ptrdiff_t{copy.row + row} * map.columns + column) * map.element_bytes;
      if (inside) {
        std::memcpy(to, map.matrix + from, static_cast<std::size_t>(map.element_bytes));
      } else {
        std::memset(to, 0, static_cast<std::size_t>(map.element_bytes));
      }
    }
  }
}

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
  const auto group_stride = static_cast<std::uint32_t>((descriptor >> 32 & 0x3FFF) << 4);
  const auto r = static_cast<std::uint32_t>(row);
  return pointer_at(
      swizzled(start + r / 8 * group_stride + r % 8 * 128 + static_cast<std::uint32_t>(byte)));
}

/// A quad's rows of the left operand, gathered from its registers (layout of mma.m16n8k16).
struct LeftRows {
  std::uint32_t words[4][4];  // [lane of the quad][register]
  explicit LeftRows(const std::uint32_t* own) {
    for (int quad = 0; quad < 4; ++quad) {
      for (int r = 0; r < 4; ++r) words[quad][r] = shuffle(own[r], lane() / 4 * 4 + quad);
    }
  }
  [[nodiscard]] double at(int half, int k) const {
    const std::uint32_t pair = words[k % 8 / 2][half + k / 8 * 2];
    const auto bits = static_cast<std::uint16_t>(k % 2 == 0 ? pair : pair >> 16);
    return value_at(reinterpret_cast<const unsigned char*>(&bits), __nv_bfloat16{});
  }
};

/// This thread's part of d[64, 2 * sums].
void perform(const Multiplication& of) {
  const int thread = static_cast<int>(threadIdx.x) % 128;
  const int k_elements = 32 / of.bytes;
  std::optional<LeftRows> left;
  if (of.a_registers != nullptr) left.emplace(of.a_registers);
  for (int i = 0; i < of.sums; ++i) {
    const int row = thread / 32 * 16 + i / 2 % 2 * 8 + thread % 32 / 4;
    const int column = i / 4 * 8 + thread % 4 * 2 + i % 2;
    double sum = of.accumulate ? static_cast<double>(of.d[i]) : 0;
    for (int k = 0; k < k_elements; ++k) {
      const double a = left ? left->at(i / 2 % 2, k) : of.value(tile_byte(of.a, row, k * of.bytes));
      sum += a * of.value(tile_byte(of.b, column, k * of.bytes));
    }
    of.d[i] = static_cast<float>(sum);
  }
}

}  // namespace

CUtensorMap host_matrix_map(const void* matrix, int rows, int columns, int element_bytes,
                            int box_rows) {
  const HostMap content{static_cast<const unsigned char*>(matrix), rows, columns, element_bytes,
                        box_rows};
  static_assert(sizeof content <= sizeof(CUtensorMap));
  CUtensorMap map{};
  std::memcpy(&map, &content, sizeof content);
  return map;
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
  barriers.clear();
  work.clear();
}

}  // namespace microdc::testing::host_device

namespace microdc::kernels::cuda {

using namespace testing::host_device;

std::uint32_t shared_address(const void* pointer) {
  return static_cast<std::uint32_t>(static_cast<const unsigned char*>(pointer) -
                                    dynamic_shared_memory()) +
         window_offset;
}

void wait_for_some(int threads) { wait_for_part_of_block(threads); }

uint4 load_once(const void* from) {
  if (reinterpret_cast<std::uintptr_t>(from) % 16 != 0)
    throw std::runtime_error("a vector is not at a multiple of 16 bytes");
  uint4 vector;
  std::memcpy(&vector, from, sizeof vector);
  return vector;
}

uint4 load_shared_by_many(const void* from) { return load_once(from); }

namespace {

template <class Operation>
std::uint32_t per_half(std::uint32_t a, std::uint32_t b, const Operation& operation) {
  const auto rounded = [&](std::uint32_t x, std::uint32_t y) {
    // Of the 16 bits that matter the sign, 8 of exponent, 7 of fraction.
    const float exact = operation(__uint_as_float(x << 16), __uint_as_float(y << 16));
    const __nv_bfloat16 nearest = __float2bfloat16(exact);
    std::uint16_t bits = 0;
    std::memcpy(&bits, &nearest, sizeof bits);
    return std::uint32_t{bits};
  };
  return rounded(a & 0xFFFF, b & 0xFFFF) | rounded(a >> 16, b >> 16) << 16;
}

}  // namespace

std::uint32_t subtract_bf16_pair(std::uint32_t a, std::uint32_t b) {
  return per_half(a, b, [](float x, float y) { return x - y; });
}

std::uint32_t multiply_bf16_pair(std::uint32_t a, std::uint32_t b) {
  return per_half(a, b, [](float x, float y) { return x * y; });
}

/// From the other lanes by shuffles; layout of mma.m16n8k32 (PTX manual, "Matrix fragments for
/// mma.m16n8k32"): byte i of register r is of row lane / 4 + r % 2 * 8 and k lane % 4 * 4 + i +
/// r / 2 * 16; of b, column lane / 4 and the same k with r / 2 replaced by r.
void multiply_add(float (&d)[4], const std::uint32_t (&a)[4], std::uint32_t b0, std::uint32_t b1,
                  __nv_fp8_e4m3) {
  const int own_row = lane() / 4;
  const int own_column = lane() % 4 * 2;
  std::uint32_t rows[4][4];
  std::uint32_t columns[2][2][4];
  for (int quad = 0; quad < 4; ++quad) {
    for (int r = 0; r < 4; ++r) rows[r][quad] = shuffle(a[r], own_row * 4 + quad);
    for (int c = 0; c < 2; ++c) {
      columns[c][0][quad] = shuffle(b0, (own_column + c) * 4 + quad);
      columns[c][1][quad] = shuffle(b1, (own_column + c) * 4 + quad);
    }
  }
  const auto byte_of = [](std::uint32_t word, int i) {
    const auto byte = static_cast<unsigned char>(word >> (8 * i));
    return value_at(&byte, __nv_fp8_e4m3{});
  };
  for (int i = 0; i < 4; ++i) {
    double sum = 0;
    for (int k = 0; k < 32; ++k) {
      sum += byte_of(rows[i / 2 + k / 16 * 2][k % 16 / 4], k % 4) *
             byte_of(columns[i % 2][k / 16][k % 16 / 4], k % 4);
    }
    d[i] = static_cast<float>(d[i] + sum);
  }
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

void copy_box(void* to, const CUtensorMap* map, int column, int row, Barrier* barrier) {
  const std::uint32_t address = shared_address(to);
  if (address % 1024 != 0) throw std::runtime_error("a swizzled box is not at a multiple of 1024");
  std::memset(to, 0xFF, static_cast<std::size_t>(box_bytes(host_map(*map))));  // in flight
  state_of(barrier).copies.push_back({address, map, column, row});
}

void copy_bulk(void* to, const void* from, int bytes, Barrier* barrier) {
  if (reinterpret_cast<std::uintptr_t>(to) % 16 != 0 ||
      reinterpret_cast<std::uintptr_t>(from) % 16 != 0 || bytes % 16 != 0)
    throw std::runtime_error("a bulk copy is not aligned");
  std::memset(to, 0xFF, static_cast<std::size_t>(bytes));  // in flight
  state_of(barrier).bulk_copies.push_back({to, from, bytes});
}

// Instructions of wgmma are ".sync.aligned": no lane of a warp gets past them alone.
void multiply_fence() { wait_for_warp(); }

void multiply_async_of(float* d, int sums, std::uint64_t a, std::uint64_t b, bool accumulate,
                       double (*value)(const unsigned char*), int bytes) {
  own_work().open_group.push_back({d, sums, a, b, accumulate, value, bytes});
}

void multiply_async_of(float* d, int sums, const std::uint32_t* a, std::uint64_t b,
                       bool accumulate) {
  own_work().open_group.push_back(
      {d, sums, 0, b, accumulate,
       [](const unsigned char* at) { return value_at(at, __nv_bfloat16{}); }, 2, a});
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
