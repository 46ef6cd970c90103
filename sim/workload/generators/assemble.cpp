#include "sim/workload/generators/assemble.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "sim/workload/lengths.hpp"
#include "hwprofiles/base/random.hpp"

namespace microdc {
namespace {

/// vLLM's default block: sharing is found as fine as the engine finds it.
constexpr std::int32_t fine_block_tokens = 16;
/// Mooncake's block, for streams whose fine ids would not fit.
constexpr std::int32_t coarse_block_tokens = 512;
constexpr std::int64_t most_hashes = 64'000'000;

struct Turn {
  std::int32_t input = 0;
  std::int32_t output = 0;
  Nanoseconds think = 0;
};

class Assembler {
 public:
  Assembler(const WorkloadSpec& spec, std::uint64_t seed, std::uint32_t stream,
            const LengthSampler& input, const LengthSampler& output, double think_sigma)
      : spec_(spec),
        seed_(seed),
        stream_(stream),
        input_(input),
        output_(output),
        think_sigma_(think_sigma) {}

  RequestStream make(const std::vector<Opener>& openers, Nanoseconds duration);

 private:
  void draw_conversation(std::uint32_t index, std::int64_t turns, std::vector<Turn>& conversation);
  void add_prefixes(const std::vector<std::int32_t>& last_turns, std::size_t openers);
  [[nodiscard]] std::uint16_t blocks_of(std::int64_t tokens) const;

  const WorkloadSpec& spec_;
  std::uint64_t seed_;
  std::uint32_t stream_;
  const LengthSampler& input_;
  const LengthSampler& output_;
  double think_sigma_;
  RequestStream made_;
};

/// A follow-up's prompt is the conversation so far and the new question.
void Assembler::draw_conversation(std::uint32_t index, std::int64_t turns,
                                  std::vector<Turn>& conversation) {
  RandomStream inputs(seed_, RandomPurpose::input_tokens, stream_, index);
  RandomStream outputs(seed_, RandomPurpose::output_tokens, stream_, index);
  RandomStream thinking(seed_, RandomPurpose::think_time, stream_, index);
  conversation.clear();
  std::int64_t history = 0;
  for (std::int64_t turn = 0; turn < turns; ++turn) {
    Turn next;
    next.input = input_.limited(history + input_.at(inputs.uniform()));
    next.output = output_.at(outputs.uniform());
    if (turn > 0) {
      const double median = std::max(spec_.think_time.value(), 1e-9);
      next.think = to_nanoseconds(thinking.lognormal(std::log(median), think_sigma_));
    }
    history = std::int64_t{next.input} + next.output;
    conversation.push_back(next);
  }
}

RequestStream Assembler::make(const std::vector<Opener>& openers, Nanoseconds duration) {
  const std::int64_t limit = spec_.requests.value_or(max_stream_requests);
  std::vector<Turn> conversation;
  std::vector<TraceRequest> follow_ups;
  std::vector<std::int32_t> predecessors;
  std::vector<std::int32_t> last_turns;  // per opener: its last follow-up in follow_ups, or -1
  auto& requests = made_.trace.requests;
  std::int64_t total = 0;
  for (std::size_t i = 0; i < openers.size() && total < limit; ++i) {
    const std::int64_t turns = std::min(openers[i].turns, limit - total);
    total += turns;
    draw_conversation(static_cast<std::uint32_t>(i), turns, conversation);
    requests.push_back({.arrival = openers[i].arrival,
                        .input_tokens = conversation[0].input,
                        .output_tokens = conversation[0].output});
    // Predecessors in follow_ups are counted from -2 downwards until the openers are counted.
    std::int32_t predecessor = static_cast<std::int32_t>(i);
    last_turns.push_back(-1);
    for (std::size_t turn = 1; turn < conversation.size(); ++turn) {
      predecessors.push_back(predecessor);
      last_turns.back() = static_cast<std::int32_t>(follow_ups.size());
      predecessor = -2 - last_turns.back();
      follow_ups.push_back({.arrival = conversation[turn].think,
                            .input_tokens = conversation[turn].input,
                            .output_tokens = conversation[turn].output});
    }
  }
  const auto opened = static_cast<std::int32_t>(requests.size());
  if (!follow_ups.empty()) {
    made_.follows.assign(requests.size(), -1);
    for (const std::int32_t p : predecessors) {
      made_.follows.push_back(p >= 0 ? p : opened + (-2 - p));
    }
    requests.insert(requests.end(), follow_ups.begin(), follow_ups.end());
    for (std::int32_t& last : last_turns) last = last < 0 ? -1 : opened + last;
  }
  add_prefixes(last_turns, static_cast<std::size_t>(opened));
  // A stream that its number of requests ends was observed until the last of them.
  made_.trace.duration = spec_.requests && total >= limit ? 0 : duration;
  for (std::int32_t i = 0; i < opened; ++i) {
    made_.trace.duration = std::max(made_.trace.duration, requests[i].arrival);
  }
  made_.trace.source = fmt::format("{} (generated, seed {})", spec_.kind, seed_);
  made_.trace.clients = {spec_.name};
  return std::move(made_);
}

/// Only whole blocks can be shared.
std::uint16_t Assembler::blocks_of(std::int64_t tokens) const {
  const std::int64_t blocks = tokens / made_.trace.prefix_block_tokens;
  return static_cast<std::uint16_t>(
      std::min<std::int64_t>(blocks, std::numeric_limits<std::uint16_t>::max()));
}

/// The prompts of a conversation are prefixes of one another, so that a conversation has one chain
/// of ids and its turns differ in how many of them they have. Single requests all use one chain:
/// the stream's shared prefix.
void Assembler::add_prefixes(const std::vector<std::int32_t>& last_turns, std::size_t openers) {
  Trace& trace = made_.trace;
  const std::int64_t shared = spec_.shared_prefix_tokens;
  if (shared <= 0 && made_.follows.empty()) return;
  std::int64_t chain_tokens = 0;
  for (const std::int32_t last : last_turns) {
    if (last >= 0) chain_tokens += trace.requests[last].input_tokens;
  }
  trace.prefix_block_tokens =
      chain_tokens / fine_block_tokens <= most_hashes ? fine_block_tokens : coarse_block_tokens;
  const std::uint16_t shared_blocks = blocks_of(shared);
  for (std::uint16_t block = 0; block < shared_blocks; ++block)
    trace.prefix_hashes.push_back(block);
  std::uint32_t next_id = shared_blocks;
  std::vector<std::uint32_t> chains(openers, 0);
  for (std::size_t i = 0; i < openers; ++i) {
    TraceRequest& opener = trace.requests[i];
    const bool alone = last_turns[i] < 0;
    const std::uint16_t own = blocks_of(opener.input_tokens);
    opener.prefix_count = alone ? std::min(own, shared_blocks) : own;
    if (alone) continue;
    opener.prefix_begin = static_cast<std::uint32_t>(trace.prefix_hashes.size());
    const std::uint16_t blocks = blocks_of(trace.requests[last_turns[i]].input_tokens);
    for (std::uint16_t block = 0; block < blocks; ++block) {
      trace.prefix_hashes.push_back(block < shared_blocks ? block : next_id++);
    }
  }
  for (std::size_t i = openers; i < trace.requests.size(); ++i) {
    TraceRequest& request = trace.requests[i];
    request.prefix_begin = trace.requests[made_.follows[i]].prefix_begin;
    request.prefix_count = blocks_of(request.input_tokens);
  }
}

}  // namespace

Nanoseconds to_nanoseconds(double seconds) {
  return static_cast<Nanoseconds>(std::llround(std::clamp(seconds, 0.0, 9.1e9) * 1e9));
}

Diagnostic workload_error(const WorkloadSpec& spec, const std::string& field, std::string message,
                          std::string found, std::string allowed, std::string fix) {
  return {.place = "/" + field,
          .message = fmt::format("workload \"{}\": {}", spec.name, message),
          .found = std::move(found),
          .allowed = std::move(allowed),
          .fix = std::move(fix)};
}

std::int64_t draw_turns(const WorkloadSpec& spec, std::uint64_t seed, std::uint32_t stream,
                        std::uint32_t opener) {
  if (spec.turns_mean <= 1) return 1;
  return RandomStream(seed, RandomPurpose::turns, stream, opener).geometric(spec.turns_mean);
}

Result<RequestStream> assemble(const WorkloadSpec& spec, std::uint64_t seed, std::uint32_t stream,
                               const std::vector<Opener>& openers, Nanoseconds duration) {
  Diagnostics errors;
  const auto input = LengthSampler::make(spec.input, "/input");
  const auto output = LengthSampler::make(spec.output, "/output");
  errors.append(input.diagnostics());
  errors.append(output.diagnostics());
  const bool sessions = std::any_of(openers.begin(), openers.end(),
                                    [](const Opener& opener) { return opener.turns > 1; });
  double think_sigma = 0;
  if (sessions) {
    const auto& catalog = workload_catalog();
    if (catalog.ok())
      think_sigma = catalog->behaviour.think_time_sigma;
    else
      errors.append(catalog.diagnostics());
  }
  if (openers.empty()) {
    errors.add(workload_error(spec, "requests", "no request arrives", "0 requests",
                              "at least one request", "raise the rate, the duration or the users"));
  }
  if (errors.has_errors()) return errors;
  return Assembler(spec, seed, stream, *input, *output, think_sigma).make(openers, duration);
}

Result<std::int64_t> request_count(const WorkloadSpec& spec) {
  if (spec.requests && *spec.requests >= 1 && *spec.requests <= max_stream_requests) {
    return *spec.requests;
  }
  return workload_error(spec, "requests", "kind " + spec.kind + " needs the number of requests",
                        spec.requests ? fmt::format("{}", *spec.requests) : "none",
                        fmt::format("1 to {}", max_stream_requests),
                        "add for example \"requests\": 1000");
}

Result<Limits> open_loop_limits(const WorkloadSpec& spec) {
  Diagnostics errors;
  const double rate = spec.rate ? spec.rate->value() : 0;
  if (!(rate > 0) || !(rate <= 1e9)) {
    errors.add(workload_error(spec, "rate", "kind " + spec.kind + " needs an arrival rate",
                              spec.rate ? fmt::format("{} /s", rate) : "no rate", "above 0 /s",
                              "add for example \"rate\": \"2 /s\""));
  }
  const double duration = spec.duration ? spec.duration->value() : 0;
  if (!spec.duration && !spec.requests) {
    errors.add(workload_error(spec, "duration", "nothing says when the stream ends",
                              "neither duration nor requests", "one of them, or both",
                              "add for example \"duration\": \"1 h\""));
  } else if (spec.duration && !(duration > 0 && duration <= 9e9)) {
    errors.add(workload_error(spec, "duration", "the duration is out of range",
                              fmt::format("{} s", duration), "above 0 s", "correct the duration"));
  }
  if (spec.requests && (*spec.requests < 1 || *spec.requests > max_stream_requests)) {
    errors.add(workload_error(spec, "requests", "the number of requests is out of range",
                              fmt::format("{}", *spec.requests),
                              fmt::format("1 to {}", max_stream_requests), "correct the number"));
  }
  if (!spec.requests && duration * rate > static_cast<double>(max_stream_requests)) {
    errors.add(workload_error(spec, "duration", "the stream has too many requests",
                              fmt::format("about {:.3g}", duration * rate),
                              fmt::format("at most {}", max_stream_requests),
                              "shorten the duration or lower the rate"));
  }
  if (errors.has_errors()) return errors;
  return Limits{.rate = rate / std::max(1.0, spec.turns_mean),
                .duration = to_nanoseconds(duration),
                .openers = spec.requests.value_or(0)};
}

Result<RequestStream> open_loop(const WorkloadSpec& spec, std::uint64_t seed, std::uint32_t stream,
                                const GapDraw& gap) {
  const auto limits = open_loop_limits(spec);
  if (!limits) return limits.diagnostics();
  std::vector<Opener> openers;
  double time = 0;
  for (std::uint32_t i = 0; openers.size() < static_cast<std::size_t>(max_stream_requests); ++i) {
    if (limits->openers > 0 && std::int64_t{i} >= limits->openers) break;
    time += gap(i, i == 0) / limits->rate;
    const Nanoseconds arrival = to_nanoseconds(time);
    if (limits->duration > 0 && arrival >= limits->duration) break;
    openers.push_back({arrival, draw_turns(spec, seed, stream, i)});
  }
  return assemble(spec, seed, stream, openers, limits->duration);
}

}  // namespace microdc
