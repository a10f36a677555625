#include "trellis/graph/device_name.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "trellis/base/status_macros.h"

namespace trellis {
namespace {

using absl::InvalidArgumentError;
using absl::StrCat;

template <typename T>
void Fill(std::optional<T>* field, const std::optional<T>& outer) {
  if (!field->has_value()) *field = outer;
}

template <typename T>
bool Agree(const std::optional<T>& a, const std::optional<T>& b) {
  return !a.has_value() || !b.has_value() || *a == *b;
}

absl::StatusOr<int> ParseNumber(absl::string_view digits,
                                absl::string_view part) {
  int number = 0;
  if (!absl::SimpleAtoi(digits, &number) || number < 0) {
    return InvalidArgumentError(
        StrCat("\"", digits, "\" is no number in \"", part, "\""));
  }
  return number;
}

// The type and the index of "device:GPU:1", "gpu:1" or "cpu".
absl::Status ParseType(absl::string_view type, absl::string_view index,
                       absl::string_view part, DeviceName* name) {
  if (name->type.has_value()) {
    return InvalidArgumentError(
        StrCat("has two device types, the second is \"", part, "\""));
  }
  name->type = std::string(type);
  if (index != "*") {
    TRELLIS_ASSIGN_OR_RETURN(name->index, ParseNumber(index, part));
  }
  return absl::OkStatus();
}

absl::Status ParsePart(absl::string_view part, DeviceName* name) {
  const std::vector<absl::string_view> words = absl::StrSplit(part, ':');
  if (words.size() == 2 && words[0] == "job") {
    name->job = std::string(words[1]);
    return absl::OkStatus();
  }
  if (words.size() == 2 && words[0] == "replica") {
    TRELLIS_ASSIGN_OR_RETURN(name->replica, ParseNumber(words[1], part));
    return absl::OkStatus();
  }
  if (words.size() == 2 && words[0] == "task") {
    TRELLIS_ASSIGN_OR_RETURN(name->task, ParseNumber(words[1], part));
    return absl::OkStatus();
  }
  if (words.size() == 3 && words[0] == "device") {
    const bool lower = words[1] == "cpu" || words[1] == "gpu";
    return ParseType(
        lower ? absl::AsciiStrToUpper(words[1]) : std::string(words[1]),
        words[2], part, name);
  }
  const std::string type = absl::AsciiStrToUpper(words[0]);
  if (words.size() <= 2 && (type == "CPU" || type == "GPU")) {
    return ParseType(type, words.size() == 2 ? words[1] : "*", part, name);
  }
  return InvalidArgumentError(StrCat("\"", part, "\" is no part of one"));
}

}  // namespace

absl::StatusOr<DeviceName> DeviceName::Parse(absl::string_view text) {
  DeviceName name;
  for (absl::string_view part : absl::StrSplit(text, '/', absl::SkipEmpty())) {
    const absl::Status status = ParsePart(part, &name);
    if (!status.ok()) {
      return InvalidArgumentError(
          StrCat("device name \"", text, "\": ", status.message()));
    }
  }
  return name;
}

std::string DeviceName::ToString() const {
  std::string text;
  if (job.has_value()) absl::StrAppend(&text, "/job:", *job);
  if (replica.has_value()) absl::StrAppend(&text, "/replica:", *replica);
  if (task.has_value()) absl::StrAppend(&text, "/task:", *task);
  if (type.has_value()) {
    absl::StrAppend(&text, "/device:", *type, ":",
                    index.has_value() ? StrCat(*index) : "*");
  }
  return text;
}

void DeviceName::FillFrom(const DeviceName& outer) {
  Fill(&job, outer.job);
  Fill(&replica, outer.replica);
  Fill(&task, outer.task);
  Fill(&type, outer.type);
  Fill(&index, outer.index);
}

bool DeviceName::CompatibleWith(const DeviceName& other) const {
  return Agree(job, other.job) && Agree(replica, other.replica) &&
         Agree(task, other.task) && Agree(type, other.type) &&
         Agree(index, other.index);
}

}  // namespace trellis
