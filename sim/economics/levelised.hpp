// The levelised cost of a year, told apart by kind.
#pragma once

#include <array>
#include <span>

#include "sim/economics/ownership.hpp"

namespace microdc {

/// Shares of the levelised cost `per_year` in proportion to the present values of the kinds (in the
/// order of CostKind), rounded so that they add up to it to the cent. All zero if the present
/// values sum to nothing.
std::array<Cents, cost_kinds> levelised_by_kind(std::span<const double, cost_kinds> present,
                                                double per_year);
std::array<Cents, cost_kinds> levelised_by_kind(const Ownership& ownership);

/// Of the levelised cost of a year what the organisation's own staff and support take.
double staff_per_year(const Ownership& ownership);

/// "software and support": a kind for people.
std::string_view label_of(CostKind kind);

}  // namespace microdc
