// The catalog of model cards, and Hugging Face configs added to it.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <system_error>

#include "hwprofiles/base/names.hpp"
#include "models/model_card.hpp"

namespace microdc {
namespace {

namespace fs = std::filesystem;

/// Lower case letters and digits only: "Llama-3.1 8B" and "llama-3.1-8b" are the same name.
std::string normalised(std::string_view name) {
  std::string result = lower_case(name);
  std::erase_if(result, [](unsigned char c) { return std::isalnum(c) == 0; });
  return result;
}

std::string_view without_organisation(std::string_view name) {
  const auto slash = name.rfind('/');
  return slash == std::string_view::npos ? name : name.substr(slash + 1);
}

/// Entries of a folder in order of their names, so that messages do not depend on the file system.
std::vector<fs::path> entries_of(const fs::path& folder, Diagnostics& findings) {
  std::vector<fs::path> entries;
  std::error_code problem;
  for (fs::directory_iterator it(folder, problem), end; !problem && it != end;
       it.increment(problem)) {
    entries.push_back(it->path());
  }
  if (problem) {
    findings.add({.file = folder.string(),
                  .message = "the folder cannot be read",
                  .found = problem.message()});
  }
  std::sort(entries.begin(), entries.end());
  return entries;
}

Result<ModelCard> read_card(const fs::path& path) {
  const Result<Json> json = read_json_file(path);
  if (!json) return json.diagnostics();
  const std::string file = path.string();
  if (json->is_object() && json->contains("model_type") && !json->contains("name")) {
    return Diagnostic{
        .file = file,
        .message = "this is a config of Hugging Face, not a model card",
        .fix = fmt::format("make a card of it: microdc import-model {} -o DIR", file)};
  }
  ModelCard card;
  Diagnostics findings = read_fields(card, *json, file);
  if (!findings.has_errors()) findings.append(check_card(card, file));
  if (findings.has_errors()) return findings;
  return {std::move(card), std::move(findings)};
}

struct ConfigFile {
  fs::path path;
  std::string model;  ///< "ORG/NAME"
};

std::vector<ConfigFile> config_files(const fs::path& folder, Diagnostics& findings) {
  std::vector<ConfigFile> files;
  std::error_code ignored;
  for (const fs::path& entry : entries_of(folder, findings)) {
    if (entry.extension() == ".json") {
      std::string model = entry.stem().string();
      if (const auto dashes = model.find("--"); dashes != std::string::npos) {
        model = fmt::format("{}/{}", model.substr(0, dashes), model.substr(dashes + 2));
      }
      files.push_back({entry, model});
    } else if (fs::is_directory(entry, ignored)) {
      const std::string organisation = entry.filename().string();
      if (fs::is_regular_file(entry / "config.json", ignored)) {
        files.push_back({entry / "config.json", organisation});
      }
      for (const fs::path& inner : entries_of(entry, findings)) {
        if (!fs::is_regular_file(inner / "config.json", ignored)) continue;
        files.push_back({inner / "config.json", organisation + "/" + inner.filename().string()});
      }
    }
  }
  return files;
}

std::string card_name(std::string_view model) { return lower_case(without_organisation(model)); }

/// Takes the name from the aliases of all cards, so that it can belong to another one.
void release_alias(std::map<std::string, ModelCard>& cards, const std::string& model) {
  const std::string full = normalised(model);
  const std::string last = normalised(without_organisation(model));
  for (auto& [name, card] : cards) {
    std::erase_if(card.aliases, [&](const std::string& alias) {
      return normalised(alias) == full || normalised(alias) == last;
    });
  }
}

/// Who claims each normalised name; reports the second claim.
void check_unique(const std::map<std::string, ModelCard>& cards, Diagnostics& findings) {
  std::map<std::string, std::string> owners;
  const auto claim = [&](const std::string& name, const std::string& owner) {
    const auto [at, is_new] = owners.try_emplace(normalised(name), owner);
    if (is_new || at->second == owner) return;
    findings.add({.message = "two model cards claim the same name",
                  .found = fmt::format("\"{}\" in {} and {}", name, at->second, owner),
                  .fix = "remove the alias from one of them"});
  };
  for (const auto& [name, card] : cards) {
    claim(name, name);
    for (const std::string& alias : card.aliases) claim(alias, name);
  }
}

}  // namespace

Result<ModelCatalog> ModelCatalog::load(const fs::path& folder) {
  Diagnostics findings;
  ModelCatalog catalog;
  for (const fs::path& path : entries_of(folder, findings)) {
    if (path.extension() != ".json") continue;
    Result<ModelCard> card = read_card(path);
    findings.append(card.diagnostics());
    if (!card) continue;
    if (catalog.cards_.contains(card->name)) {
      findings.add({.file = path.string(),
                    .place = "/name",
                    .message = "another card in this folder has the same name",
                    .found = card->name});
      continue;
    }
    const std::string name = card->name;
    catalog.cards_.emplace(name, std::move(*card));
  }
  check_unique(catalog.cards_, findings);
  if (findings.has_errors()) return findings;
  return {std::move(catalog), std::move(findings)};
}

void ModelCatalog::add(ModelCard card) {
  const std::string name = card.name;
  cards_.insert_or_assign(name, std::move(card));
}

Diagnostics ModelCatalog::add_card_file(const std::string& key, const fs::path& file) {
  Result<ModelCard> card = read_card(file);
  if (card) cards_.insert_or_assign(key, std::move(*card));
  return card.diagnostics();
}

Diagnostics ModelCatalog::add_hugging_face_folder(const fs::path& folder) {
  Diagnostics findings;
  for (const ConfigFile& config : config_files(folder, findings)) {
    Result<Json> json = read_json_file(config.path);
    findings.append(json.diagnostics());
    if (!json) continue;
    Result<ModelCard> card = import_hugging_face(*json, config.model, config.path.string());
    findings.append(card.diagnostics());
    if (!card) continue;
    card->name = card_name(config.model);
    release_alias(cards_, config.model);
    ModelCard& slot = cards_[card->name];
    // Fine-tunes that the replaced card listed still have this shape.
    card->aliases = std::move(slot.aliases);
    card->aliases.push_back(config.model);
    slot = std::move(*card);
  }
  return findings;
}

const ModelCard* ModelCatalog::find(std::string_view name) const {
  if (const auto exact = cards_.find(std::string(name)); exact != cards_.end()) {
    return &exact->second;
  }
  for (const std::string& wanted : {normalised(name), normalised(without_organisation(name))}) {
    if (wanted.empty()) continue;
    for (const auto& [key, card] : cards_) {
      if (normalised(key) == wanted) return &card;
    }
    for (const auto& [key, card] : cards_) {
      for (const std::string& alias : card.aliases) {
        if (normalised(alias) == wanted) return &card;
        if (normalised(without_organisation(alias)) == wanted) return &card;
      }
    }
  }
  return nullptr;
}

std::vector<std::string> ModelCatalog::names() const {
  std::vector<std::string> names;
  for (const auto& [name, card] : cards_) {
    names.push_back(name);
    names.insert(names.end(), card.aliases.begin(), card.aliases.end());
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace microdc
