#include "sim/planning/compare/changes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "sim/report/input_tree.hpp"

namespace microdc {
namespace {

/// What stands in one scenario only, in a few words: its leaves that are set.
std::string summary_of(const InputNode& node) {
  if (node.kind == InputNode::Kind::leaf) return node.text;
  constexpr std::size_t shown = 4;
  std::vector<std::string> parts;
  for (const InputNode& child : node.children) {
    if (child.kind != InputNode::Kind::leaf || child.text.empty() || child.key == "name") continue;
    if (parts.size() < shown) parts.push_back(fmt::format("{} {}", child.key, child.text));
  }
  return parts.empty() ? "there" : fmt::format("{}", fmt::join(parts, ", "));
}

class Comparer {
 public:
  void compare(const InputNode& a, const InputNode& b, const std::string& path) {
    if (a.kind == InputNode::Kind::leaf) return compare_leaves(a, b, path);
    if (a.kind == InputNode::Kind::list) return compare_lists(a, b, path);
    // An optional object that is not there has no children.
    if (a.children.empty() != b.children.empty()) {
      return only_in_one(a.children.empty() ? nullptr : &a, a.children.empty() ? &b : nullptr,
                         path);
    }
    for (const InputNode& child : a.children) {
      const InputNode* other = b.child(child.key);
      if (other != nullptr) compare(child, *other, below(path, child.key));
    }
  }
  std::vector<InputChange> take() { return std::move(changes_); }

 private:
  static std::string below(const std::string& path, const std::string& key) {
    return path.empty() ? key : path + "/" + key;
  }

  void compare_leaves(const InputNode& a, const InputNode& b, const std::string& path) {
    const bool same_range = a.low == b.low && a.high == b.high;
    if (a.text == b.text && same_range) return;
    InputChange change{.path = path, .label = a.label, .from = written(a), .to = written(b)};
    if (a.number && b.number && *a.number > 0 && *b.number > 0)
      change.ratio = *b.number / *a.number;
    changes_.push_back(std::move(change));
  }
  static std::string written(const InputNode& leaf) {
    return leaf.low.empty() ? leaf.text
                            : fmt::format("{} ({} to {})", leaf.text, leaf.low, leaf.high);
  }

  void compare_lists(const InputNode& a, const InputNode& b, const std::string& path) {
    std::vector<const InputNode*> left;
    std::vector<const InputNode*> right;
    for (const InputNode& item : b.children) {
      if (a.child(item.key) == nullptr) right.push_back(&item);
    }
    for (const InputNode& item : a.children) {
      const InputNode* other = b.child(item.key);
      if (other != nullptr)
        compare(item, *other, below(path, item.key));
      else
        left.push_back(&item);
    }
    for (std::size_t i = 0; i < std::max(left.size(), right.size()); ++i) {
      if (i < left.size() && i < right.size()) {
        compare(*left[i], *right[i], below(path, left[i]->key));
      } else {
        const InputNode* old = i < left.size() ? left[i] : nullptr;
        const InputNode* fresh = i < right.size() ? right[i] : nullptr;
        only_in_one(old, fresh, below(path, (old != nullptr ? old : fresh)->key));
      }
    }
  }

  void only_in_one(const InputNode* old, const InputNode* fresh, const std::string& path) {
    changes_.push_back({.path = path,
                        .label = (old != nullptr ? old : fresh)->label,
                        .from = old != nullptr ? summary_of(*old) : "",
                        .to = fresh != nullptr ? summary_of(*fresh) : ""});
  }

  std::vector<InputChange> changes_;
};

/// Larger is more important.
double size_of(const InputChange& change) {
  if (change.path.ends_with("/name")) return 0;  // only what things are called
  if (change.from.empty() || change.to.empty()) return std::numeric_limits<double>::infinity();
  if (change.ratio) return std::abs(std::log(*change.ratio));
  return std::numeric_limits<double>::max();
}

}  // namespace

std::vector<InputChange> changed_inputs(const Scenario& first, const Scenario& other) {
  Comparer comparer;
  comparer.compare(input_tree(describing(first), first.economics.currency),
                   input_tree(describing(other), other.economics.currency), "");
  std::vector<InputChange> changes = comparer.take();
  std::erase_if(changes, [](const InputChange& change) {
    return change.path == "name" || change.path == "description";
  });
  std::stable_sort(changes.begin(), changes.end(), [](const InputChange& a, const InputChange& b) {
    return size_of(a) > size_of(b);
  });
  return changes;
}

}  // namespace microdc
