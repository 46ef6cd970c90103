#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "hwprofiles/base/json_io.hpp"
#include "hwprofiles/base/quantity_text.hpp"
#include "sim/cli/findings_json.hpp"
#include "sim/cli/scenario_input.hpp"
#include "sim/cli/verbs/all.hpp"
#include "sim/scenario/lookup.hpp"
#include "sim/scenario/starter.hpp"
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
  std::string model = "qwen3-30b-a3b";
  bool force = false;
};

void find_place(const std::string& code, Place& found, Diagnostics& errors) {
  const auto places = load_places(data_root() / "sim/scenario/catalog/places.json");
  if (!places) return errors.append(places.diagnostics());
  std::vector<std::string> known;
  for (const Place& place : *places) {
    if (place.name == code) {
      found = place;
      return;
    }
    known.push_back(place.name);
  }
  const auto near = nearest_match(code, known);
  errors.add({.place = "--where",
              .message = "this place is not known",
              .found = fmt::format("\"{}\"", code),
              .allowed = join_names(known),
              .fix = near ? fmt::format("did you mean \"{}\"?", *near)
                          : "choose one nearby and change its prices in the scenario"});
}

void read_budget(const std::string& text, const std::string& currency, std::optional<Money>& budget,
                 Diagnostics& errors) {
  if (text.empty()) return;
  const auto amount = parse_quantity(text, Dimension::money);
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

/// Which server stands in the file and why; that it was not sized for the load.
std::string choice_text(const Scenario& scenario, const StarterAnswers& answers,
                        const Catalogs& catalogs) {
  const std::string& type = scenario.sites.front().racks.front().servers.front().type;
  const auto price = catalog_price(catalogs.hardware, *catalogs.hardware.server(type));
  std::string text = fmt::format("server: {}", type);
  if (price) {
    text += fmt::format(", about {:.0f} {}", price->value() * scenario.economics.exchange_rate,
                        scenario.economics.currency);
  }
  if (answers.budget) {
    text +=
        fmt::format(" (budget {:.0f} {})", answers.budget->value(), scenario.economics.currency);
  }
  return text + fmt::format(
                    "\n  {}; not sized for the load: simulate it, and try\n"
                    "  others (microdc list servers) if people wait or it stays idle\n",
                    answers.budget ? "the fastest memory that the budget buys"
                                   : "the cheapest that holds the model");
}

Answer make_new(const NewWords& words, const CommonOptions& options) {
  StarterAnswers answers{.name = words.name,
                         .employees = words.employees,
                         .prompts_per_day = words.prompts_per_day,
                         .model = words.model};
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

  Result<Scenario> starter = starter_scenario(answers, check_context(*catalogs));
  if (!starter) return Answer::failure(starter.diagnostics());
  // The changes of --set act on the file that would be written, and are checked like one.
  Json document = Json::parse(write_scenario(*starter, false).dump());
  const Result<Scenario> scenario =
      read_scenario(std::move(document), file.string(), options.changes, check_context(*catalogs));
  if (!scenario) return Answer::failure(scenario.diagnostics());
  const std::string content = json_text(write_scenario(*scenario, false));
  answer.findings.append(write_file_atomically(file, content));
  if (answer.findings.has_errors()) return answer;
  answer.text =
      choice_text(*scenario, answers, *catalogs) +
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
            options.positive_number("--prompts-per-day", words->prompts_per_day,
                                    "Prompts of all employees together on a working day");
            options.text("--where", words->where,
                         "Country or region: `microdc list places` shows them",
                         {.show_default = true});
            options.text("--budget", words->budget, "For servers, e.g. \"50000 EUR\"");
            options.text("--model", words->model, "Model: `microdc list models` shows them",
                         {.show_default = true});
            options.flag("--force", words->force, "Overwrite the file");
            return [words](const CommonOptions& common, std::ostream&) {
              return make_new(*words, common);
            };
          }};
}

}  // namespace microdc::cli
