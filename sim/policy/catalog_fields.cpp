// Metadata of what stands in sim/policy/catalog.
#include "sim/policy/catalog.hpp"

namespace microdc {
namespace {

void describe_name(FieldVisitor& v, std::string& name, std::string& label) {
  v.text({.name = "name", .label = "Name", .required = true}, name);
  v.text({.name = "label", .label = "Meaning", .required = true}, label);
}

}  // namespace

void describe(FieldVisitor& v, Jurisdiction& item) {
  describe_name(v, item.name, item.label);
  v.texts({.name = "within", .label = "Lies in or belongs to"}, item.within);
}

void describe(FieldVisitor& v, PlaceList::Member& item) {
  v.text({.name = "place", .label = "Place", .required = true}, item.place);
  v.text({.name = "condition", .label = "If the recipient fulfils"}, item.condition);
  v.text({.name = "note", .label = "Note"}, item.note);
}

void describe(FieldVisitor& v, PlaceList& item) {
  describe_name(v, item.name, item.label);
  v.text({.name = "date", .label = "As of", .required = true}, item.date);
  v.text({.name = "source", .label = "Source", .required = true}, item.source);
  v.text({.name = "evidence", .label = "Evidence", .required = true}, item.evidence);
  v.objects({.name = "members", .label = "Member", .required = true}, item.members);
}

void describe(FieldVisitor& v, Sector& item) {
  describe_name(v, item.name, item.label);
  v.texts({.name = "within", .label = "Bound also by the rules of"}, item.within);
  v.boolean({.name = "pays_sales_tax",
             .label = "Pays sales tax",
             .help = "what it does is usually exempt, so that it cannot reclaim what it pays"},
            item.pays_sales_tax);
  v.texts({.name = "data_classes", .label = "Usual data"}, item.data_classes);
}

void describe(FieldVisitor& v, DataClass& item) {
  describe_name(v, item.name, item.label);
  v.texts({.name = "synonyms", .label = "Also called"}, item.synonyms);
  v.texts({.name = "implies", .label = "Is as well"}, item.implies);
}

void describe(FieldVisitor& v, Condition& item) {
  describe_name(v, item.name, item.label);
  v.choice({.name = "held_by", .label = "Fulfilled by", .required = true},
           {"organisation", "operator"}, item.held_by);
}

void describe(FieldVisitor& v, Way& item) {
  v.texts({.name = "places", .label = "in"}, item.places);
  v.texts({.name = "operators", .label = "operator under the law of"}, item.operators);
  v.texts({.name = "conditions", .label = "if"}, item.conditions);
  v.text({.name = "note", .label = "note"}, item.note);
}

void describe(FieldVisitor& v, Regulation& item) {
  v.text({.name = "name", .label = "Name", .required = true}, item.name);
  v.text({.name = "law", .label = "Law", .required = true}, item.law);
  v.text({.name = "article", .label = "Article", .required = true}, item.article);
  v.text({.name = "title", .label = "Subject", .required = true}, item.title);
  v.text({.name = "jurisdiction", .label = "Binds organisations in"}, item.jurisdiction);
  v.texts({.name = "sectors", .label = "of the sectors"}, item.sectors);
  v.texts({.name = "data_classes", .label = "Data"}, item.data_classes);
  v.choice({.name = "strength", .label = "Strength", .required = true},
           {"absolute", "conditional", "soft", "exposure", "none"}, item.strength);
  v.choice({.name = "scope", .label = "Scope", .required = true}, {"everywhere", "third_party"},
           item.scope);
  v.text({.name = "question", .label = "One of the answers to"}, item.question);
  v.text({.name = "from", .label = "In force from"}, item.from);
  v.text({.name = "until", .label = "In force until the day before"}, item.until);
  v.texts({.name = "reaches", .label = "Reaches operators under the law of"}, item.reaches);
  v.objects({.name = "ways", .label = "Allows"}, item.ways);
  v.text({.name = "says", .label = "In short"}, item.says);
  v.text({.name = "note", .label = "Note"}, item.note);
  v.text({.name = "source", .label = "Source", .required = true}, item.source);
  v.text({.name = "evidence", .label = "Evidence", .required = true}, item.evidence);
}

}  // namespace microdc
