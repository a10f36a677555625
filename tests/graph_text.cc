#include "trellis/tests/graph_text.h"

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "trellis/base/status_macros.h"

namespace trellis::testing {
namespace {

template <typename T, typename Parse>
absl::StatusOr<Tensor> ParseElements(const Shape& shape, absl::string_view text,
                                     Parse parse) {
  std::vector<T> values;
  for (absl::string_view part : absl::StrSplit(text, ',', absl::SkipEmpty())) {
    T value;
    if (!parse(part, &value)) {
      return absl::InvalidArgumentError(absl::StrCat(part, " is no element"));
    }
    values.push_back(value);
  }
  // One element stands for all.
  const int64_t count = shape.num_elements();
  if (values.size() == 1) values.resize(count, values[0]);
  if (static_cast<int64_t>(values.size()) != count) {
    return absl::InvalidArgumentError(
        absl::StrCat(values.size(), " elements for ", shape.ToString()));
  }
  Tensor tensor(DTypeOf<T>, shape);
  std::copy(values.begin(), values.end(), tensor.flat<T>().begin());
  return tensor;
}

absl::StatusOr<AttrValue> ParseAttr(absl::string_view text) {
  if (text == "true") return AttrValue(true);
  if (text == "false") return AttrValue(false);
  if (absl::ConsumePrefix(&text, "\"")) {
    absl::ConsumeSuffix(&text, "\"");
    return AttrValue(text);
  }
  if (text.find(':') != absl::string_view::npos) {
    TRELLIS_ASSIGN_OR_RETURN(Tensor tensor, ParseTensor(text));
    return AttrValue(std::move(tensor));
  }
  if (const auto dtype = ParseDType(text)) return AttrValue(*dtype);
  int64_t i;
  if (absl::SimpleAtoi(text, &i)) return AttrValue(i);
  float f;
  if (absl::SimpleAtof(text, &f)) return AttrValue(f);
  TRELLIS_ASSIGN_OR_RETURN(Shape shape, Shape::Parse(text));
  return AttrValue(std::move(shape));
}

absl::Status AddNode(Graph& graph, absl::string_view line) {
  const auto wrong = [&](absl::string_view what) {
    return absl::InvalidArgumentError(absl::StrCat(what, " in: ", line));
  };
  const size_t equals = line.find('='), open = line.find('('),
               close = line.find(')');
  if (equals == absl::string_view::npos || open == absl::string_view::npos ||
      close == absl::string_view::npos || !(equals < open && open < close)) {
    return wrong("no \"name = Op(...)\"");
  }
  NodeSpec spec;
  spec.name = std::string(absl::StripAsciiWhitespace(line.substr(0, equals)));
  spec.op = std::string(
      absl::StripAsciiWhitespace(line.substr(equals + 1, open - equals - 1)));
  for (absl::string_view input :
       absl::StrSplit(line.substr(open + 1, close - open - 1), ',',
                      absl::SkipWhitespace())) {
    input = absl::StripAsciiWhitespace(input);
    if (absl::ConsumePrefix(&input, "^")) {
      Node* control = graph.FindNode(input);
      if (control == nullptr) return wrong("unknown control input");
      spec.control_inputs.push_back(control);
      continue;
    }
    TRELLIS_ASSIGN_OR_RETURN(const Output output, graph.FindOutput(input));
    spec.inputs.push_back(output);
  }
  for (absl::string_view word :
       absl::StrSplit(line.substr(close + 1), ' ', absl::SkipWhitespace())) {
    if (absl::ConsumePrefix(&word, "@")) {
      spec.device = std::string(word);
      continue;
    }
    const size_t at = word.find('=');
    if (at == absl::string_view::npos) return wrong("no \"attr=value\"");
    absl::StatusOr<AttrValue> value = ParseAttr(word.substr(at + 1));
    if (!value.ok()) return wrong(value.status().message());
    spec.attrs.emplace_back(std::string(word.substr(0, at)), *std::move(value));
  }
  return graph.TryAddNode(std::move(spec)).status();
}

}  // namespace

absl::StatusOr<Tensor> ParseTensor(absl::string_view text) {
  const size_t colon = text.find(':'), bracket = text.find('[');
  if (colon == absl::string_view::npos || bracket == absl::string_view::npos ||
      bracket > colon) {
    return absl::InvalidArgumentError(absl::StrCat(text, " is no tensor"));
  }
  const auto dtype = ParseDType(text.substr(0, bracket));
  TRELLIS_ASSIGN_OR_RETURN(const Shape shape,
                           Shape::Parse(text.substr(bracket, colon - bracket)));
  const absl::string_view elements = text.substr(colon + 1);
  switch (dtype.value_or(kInvalid)) {
    case kFloat32:
      return ParseElements<float>(shape, elements, absl::SimpleAtof);
    case kFloat64:
      return ParseElements<double>(shape, elements, absl::SimpleAtod);
    case kInt32:
      return ParseElements<int32_t>(shape, elements, absl::SimpleAtoi<int32_t>);
    case kInt64:
      return ParseElements<int64_t>(shape, elements, absl::SimpleAtoi<int64_t>);
    case kBool:
      return ParseElements<bool>(shape, elements, absl::SimpleAtob);
    default:
      return absl::InvalidArgumentError(absl::StrCat(text, " is no tensor"));
  }
}

absl::Status AddNodes(Graph& graph, absl::string_view text) {
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    line = absl::StripAsciiWhitespace(line);
    if (line.empty()) continue;
    TRELLIS_RETURN_IF_ERROR(AddNode(graph, line));
  }
  return absl::OkStatus();
}

std::vector<std::string> NodeNames(const Graph& graph) {
  std::vector<std::string> names;
  for (const Node* node : graph.nodes()) names.push_back(node->name());
  return names;
}

}  // namespace trellis::testing
