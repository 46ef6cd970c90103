#include "sim/cli/amount.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <vector>

namespace microdc::cli {
namespace {

constexpr std::array dollars{"USD", "CAD", "AUD", "NZD", "SGD", "HKD"};
constexpr std::string_view digits = "0123456789";
constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

struct Replacement {
  std::string_view from;
  std::string_view to;
};
// Blanks and apostrophes of typesetters become plain ones.
constexpr std::array plain{Replacement{"\u00a0", " "}, Replacement{"\u202f", " "},
                           Replacement{"\u2009", " "}, Replacement{"\u2019", "'"}};
constexpr std::array symbols{Replacement{"€", "EUR"}, Replacement{"£", "GBP"},
                             Replacement{"$", "$"}};

std::string with_plain_separators(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const auto* const pair = std::find_if(
        plain.begin(), plain.end(), [&](const Replacement& p) { return text.starts_with(p.from); });
    const bool found = pair != plain.end();
    result += found ? pair->to : text.substr(0, 1);
    text.remove_prefix(found ? pair->from.size() : 1);
  }
  return result;
}

void trim(std::string& text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string::npos) {
    text.clear();
    return;
  }
  text = text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

/// Takes letters off the begin of a text.
std::string take_word(std::string& text) {
  const std::size_t end = std::min(text.find_first_not_of(letters), text.size());
  std::string word = text.substr(0, end);
  text.erase(0, end);
  return word;
}

struct Word {
  std::string_view word;
  double scale;
};
constexpr std::array scales{Word{"k", 1e3},        Word{"tsd", 1e3},       Word{"thousand", 1e3},
                            Word{"m", 1e6},        Word{"mn", 1e6},        Word{"mln", 1e6},
                            Word{"mio", 1e6},      Word{"mill", 1e6},      Word{"million", 1e6},
                            Word{"millions", 1e6}, Word{"millionen", 1e6}, Word{"bn", 1e9},
                            Word{"mrd", 1e9}};

/// Thousands, millions, …, of a word; empty if it is none.
std::optional<double> scale_of(const std::string& word) {
  for (const Word& known : scales) {
    if (known.word == lower(word)) return known.scale;
  }
  return std::nullopt;
}

/// Takes a word of thousands or millions and its point off the begin of what stands behind a
/// number; 1 without.
double take_scale(std::string& behind) {
  std::string rest = behind;
  const auto scale = scale_of(take_word(rest));
  if (!scale) return 1;
  if (rest.starts_with('.')) rest.erase(0, 1);
  trim(rest);
  behind = rest;
  return *scale;
}

/// Currency of the letters beside a "$", "CA" of "CA$" and "$ CA"; empty if nobody writes them.
std::string_view dollar_of(std::string_view region) {
  for (const auto& [word, code] : {Replacement{"us", "USD"},
                                   {"ca", "CAD"},
                                   {"c", "CAD"},
                                   {"can", "CAD"},
                                   {"au", "AUD"},
                                   {"a", "AUD"},
                                   {"nz", "NZD"},
                                   {"sg", "SGD"},
                                   {"s", "SGD"},
                                   {"hk", "HKD"}}) {
    if (word == region) return code;
  }
  for (const std::string_view code : dollars) {
    if (lower(std::string(code)) == region) return code;
  }
  return {};
}

/// The code that a mark before or behind a number stands for, "$" for a dollar of no place.
/// Nullopt if it is no currency.
std::optional<std::string> currency_of(std::string mark) {
  std::erase(mark, ' ');
  for (const Replacement& symbol : symbols) {
    if (mark == symbol.from) return std::string(symbol.to);
  }
  mark = lower(mark);
  for (const auto& [word, code] : {Replacement{"euro", "EUR"},
                                   {"euros", "EUR"},
                                   {"fr.", "CHF"},
                                   {"sfr", "CHF"},
                                   {"sfr.", "CHF"},
                                   {"dollar", "$"},
                                   {"dollars", "$"}}) {
    if (word == mark) return std::string(code);
  }
  if (const std::size_t sign = mark.find('$'); sign != std::string::npos) {
    mark.erase(sign, 1);
    const std::string_view code = dollar_of(mark);
    return code.empty() ? std::nullopt : std::optional(std::string(code));
  }
  if (mark.size() != 3 || mark.find_first_not_of(letters) != std::string::npos || scale_of(mark)) {
    return std::nullopt;
  }
  for (char& c : mark) c = static_cast<char>(c - 'a' + 'A');
  return mark;
}

/// What stands before and behind the number of an amount.
struct Marks {
  std::string before, behind;
};

/// The one currency of both marks: "$" with "CAD" or "CA" is CAD. Empty if there is none; nullopt
/// if a mark is no currency or both are different ones.
std::optional<std::string> currency_of(const Marks& marks) {
  if (marks.before.empty() && marks.behind.empty()) return "";
  if (marks.before.empty()) return currency_of(marks.behind);
  const auto first = currency_of(marks.before);
  if (!first || marks.behind.empty()) return first;
  const auto second = currency_of(marks.behind);
  if (*first == "$") {
    const std::string_view code = dollar_of(lower(marks.behind));
    if (!code.empty()) return std::string(code);
  }
  return second == first ? first : std::nullopt;
}

/// Whether `groups` digits stand between thousands separators: one to three, then three each.
bool in_groups(const std::string& number, char separator) {
  std::size_t begin = 0;
  for (std::size_t at = number.find(separator);; at = number.find(separator, begin)) {
    const std::size_t size = std::min(at, number.size()) - begin;
    if (begin == 0 ? size < 1 || size > 3 : size != 3) return false;
    if (at == std::string::npos) return true;
    begin = at + 1;
  }
}

/// Digits with at most a decimal point; nullopt if the separators have no single meaning.
std::optional<std::string> without_separators(std::string number, bool scaled) {
  std::string fraction;
  const std::size_t last = number.find_last_of(".,");
  if (last != std::string::npos) {
    const char mark = number[last];
    const bool alone = number.find(mark) == last;
    const std::size_t behind = number.size() - last - 1;
    const bool other = number.find_first_of(mark == '.' ? ",' " : ".' ") != std::string::npos;
    const bool decimal = alone && (other || behind != 3 || number.starts_with('0'));
    if (alone && behind == 3 && (scaled || other)) return std::nullopt;  // "1.500k": 1.5 or 1500?
    if (decimal) {
      fraction = number.substr(last);
      fraction.front() = '.';
      number.erase(last);
    }
  }
  for (const char separator : {'.', ',', '\'', ' '}) {
    if (number.find(separator) == std::string::npos) continue;
    if (!in_groups(number, separator)) return std::nullopt;
    std::erase(number, separator);
    break;  // a second kind is none of a number
  }
  return number + fraction;
}

/// The number that digits and separators stand for, `scale` times. `meant`: what an error says it
/// is not.
Result<double> value_of(const std::string& text, double scale, std::string_view meant) {
  const Diagnostic no_number{.message = fmt::format("this is not {}", meant)};
  if (text.find_first_not_of("0123456789.,' ") != std::string::npos ||
      text.find_first_of(digits) == std::string::npos) {
    return no_number;
  }
  const auto number = without_separators(text, scale != 1);
  if (!number) return Diagnostic{.message = "the separators can be read in more than one way"};
  double value = 0;
  const char* const end = number->data() + number->size();
  const auto [stopped, error] = std::from_chars(number->data(), end, value);
  if (error != std::errc() || stopped != end || !std::isfinite(value)) return no_number;
  return value * scale;
}

/// A number, and what stands around it.
struct Typed {
  std::string number;
  double scale = 1;  ///< negative with a minus sign
  Marks marks;
};

Typed parted(std::string_view text) {
  const std::string plain_text = with_plain_separators(text);
  const std::size_t first = std::min(plain_text.find_first_of(digits), plain_text.size());
  const std::size_t last = plain_text.find_last_of(digits);
  Typed typed{.marks = {.before = plain_text.substr(0, first)}};
  if (last == std::string::npos) return typed;
  typed.number = plain_text.substr(first, last + 1 - first);
  typed.marks.behind = plain_text.substr(last + 1);
  trim(typed.marks.before);
  trim(typed.marks.behind);
  std::string& before = typed.marks.before;
  const bool negative = before.starts_with('-') || before.ends_with('-');
  if (negative) before.erase(before.starts_with('-') ? 0 : before.size() - 1, 1);
  trim(before);
  if (typed.marks.behind.starts_with(".-")) typed.marks.behind.erase(0, 2);  // whole francs
  typed.scale = take_scale(typed.marks.behind);
  if (negative) typed.scale = -typed.scale;
  return typed;
}

std::string message_of(const Result<double>& refused) {
  return refused.diagnostics().items().front().message;
}

Diagnostic wrong(std::string_view text, std::string message, std::string_view home) {
  const std::string_view code = home.empty() ? "EUR" : home;
  return {.message = std::move(message),
          .found = fmt::format("\"{}\"", text),
          .allowed = fmt::format("an amount with its currency, for example \"60000 {0}\", \"60,000 "
                                 "{0}\" or \"60k {0}\"",
                                 code)};
}

}  // namespace

Result<double> read_number(std::string_view text) {
  const Typed typed = parted(text);
  const bool alone = typed.marks.before.empty() && typed.marks.behind.empty();
  Result<double> number = value_of(alone ? typed.number : "", typed.scale, "a number");
  if (number) return number;
  return Diagnostic{.message = message_of(number),
                    .found = fmt::format("\"{}\"", text),
                    .allowed = "a number, for example \"2000\", \"2,000\" or \"2.5\""};
}

Result<ParsedQuantity> read_amount(std::string_view text, std::string_view home) {
  Typed typed = parted(text);
  auto currency = currency_of(typed.marks);
  std::string& behind = typed.marks.behind;
  if (!currency && behind.find_first_of("kKM") == 0) {  // "60kEUR"
    typed.scale *= behind.front() == 'M' ? 1e6 : 1e3;
    behind.erase(0, 1);
    currency = currency_of(typed.marks);
  }
  const Result<double> value =
      value_of(currency ? typed.number : "", typed.scale, "an amount of money");
  if (!value) return wrong(text, message_of(value), home);
  if (currency->empty()) return wrong(text, "the currency is missing", home);
  if (currency == "$") {
    const bool own = std::find(dollars.begin(), dollars.end(), home) != dollars.end();
    currency = own ? std::string(home) : "USD";
  }
  return ParsedQuantity{.value = *value, .currency = *currency};
}

}  // namespace microdc::cli
