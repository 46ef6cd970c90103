#include "sim/report/parts_text.hpp"

#include <fmt/format.h>

#include <fmt/ranges.h>
#include <algorithm>

#include <vector>

#include "sim/report/number_text.hpp"
#include "sim/report/text_layout.hpp"

namespace microdc {
namespace {

std::string part_quantity_text(const Part& part) {
  const std::string number = fmt::format("{:g}", part.quantity);
  return part.unit.empty() ? number : number + " " + part.unit;
}

}  // namespace

std::string price_remedy(const std::vector<std::string>& missing) {
  const auto priced = [](const std::string& item) { return item.starts_with("price of "); };
  if (std::none_of(missing.begin(), missing.end(), priced)) return "";
  return "To give a price: economics.quotes (item, price) of a server or processor, "
         "economics.capex of all servers, economics.facility_capex of the rest; what stands "
         "already costs nothing (`owned` of its servers).";
}

std::string parts_text(const PartsList& list, const EconomicsSpec& economics) {
  if (list.parts.empty()) return "";
  const auto amount = [](Cents value) { return cents_text(value.hundredths()); };
  std::vector<std::vector<std::string>> rows{{"", "number", "each", "sum", "price"}};
  for (const Part& part : list.parts) {
    rows.push_back({cut(part.label, 50), part_quantity_text(part), amount(part.unit_price),
                    amount(part.price), price_kind(part)});
  }
  if (list.sales_tax != Cents()) {
    rows.push_back({fmt::format("sales tax, {:g} %", economics.sales_tax * 100), "", "",
                    amount(list.sales_tax), "scenario"});
  }
  rows.push_back(
      {list.complete() ? "purchase" : "purchase, as far as known", "", "", amount(list.total), ""});
  std::string text = aligned(rows);
  if (!list.complete()) {
    text += wrapped(fmt::format("Not priced: {}. {}", fmt::join(list.missing, "; "),
                                price_remedy(list.missing)),
                    "  ", 2);
  }
  if (list.lead_time) {
    text += wrapped(fmt::format("Delivered within {}, as far as quotes and catalogs say.",
                                duration_text(list.lead_time->value())),
                    "  ", 2);
  }
  return text;
}

}  // namespace microdc
