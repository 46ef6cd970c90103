#include "kernels/cpu/thread_pool.hpp"

#include <gtest/gtest.h>
#include <sched.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

namespace microdc::kernels {
namespace {

TEST(ThreadPool, RunsEveryThreadOncePerRegion) {
  // More threads than this machine may have: then they are not pinned apart, but must still work.
  ThreadPool pool({0, 0, 0});
  std::vector<int> visits(3);
  for (int region = 0; region < 1000; ++region) {
    pool.run([&](int thread) { ++visits[thread]; });
  }
  EXPECT_EQ(visits, (std::vector<int>{1000, 1000, 1000}));
}

TEST(ThreadPool, BarrierLetsNobodyPassBeforeAllHaveCome) {
  ThreadPool pool({0, 1, 0});
  std::atomic<int> arrived{0};
  std::atomic<int> early{0};
  pool.run([&](int) {
    for (int round = 1; round <= 200; ++round) {
      ++arrived;
      pool.barrier();
      if (arrived.load() < 3 * round) ++early;
      pool.barrier();
    }
  });
  EXPECT_EQ(arrived, 600);
  EXPECT_EQ(early, 0);
}

TEST(ThreadPool, WakesWorkersThatWentToSleep) {
  ThreadPool pool({0, 0});
  pool.run([](int) {});
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  std::atomic<int> visits{0};
  pool.run([&](int) { ++visits; });
  EXPECT_EQ(visits, 2);
}

TEST(ThreadPool, UnpinsItsCreatorInTheEnd) {
  cpu_set_t before, after;
  sched_getaffinity(0, sizeof before, &before);
  { ThreadPool pool({0}); }
  sched_getaffinity(0, sizeof after, &after);
  EXPECT_TRUE(CPU_EQUAL(&before, &after));
}

TEST(Split, CoversEverythingOnceInGrains) {
  for (const std::int64_t count : {0, 1, 7, 64, 1000}) {
    for (const int parts : {1, 2, 3, 7}) {
      std::int64_t at = 0;
      for (int part = 0; part < parts; ++part) {
        const Range range = split(count, 4, part, parts);
        EXPECT_EQ(range.begin, at);
        EXPECT_TRUE(range.begin % 4 == 0 || range.begin == count);
        at = range.end;
      }
      EXPECT_EQ(at, count);
    }
  }
}

}  // namespace
}  // namespace microdc::kernels
