#include "trellis/tools/trellis/flags.h"

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/nearest_names.h"

namespace trellis {
namespace {

const FlagSpec* FindSpec(absl::Span<const FlagSpec> specs,
                         absl::string_view name) {
  for (const FlagSpec& spec : specs) {
    if (spec.name == name) return &spec;
  }
  return nullptr;
}

absl::Status UnknownFlag(absl::Span<const FlagSpec> specs,
                         absl::string_view name) {
  std::vector<absl::string_view> names;
  for (const FlagSpec& spec : specs) names.push_back(spec.name);
  return absl::InvalidArgumentError(
      absl::StrCat("unknown flag --", name, DidYouMean(name, names)));
}

}  // namespace

absl::StatusOr<Flags> Flags::Parse(absl::Span<const std::string> args,
                                   absl::Span<const FlagSpec> specs) {
  Flags flags;
  bool only_arguments = false;
  for (size_t i = 0; i < args.size(); ++i) {
    const absl::string_view arg = args[i];
    if (only_arguments || !absl::StartsWith(arg, "--")) {
      flags.args_.emplace_back(arg);
      continue;
    }
    if (arg == "--") {
      only_arguments = true;
      continue;
    }
    const size_t equals = arg.find('=');
    const std::string name(
        arg.substr(2, equals == arg.npos ? arg.npos : equals - 2));
    const FlagSpec* spec = FindSpec(specs, name);
    if (spec == nullptr) return UnknownFlag(specs, name);
    std::string value;
    if (equals != arg.npos) {
      if (spec->value.empty()) {
        return absl::InvalidArgumentError(
            absl::StrCat("--", name, " takes no value"));
      }
      value = std::string(arg.substr(equals + 1));
    } else if (!spec->value.empty()) {
      if (++i == args.size()) {
        return absl::InvalidArgumentError(
            absl::StrCat("--", name, " needs a value: ", spec->value));
      }
      value = args[i];
    }
    flags.values_[name].push_back(std::move(value));
  }
  return flags;
}

bool Flags::Has(absl::string_view name) const {
  return values_.find(name) != values_.end();
}

std::string Flags::Get(absl::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? "" : found->second.back();
}

std::vector<std::string> Flags::All(absl::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::vector<std::string>() : found->second;
}

absl::StatusOr<std::optional<int64_t>> Flags::Int(absl::string_view name,
                                                  int64_t least) const {
  if (!Has(name)) return std::nullopt;
  int64_t value = 0;
  if (!absl::SimpleAtoi(Get(name), &value) || value < least) {
    return absl::InvalidArgumentError(
        absl::StrCat("--", name, " is \"", Get(name),
                     "\", must be an integer of at least ", least));
  }
  return value;
}

absl::StatusOr<int64_t> Flags::IntOr(absl::string_view name, int64_t otherwise,
                                     int64_t least) const {
  TRELLIS_ASSIGN_OR_RETURN(const std::optional<int64_t> value,
                           Int(name, least));
  return value.value_or(otherwise);
}

}  // namespace trellis
