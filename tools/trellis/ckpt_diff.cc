#include "trellis/tools/trellis/ckpt_diff.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "trellis/base/status_macros.h"
#include "trellis/tools/trellis/json_writer.h"
#include "trellis/tools/trellis/number_of.h"
#include "trellis/tools/trellis/table.h"

namespace trellis {
namespace {

double Difference(double a, double b) {
  if (a == b || (std::isnan(a) && std::isnan(b))) return 0;
  const double difference = std::abs(a - b);
  return std::isnan(difference) ? std::numeric_limits<double>::infinity()
                                : difference;
}

// REQUIRES: same dtype, which has numbers, and same shape.
void Measure(const Tensor& a, const Tensor& b, CheckpointDiff::Tensor* diff) {
  double greatest = 0, largest = 0;
  const int64_t n = a.num_elements() * NumbersPerElement(a.dtype());
  for (int64_t i = 0; i < n; ++i) {
    const double x = NumberOf(a, i);
    greatest = std::max(greatest, Difference(x, NumberOf(b, i)));
    if (std::isfinite(x)) largest = std::max(largest, std::abs(x));
  }
  diff->max_difference = greatest;
  diff->relative_difference = greatest == 0 ? 0
                              : largest == 0
                                  ? std::numeric_limits<double>::infinity()
                                  : greatest / largest;
}

std::string TypeText(const CheckpointTensor& tensor) {
  return DTypeName(tensor.dtype) + tensor.shape.ToString();
}

bool IsFloating(DType dtype) {
  return kFloatTypes.contains(dtype) || kComplexTypes.contains(dtype);
}

absl::Status Compare(const CheckpointReader& first,
                     const CheckpointReader& second, const std::string& name,
                     double tolerance, CheckpointDiff* diff) {
  const CheckpointTensor& a = *first.Find(name);
  const CheckpointTensor& b = *second.Find(name);
  CheckpointDiff::Tensor row = {.name = name};
  if (a.dtype != b.dtype || !(a.shape == b.shape)) {
    row.types = absl::StrCat(TypeText(a), " and ", TypeText(b));
    diff->different.push_back(std::move(row));
    return absl::OkStatus();
  }
  TRELLIS_ASSIGN_OR_RETURN(const Tensor x, first.Read(name));
  TRELLIS_ASSIGN_OR_RETURN(const Tensor y, second.Read(name));
  bool same = x.SameAs(y);
  if (!same && HasNumbers(a.dtype)) {
    Measure(x, y, &row);
    same = tolerance > 0 && IsFloating(a.dtype) &&
           *row.relative_difference <= tolerance;
  }
  if (same) {
    ++diff->equal;
  } else {
    diff->different.push_back(std::move(row));
  }
  return absl::OkStatus();
}

std::string DiffJson(const CheckpointDiff& diff) {
  JsonWriter json;
  json.BeginObject();
  json.Field("same", diff.empty());
  json.Field("equal", diff.equal);
  json.Field("only_first", diff.only_first);
  json.Field("only_second", diff.only_second);
  json.Key("different").BeginArray();
  for (const CheckpointDiff::Tensor& tensor : diff.different) {
    json.BeginObject();
    json.Field("name", tensor.name);
    if (!tensor.types.empty()) json.Field("types", tensor.types);
    if (tensor.max_difference.has_value()) {
      json.Field("max_difference", *tensor.max_difference);
      json.Field("relative_difference", *tensor.relative_difference);
    }
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
  return json.text() + "\n";
}

std::string DiffText(const CheckpointDiff& diff) {
  Table table;
  for (const std::string& name : diff.only_first) {
    table.AddRow({"only in the first", name});
  }
  for (const std::string& name : diff.only_second) {
    table.AddRow({"only in the second", name});
  }
  for (const CheckpointDiff::Tensor& tensor : diff.different) {
    std::string what = tensor.types;
    if (tensor.max_difference.has_value()) {
      what = absl::StrCat("by ", NumberText(*tensor.max_difference), ", ",
                          NumberText(*tensor.relative_difference),
                          " of the largest");
    }
    table.AddRow({"different", tensor.name, what});
  }
  return absl::StrCat(table.ToString(), diff.equal, " tensors are equal\n");
}

}  // namespace

absl::StatusOr<CheckpointDiff> DiffCheckpoints(const CheckpointReader& first,
                                               const CheckpointReader& second,
                                               double tolerance) {
  CheckpointDiff diff;
  for (const std::string& name : first.names()) {
    if (second.Find(name) == nullptr) {
      diff.only_first.push_back(name);
    } else {
      TRELLIS_RETURN_IF_ERROR(Compare(first, second, name, tolerance, &diff));
    }
  }
  for (const std::string& name : second.names()) {
    if (first.Find(name) == nullptr) diff.only_second.push_back(name);
  }
  return diff;
}

absl::StatusOr<Answer> PrintCheckpointDiff(const CheckpointReader& first,
                                           const CheckpointReader& second,
                                           const Flags& flags,
                                           std::ostream& out) {
  double tolerance = 0;
  if (flags.Has("tolerance") &&
      (!absl::SimpleAtod(flags.Get("tolerance"), &tolerance) ||
       !(tolerance >= 0))) {
    return absl::InvalidArgumentError(
        absl::StrCat("--tolerance is \"", flags.Get("tolerance"),
                     "\", must be a number of at least 0"));
  }
  TRELLIS_ASSIGN_OR_RETURN(const CheckpointDiff diff,
                           DiffCheckpoints(first, second, tolerance));
  out << (WantsJson(flags) ? DiffJson(diff) : DiffText(diff));
  return diff.empty() ? Answer::kYes : Answer::kNo;
}

}  // namespace trellis
