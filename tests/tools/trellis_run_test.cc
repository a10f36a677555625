// run and bench on small graphs in text.
#include <string>

#include "absl/strings/str_cat.h"
#include "trellis/io/npy.h"
#include "trellis/io/npz.h"
#include "trellis/io/posix_file_system.h"
#include "trellis/io/whole_file.h"
#include "trellis/tests/status_matchers.h"
#include "trellis/tests/test_data.h"
#include "trellis/tests/tools/run_trellis.h"

namespace trellis {
namespace {

using ::testing::ElementsAre;
using testing::FreshDir;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::Json;
using testing::ProgramResult;
using testing::RunTrellis;
using testing::TrellisJson;

// y = 2 x, row by row; z = x + x; total = the sum of x; count, a variable that
// the node `tick` adds 1 to, and text that is passed on.
constexpr char kGraph[] = R"(
  node { name: 'x' op: 'Placeholder'
         attr { key: 'dtype' value { type: DT_FLOAT } }
         attr { key: 'shape' value { shape { dim { size: -1 } dim { size: 2 } } } } }
  node { name: 'two' op: 'Const'
         attr { key: 'dtype' value { type: DT_FLOAT } }
         attr { key: 'value' value { tensor { dtype: DT_FLOAT
           tensor_shape { } float_val: 2 } } } }
  node { name: 'scope/y' op: 'Mul' input: 'x' input: 'two'
         attr { key: 'T' value { type: DT_FLOAT } } }
  node { name: 'axes' op: 'Const'
         attr { key: 'dtype' value { type: DT_INT32 } }
         attr { key: 'value' value { tensor { dtype: DT_INT32
           tensor_shape { dim { size: 2 } } int_val: [0, 1] } } } }
  node { name: 'total' op: 'Sum' input: 'x' input: 'axes'
         attr { key: 'T' value { type: DT_FLOAT } }
         attr { key: 'Tidx' value { type: DT_INT32 } } }
  node { name: 'count' op: 'VarHandleOp'
         attr { key: 'dtype' value { type: DT_INT64 } }
         attr { key: 'shape' value { shape { } } }
         attr { key: 'shared_name' value { s: 'count' } } }
  node { name: 'zero' op: 'Const'
         attr { key: 'dtype' value { type: DT_INT64 } }
         attr { key: 'value' value { tensor { dtype: DT_INT64
           tensor_shape { } int64_val: 0 } } } }
  node { name: 'one' op: 'Const'
         attr { key: 'dtype' value { type: DT_INT64 } }
         attr { key: 'value' value { tensor { dtype: DT_INT64
           tensor_shape { } int64_val: 1 } } } }
  node { name: 'assign' op: 'AssignVariableOp' input: 'count' input: 'zero'
         attr { key: 'dtype' value { type: DT_INT64 } } }
  node { name: 'init' op: 'NoOp' input: '^assign' }
  node { name: 'tick' op: 'AssignAddVariableOp' input: 'count' input: 'one'
         attr { key: 'dtype' value { type: DT_INT64 } } }
  node { name: 'read' op: 'ReadVariableOp' input: 'count'
         attr { key: 'dtype' value { type: DT_INT64 } } }
  node { name: 'text' op: 'Placeholder'
         attr { key: 'dtype' value { type: DT_STRING } }
         attr { key: 'shape' value { shape { dim { size: -1 } } } } }
  node { name: 'same' op: 'Identity' input: 'text'
         attr { key: 'T' value { type: DT_STRING } } })";

// The same in a MetaGraph with signature `double`: input in, output out.
std::string MetaGraphText() {
  return std::string("graph_def {") + kGraph + R"(}
    signature_def { key: 'double' value {
      inputs { key: 'in' value { name: 'x:0' dtype: DT_FLOAT } }
      outputs { key: 'out' value { name: 'scope/y:0' dtype: DT_FLOAT } } } })";
}

std::string Write(const std::string& name, const std::string& bytes) {
  const std::string path = FreshDir(name);
  EXPECT_THAT(WriteFileAtomically(PosixFileSystem::Get(), path, bytes), IsOk());
  return path;
}

std::string GraphFile() { return Write("graph.pbtxt", kGraph); }

std::string NpyFile(const std::string& name, const Tensor& array) {
  const auto bytes = SerializeNpy(array);
  EXPECT_THAT(bytes, IsOk());
  return Write(name, *bytes);
}

// [[0, 1], [2, 3], ...]
Tensor Rows(int64_t n) {
  Tensor rows(kFloat32, {n, 2});
  for (int64_t i = 0; i < 2 * n; ++i) {
    rows.flat<float>()[i] = static_cast<float>(i);
  }
  return rows;
}

Tensor ReadNpy(const std::string& path) {
  const auto bytes = ReadWholeFile(PosixFileSystem::Get(), path);
  EXPECT_THAT(bytes, IsOk());
  if (!bytes.ok()) return Tensor();
  const auto array = ParseNpy(*bytes);
  EXPECT_THAT(array, IsOk());
  return array.ok() ? *array : Tensor();
}

TEST(RunTest, FeedsFetchesAndWritesFiles) {
  const std::string out = FreshDir("out");
  const std::string x = NpyFile("x.npy", Rows(2));
  const ProgramResult result =
      RunTrellis({"run", GraphFile(), "--feed", "x=" + x, "--fetch",
                  "scope/y:0", "--fetch", "total", "--out", out});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(ReadNpy(out + "/scope_y_0.npy").flat<float>(),
              ElementsAre(0, 2, 4, 6));
  EXPECT_EQ(ReadNpy(out + "/total.npy").scalar<float>(), 6);
}

TEST(RunTest, StringsAreFed) {
  Tensor text(kString, {2});
  text.flat<std::string>()[0] = "a";
  text.flat<std::string>()[1] = "long";
  const Json json =
      TrellisJson({"run", GraphFile(), "--feed",
                   "text=" + NpyFile("text.npy", text), "--fetch", "same"});
  EXPECT_EQ(json["fetches"][0]["dtype"].string(), "string");
  EXPECT_EQ(json["fetches"][0]["values"][1].string(), "long");
}

TEST(RunTest, AnyTensorMayBeFed) {
  // What feeds scope/y, the placeholder included, is cut off.
  const Json json = TrellisJson({"run", GraphFile(), "--feed",
                                 "scope/y=" + NpyFile("y.npy", Rows(1)),
                                 "--fetch", "scope/y"});
  EXPECT_EQ(json["fetches"][0]["values"][1].number(), 1);
}

TEST(RunTest, ArchivesFeedByName) {
  const auto bytes =
      SerializeNpz({{"x", Rows(1)}, {"nothing", Tensor::Scalar(1.0f)}});
  ASSERT_THAT(bytes, IsOk());
  const std::string npz = Write("feeds.npz", *bytes);
  for (const std::string& feed : {npz, "x=" + npz + ":x"}) {
    const Json json =
        TrellisJson({"run", GraphFile(), "--feed", feed, "--fetch", "total"});
    EXPECT_EQ(json["fetches"][0]["values"].number(), 1) << feed;
  }
}

TEST(RunTest, BatchesAreJoinedWhereTheGraphLeavesTheBatchOpen) {
  const Json json =
      TrellisJson({"run", GraphFile(), "--feed",
                   "x=" + NpyFile("x.npy", Rows(5)), "--fetch", "scope/y",
                   "--fetch", "total", "--print", "total", "--batch=2"});
  EXPECT_EQ(json["steps"].number(), 3);
  EXPECT_EQ(json["fetches"][0]["shape"][0].number(), 5);
  EXPECT_EQ(json["fetches"][0]["values"][9].number(), 18);
  EXPECT_EQ(json["fetches"][1]["values"].number(), 8 + 9);  // the last step's
  EXPECT_EQ(json["printed"][0]["values"]["total"].number(), 0 + 1 + 2 + 3);
}

TEST(RunTest, WhatIsOnlyPrintedNeedNotFitTogether) {
  const std::string file = Write("fill.pbtxt", std::string(kGraph) + R"(
    node { name: 'dims' op: 'Placeholder'
           attr { key: 'dtype' value { type: DT_INT32 } }
           attr { key: 'shape' value { shape { dim { size: 2 } } } } }
    node { name: 'filled' op: 'Fill' input: 'dims' input: 'two'
           attr { key: 'T' value { type: DT_FLOAT } } })");
  // [1, 2] in the first step, [1, 3] in the second.
  const std::string feed =
      "dims=" + NpyFile("dims.npy", Tensor::Of<int32_t>({1, 2, 1, 3}));
  const Json json = TrellisJson({"run", file, "--feed", feed, "--batch=2",
                                 "--print", "filled", "--fetch", "dims"});
  EXPECT_EQ(json["printed"][1]["values"]["filled"].array().size(), 3);
  EXPECT_EQ(json["fetches"].array().size(), 1);
  EXPECT_THAT(RunTrellis({"run", file, "--feed", feed, "--batch=2", "--fetch",
                          "filled"})
                  .err,
              HasSubstr("filled is [1,2] in one step, [1,3] in another"));
}

TEST(RunTest, StepsGoOnIntoTheNextEpoch) {
  const Json json = TrellisJson({"run", GraphFile(), "--feed",
                                 "x=" + NpyFile("x.npy", Rows(3)), "--print",
                                 "total", "--batch=2", "--steps=3"});
  EXPECT_EQ(json["printed"][1]["values"]["total"].number(), 4 + 5 + 0 + 1);
  EXPECT_EQ(json["printed"][2]["values"]["total"].number(), 2 + 3 + 4 + 5);
}

TEST(RunTest, SignaturesNameFeedsAndFiles) {
  const std::string meta = Write("signature.meta", MetaGraphText());
  const std::string out = FreshDir("signature_out");
  const ProgramResult result =
      RunTrellis({"run", meta, "--signature", "double", "--feed",
                  "in=" + NpyFile("x.npy", Rows(1)), "--out", out});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(ReadNpy(out + "/out.npy").flat<float>(), ElementsAre(0, 2));
  EXPECT_THAT(RunTrellis({"run", meta, "--signature", "triple"}).err,
              HasSubstr("double"));
}

TEST(RunTest, InitializesTrainsAndSaves) {
  const std::string prefix = FreshDir("saved") + "/model";
  const ProgramResult first =
      RunTrellis({"run", GraphFile(), "--init", "--target", "tick", "--steps=3",
                  "--save", prefix});
  ASSERT_EQ(first.status, 0) << first.err;
  EXPECT_THAT(first.out, HasSubstr("saved " + prefix));
  const Json json = TrellisJson({"run", GraphFile(), "--checkpoint", prefix,
                                 "--target", "tick", "--fetch", "read"});
  EXPECT_EQ(json["fetches"][0]["values"].number(), 3);
}

TEST(RunTest, VariablesThatTensorFlowWouldNotSaveNeedNoValue) {
  const std::string prefix = FreshDir("partial") + "/model";
  ASSERT_EQ(RunTrellis({"run", GraphFile(), "--init", "--target", "tick",
                        "--save", prefix})
                .status,
            0);
  const std::string graph = std::string("graph_def {") + kGraph + R"(
    node { name: 'scratch' op: 'VarHandleOp'
           attr { key: 'dtype' value { type: DT_INT64 } }
           attr { key: 'shape' value { shape { } } } } })";
  const ProgramResult unlisted =
      RunTrellis({"run", Write("all.meta", graph), "--checkpoint", prefix,
                  "--fetch", "read"});
  EXPECT_EQ(unlisted.status, 2);
  EXPECT_THAT(unlisted.err, HasSubstr("scratch"));

  // A VariableDef that says variable_name: "count:0".
  const std::string collection = R"(
    collection_def { key: 'variables' value { bytes_list {
      value: '\n\007count:0' } } })";
  const std::string resaved = FreshDir("resaved") + "/model";
  const Json json = TrellisJson(
      {"run", Write("listed.meta", graph + collection), "--checkpoint", prefix,
       "--fetch", "read", "--save", resaved});
  EXPECT_EQ(json["fetches"][0]["values"].number(), 1);
  EXPECT_EQ(RunTrellis({"ckpt", prefix, resaved}).status, 0);
}

TEST(RunTest, SavedModelsBringTheirValues) {
  const std::string model = testing::TestDataPath("tf_models/tf_half_plus_two");
  if (model.empty()) GTEST_SKIP() << "TRELLIS_TEST_DATA is not set";
  Tensor x(kFloat32, {2, 1});
  x.flat<float>()[0] = 1;
  x.flat<float>()[1] = 4;
  const Json json = TrellisJson({"run", model, "--signature", "serving_default",
                                 "--feed", "x=" + NpyFile("x.npy", x)});
  EXPECT_EQ(json["fetches"][0]["name"].string(), "y");
  EXPECT_EQ(json["fetches"][0]["values"][0].number(), 2.5);
  EXPECT_EQ(json["fetches"][0]["values"][1].number(), 4);
}

TEST(RunTest, EveryKeepsEachCheckpoint) {
  const std::string prefix = FreshDir("every") + "/model";
  const Json json =
      TrellisJson({"run", GraphFile(), "--init", "--target", "tick",
                   "--steps=8", "--every=1", "--save", prefix});
  ASSERT_EQ(json["saved"].array().size(), 8);
  EXPECT_EQ(json["saved"][0].string(), prefix + "-1");
  EXPECT_EQ(RunTrellis({"ckpt", prefix + "-1"}).status, 0);
}

TEST(RunTest, TheSecondCpuIsADevice) {
  const std::string x = "x=" + NpyFile("x.npy", Rows(1));
  EXPECT_EQ(RunTrellis({"run", GraphFile(), "--device=/cpu:1", "--feed", x,
                        "--fetch", "total"})
                .status,
            0);
  for (const char* device : {"/cpu:64", "/device:TPU:0"}) {
    const ProgramResult none =
        RunTrellis({"run", GraphFile(), "--device", device, "--feed", x,
                    "--fetch", "total"});
    EXPECT_EQ(none.status, 2);
    EXPECT_THAT(none.err, HasSubstr(absl::StrCat(
                              "--device is ", device,
                              ", which this machine or build does not have")));
  }
}

// On whatever machine this runs.
TEST(RunTest, TheDevicesOfTheListCanBeAskedFor) {
  const Json devices = TrellisJson({"devices"});
  const ProgramResult gpu =
      RunTrellis({"run", GraphFile(), "--device=/gpu:0", "--feed",
                  "x=" + NpyFile("x.npy", Rows(1)), "--fetch", "total"});
  if (!devices["gpus"].array().empty()) {
    EXPECT_EQ(gpu.status, 0) << gpu.err;
    return;
  }
  EXPECT_EQ(gpu.status, 2);
  EXPECT_THAT(gpu.err,
              HasSubstr("does not have: " + devices["gpus_missing"].string()));
}

TEST(RunTest, SaysWhatIsWrong) {
  const std::string file = GraphFile();
  const std::string x = "x=" + NpyFile("x.npy", Rows(2));
  const std::string text = "text=" + NpyFile("t.npy", Rows(2));
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{}, "nothing to run"},
      {{"--fetch", "totl"}, "did you mean total"},
      {{"--fetch", "total:1"}, "total"},
      {{"--target", "tock"}, "did you mean tick"},
      {{"--fetch", "total"}, "x"},
      {{"--fetch", "total", "--feed", "x"}, "NAME=FILE.npy"},
      {{"--fetch", "total", "--feed", "x=no/such.npy"}, "no/such.npy"},
      {{"--fetch", "total", "--feed", "y" + x}, "no node \"yx\""},
      {{"--fetch", "total", "--feed", x, "--feed", x}, "fed twice"},
      {{"--fetch", "same", "--feed", text}, "string"},
      {{"--fetch", "read"}, "count"},
      {{"--fetch", "total", "--feed", x, "--batch=3"}, "2 rows"},
      {{"--fetch", "total", "--feed", x, "--shuffle=1"}, "--batch"},
      {{"--fetch", "total", "--feed", x, "--every=1"}, "--save"},
      {{"--fetch", "total", "--feed", x, "--checkpoint", "none"}, "none"}};
  for (const auto& [flags, message] : cases) {
    std::vector<std::string> args = {"run", file};
    args.insert(args.end(), flags.begin(), flags.end());
    const ProgramResult result = RunTrellis(args);
    EXPECT_EQ(result.status, 2) << message;
    EXPECT_THAT(result.err, HasSubstr(message));
  }
}

TEST(BenchTest, HasTheFieldsThatScriptsRead) {
  const Json json = TrellisJson(
      {"bench", GraphFile(), "--fetch", "total", "--batch=4", "--steps=20"});
  EXPECT_EQ(json["steps"].number(), 20);
  const Json& step = json["step_us"];
  EXPECT_GT(step["min"].number(), 0);
  EXPECT_LE(step["min"].number(), step["median"].number());
  EXPECT_LE(step["median"].number(), step["p90"].number());
  EXPECT_LE(step["p90"].number(), step["p99"].number());
  EXPECT_GT(json["first_run_us"].number(), 0);
  EXPECT_GT(json["load_us"].number(), 0);
  EXPECT_GT(json["peak_bytes"].number(), 1e6);
  EXPECT_GE(json["threads"].number(), 0);
  EXPECT_EQ(json["ops"][0]["op"].string(), "Sum");
}

TEST(BenchTest, FeedsTheInputsOfASignature) {
  // Its input is no placeholder.
  std::string meta = MetaGraphText();
  meta.replace(meta.find("name: 'x:0'"), 11, "name: 'scope/y:0'");
  const std::string file = Write("inner.meta", meta);
  EXPECT_EQ(TrellisJson({"bench", file, "--signature", "double", "--steps=1",
                         "--batch=3"})["fetches"][0]
                .string(),
            "out");
  EXPECT_EQ(RunTrellis({"plan", file, "--signature", "double"}).status, 0);
}

TEST(BenchTest, MakesUpDataOfTheShapesAskedFor) {
  const std::string file = GraphFile();
  EXPECT_EQ(RunTrellis({"bench", file, "--fetch", "total", "--steps=1",
                        "--shape", "x=7,2"})
                .status,
            0);
  EXPECT_EQ(RunTrellis({"bench", file, "--fetch", "total", "--steps=1",
                        "--shape", "x=7,3"})
                .status,
            2);
}

}  // namespace
}  // namespace trellis
