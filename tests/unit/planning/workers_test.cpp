#include "sim/planning/workers.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <stdexcept>

namespace microdc {
namespace {

TEST(Workers, AnswersInOrderForAnyNumberOfJobs) {
  const auto task = [](std::size_t i) {
    return std::string(1 + 70'000 * (i % 2), static_cast<char>('a' + i % 26));
  };
  for (const int jobs : {1, 2, 7}) {
    std::size_t told = 0;
    const auto answers =
        run_in_workers(9, jobs, task, {.progress = [&](std::size_t done) { told = done; }});
    ASSERT_EQ(answers.size(), 9u);
    for (std::size_t i = 0; i < answers.size(); ++i) {
      EXPECT_TRUE(answers[i].finished);
      EXPECT_EQ(answers[i].text, task(i));
    }
    EXPECT_EQ(told, 9u);
  }
}

TEST(Workers, ADeadWorkerIsOneBadAnswer) {
  const auto answers = run_in_workers(3, 2, [](std::size_t i) -> std::string {
    if (i == 1) std::abort();
    if (i == 2) throw std::runtime_error("broken");
    return "fine";
  });
  EXPECT_TRUE(answers[0].finished);
  EXPECT_FALSE(answers[1].finished);
  EXPECT_NE(answers[1].text.find("signal"), std::string::npos);
  EXPECT_FALSE(answers[2].finished);
  EXPECT_EQ(answers[2].text, "broken");
}

TEST(Workers, NoneStartsAfterADeadOneIfSoAsked) {
  const auto task = [](std::size_t i) -> std::string {
    if (i == 1) std::abort();
    return "fine";
  };
  const auto answers = run_in_workers(4, 1, task, {.end_with_the_first_dead = true});
  EXPECT_TRUE(answers[0].finished);
  EXPECT_FALSE(answers[1].text.empty());
  for (const std::size_t i : {2U, 3U}) {
    EXPECT_FALSE(answers[i].finished);
    EXPECT_TRUE(answers[i].text.empty());
  }
}

TEST(Workers, NothingToDo) {
  EXPECT_TRUE(run_in_workers(0, 4, [](std::size_t) { return std::string(); }).empty());
  EXPECT_GE(available_processors(), 1);
}

}  // namespace
}  // namespace microdc
