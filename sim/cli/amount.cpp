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

/// A currency at the begin or end of the text, which is taken off. Empty if there is none.
std::string take_currency(std::string& text) {
  for (const Replacement& symbol : symbols) {
    const bool leads = text.starts_with(symbol.from);
    if (!leads && !text.ends_with(symbol.from)) continue;
    text.erase(leads ? 0 : text.size() - symbol.from.size(), symbol.from.size());
    return std::string(symbol.to);
  }
  const auto is_code = [](std::string_view word) {
    return word.size() == 3 && word != "Mio" &&
           word.find_first_not_of(letters) == std::string_view::npos;
  };
  const std::size_t lead = std::min(text.find_first_not_of(letters), text.size());
  const std::size_t last = text.find_last_not_of(letters);
  const std::size_t tail = last == std::string::npos ? 0 : last + 1;
  std::string code;
  if (is_code(std::string_view(text).substr(0, lead))) {
    code = text.substr(0, lead);
    text.erase(0, lead);
  } else if (is_code(std::string_view(text).substr(tail))) {
    code = text.substr(tail);
    text.erase(tail);
  }
  for (char& c : code) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return code;
}

/// A suffix of thousands or millions, which is taken off; 1 without.
double take_scale(std::string& text) {
  for (const auto& [suffix, scale] :
       {std::pair<std::string_view, double>{"Mio", 1e6}, {"k", 1e3}, {"K", 1e3}, {"M", 1e6}}) {
    if (!text.ends_with(suffix)) continue;
    text.erase(text.size() - suffix.size());
    return scale;
  }
  return 1;
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

/// The number that a text without currency stands for. `meant`: what an error says it is not.
Result<double> typed_value(std::string text, std::string_view meant) {
  trim(text);
  const double scale = take_scale(text);
  trim(text);
  const bool negative = text.starts_with('-');
  if (negative) text.erase(0, 1);
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
  return value * (negative ? -scale : scale);
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
  Result<double> number = typed_value(with_plain_separators(text), "a number");
  if (number) return number;
  return Diagnostic{.message = message_of(number),
                    .found = fmt::format("\"{}\"", text),
                    .allowed = "a number, for example \"2000\", \"2,000\" or \"2.5\""};
}

Result<ParsedQuantity> read_amount(std::string_view text, std::string_view home) {
  std::string rest = with_plain_separators(text);
  trim(rest);
  ParsedQuantity amount{.currency = take_currency(rest)};
  trim(rest);
  if (amount.currency == "$") {
    const bool own = std::find(dollars.begin(), dollars.end(), home) != dollars.end();
    amount.currency = own ? std::string(home) : "USD";
  }
  const Result<double> value = typed_value(rest, "an amount of money");
  if (!value) return wrong(text, message_of(value), home);
  if (amount.currency.empty()) return wrong(text, "the currency is missing", home);
  amount.value = *value;
  return amount;
}

}  // namespace microdc::cli
