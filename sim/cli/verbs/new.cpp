#include <fmt/format.h>

#include <cmath>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "hwprofiles/base/json_io.hpp"
#include "hwprofiles/base/names.hpp"
#include "sim/cli/amount.hpp"
#include "sim/cli/findings_json.hpp"
#include "sim/cli/scenario_input.hpp"
#include "sim/cli/verbs/all.hpp"
#include "sim/planning/sizing/cheapest_rack.hpp"
#include "sim/report/number_text.hpp"
#include "sim/report/text_layout.hpp"
#include "sim/scenario/write.hpp"

namespace microdc::cli {
namespace {

struct NewWords {
  std::string file;
  std::string name = "office";
  std::int64_t employees = 100;
  std::optional<double> prompts_per_day;
  std::string where = "DE";
  std::string budget;
  std::optional<double> headroom;
  std::string model = "qwen3-30b-a3b";
  bool force = false;
};

/// By code or by the name of the country or region.
void find_place(const std::string& wanted, Place& found, Diagnostics& errors) {
  const auto places = load_places(data_root() / "sim/scenario/catalog/places.json");
  if (!places) return errors.append(places.diagnostics());
  std::vector<std::string> codes;
  std::vector<std::string> words;
  for (const Place& place : *places) {
    // "Ontario" is enough for "Ontario, Canada".
    const std::string region = place.label.substr(0, place.label.find(','));
    const std::string key = name_key(wanted);
    if (key == name_key(place.name) || key == name_key(place.label) || key == name_key(region)) {
      found = place;
      return;
    }
    codes.push_back(place.name);
    words.insert(words.end(), {place.name, place.label});
  }
  const auto near = nearest_match(wanted, words);
  errors.add({.place = "--where",
              .message = "this place is not known",
              .found = fmt::format("\"{}\"", wanted),
              .allowed = join_names(codes),
              .fix = near ? fmt::format("did you mean \"{}\"?", *near)
                          : "choose one nearby and change its prices in the scenario"});
}

void read_budget(const std::string& text, const std::string& currency, std::optional<Money>& budget,
                 Diagnostics& errors) {
  if (text.empty()) return;
  const auto amount = read_amount(text, currency);
  if (!amount) {
    Diagnostic error = amount.diagnostics().items().front();
    error.place = "--budget";
    errors.add(std::move(error));
  } else if (amount->currency != currency && !currency.empty()) {
    errors.add({.place = "--budget",
                .message = "the budget is not in the currency of the place",
                .found = fmt::format("\"{}\"", text),
                .allowed = fmt::format("an amount in {}", currency)});
  } else if (amount->value <= 0) {
    errors.add({.place = "--budget",
                .message = "the budget has to be positive",
                .found = fmt::format("\"{}\"", text)});
  } else {
    budget = Money(amount->value);
  }
}

/// Every digit, thousands apart: "2,000", "2.5".
std::string exact_text(double value) {
  if (value != std::floor(value) || value > 1e15) return fmt::format("{}", value);
  return count_text(static_cast<std::int64_t>(value));
}

/// "300 people, 2,000 prompts a day, budget 80,000 EUR"
std::string understood_text(const StarterAnswers& answers, const WorkloadSpec& chat) {
  const double by_default = std::round(static_cast<double>(answers.employees) * chat.active_share *
                                       chat.prompts_per_active_user);
  std::string text = fmt::format("{} people, {} prompts a day{}", count_text(answers.employees),
                                 exact_text(answers.prompts_per_day.value_or(by_default)),
                                 answers.prompts_per_day ? "" : " (default)");
  if (answers.budget) {
    text +=
        fmt::format(", budget {} {}", exact_text(answers.budget->value()), answers.place.currency);
  }
  return wrapped(text, "understood: ", 2);
}

/// "TTFT ≤ 2 s and TPOT ≤ 100 ms"
std::string objectives_text(const SloSpec& slo) {
  std::vector<std::string> limits;
  if (slo.ttft) limits.push_back(fmt::format("TTFT ≤ {}", duration_text(slo.ttft->value())));
  if (slo.tpot) limits.push_back(fmt::format("TPOT ≤ {}", duration_text(slo.tpot->value())));
  return fmt::format("{}", fmt::join(limits, " and "));
}

/// What the answers were taken for, which servers stand in the file and why.
std::string choice_text(const SizedRack& rack, const StarterAnswers& answers, bool changed) {
  const ServerGroupSpec& group = rack.scenario.sites.front().racks.front().servers.front();
  const std::string& currency = rack.scenario.economics.currency;
  std::string text = understood_text(answers, rack.scenario.workloads.front());
  text += wrapped(fmt::format("{} × {}, about {}", group.count, group.type,
                              money_text(rack.price.value(), currency)),
                  "servers: ", 2);
  text += wrapped(
      fmt::format("The cheapest of the {} types of server that hold {} and carry the busiest "
                  "minutes of the day ({} requests/s, {} answer tokens/s) {:g} times with {}. By "
                  "formula they carry them {} times; simulate to see.",
                  rack.compared, answers.model, rounded_text(rack.load.requests_per_s),
                  rounded_text(rack.load.output_tokens_per_s()), answers.headroom,
                  objectives_text(rack.scenario.slo),
                  rounded_text(rack.capacity / rack.load.requests_per_s)),
      "  ", 2);
  if (changed) text += "  --set changed the file after this choice.\n";
  return text;
}

Answer make_new(const NewWords& words, const CommonOptions& options) {
  StarterAnswers answers{.name = words.name,
                         .employees = words.employees,
                         .prompts_per_day = words.prompts_per_day,
                         .model = words.model};
  if (words.headroom) answers.headroom = *words.headroom;
  Answer answer;
  const std::filesystem::path file = std::filesystem::path(options.folder) / words.file;
  std::error_code error;
  if (std::filesystem::exists(file, error) && !words.force) {
    answer.findings.add({.file = file.string(),
                         .message = "the file exists already",
                         .fix = "choose another name, or overwrite it with --force"});
  }
  find_place(words.where, answers.place, answer.findings);
  read_budget(words.budget, answers.place.currency, answers.budget, answer.findings);
  const Result<Catalogs> catalogs = load_catalogs(data_root(), options.hardware);
  answer.findings.append(catalogs.diagnostics());
  if (answer.findings.has_errors()) return answer;

  const Result<SizedRack> rack = cheapest_rack(answers, *catalogs, check_context(*catalogs));
  answer.findings.append(rack.diagnostics());
  if (!rack) return answer;
  // The changes of --set act on the file that would be written, and are checked like one.
  Json document = Json::parse(write_scenario(rack->scenario, false).dump());
  const Result<Scenario> scenario =
      read_scenario(std::move(document), file.string(), options.changes, check_context(*catalogs));
  answer.findings.append(scenario.diagnostics());
  if (!scenario) return answer;
  const std::string content = json_text(write_scenario(*scenario, false));
  answer.findings.append(write_file_atomically(file, content));
  if (answer.findings.has_errors()) return answer;
  answer.text =
      choice_text(*rack, answers, !options.changes.empty()) +
      fmt::format("wrote {0}\nnext: microdc check {0}, then microdc simulate {0}\n", file.string());
  answer.json = content;
  return answer;
}

}  // namespace

Verb new_verb() {
  return {"new", "Start a scenario from a few answers", [](OptionSet& options) -> RunVerb {
            auto words = std::make_shared<NewWords>();
            options.text("FILE", words->file, "Scenario file to write", {.required = true});
            options.text("--name", words->name, "Name of the scenario", {.show_default = true});
            options.whole_number("--employees", words->employees, {1, 10'000'000},
                                 "People who may use the service", {.show_default = true});
            options.typed_number("--prompts-per-day", words->prompts_per_day,
                                 "Prompts of all employees together on a working day");
            options.text("--where", words->where,
                         "Country or region, by code or name: `microdc list places` shows them",
                         {.show_default = true});
            options.text(
                "--budget", words->budget,
                "For the purchase, e.g. \"50000 EUR\" or \"50k EUR\": here for the servers "
                "alone; `plan` holds the whole purchase to it");
            options.text("--model", words->model, "Model: `microdc list models` shows them",
                         {.show_default = true});
            options.positive_number("--headroom", words->headroom,
                                    "How many times the servers have to carry the busiest minutes; "
                                    "by default 1.5");
            options.flag("--force", words->force, "Overwrite the file");
            return [words](const CommonOptions& common, std::ostream&) {
              return make_new(*words, common);
            };
          }};
}

}  // namespace microdc::cli
