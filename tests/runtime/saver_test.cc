#include "trellis/runtime/saver.h"

#include "trellis/io/memory_file_system.h"
#include "trellis/io/open_checkpoint.h"
#include "trellis/io/whole_file.h"
#include "trellis/tests/runtime/stateful_session.h"
#include "trellis/tests/status_matchers.h"

namespace trellis {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::IsOkAndHolds;
using ::testing::Pair;
using testing::StatefulSession;
using testing::StatusIs;
using ::testing::UnorderedElementsAre;

constexpr char kModel[] = R"(
    fc/weights = VarHandleOp() dtype=float32 shape=[2] shared_name="fc/weights"
    fc/biases = VariableV2() dtype=float64 shape=[]
    step = VarHandleOp() dtype=int64 shape=[] shared_name="step"
    two = Const() dtype=int32 value=int32[1]:2
    noise = RandomUniform(two) dtype=float32
)";

const std::map<std::string, std::string> kValues = {
    {"fc/weights", "float32[2]:1,2"},
    {"fc/biases", "float64[]:0.5"},
    {"step", "int64[]:7"}};

class SaverTest : public ::testing::Test {
 protected:
  std::string Bytes(absl::string_view path) {
    auto bytes = ReadWholeFile(files_, path);
    EXPECT_THAT(bytes, IsOk());
    return bytes.ok() ? *std::move(bytes) : "";
  }
  std::vector<std::string> Names(absl::string_view prefix) {
    auto checkpoint = OpenCheckpoint(files_, prefix);
    EXPECT_THAT(checkpoint, IsOk());
    return (*checkpoint)->names();
  }

  MemoryFileSystem files_;
  Saver saver_{files_};
};

TEST_F(SaverTest, ANewSessionGetsTheValues) {
  StatefulSession trained(kModel);
  trained.Set(kValues);
  ASSERT_THAT(saver_.Save(trained.session(), "run/model", 7),
              IsOkAndHolds("run/model-7"));
  EXPECT_THAT(
      files_.List("run"),
      IsOkAndHolds(ElementsAre("checkpoint", "model-7.data-00000-of-00001",
                               "model-7.index")));
  EXPECT_THAT(LatestCheckpoint(files_, "run"),
              IsOkAndHolds(std::optional<std::string>("run/model-7")));

  StatefulSession fresh(kModel);
  auto report = saver_.Restore(fresh.session(), "run/model-7");
  ASSERT_THAT(report, IsOk());
  EXPECT_EQ(report->match.matched.size(), 3);
  EXPECT_THAT(report->match.unused, IsEmpty());
  EXPECT_EQ(fresh.Get(), kValues);

  // As the first run that touches it finds it.
  auto weights = fresh.session().resources().FindOrAdd("fc/weights", kFloat32,
                                                       {2}, fresh.cpu());
  ASSERT_THAT(weights, IsOk());
  EXPECT_TRUE((*weights)->state.initialized);
  EXPECT_EQ((*weights)->state.value.ToString(), "float32[2]: 1 2");
}

TEST_F(SaverTest, TheSameStateIsTheSameBytes) {
  StatefulSession trained(kModel);
  trained.Set(kValues);
  ASSERT_THAT(saver_.Save(trained.session(), "a/model", 1), IsOk());
  StatefulSession fresh(kModel);
  ASSERT_THAT(saver_.Restore(fresh.session(), "a/model-1"), IsOk());
  ASSERT_THAT(
      fresh.session().resources().FindOrAdd("step", kInt64, {}, fresh.cpu()),
      IsOk());
  ASSERT_THAT(saver_.Save(fresh.session(), "b/model", 1), IsOk());
  for (const char* end : {".index", ".data-00000-of-00001"}) {
    EXPECT_EQ(Bytes(std::string("a/model-1") + end),
              Bytes(std::string("b/model-1") + end));
  }
}

TEST_F(SaverTest, RandomCountersAreSavedWithTheRest) {
  StatefulSession trained(kModel);
  auto values = kValues;
  trained.Set(values);
  StoredValues counter;
  counter["_trellis/rng/noise"] = Tensor::Of<uint64_t>({1, 2, 3});
  ASSERT_THAT(trained.session().resources().Replace(std::move(counter)),
              IsOk());
  ASSERT_THAT(saver_.Save(trained.session(), "m"), IsOk());
  EXPECT_THAT(Names("m"), ElementsAre("_trellis/rng/noise", "fc/biases",
                                      "fc/weights", "step"));
  StatefulSession fresh(kModel);
  ASSERT_THAT(saver_.Restore(fresh.session(), "m"), IsOk());
  EXPECT_EQ(fresh.Get(), trained.Get());

  SaveOptions weights_only;
  weights_only.variables.only = {"fc/weights"};
  ASSERT_THAT(saver_.Save(trained.session(), "w", {}, weights_only), IsOk());
  EXPECT_THAT(Names("w"), ElementsAre("fc/weights"));
}

TEST_F(SaverTest, VariablesWithoutAValueAreNamed) {
  StatefulSession s(kModel);
  s.Set({{"step", "int64[]:1"}});
  EXPECT_THAT(saver_.Save(s.session(), "m"),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("fc/biases, fc/weights;")));
  EXPECT_THAT(files_.List("/"), IsOkAndHolds(IsEmpty()));
  ASSERT_THAT(saver_.Save(s.session(), "m", {}, {.skip_uninitialized = true}),
              IsOk());
  EXPECT_THAT(Names("m"), ElementsAre("step"));
}

TEST_F(SaverTest, AGraphWithoutVariablesHasNothingToSave) {
  StatefulSession s("c = Const() dtype=int32 value=int32[]:2");
  EXPECT_THAT(saver_.Save(s.session(), "m"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("nothing to save")));
}

// R9.18
TEST_F(SaverTest, AMissingVariableIsAnErrorThatNamesItsNeighbours) {
  StatefulSession old("fc/weigths = VarHandleOp() dtype=float32 shape=[2]");
  old.Set({{"fc/weigths", "float32[2]:1,2"}});
  ASSERT_THAT(saver_.Save(old.session(), "m"), IsOk());
  StatefulSession s(kModel);
  s.Set({{"step", "int64[]:1"}});
  EXPECT_THAT(
      saver_.Restore(s.session(), "m"),
      StatusIs(absl::StatusCode::kNotFound,
               AllOf(HasSubstr("m: has no value for"), HasSubstr("fc/biases"),
                     HasSubstr("fc/weights; did you mean fc/weigths?"))));
  EXPECT_THAT(saver_.Restore(s.session(), "m", {.allow_missing = true}),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("none of the graph's variables")));
  EXPECT_THAT(s.Get(), ElementsAre(Pair("step", "int64[]:1")));
  EXPECT_THAT(saver_.Restore(s.session(), "nowhere"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("nowhere")));
}

TEST_F(SaverTest, WhatIsMissingMayStayAsItIs) {
  StatefulSession old(
      "step = VarHandleOp() dtype=int64 shape=[]\n"
      "extra = VarHandleOp() dtype=int64 shape=[]");
  old.Set({{"step", "int64[]:5"}, {"extra", "int64[]:6"}});
  ASSERT_THAT(saver_.Save(old.session(), "m"), IsOk());
  StatefulSession s(kModel);
  s.Set(kValues);
  auto report = saver_.Restore(s.session(), "m", {.allow_missing = true});
  ASSERT_THAT(report, IsOk());
  EXPECT_EQ(report->match.missing.size(), 2);
  EXPECT_THAT(report->match.unused, ElementsAre("extra"));
  EXPECT_EQ(s.Get().at("step"), "int64[]:5");
  EXPECT_EQ(s.Get().at("fc/weights"), kValues.at("fc/weights"));
}

// R9.19, and both kinds of variables are checked.
TEST_F(SaverTest, AnotherShapeOrTypeIsAnError) {
  StatefulSession old(R"(
      fc/weights = VarHandleOp() dtype=float32 shape=[3]
      fc/biases = VariableV2() dtype=float32 shape=[]
      step = VarHandleOp() dtype=int64 shape=[])");
  old.Set({{"fc/weights", "float32[3]:1,2,3"},
           {"fc/biases", "float32[]:1"},
           {"step", "int64[]:1"}});
  ASSERT_THAT(saver_.Save(old.session(), "m"), IsOk());
  StatefulSession s(kModel);
  EXPECT_THAT(
      saver_.Restore(s.session(), "m"),
      StatusIs(absl::StatusCode::kInvalidArgument,
               AllOf(HasSubstr("fc/weights: float32[3] in the checkpoint, "
                               "float32[2] in the graph"),
                     HasSubstr("fc/biases: float32[] in the checkpoint, "
                               "float64[] in the graph"))));
  EXPECT_THAT(s.Get(), IsEmpty());
  EXPECT_THAT(saver_.Restore(s.session(), "m", {.allow_different = true}),
              IsOk());
  EXPECT_THAT(s.Get(), ElementsAre(Pair("step", "int64[]:1")));
}

TEST_F(SaverTest, AVariableOfUnknownShapeTakesTheFiles) {
  StatefulSession a("v = VarHandleOp() dtype=float32 shape=[2]");
  a.Set({{"v", "float32[2]:1,2"}});
  ASSERT_THAT(saver_.Save(a.session(), "m"), IsOk());
  StatefulSession b("v = VarHandleOp() dtype=float32 shape=[?]");
  ASSERT_THAT(saver_.Restore(b.session(), "m"), IsOk());
  EXPECT_EQ(b.Get(), a.Get());
}

TEST_F(SaverTest, ADamagedFileChangesNothing) {
  StatefulSession s(kModel);
  s.Set(kValues);
  ASSERT_THAT(saver_.Save(s.session(), "m"), IsOk());
  std::string data = Bytes("m.data-00000-of-00001");
  data.back() ^= 1;  // of the last tensor, so others are read before it
  ASSERT_THAT(WriteFileAtomically(files_, "m.data-00000-of-00001", data),
              IsOk());
  StatefulSession other(kModel);
  auto values = kValues;
  values["step"] = "int64[]:1";
  values["fc/weights"] = "float32[2]:0,0";
  other.Set(values);
  EXPECT_THAT(saver_.Restore(other.session(), "m"),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("step")));
  EXPECT_EQ(other.Get(), values);
}

TEST_F(SaverTest, ExtraTensorsTravelAlong) {
  StatefulSession s(kModel);
  s.Set(kValues);
  ASSERT_THAT(
      saver_.Save(
          s.session(), "m", {},
          {.extra = {{"input/position", Tensor::Scalar(int64_t{1234})}}}),
      IsOk());
  auto report = saver_.Restore(s.session(), "m",
                               {.extra = {"input/position", "input/other"}});
  ASSERT_THAT(report, IsOk());
  EXPECT_THAT(report->match.unused, IsEmpty());
  ASSERT_EQ(report->extra.size(), 1);
  EXPECT_EQ(report->extra.at("input/position").scalar<int64_t>(), 1234);
  EXPECT_THAT(saver_.Save(s.session(), "n", {},
                          {.extra = {{"step", Tensor::Scalar(1.0f)}}}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("twice")));
}

TEST_F(SaverTest, NamesInTheCheckpointMayDiffer) {
  StatefulSession s(kModel);
  s.Set(kValues);
  const VariableSelection names = {
      .only = {{"fc/weights", "step"}},
      .renamed = {{"fc/weights", "InceptionV4/w"}}};
  ASSERT_THAT(saver_.Save(s.session(), "m", {}, {.variables = names}), IsOk());
  EXPECT_THAT(Names("m"), ElementsAre("InceptionV4/w", "step"));
  StatefulSession fresh(kModel);
  ASSERT_THAT(saver_.Restore(fresh.session(), "m", {.variables = names}),
              IsOk());
  EXPECT_THAT(fresh.Get(), ElementsAre(Pair("fc/weights", "float32[2]:1,2"),
                                       Pair("step", "int64[]:7")));
}

TEST_F(SaverTest, SelectionsAreChecked) {
  StatefulSession s(kModel);
  s.Set(kValues);
  EXPECT_THAT(
      saver_.Save(s.session(), "m", {},
                  {.variables = {.only = {{"fc/weight"}}}}),
      StatusIs(
          absl::StatusCode::kNotFound,
          HasSubstr("no variable \"fc/weight\"; did you mean fc/weights")));
  EXPECT_THAT(saver_.Save(s.session(), "m", {},
                          {.variables = {.renamed = {{"nope", "x"}}}}),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("nope")));
  // R9.4
  EXPECT_THAT(saver_.Save(s.session(), "m", {},
                          {.variables = {.renamed = {{"step", "fc/weights"}}}}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("\"fc/weights\"")));
}

TEST_F(SaverTest, NodesThatShareAValueAreOneEntry) {
  StatefulSession s(R"(
      a = VarHandleOp() dtype=int64 shape=[] shared_name="v"
      b = VarHandleOp() dtype=int64 shape=[] shared_name="v"
      c = VarHandleOp() dtype=int64 shape=[] container="box")");
  s.Set({{"v", "int64[]:1"}, {"box/c", "int64[]:2"}});
  ASSERT_THAT(saver_.Save(s.session(), "m"), IsOk());
  EXPECT_THAT(Names("m"), ElementsAre("a", "c"));
}

// R9.11
TEST_F(SaverTest, PathsThatNameNoFileAreRefused) {
  StatefulSession s(kModel);
  s.Set(kValues);
  for (const char* path : {"", "run/"}) {
    EXPECT_THAT(saver_.Save(s.session(), path),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
  EXPECT_THAT(saver_.Save(s.session(), "run/checkpoint"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("\"run/checkpoint\""),
                             HasSubstr("latest_filename"))));
  EXPECT_THAT(saver_.Save(s.session(), "run/checkpoint", 1), IsOk());
  Saver elsewhere(files_, {.latest_filename = "x/y"});
  EXPECT_THAT(elsewhere.Save(s.session(), "run/m"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("x/y")));
}

TEST_F(SaverTest, OldCheckpointsGo) {
  Saver saver(files_, {.max_to_keep = 2});
  StatefulSession s(kModel);
  s.Set(kValues);
  for (int step = 1; step <= 4; ++step) {
    ASSERT_THAT(saver.Save(s.session(), "run/m", step), IsOk());
  }
  EXPECT_THAT(saver.last_checkpoints(), ElementsAre("run/m-3", "run/m-4"));
  EXPECT_THAT(files_.List("run"),
              IsOkAndHolds(ElementsAre("checkpoint", "m-3.data-00000-of-00001",
                                       "m-3.index", "m-4.data-00000-of-00001",
                                       "m-4.index")));
}

// R9.16
TEST_F(SaverTest, ALaterSaverTakesOver) {
  StatefulSession s(kModel);
  s.Set(kValues);
  for (int step = 1; step <= 3; ++step) {
    ASSERT_THAT(saver_.Save(s.session(), "run/m", step), IsOk());
  }
  Saver later(files_, {.max_to_keep = 2});
  auto state = ReadCheckpointState(files_, "run");
  ASSERT_THAT(state, IsOk());
  state->all_model_checkpoint_paths.push_back("run/gone");
  ASSERT_THAT(later.RecoverLastCheckpoints(state->all_model_checkpoint_paths),
              IsOk());
  ASSERT_THAT(later.Save(s.session(), "run/m", 4), IsOk());
  EXPECT_THAT(later.last_checkpoints(), ElementsAre("run/m-3", "run/m-4"));
  EXPECT_THAT(files_.Exists("run/m-1.index"), IsOkAndHolds(false));
  EXPECT_THAT(files_.Exists("run/m-2.index"), IsOkAndHolds(false));
}

TEST_F(SaverTest, TheNextSaveCleansUpAfterADeadOne) {
  StatefulSession s(kModel);
  s.Set(kValues);
  ASSERT_THAT(saver_.Save(s.session(), "run/m", 1), IsOk());
  for (const char* left : {"run/m-2.index.tempstate00112233445566771",
                           "run/m-2.data-00000-of-00001"}) {
    ASSERT_THAT(WriteFileAtomically(files_, left, "half"), IsOk());
  }
  ASSERT_THAT(saver_.Save(s.session(), "run/m", 3), IsOk());
  EXPECT_THAT(files_.List("run"),
              IsOkAndHolds(ElementsAre("checkpoint", "m-1.data-00000-of-00001",
                                       "m-1.index", "m-3.data-00000-of-00001",
                                       "m-3.index")));
}

TEST_F(SaverTest, ARestoreCanBeLookedAtBefore) {
  StatefulSession s(kModel);
  s.Set(kValues);
  ASSERT_THAT(saver_.Save(s.session(), "m"), IsOk());
  StatefulSession other(R"(
      step = VarHandleOp() dtype=int32 shape=[]
      fc/weights = VarHandleOp() dtype=float32 shape=[2]
      fc2/weights = VarHandleOp() dtype=float32 shape=[2])");
  auto match = MatchCheckpoint(files_, "m", other.graph());
  ASSERT_THAT(match, IsOk());
  ASSERT_EQ(match->matched.size(), 1);
  EXPECT_EQ(match->matched[0].name, "fc/weights");
  ASSERT_EQ(match->missing.size(), 1);
  EXPECT_EQ(match->missing[0].wanted.name, "fc2/weights");
  ASSERT_EQ(match->different.size(), 1);
  EXPECT_EQ(match->different[0].dtype, kInt64);
  EXPECT_THAT(match->unused, ElementsAre("fc/biases"));
}

}  // namespace
}  // namespace trellis
