#include <fmt/format.h>

#include <cmath>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "hwprofiles/base/json_io.hpp"
#include "hwprofiles/base/thousands.hpp"
#include "sim/cli/amount.hpp"
#include "sim/cli/findings_json.hpp"
#include "sim/cli/scenario_input.hpp"
#include "sim/cli/verbs/all.hpp"
#include "sim/economics/parts_list.hpp"
#include "sim/planning/sizing/cheapest_rack.hpp"
#include "sim/policy/residency.hpp"
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
  std::string sector;
  std::vector<std::string> data, conditions;
  std::string budget;
  std::optional<double> headroom;
  std::string model = "qwen3-30b-a3b";
  bool force = false;
};

void find_where(const std::string& wanted, Place& found, Diagnostics& errors) {
  const auto places = load_places(data_root() / "sim/scenario/catalog/places.json");
  if (!places) return errors.append(places.diagnostics());
  const Result<Place> place = find_place(*places, wanted);
  errors.append(place.diagnostics());
  if (place) found = *place;
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

/// "rack (2,200), switch ethernet-25g (3,520)": what stands around the servers.
std::string around_text(const PartsList& parts) {
  std::vector<std::string> around;
  for (const Part& part : parts.parts) {
    if (!part.group.empty()) continue;
    std::string number;
    if (!part.unit.empty()) number = fmt::format(" of {:g} {}", part.quantity, part.unit);
    if (part.unit.empty() && part.quantity != 1) number = fmt::format(" × {:g}", part.quantity);
    around.push_back(
        fmt::format("{}{} ({})", part.label, number, whole_text(part.price.money().value())));
  }
  return fmt::format("{}", fmt::join(around, ", "));
}

/// The whole purchase, as `simulate` and `plan` count it.
std::string purchase_text(const Scenario& scenario, const StarterAnswers& answers,
                          const PartsList& parts) {
  const std::string& currency = scenario.economics.currency;
  std::string all = fmt::format("the servers ({}), {}", whole_text(parts.servers.money().value()),
                                around_text(parts));
  if (const double tax = parts.sales_tax.money().value(); tax > 0) {
    all += fmt::format(", sales tax ({})", whole_text(tax));
  }
  std::string text = fmt::format("{}: {} (prices: economics.quotes, economics.facility_capex)",
                                 money_text(parts.total.money().value(), currency), all);
  if (!parts.complete()) text = "not known as a whole: no price of " + parts.missing.front();
  if (answers.budget && parts.complete() && parts.total.money() > *answers.budget) {
    text += fmt::format("; MORE THAN THE BUDGET of {}, which here counts for the servers alone",
                        money_text(answers.budget->value(), currency));
  }
  return text;
}

/// "19 % (economics.sales_tax; rates: `microdc show places DE`)"
std::string sales_tax_text(double rate, const Place& place) {
  const bool known = sales_tax_of(place, true).has_value();
  const std::string share = rate > 0 ? fmt::format("{:g} %", 100 * rate)
                            : known  ? "none, as if it were reclaimed"
                                     : "none: the catalog has no rate of this place";
  return fmt::format("{} (economics.sales_tax{})", share,
                     known ? fmt::format("; rates: `microdc show places {}`", place.name) : "");
}

/// "0.25 of a post to run it, 21,000 EUR a year (economics.operation.staff, its salary: …)"
std::string staff_text(const Scenario& scenario) {
  const OperationSpec& operation = scenario.economics.operation;
  const std::string& currency = scenario.economics.currency;
  std::optional<double> salary;
  if (operation.salary) {
    salary = operation.salary->value();
  } else if (const Salary* found =
                 economics_catalog()->salary(scenario.organisation.jurisdiction, currency)) {
    salary = found->salary->value;
  }
  std::string text = fmt::format("{:g} of a post to run it", operation.staff);
  if (!salary) return text + " (economics.operation.staff)";
  return text + fmt::format(", {} a year (economics.operation.staff and salary)",
                            money_text(operation.staff * *salary, currency));
}

/// What nobody was asked, and where to change it.
std::string assumed_text(const Scenario& scenario, const StarterAnswers& answers,
                         const PartsList& parts) {
  const EconomicsSpec& economics = scenario.economics;
  const SiteSpec& site = scenario.sites.front();
  std::vector<std::pair<std::string, std::string>> rows;
  rows.emplace_back("purchase", purchase_text(scenario, answers, parts));
  rows.emplace_back("sales tax", sales_tax_text(economics.sales_tax, answers.place));
  rows.emplace_back("law",
                    fmt::format("{}, sector {} (organisation; `microdc list sectors`)",
                                scenario.organisation.jurisdiction, scenario.organisation.sector));
  const auto& classes = scenario.workloads.front().data_classes;
  rows.emplace_back(
      "data", fmt::format("{} (workloads/0/data_classes; `microdc list data_classes`)",
                          classes.empty() ? "none that a law protects" : join_names(classes)));
  rows.emplace_back("staff", staff_text(scenario));
  if (site.electricity_price) {
    rows.emplace_back(
        "energy", fmt::format("{} {}/kWh, PUE {:g} (sites/0; sources: `microdc show places {}`)",
                              rounded_text(site.electricity_price->value() * joules_per_kwh),
                              economics.currency, site.pue, answers.place.name));
  }
  return "assumed, to be changed in the file or with --set:\n" + labelled(rows);
}

/// What the answers were taken for, which servers stand in the file and why.
std::string choice_text(const SizedRack& rack, const StarterAnswers& answers) {
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
  return text;
}

/// Words of the law that its catalog does not define.
void check_words(const StarterAnswers& answers, Diagnostics& errors) {
  const auto& rules = policy_catalog();
  if (!rules) return errors.append(rules.diagnostics());
  RuleFindings findings("", errors);
  const auto names = [](const auto& items) {
    std::vector<std::string> all;
    for (const auto& item : items) all.push_back(item.name);
    return all;
  };
  if (rules->sector(answers.sector) == nullptr) {
    findings.unknown_name("--sector", "this sector is not defined", answers.sector,
                          names(rules->sectors));
  }
  for (const std::string& name : answers.data_classes) {
    if (rules->data_class(name) != nullptr) continue;
    findings.unknown_name("--data", "this class of data is not defined", name,
                          names(rules->data_classes));
  }
  for (const std::string& name : answers.conditions) {
    if (rules->condition(name) != nullptr) continue;
    findings.unknown_name("--condition", "no rule knows this condition", name,
                          names(rules->conditions));
  }
}

/// What the law asks for before the rack may take the data: no error of a file that is a beginning.
void warn_of_law(const Scenario& scenario, Diagnostics& findings) {
  if (!policy_catalog()) return;
  const auto residency = residency_of(scenario, *policy_catalog());
  for (Diagnostic finding : residency.diagnostics().items()) {
    finding.severity = Severity::warning;
    findings.add(std::move(finding));
  }
}

/// Sales tax that nobody gives back makes the rack, and what it is compared with, dearer.
void warn_of_sales_tax(const Scenario& scenario, Diagnostics& findings) {
  const std::string& sector = scenario.organisation.sector;
  if (!policy_catalog() || scenario.economics.sales_tax > 0) return;
  if (!policy_catalog()->pays_sales_tax(sector)) return;
  findings.add({.severity = Severity::warning,
                .place = "/economics/sales_tax",
                .message = fmt::format("sales tax is left out as if it were reclaimed, which a {} "
                                       "usually cannot",
                                       policy_catalog()->sector(sector)->label),
                .found = "0",
                .allowed = "the rate that is not reclaimed",
                .fix = "state it, for example with --set economics.sales_tax=0.2 if it is 20 %"});
}

/// What to do with the file: first what the law asks for, if it does.
std::string next_text(const Scenario& scenario, const std::string& file) {
  std::string text = fmt::format("wrote {}\n", file);
  const std::vector<std::string> asked = policy_catalog()
                                             ? conditions_to_fulfil(scenario, *policy_catalog())
                                             : std::vector<std::string>{};
  if (!asked.empty()) {
    std::string options;
    std::vector<std::string> meanings;
    for (const std::string& name : asked) {
      options += " --condition " + name;
      meanings.push_back(name + policy_catalog()->meaning_of(name));
    }
    text += wrapped(
        fmt::format("the law asks for {}. Once that is so, add {} to organisation.conditions, or "
                    "start again with{}; until then check and simulate end with exit code 3 ({}).",
                    fmt::join(meanings, "; "), asked.size() == 1 ? "its name" : "their names",
                    options, policy_disclaimer),
        "first: ", 2);
  }
  return text + fmt::format("{}: microdc check {}, then microdc simulate {}\n",
                            asked.empty() ? "next" : "then", file, file);
}

/// Whose data, of which classes, and what is arranged.
void set_subject(const NewWords& words, StarterAnswers& answers) {
  if (!words.sector.empty()) answers.sector = words.sector;
  if (policy_catalog()) {
    const std::vector<std::string> usual = policy_catalog()->usual_data(answers.sector);
    if (!usual.empty()) answers.data_classes = usual;
    answers.deducts_tax = !policy_catalog()->pays_sales_tax(answers.sector);
  }
  if (!words.data.empty()) answers.data_classes = words.data;
  if (words.data == std::vector<std::string>{"none"}) answers.data_classes.clear();
  answers.conditions = words.conditions;
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
  find_where(words.where, answers.place, answer.findings);
  set_subject(words, answers);
  check_words(answers, answer.findings);
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
  const PartsList parts = parts_list(*scenario, catalogs->hardware, *economics_catalog());
  warn_of_law(*scenario, answer.findings);
  warn_of_sales_tax(*scenario, answer.findings);
  answer.text = choice_text(*rack, answers);
  if (!options.changes.empty()) answer.text += "  --set changed the file after this choice.\n";
  answer.text += assumed_text(*scenario, answers, parts) + next_text(*scenario, file.string());
  answer.json = content;
  return answer;
}

}  // namespace

Verb new_verb() {
  return {
      "new", "Start a scenario from a few answers", [](OptionSet& options) -> RunVerb {
        auto words = std::make_shared<NewWords>();
        options.text("FILE", words->file, "Scenario file to write", {.required = true});
        options.text("--name", words->name, "Name of the scenario", {.show_default = true});
        options.whole_number("--employees", words->employees, {1, 10'000'000},
                             "People who may use the service", {.show_default = true});
        options.typed_number("--prompts-per-day", words->prompts_per_day,
                             "Prompts of all employees together on a working day");
        options.text("--where", words->where,
                     "Country, region or city, by code or name: `microdc list places` shows them",
                     {.show_default = true});
        options.text("--sector", words->sector,
                     "What the organisation is: `microdc list sectors` shows them; by default "
                     "\"enterprise\"");
        options.texts(
            "--data", words->data,
            "Class of data that prompts hold, or \"none\"; may be repeated: `microdc list "
            "data_classes` shows them; by default what the sector usually holds, "
            "else \"personal_data\"");
        options.texts("--condition", words->conditions,
                      "What the organisation fulfils; may be repeated: `microdc list conditions` "
                      "shows them; the answer says which are asked for");
        options.text("--budget", words->budget,
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
