#include "sim/planning/sizing/cheapest_rack.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "hwprofiles/base/thousands.hpp"
#include "sim/planning/sizing/replica_capacity.hpp"
#include "sim/report/number_text.hpp"
#include "sim/scenario/lookup.hpp"

namespace microdc {
namespace {

constexpr std::int64_t rack_height = 42;          // units of a usual rack (EIA-310)
constexpr double prompts_of_a_busy_person = 480;  // one a minute for eight hours
constexpr double prompts_of_a_field =
    50'000;  // what a scenario takes per user, half of them active

/// One type of server, as many as needed, in one layout.
struct Candidate {
  Scenario scenario;
  std::string server;
  std::int64_t count = 0;
  double per_server = 0;  ///< requests per second within the objectives
  Money price;            ///< of all, in the scenario's currency
  [[nodiscard]] double capacity() const { return per_server * static_cast<double>(count); }
};

/// Requests per second that one server takes, laid out as in `scenario`.
double server_capacity(const Scenario& scenario, const ServerType& server, const Catalogs& catalogs,
                       const PeakLoad& load) {
  const std::vector<PlacedServer> placed{
      {.name = server.name, .group = scenario.pools.front().servers, .type = &server}};
  auto pools = deploy(scenario, catalogs, placed, std::nullopt);
  if (!pools) return 0;
  return replica_capacity(pools->front(), load, scenario.slo) *
         static_cast<double>(scenario.pools.front().replicas);
}

void set_count(Candidate& candidate, std::int64_t count, Money each) {
  candidate.count = count;
  candidate.price = each * static_cast<double>(count);
  candidate.scenario.sites.front().racks.front().servers.front().count = count;
  candidate.scenario.pools.front().replicas *= count;
}

std::string load_text(const PeakLoad& load, double headroom) {
  return fmt::format(
      "{} requests/s with {} answer tokens/s in the busiest minutes, {:g} times over",
      rounded_text(load.requests_per_s), rounded_text(load.output_tokens_per_s()), headroom);
}

class RackSearch {
 public:
  RackSearch(const StarterAnswers& answers, const Catalogs& catalogs, const CheckContext& context,
             PeakLoad load)
      : answers_(answers), catalogs_(catalogs), context_(context), load_(load) {}

  Result<SizedRack> run(const Scenario& frame) {
    const double rate = frame.economics.exchange_rate;
    for (const StarterOffer& offer : starter_offers(catalogs_.hardware)) {
      bool holds = false;
      for (Scenario& layout : starter_layouts(frame, *offer.server, context_)) {
        holds = true;
        try_layout(std::move(layout), *offer.server, offer.price * rate);
      }
      held_ += holds ? 1 : 0;
    }
    if (!cheapest_) return nothing_carries();
    const std::string& currency = frame.economics.currency;
    if (answers_.budget && cheapest_->price > *answers_.budget) return too_dear(currency);
    return SizedRack{.scenario = cheapest_->scenario,
                     .price = cheapest_->price,
                     .load = load_,
                     .capacity = cheapest_->capacity(),
                     .compared = held_};
  }

 private:
  void try_layout(Scenario scenario, const ServerType& server, Money price) {
    Candidate candidate{.scenario = std::move(scenario), .server = server.name};
    candidate.per_server = server_capacity(candidate.scenario, server, catalogs_, load_);
    if (candidate.per_server <= 0) return;
    const double needed = load_.requests_per_s * answers_.headroom / candidate.per_server;
    const std::int64_t room =
        std::max<std::int64_t>(1, rack_height / std::max<std::int64_t>(1, server.rack_units));
    const bool enough = needed <= static_cast<double>(room);
    const std::int64_t count =
        enough ? std::max<std::int64_t>(1, static_cast<std::int64_t>(std::ceil(needed))) : room;
    set_count(candidate, count, price);
    if (!largest_ || candidate.capacity() > largest_->capacity()) largest_ = candidate;
    if (!enough) return;
    // Of the same price the larger one: the smallest tensor parallel size comes first.
    if (!cheapest_ || candidate.price < cheapest_->price) cheapest_ = std::move(candidate);
  }

  [[nodiscard]] Diagnostic nothing_carries() const {
    Diagnostic error{.problem = Problem::infeasible};
    if (held_ == 0) {
      error.message = fmt::format("no server of the catalog holds \"{}\"", answers_.model);
      error.fix = "choose a smaller model, or write a scenario with several servers and \"pp\"";
      return error;
    }
    if (!largest_) {
      error.message = fmt::format(
          "no server of the catalog answers \"{}\" within the objectives, not even one request",
          answers_.model);
      error.fix = "choose a smaller model";
      return error;
    }
    error.message = "no rack full of servers of one type carries this load within the objectives";
    error.found = load_text(load_, answers_.headroom);
    error.allowed = fmt::format("at most {} requests/s, {} answer tokens/s ({} × {})",
                                rounded_text(largest_->capacity()),
                                rounded_text(largest_->capacity() * load_.output_tokens),
                                largest_->count, largest_->server);
    error.fix =
        "check --employees and --prompts-per-day, choose a smaller model, or write a scenario with "
        "several racks";
    return error;
  }

  [[nodiscard]] Diagnostic too_dear(const std::string& currency) const {
    return {.problem = Problem::infeasible,
            .place = "--budget",
            .message = fmt::format("nothing that carries the load with \"{}\" costs so little",
                                   answers_.model),
            .found = fmt::format("the nearest miss is {} × {} for {} {}", cheapest_->count,
                                 cheapest_->server, whole_text(cheapest_->price.value()), currency),
            .fix = "raise the budget or choose a smaller model"};
  }

  const StarterAnswers& answers_;
  const Catalogs& catalogs_;
  const CheckContext& context_;
  PeakLoad load_;
  std::optional<Candidate> cheapest_;
  std::optional<Candidate> largest_;
  std::int64_t held_ = 0;
};

Diagnostics check_prompts(const StarterAnswers& answers, const PeakLoad& load) {
  Diagnostics findings;
  if (!answers.prompts_per_day) return findings;
  const double each = *answers.prompts_per_day / static_cast<double>(answers.employees);
  if (each <= prompts_of_a_busy_person) return findings;
  const bool absurd = each > prompts_of_a_field;
  findings.add({.severity = absurd ? Severity::error : Severity::warning,
                .place = "--prompts-per-day",
                .message = "these are more prompts than people write",
                .found = fmt::format("{} per employee and day, {} answer tokens/s in the busiest "
                                     "minutes",
                                     rounded_text(each), rounded_text(load.output_tokens_per_s())),
                .allowed = fmt::format("up to {:g} per employee: one a minute for eight hours",
                                       prompts_of_a_busy_person),
                .fix = "give the prompts of all employees together on one working day"});
  return findings;
}

}  // namespace

Result<SizedRack> cheapest_rack(const StarterAnswers& answers, const Catalogs& catalogs,
                                const CheckContext& context) {
  const Result<Scenario> frame = starter_frame(answers, context);
  if (!frame) return frame.diagnostics();
  const Result<PeakLoad> load = peak_load(frame->workloads.front());
  if (!load) return load.diagnostics();
  Diagnostics findings = check_prompts(answers, *load);
  if (findings.has_errors()) return findings;
  Result<SizedRack> rack = RackSearch(answers, catalogs, context, *load).run(*frame);
  findings.append(rack.diagnostics());
  if (!rack) return findings;
  return {std::move(*rack), std::move(findings)};
}

}  // namespace microdc
