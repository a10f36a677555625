// Programs whose result depends on the order of reads and writes of variables:
// the plan's one total order ("Order" in docs/architecture.md) says what it is,
// for reference and resource variables alike, at any number of threads.
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "trellis/tests/graph_text.h"
#include "trellis/tests/status_matchers.h"
#include "trellis/trellis.h"

namespace trellis {
namespace {

using testing::AddNodes;
using testing::IsOk;

// VAR, READ, SET, ADD and SUB stand for the ops of the two kinds of variables.
// Every program has the variables u = 5 and v = 1 and constants zero ... ten.
struct Racy {
  const char* name;
  const char* nodes;
  std::vector<std::string> fetches;
  Targets targets;
  std::vector<float> values;  // of the fetches
  float v;                    // afterwards
  float u = 5;
};

const Racy kPrograms[] = {
    {"a fetch beside an update is the value before it",
     "r = READ(v)\n w = ADD(v, one)",
     {"r"},
     {"w"},
     {1},
     2},
    {"also if the read was made after the update",
     "w = ADD(v, one)\n r = READ(v)",
     {"r"},
     {"w"},
     {1},
     2},
    {"a read that asks to be later is later",
     "w = ADD(v, one)\n r = READ(v, ^w)",
     {"r"},
     {"w"},
     {2},
     2},
    {"an update that asks to be later is later",
     "r = READ(v)\n w = ADD(v, one, ^r)",
     {"r"},
     {"w"},
     {1},
     2},
    {"writes keep the order in which they were made",
     "w2 = SET(v, two)\n w3 = SET(v, three)",
     {},
     {"w2", "w3"},
     {},
     3},
    {"whatever the order of the targets",
     "w3 = SET(v, three)\n w2 = SET(v, two)",
     {},
     {"w2", "w3"},
     {},
     2},
    {"a write that is ready early waits for an older one that is not",
     "n1 = Neg(two)\n n2 = Neg(n1)\n n3 = Neg(n2)\n slow = SET(v, n3)\n"
     "fast = SET(v, ten)",
     {},
     {"slow", "fast"},
     {},
     10},
    {"two updates, one read",
     "w1 = ADD(v, one)\n w2 = ADD(v, two)\n r = READ(v)",
     {"r"},
     {"w1", "w2"},
     {1},
     4},
    {"reads before and after",
     "r0 = READ(v)\n w = ADD(v, one)\n r1 = READ(v, ^w)",
     {"r0", "r1"},
     {"w"},
     {1, 2},
     2},
    {"reads between two updates",
     "w1 = ADD(v, one)\n r = READ(v, ^w1)\n w2 = ADD(v, two)",
     {"r"},
     {"w1", "w2"},
     {2},
     4},
    {"a value that is used after the update is the one that was read",
     "r = READ(v)\n w = ADD(v, one, ^r)\n y = Mul(r, ten, ^w)",
     {"y"},
     {"w"},
     {10},
     2},
    {"also through a view of it",
     "r = READ(v)\n i = Identity(r)\n w = ADD(v, one, ^r)\n"
     "y = Mul(i, ten, ^w)",
     {"y"},
     {"w"},
     {10},
     2},
    {"a swap swaps",
     "rv = READ(v)\n ru = READ(u)\n wv = SET(v, ru)\n wu = SET(u, rv)",
     {},
     {"wv", "wu"},
     {},
     5,
     1},
    {"a chain of reads and writes",
     "r1 = READ(v)\n p = AddV2(r1, one)\n w1 = SET(v, p)\n"
     "r2 = READ(v, ^w1)\n q = Mul(r2, three)\n w2 = SET(v, q)",
     {"r1", "r2"},
     {"w2"},
     {1, 2},
     6},
    {"a value read, negated and written back",
     "r = READ(v)\n n = Neg(r)\n w = SET(v, n)",
     {"r"},
     {"w"},
     {1},
     -1},
    {"one read fetched twice",
     "r = READ(v)\n w = ADD(v, one)",
     {"r", "r"},
     {"w"},
     {1, 1},
     2},
    {"two reads of one value",
     "r = READ(v)\n s = READ(v)\n w = ADD(v, one)\n y = AddV2(r, s)",
     {"y"},
     {"w"},
     {2},
     2},
    {"a late read whose cause is older than the update sees the old value",
     "n = NoOp()\n w = ADD(v, one)\n r = READ(v, ^n)",
     {"r"},
     {"w"},
     {1},
     2},
    {"a late read whose cause is younger than the update sees the new value",
     "w = ADD(v, one)\n n = NoOp()\n r = READ(v, ^n)",
     {"r"},
     {"w"},
     {2},
     2},
    {"updates up and down",
     "a = ADD(v, ten)\n b = SUB(v, two)\n r = READ(v)",
     {"r"},
     {"a", "b"},
     {1},
     9},
    {"set, then add, by their order",
     "s = SET(v, ten)\n a = ADD(v, one)",
     {},
     {"a", "s"},
     {},
     11},
    {"add, then set, by their order",
     "a = ADD(v, one)\n s = SET(v, ten)",
     {},
     {"a", "s"},
     {},
     10},
    {"a variable subtracted from itself",
     "r = READ(v)\n w = SUB(v, r)",
     {"r"},
     {"w"},
     {1},
     0},
    {"updates of two variables do not mix",
     "rv = READ(v)\n wu = ADD(u, rv)\n wv = ADD(v, ten)\n ru = READ(u)",
     {"ru", "rv"},
     {"wu", "wv"},
     {5, 1},
     11,
     6},
    {"the reader of one variable writes the other, both ways",
     "rv = READ(v)\n ru = READ(u)\n a = ADD(u, rv)\n b = ADD(v, ru)",
     {"rv", "ru"},
     {"a", "b"},
     {1, 5},
     6,
     6},
};

// What only references can say: ops that take the variable itself.
const Racy kReferencePrograms[] = {
    {"an op that takes the reference reads when it runs",
     "y = Mul(v, ten)\n w = AssignAdd(v, one)",
     {"y"},
     {"w"},
     {10},
     2},
    {"the output of an update is read before the next one",
     "w1 = AssignAdd(v, one)\n w2 = AssignAdd(v, two)",
     {"w1"},
     {"w2"},
     {2},
     4},
    {"the reference itself, fetched",
     "w = AssignAdd(v, one)",
     {"v"},
     {"w"},
     {1},
     2},
    {"a read of an update's output comes after it",
     "w = Assign(v, ten)\n r = Identity(w)",
     {"r"},
     {},
     {10},
     10},
    {"gradient descent by the variable's own value",
     "r = Identity(v)\n w = ApplyGradientDescent(v, one, r)",
     {"r"},
     {"w"},
     {1},
     0},
};

std::string Program(const Racy& racy, bool reference) {
  std::string text;
  const std::pair<const char*, int> constants[] = {{"zero", 0}, {"one", 1},
                                                   {"two", 2},  {"three", 3},
                                                   {"five", 5}, {"ten", 10}};
  for (const auto& [name, value] : constants) {
    absl::StrAppend(&text, name,
                    " = Const() dtype=float32 value=float32[]:", value, "\n");
  }
  absl::StrAppend(&text,
                  "u = VAR() dtype=float32 shape=[]\n"
                  "v = VAR() dtype=float32 shape=[]\n"
                  "u_init = SET(u, five)\n v_init = SET(v, one)\n",
                  racy.nodes, "\nu_last = READ(u)\n v_last = READ(v)\n");
  // A resource's read has to be told the type.
  std::string out;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    absl::StrAppend(&out, line,
                    !reference && line.find("READ(") != absl::string_view::npos
                        ? " dtype=float32\n"
                        : "\n");
  }
  if (reference) {
    return absl::StrReplaceAll(out, {{"VAR()", "VariableV2()"},
                                     {"READ(", "Identity("},
                                     {"SET(", "Assign("},
                                     {"ADD(", "AssignAdd("},
                                     {"SUB(", "AssignSub("}});
  }
  return absl::StrReplaceAll(out, {{"VAR()", "VarHandleOp()"},
                                   {"READ(", "ReadVariableOp("},
                                   {"SET(", "AssignVariableOp("},
                                   {"ADD(", "AssignAddVariableOp("},
                                   {"SUB(", "AssignSubVariableOp("}});
}

void Check(const Racy& racy, bool reference, const SessionOptions& options) {
  SCOPED_TRACE(absl::StrCat(racy.name, reference ? ", reference" : ", resource",
                            ", threads ", options.threads, ", plan ",
                            options.plan));
  Graph graph(Builtin().ops);
  ASSERT_THAT(AddNodes(graph, Program(racy, reference)), IsOk());
  auto session = NewSession(graph, options);
  ASSERT_THAT(session, IsOk());
  ASSERT_THAT((*session)->Run({}, Fetches{}, {"u_init", "v_init"}), IsOk());
  Fetches fetches;
  for (const std::string& name : racy.fetches) fetches.push_back(name);
  const auto results = (*session)->Run({}, fetches, racy.targets);
  ASSERT_THAT(results, IsOk());
  for (size_t i = 0; i < racy.values.size(); ++i) {
    EXPECT_EQ((*results)[i].scalar<float>(), racy.values[i]) << racy.fetches[i];
  }
  const auto last = (*session)->Run({}, Fetches{"v_last", "u_last"});
  ASSERT_THAT(last, IsOk());
  EXPECT_EQ((*last)[0].scalar<float>(), racy.v) << "v afterwards";
  EXPECT_EQ((*last)[1].scalar<float>(), racy.u) << "u afterwards";
}

TEST(RacyProgramsTest, HaveTheResultOfTheOrder) {
  for (const int threads : {1, 8}) {
    for (const bool plan : {true, false}) {
      const SessionOptions options = {.threads = threads, .plan = plan};
      for (const Racy& racy : kPrograms) {
        Check(racy, /*reference=*/true, options);
        Check(racy, /*reference=*/false, options);
      }
      for (const Racy& racy : kReferencePrograms) {
        Check(racy, /*reference=*/true, options);
      }
    }
  }
}

// A variable may get its value in the run that reads it.
TEST(RacyProgramsTest, AnInitializerInTheSameRunIsEnough) {
  Graph graph(Builtin().ops);
  ASSERT_THAT(AddNodes(graph, R"(
    one = Const() dtype=float32 value=float32[]:1
    v = VarHandleOp() dtype=float32 shape=[]
    init = AssignVariableOp(v, one)
    r = ReadVariableOp(v, ^init) dtype=float32
  )"),
              IsOk());
  auto session = NewSession(graph);
  ASSERT_THAT(session, IsOk());
  const auto results = (*session)->Run({}, Fetches{"r"});
  ASSERT_THAT(results, IsOk());
  EXPECT_EQ((*results)[0].scalar<float>(), 1);
}

}  // namespace
}  // namespace trellis
