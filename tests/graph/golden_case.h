// Programs whose results real TensorFlow recorded (scopes.json), written again
// in C++. A test runs the program, which hands each value the golden knows to
// Is(), then compares all nodes: name, operation, inputs, device, class.
#ifndef TRELLIS_TESTS_GRAPH_GOLDEN_CASE_H_
#define TRELLIS_TESTS_GRAPH_GOLDEN_CASE_H_

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "trellis/graph/graph.h"
#include "trellis/graph/scope.h"
#include "trellis/graph/variable.h"
#include "trellis/tests/json.h"

namespace trellis::testing {

// One run of a golden program.
class GoldenCase {
 public:
  // `golden` outlives this.
  GoldenCase(const Json& golden, bool resource);

  Graph& graph() { return graph_; }
  Scope root() { return graph_.root(); }
  bool resource() const { return resource_; }

  // The commonest statements.
  static Output Const(const Scope& scope, absl::string_view name,
                      const Input& value = 1);
  static Output Placeholder(const Scope& scope, DType dtype, const Shape& shape,
                            absl::string_view name);

  // Is the value recorded under `label` this one?
  void Is(const std::string& label, Output value);
  void Is(const std::string& label, const Variable& value);
  void Is(const std::string& label, Node* value);
  void Is(const std::string& label, const std::string& value);
  void Is(const std::string& label, const std::vector<Output>& values);
  // Numbers; a golden that holds more beside them holds them first.
  void Is(const std::string& label, const std::vector<int64_t>& values);
  // The variable scope that is open there.
  void Is(const std::string& label, const Scope& scope);

  // Are the nodes those of the golden?
  void CheckNodes() const;

 private:
  const Json& golden_;
  bool resource_;
  Graph graph_;
};

// Which runs of a program the goldens have: one without variables, one with
// reference variables, or one with each kind.
enum class Flavours { kAny, kRef, kBoth };

struct GoldenProgram {
  const char* id;
  void (*run)(GoldenCase& c);
  Flavours flavours = Flavours::kAny;
};

// A program and a flavour, as the parameter of a test.
struct GoldenParam {
  GoldenProgram program;
  const char* flavour;
};
std::ostream& operator<<(std::ostream& out, const GoldenParam& param);
std::vector<GoldenParam> AllFlavours(
    const std::vector<GoldenProgram>& programs);
std::string GoldenName(const ::testing::TestParamInfo<GoldenParam>& info);

// Runs one and compares. Skips where there is no TRELLIS_TEST_DATA.
void RunGolden(const GoldenParam& param);

}  // namespace trellis::testing

#endif  // TRELLIS_TESTS_GRAPH_GOLDEN_CASE_H_
