#include "tests/support/device_on_host.hpp"

#include <ucontext.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <deque>
#include <exception>
#include <memory>
#include <numeric>
#include <random>
#include <stdexcept>

#include "kernels/cuda/instructions.cuh"

namespace microdc::testing::host_device {
namespace {

constexpr std::size_t stack_bytes = 128 * 1024;
constexpr int warp_lanes = 32;

struct AsyncCopy {
  unsigned char* to;
  const unsigned char* from;  // null: zeros
  std::size_t bytes;
};

/// Where threads wait for each other. The last to arrive acts for all.
struct Meeting {
  int members = 0;
  int arrived = 0;
  std::uint64_t round = 0;
};

/// What a lane hands to a collective, and where it wants the results.
struct Operands {
  std::uint32_t value = 0;
  int source = 0, operation = 0;  // all lanes of a collective must agree on the latter
  float* sum = nullptr;
  const std::uint32_t* a = nullptr;
  std::uint32_t b[2] = {};
  const void* row = nullptr;
  std::uint32_t* matrices = nullptr;
};

struct Warp {
  Meeting meeting;
  std::array<Operands, warp_lanes> operands;
};

/// As MICRODC_DYNAMIC_SHARED aligns it.
struct alignas(128) SharedLine {
  unsigned char bytes[128];
};

struct Block {
  Meeting meeting;
  int counted = 0, count = 0;
  std::vector<Warp> warps;
  std::vector<SharedLine> shared;
};

struct Fiber {
  Place place;
  Block* block = nullptr;
  int warp = 0, lane = 0;
  const std::function<void()>* body = nullptr;
  std::unique_ptr<char[]> stack;
  ucontext_t context{};
  bool ended = false;
  std::exception_ptr failure;
  std::vector<AsyncCopy> open_group;
  std::deque<std::vector<AsyncCopy>> groups;
};

Fiber* current = nullptr;
ucontext_t scheduler_context;
std::uint64_t progress = 0;
CopiesLand copies_land = CopiesLand::at_once;

void yield() { swapcontext(&current->context, &scheduler_context); }

/// Arrives; `act` runs once, in the last of the members, before any leaves.
template <class Act>
void meet(Meeting& meeting, const Act& act) {
  const std::uint64_t round = meeting.round;
  if (++meeting.arrived == meeting.members) {
    act();
    meeting.arrived = 0;
    ++meeting.round, ++progress;
    return;
  }
  while (meeting.round == round) yield();
}

void land(const AsyncCopy& copy) {
  if (copy.from == nullptr) {
    std::memset(copy.to, 0, copy.bytes);
  } else {
    std::memcpy(copy.to, copy.from, copy.bytes);
  }
}

void fiber_main() {
  try {
    (*current->body)();
  } catch (...) {
    current->failure = std::current_exception();
  }
  current->ended = true;  // and takes no part in meetings any more
  ++progress;
  for (Meeting* meeting :
       {&current->block->meeting,
        &current->block->warps[static_cast<std::size_t>(current->warp)].meeting}) {
    --meeting->members;
    if (meeting->members > 0 && meeting->arrived == meeting->members) {
      current->failure = std::make_exception_ptr(
          std::runtime_error("a thread ended while all others of its block or warp wait"));
      break;
    }
  }
  yield();
}

// Apart from its caller: getcontext returns twice as far as the compiler knows.
[[gnu::noinline]] void prepare_to_run(Fiber& fiber) {
  fiber.stack = std::make_unique_for_overwrite<char[]>(stack_bytes);
  getcontext(&fiber.context);
  fiber.context.uc_stack.ss_sp = fiber.stack.get();
  fiber.context.uc_stack.ss_size = stack_bytes;
  fiber.context.uc_link = nullptr;
  makecontext(&fiber.context, fiber_main, 0);
}

struct Team {
  std::vector<std::unique_ptr<Block>> blocks;
  std::vector<std::unique_ptr<Fiber>> fibers;
};

void add_block(Team& team, const Launch& launch, const uint3& index) {
  auto block = std::make_unique<Block>();
  const int threads = static_cast<int>(launch.block.x * launch.block.y * launch.block.z);
  block->meeting.members = threads;
  block->warps.resize(static_cast<std::size_t>((threads + warp_lanes - 1) / warp_lanes));
  block->shared.resize(static_cast<std::size_t>(launch.shared_bytes) / sizeof(SharedLine) + 1);
  std::memset(block->shared.data(), 0xFF, block->shared.size() * sizeof(SharedLine));
  for (int i = 0; i < threads; ++i) {
    auto fiber = std::make_unique<Fiber>();
    const auto n = static_cast<unsigned>(i);
    fiber->place = {{n % launch.block.x, n / launch.block.x % launch.block.y,
                     n / (launch.block.x * launch.block.y)},
                    index,
                    launch.block,
                    launch.grid};
    fiber->block = block.get();
    fiber->warp = i / warp_lanes;
    fiber->lane = i % warp_lanes;
    ++block->warps[static_cast<std::size_t>(fiber->warp)].meeting.members;
    fiber->body = &launch.thread;
    prepare_to_run(*fiber);
    team.fibers.push_back(std::move(fiber));
  }
  team.blocks.push_back(std::move(block));
}

void run_team(Team& team, const Schedule& schedule) {
  copies_land = schedule.copies;
  std::vector<Fiber*> order;
  for (const auto& fiber : team.fibers) order.push_back(fiber.get());
  if (schedule.order == ThreadOrder::descending) std::reverse(order.begin(), order.end());
  std::mt19937 random(7);
  int rounds_without_progress = 0;
  while (!order.empty()) {
    if (schedule.order == ThreadOrder::shuffled) std::shuffle(order.begin(), order.end(), random);
    const std::uint64_t before = progress;
    for (Fiber* fiber : order) {
      current = fiber;
      swapcontext(&scheduler_context, &fiber->context);
      if (fiber->failure) std::rethrow_exception(fiber->failure);
    }
    std::erase_if(order, [](const Fiber* fiber) { return fiber->ended; });
    rounds_without_progress = progress == before ? rounds_without_progress + 1 : 0;
    if (rounds_without_progress > 1000) throw std::runtime_error("threads wait for ever");
  }
}

template <class Run>
void for_each_block(const Launch& launch, const Run& run) {
  for (unsigned z = 0; z < launch.grid.z; ++z) {
    for (unsigned y = 0; y < launch.grid.y; ++y) {
      for (unsigned x = 0; x < launch.grid.x; ++x) run(uint3{x, y, z});
    }
  }
}

Warp& current_warp() { return current->block->warps[static_cast<std::size_t>(current->warp)]; }

/// A collective of the whole warp.
template <class Act>
void with_warp(const Operands& mine, const Act& act) {
  Warp& warp = current_warp();
  warp.operands[static_cast<std::size_t>(current->lane)] = mine;
  meet(warp.meeting, [&] {
    if (warp.meeting.members != warp_lanes) throw std::runtime_error("a warp lacks lanes");
    for (const Operands& other : warp.operands) {
      if (other.operation != mine.operation)
        throw std::runtime_error("the lanes of a warp take part in different collectives");
    }
    act(warp.operands);
  });
}

using WarpOperands = std::array<Operands, warp_lanes>;

std::uint16_t half_of(std::uint32_t word, int i) {
  return static_cast<std::uint16_t>(i == 0 ? word : word >> 16);
}

/// d[16,8] += a[16,16] b[16,8] over the layout of mma.m16n8k16 (PTX manual, section "Matrix
/// fragments for mma.m16n8k16 with floating point type").
template <class Value>
void multiply_matrices(const WarpOperands& lanes, const Value& value) {
  for (int row = 0; row < 16; ++row) {
    for (int column = 0; column < 8; ++column) {
      double sum = 0;
      for (int k = 0; k < 16; ++k) {
        const auto& left = lanes[static_cast<std::size_t>(row % 8 * 4 + k % 8 / 2)];
        const auto& right = lanes[static_cast<std::size_t>(column * 4 + k % 8 / 2)];
        sum += value(half_of(left.a[row / 8 + 2 * (k / 8)], k % 2)) *
               value(half_of(right.b[k / 8], k % 2));
      }
      float& d =
          lanes[static_cast<std::size_t>(row % 8 * 4 + column / 2)].sum[2 * (row / 8) + column % 2];
      d = static_cast<float>(d + sum);
    }
  }
}

template <class Value>
void multiply_in_warp(float* d, const std::uint32_t* a, std::uint32_t b0, std::uint32_t b1,
                      int operation, const Value& value) {
  Operands mine;
  mine.sum = d, mine.a = a, mine.b[0] = b0, mine.b[1] = b1, mine.operation = operation;
  with_warp(mine, [&](const WarpOperands& lanes) { multiply_matrices(lanes, value); });
}

void load_in_warp(std::uint32_t* result, const void* row, bool transposed) {
  if (reinterpret_cast<std::uintptr_t>(row) % 16 != 0)
    throw std::runtime_error("a matrix row is not at a multiple of 16 bytes");
  Operands mine;
  mine.row = row, mine.matrices = result, mine.operation = transposed ? 5 : 4;
  with_warp(mine, [&](const WarpOperands& lanes) {
    for (std::size_t matrix = 0; matrix < 4; ++matrix) {
      const auto element = [&](std::size_t r, std::size_t c) {
        return static_cast<const std::uint16_t*>(lanes[matrix * 8 + r].row)[c];
      };
      for (std::size_t lane = 0; lane < warp_lanes; ++lane) {
        const std::size_t r = lane / 4, c = 2 * (lane % 4);
        const std::uint32_t low = transposed ? element(c, r) : element(r, c);
        const std::uint32_t high = transposed ? element(c + 1, r) : element(r, c + 1);
        lanes[lane].matrices[matrix] = low | (high << 16);
      }
    }
  });
}

void start_copy(void* to, const void* from, std::size_t bytes, bool valid) {
  if (reinterpret_cast<std::uintptr_t>(to) % bytes != 0 ||
      reinterpret_cast<std::uintptr_t>(from) % bytes != 0)
    throw std::runtime_error("an asynchronous copy is not aligned");
  const AsyncCopy copy{static_cast<unsigned char*>(to),
                       valid ? static_cast<const unsigned char*>(from) : nullptr, bytes};
  if (copies_land == CopiesLand::at_once) {
    land(copy);
  } else {
    std::memset(copy.to, 0xFF, bytes);  // in flight: neither old nor new
    current->open_group.push_back(copy);
  }
}

}  // namespace

const Place& current_thread() { return current->place; }

std::vector<Schedule> schedules() {
  return {{ThreadOrder::ascending, CopiesLand::when_waited_for},
          {ThreadOrder::descending, CopiesLand::at_once},
          {ThreadOrder::shuffled, CopiesLand::when_waited_for}};
}

void run(const Launch& launch, const Schedule& schedule) {
  for_each_block(launch, [&](const uint3& index) {
    Team team;
    add_block(team, launch, index);
    run_team(team, schedule);
  });
}

void run_together(const std::vector<Launch>& launches, const Schedule& schedule) {
  Team team;
  for (const Launch& launch : launches) {
    for_each_block(launch, [&](const uint3& index) { add_block(team, launch, index); });
  }
  run_team(team, schedule);
}

std::uint32_t shuffle(std::uint32_t value, int source_lane) {
  Operands mine;
  mine.value = value, mine.operation = 1;
  std::uint32_t result = 0;
  mine.source = source_lane, mine.matrices = &result;
  with_warp(mine, [](const WarpOperands& lanes) {
    for (const Operands& lane : lanes)
      *lane.matrices = lanes[static_cast<std::size_t>(lane.source & 31)].value;
  });
  return result;
}

int count_in_block(bool predicate) {
  Block& block = *current->block;
  block.counted += predicate ? 1 : 0;
  meet(block.meeting, [&] {
    block.count = block.counted;
    block.counted = 0;
  });
  return block.count;
}

void wait_for_block() {
  meet(current->block->meeting, [] {});
}

void wait_for_warp() {
  meet(current_warp().meeting, [] {});
}

int lane() { return current->lane; }

}  // namespace microdc::testing::host_device

namespace microdc::kernels::cuda {

using namespace testing::host_device;

unsigned char* dynamic_shared_memory() { return current->block->shared.data()->bytes; }

void copy_async_16(void* to_shared, const void* from, bool valid) {
  start_copy(to_shared, from, 16, valid);
}

void copy_async_8(void* to_shared, const void* from, bool valid) {
  start_copy(to_shared, from, 8, valid);
}

void copy_async_commit() {
  current->groups.push_back(std::move(current->open_group));
  current->open_group.clear();
}

void copy_async_wait_for(int pending) {
  while (current->groups.size() > static_cast<std::size_t>(pending)) {
    for (const AsyncCopy& copy : current->groups.front()) land(copy);
    current->groups.pop_front();
  }
}

void multiply_add(float (&d)[4], const std::uint32_t (&a)[4], std::uint32_t b0, std::uint32_t b1,
                  __nv_bfloat16) {
  multiply_in_warp(d, a, b0, b1, 2, [](std::uint16_t bits) {
    return static_cast<double>(__uint_as_float(static_cast<std::uint32_t>(bits) << 16));
  });
}

void multiply_add(float (&d)[4], const std::uint32_t (&a)[4], std::uint32_t b0, std::uint32_t b1,
                  __half) {
  multiply_in_warp(d, a, b0, b1, 3, [](std::uint16_t bits) {
    return static_cast<double>(__half2float(__half(__half_raw{bits})));
  });
}

void load_matrices(std::uint32_t (&r)[4], const void* row) { load_in_warp(r, row, false); }

void load_matrices_transposed(std::uint32_t (&r)[4], const void* row) {
  load_in_warp(r, row, true);
}

float exp2_fast(float x) { return std::exp2(x); }

void store_release_system(std::uint32_t* flag, std::uint32_t value) {
  *flag = value;
  ++progress;
}

std::uint32_t load_acquire_system(const std::uint32_t* flag) {
  yield();
  return *flag;
}

}  // namespace microdc::kernels::cuda
