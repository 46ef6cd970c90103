// Rules on where data may be processed and by whom, and the words they use: sim/policy/catalog.
// Planning aid, not legal advice.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hwprofiles/base/diagnostics.hpp"
#include "hwprofiles/base/fields.hpp"

namespace microdc {

/// To be printed wherever a verdict is.
inline constexpr std::string_view policy_disclaimer = "planning aid, not legal advice";

/// A country, a part of one, or a union.
struct Jurisdiction {
  std::string name;                 ///< "CA-ON"
  std::string label;                ///< "Ontario"
  std::vector<std::string> within;  ///< what it lies in or is a member of
};

/// Places that a rule accepts because of a decision.
struct PlaceList {
  struct Member {
    std::string place;      ///< a jurisdiction
    std::string condition;  ///< what the recipient has to fulfil there; empty: nothing
    std::string note;
  };
  std::string name;  ///< "EU-ADEQUATE"
  std::string label;
  std::string date, source, evidence;
  std::vector<Member> members;
};

struct Sector {
  std::string name;
  std::string label;
  std::vector<std::string> within;        ///< sectors whose rules bind it too
  std::vector<std::string> data_classes;  ///< that its people usually work with; may be empty
  /// What it does is usually exempt from sales tax, so that it cannot reclaim what it pays.
  bool pays_sales_tax = false;
};

struct DataClass {
  std::string name;
  std::string label;
  std::vector<std::string> synonyms;
  std::vector<std::string> implies;  ///< classes that such data are as well
};

/// What a rule asks for: a checkbox of the scenario, or an attestation of an operator.
struct Condition {
  enum class Holder { organisation, operator_of_place };
  std::string name;
  std::string label;
  Holder held_by = Holder::organisation;
};

/// One way to satisfy a rule: all of it has to be true.
struct Way {
  std::vector<std::string> places;      ///< jurisdictions or lists; empty: anywhere
  std::vector<std::string> operators;   ///< jurisdictions that alone reach the operator; empty: any
  std::vector<std::string> conditions;  ///< all needed
  std::string note;
};

struct Regulation {
  /// absolute: nothing that the organisation does opens other places. conditional: conditions do.
  /// soft: policy without force of law, a breach is reported. exposure: forbids nothing, says whose
  /// orders reach the data. none: listed because people ask, demands nothing of places.
  enum class Strength { absolute, conditional, soft, exposure, none };
  /// third_party: not on premises that the organisation runs itself.
  enum class Scope { everywhere, third_party };

  std::string name;  ///< "DE-SGBV-393"
  std::string law, article, title;
  std::string jurisdiction;               ///< of the organisations it binds; empty: all
  std::vector<std::string> sectors;       ///< it binds; empty: all
  std::vector<std::string> data_classes;  ///< it concerns; empty: all data
  Strength strength = Strength::conditional;
  Scope scope = Scope::third_party;
  std::string question;              ///< rules of one question are alternatives; empty: its own
  std::string from, until;           ///< first day in force, first day no longer; empty: open
  std::vector<std::string> reaches;  ///< exposure: operators under these jurisdictions
  std::vector<Way> ways;             ///< alternatives; one suffices
  std::string says;                  ///< where, by whom and on what condition, in short
  std::string note;
  std::string source;
  std::string evidence;  ///< "sourced", or "from_memory": to be verified

  [[nodiscard]] const std::string& topic() const { return question.empty() ? name : question; }
};
std::string_view name_of(Regulation::Strength strength);

struct PolicyCatalog {
  std::vector<Jurisdiction> jurisdictions;
  std::vector<PlaceList> lists;
  std::vector<Sector> sectors;
  std::vector<DataClass> data_classes;
  std::vector<Condition> conditions;
  std::vector<Regulation> regulations;
  std::string as_of;  ///< the day that it describes: the newest rules

  // Null if there is none.
  [[nodiscard]] const Jurisdiction* jurisdiction(std::string_view name) const;
  [[nodiscard]] const PlaceList* list(std::string_view name) const;
  [[nodiscard]] const Sector* sector(std::string_view name) const;
  [[nodiscard]] const DataClass* data_class(std::string_view name_or_synonym) const;
  [[nodiscard]] const Condition* condition(std::string_view name) const;
  [[nodiscard]] const Regulation* regulation(std::string_view name) const;

  /// The label of a condition in brackets, to stand after its name; empty if there is none.
  [[nodiscard]] std::string meaning_of(std::string_view condition) const;

  /// A place with all that it lies in or belongs to, itself first.
  [[nodiscard]] std::vector<std::string> around(const std::string& jurisdiction) const;
  /// A sector with those whose rules bind it too, itself first.
  [[nodiscard]] std::vector<std::string> sectors_of(const std::string& sector) const;
  /// Whether this sector, or one that it is within, pays_sales_tax.
  [[nodiscard]] bool pays_sales_tax(const std::string& name) const;
  /// What the people of a sector usually work with, by itself or by the first sector whose rules
  /// bind it too; may be empty.
  [[nodiscard]] std::vector<std::string> usual_data(const std::string& sector) const;
  /// Data classes with all that they imply, each once, by the catalog's names.
  [[nodiscard]] std::vector<std::string> implied(const std::vector<std::string>& classes) const;
};

void describe(FieldVisitor& visitor, Jurisdiction& item);
void describe(FieldVisitor& visitor, PlaceList::Member& item);
void describe(FieldVisitor& visitor, PlaceList& item);
void describe(FieldVisitor& visitor, Sector& item);
void describe(FieldVisitor& visitor, DataClass& item);
void describe(FieldVisitor& visitor, Condition& item);
void describe(FieldVisitor& visitor, Way& item);
void describe(FieldVisitor& visitor, Regulation& item);

/// Reads the files of a folder. Errors: files missing or damaged, a name twice, a name that nothing
/// defines, a day that is none, rules of one question that differ in kind.
Result<PolicyCatalog> load_policy_catalog(const std::filesystem::path& folder);

/// The catalog in data_root(), read once per process.
const Result<PolicyCatalog>& policy_catalog();

/// Whether a text is a day, "2026-11-27"; such texts are in the order of the days.
bool is_day(std::string_view text);

}  // namespace microdc
