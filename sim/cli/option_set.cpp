#include "sim/cli/option_set.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>

#include "sim/cli/amount.hpp"

namespace microdc::cli {
namespace {

/// Takes one value; returns its mistake if it is wrong.
using TakeValue = std::function<std::optional<Diagnostic>(const std::string& value)>;

/// How one option is added.
struct Reader {
  std::string value_name;    ///< in the help text, unless the option has a better one
  std::string default_text;  ///< the variable's value, for the help text
  TakeValue take;
  bool repeats = false;
};

}  // namespace

struct OptionSet::State {
  std::unique_ptr<CLI::App> root;  ///< empty for a part: its root owns it
  CLI::App* app = nullptr;
  State* whole = nullptr;  ///< of the root; itself for a root
  std::string heading;
  std::vector<std::unique_ptr<OptionSet>> parts;
  Diagnostics mistakes;      ///< in values; of a root
  bool help_wanted = false;  ///< of a root

  /// Adds an option whose values are read when all words were looked at.
  void add(const std::string& names, Reader reader, const std::string& help,
           const OptionExtras& extras);
};

namespace {

TakeValue text_reader(std::function<void(const std::string&)> take) {
  return [take = std::move(take)](const std::string& value) -> std::optional<Diagnostic> {
    if (value.empty()) return Diagnostic{.message = "the value is empty"};
    take(value);
    return std::nullopt;
  };
}

/// The whole of `value` as a number of this type.
template <class Number>
std::optional<Number> number_in(const std::string& value) {
  Number number{};
  const char* const end = value.data() + value.size();
  const auto [stopped, error] = std::from_chars(value.data(), end, number);
  if (error != std::errc() || stopped != end) return std::nullopt;
  return number;
}

std::string range_text(const WholeNumbers& range) {
  const std::string low = fmt::format("from {}", range.low);
  return range.high == WholeNumbers{}.high ? low : fmt::format("{} to {}", low, range.high);
}

/// A remark in the help text on a range that has two ends.
std::string range_note(const WholeNumbers& range) {
  return range.high == WholeNumbers{}.high ? "" : fmt::format(" ({})", range_text(range));
}

Diagnostic not_taken(const std::string& value, std::string allowed) {
  return {.message = "the option does not take this value",
          .found = fmt::format("\"{}\"", value),
          .allowed = std::move(allowed)};
}

/// A whole number, as programs or as people write it.
std::optional<std::int64_t> whole_number_in(const std::string& value) {
  if (const auto number = number_in<std::int64_t>(value)) return number;
  constexpr double exact = 9007199254740992;  // 2^53: larger doubles skip whole numbers
  const Result<double> typed = read_number(value);
  if (!typed || std::abs(*typed) > exact || *typed != std::floor(*typed)) return std::nullopt;
  return static_cast<std::int64_t>(*typed);
}

template <class Variable>
TakeValue whole_number_reader(Variable& into, const WholeNumbers& range) {
  return [&into, range](const std::string& value) -> std::optional<Diagnostic> {
    const auto number = whole_number_in(value);
    if (!number || *number < range.low || *number > range.high) {
      return not_taken(value, "a whole number " + range_text(range));
    }
    into = *number;
    return std::nullopt;
  };
}

/// The long and short names of all options, also of the chosen part: "--json", "-o", ….
std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  std::vector<const CLI::Option*> options = app.get_options();
  for (const CLI::App* part : app.get_subcommands()) {
    const std::vector<const CLI::Option*> more = part->get_options();
    options.insert(options.end(), more.begin() + 1, more.end());  // but --help, which is there
  }
  for (const CLI::Option* option : options) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    for (const std::string& name : option->get_snames()) names.push_back("-" + name);
  }
  return names;
}

std::vector<std::string> part_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* part : app.get_subcommands(nullptr)) names.push_back(part->get_name());
  return names;
}

std::string help_hint(const CLI::App& app) {
  return fmt::format("`{} --help` shows what it takes", app.get_name());
}

Diagnostic unexpected(std::string message, const std::string& word,
                      const std::vector<std::string>& known, const CLI::App& app) {
  const auto near = nearest_match(word, known);
  return {.message = std::move(message),
          .found = fmt::format("\"{}\"", word),
          .allowed = join_names(known, 40),
          .fix = near ? fmt::format("did you mean \"{}\"?", *near) : help_hint(app)};
}

/// Words that nothing took: the unknown options, whose values are among the other words; without
/// any, the first word.
Diagnostics unexpected_words(const CLI::App& app) {
  Diagnostics findings;
  const std::vector<std::string> words = app.remaining();
  for (const std::string& word : words) {
    if (word.size() < 2 || word.front() != '-') continue;
    findings.add(unexpected("this option is not known", word.substr(0, word.find('=')),
                            option_names(app), app));
  }
  if (findings.empty() && !words.empty()) {
    findings.add(unexpected("this word is not expected", words.front(), part_names(app), app));
  }
  return findings;
}

/// What CLI11 refused; in words of our own where its own are hard to understand.
Diagnostic failure_of(const CLI::ParseError& error, const CLI::App& app) {
  const std::string text = error.what();
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) {
    return {.place = text.substr(0, text.find(':')),  // "--jobs: 1 required N missing"
            .message = "the option needs a value, and none follows",
            .fix = help_hint(app)};
  }
  const std::vector<std::string> parts = part_names(app);
  if (!parts.empty() && app.get_subcommands().empty()) {
    return {.message = "the word that says what to do is missing",
            .allowed = join_names(parts),
            .fix = help_hint(app)};
  }
  return {.message = text, .fix = help_hint(app)};
}

}  // namespace

void OptionSet::State::add(const std::string& names, Reader reader, const std::string& help,
                           const OptionExtras& extras) {
  const std::string place = names.substr(names.rfind(',') + 1);  // the long name
  Diagnostics& found = whole->mistakes;
  const auto take_all = [place, &found, reader](const CLI::results_t& values) {
    const auto report = [&](Diagnostic mistake) {
      mistake.place = place;
      found.add(std::move(mistake));
    };
    if (values.size() > 1 && !reader.repeats) {
      report({.message = "the option is given more than once"});
      return true;
    }
    for (const std::string& value : values) {
      if (auto mistake = reader.take(value)) report(*std::move(mistake));
    }
    return true;
  };
  CLI::Option* option = app->add_option(names, take_all, help);
  option->type_name(extras.value_name.empty() ? reader.value_name : extras.value_name);
  option->required(extras.required);
  if (reader.repeats && !names.starts_with('-')) option->expected(1, 1 << 20)->allow_extra_args();
  option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);  // counted above
  if (extras.show_default) option->default_str(reader.default_text);
  if (!heading.empty()) option->group(heading);
}

OptionSet::OptionSet(const std::string& command, const std::string& summary)
    : state_(std::make_unique<State>()) {
  state_->root = std::make_unique<CLI::App>(summary, command);
  state_->app = state_->root.get();
  state_->app->allow_extras();  // they are reported by read(), with their nearest matches
  state_->whole = state_.get();
}

OptionSet::OptionSet(std::unique_ptr<State> state) : state_(std::move(state)) {}
OptionSet::~OptionSet() = default;

void OptionSet::flag(const std::string& names, bool& into, const std::string& help) {
  CLI::Option* option = state_->app->add_flag(names, into, help);
  if (!state_->heading.empty()) option->group(state_->heading);
}

void OptionSet::text(const std::string& names, std::string& into, const std::string& help,
                     const OptionExtras& extras) {
  state_->add(names, {"TEXT", into, text_reader([&into](const auto& value) { into = value; })},
              help, extras);
}

void OptionSet::texts(const std::string& names, std::vector<std::string>& into,
                      const std::string& help, const OptionExtras& extras) {
  const auto take = text_reader([&into](const auto& value) { into.push_back(value); });
  state_->add(names, {.value_name = "TEXT", .take = take, .repeats = true}, help, extras);
}

void OptionSet::whole_number(const std::string& names, std::int64_t& into, WholeNumbers range,
                             const std::string& help, const OptionExtras& extras) {
  state_->add(names, {"N", std::to_string(into), whole_number_reader(into, range)},
              help + range_note(range), extras);
}

void OptionSet::whole_number(const std::string& names, std::optional<std::int64_t>& into,
                             WholeNumbers range, const std::string& help,
                             const OptionExtras& extras) {
  state_->add(names, {"N", "", whole_number_reader(into, range)}, help + range_note(range), extras);
}

void OptionSet::positive_number(const std::string& names, std::optional<double>& into,
                                const std::string& help, const OptionExtras& extras) {
  const auto take = [&into](const std::string& value) -> std::optional<Diagnostic> {
    const auto number = number_in<double>(value);
    if (!number || !std::isfinite(*number) || *number <= 0) {
      return not_taken(value, "a number above zero");
    }
    into = *number;
    return std::nullopt;
  };
  state_->add(names, {"NUMBER", "", take}, help, extras);
}

void OptionSet::typed_number(const std::string& names, std::optional<double>& into,
                             const std::string& help, const OptionExtras& extras) {
  const auto take = [&into](const std::string& value) -> std::optional<Diagnostic> {
    const Result<double> number = read_number(value);
    if (!number) return number.diagnostics().items().front();
    if (*number <= 0) return not_taken(value, "a number above zero");
    into = *number;
    return std::nullopt;
  };
  state_->add(names, {"NUMBER", "", take}, help, extras);
}

void OptionSet::heading(const std::string& text) { state_->heading = text; }

OptionSet& OptionSet::part(const std::string& name, const std::string& summary, Choice choice) {
  auto state = std::make_unique<State>();
  state->app = state_->app->add_subcommand(name, summary);
  state->app->fallthrough();
  state->whole = state_->whole;
  state_->app->require_subcommand(choice == Choice::required ? 1 : 0, 1);
  state_->parts.push_back(std::unique_ptr<OptionSet>(new OptionSet(std::move(state))));
  return *state_->parts.back();
}

bool OptionSet::chosen() const { return state_->app->parsed(); }

Diagnostics OptionSet::read(std::vector<std::string> words) {
  std::reverse(words.begin(), words.end());  // the order in which CLI11 takes a vector
  std::optional<Diagnostic> failure;
  try {
    state_->app->parse(words);
  } catch (const CLI::CallForHelp&) {
    state_->help_wanted = true;
    return {};
  } catch (const CLI::ParseError& error) {
    failure = failure_of(error, *state_->app);
  }
  Diagnostics findings = unexpected_words(*state_->app);
  findings.append(std::move(state_->mistakes));
  if (findings.empty() && failure) findings.add(*std::move(failure));
  return findings;
}

bool OptionSet::help_wanted() const { return state_->help_wanted; }

std::string OptionSet::help() const {
  std::string text = state_->app->help();
  // Versions of CLI11 end it with one or with two line breaks.
  while (text.ends_with("\n\n")) text.pop_back();
  return text;
}

}  // namespace microdc::cli
