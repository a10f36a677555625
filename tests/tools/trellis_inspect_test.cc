// inspect, tree, nodes, show, plan, place and devices on a training graph that
// TensorFlow wrote, and on small graphs in text.
#include <algorithm>
#include <string>

#include "trellis/io/posix_file_system.h"
#include "trellis/io/whole_file.h"
#include "trellis/tests/status_matchers.h"
#include "trellis/tests/tools/run_trellis.h"

namespace trellis {
namespace {

using testing::FreshDir;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::Json;
using ::testing::MatchesRegex;
using testing::ProgramResult;
using testing::RunTrellis;
using testing::TrellisJson;

constexpr char kMeta[] =
    "tests/golden/training/resource_float32_adam/model.ckpt-0.meta";
constexpr char kPrefix[] =
    "tests/golden/training/resource_float32_adam/model.ckpt-0";

// A file with this text.
std::string FileOf(const std::string& name, const std::string& text) {
  const std::string path = FreshDir(name);
  EXPECT_THAT(WriteFileAtomically(PosixFileSystem::Get(), path, text), IsOk());
  return path;
}

// y = Softmax(x w), and a node of an op that nobody knows.
std::string FrozenGraph() {
  return FileOf("frozen.pbtxt", R"(
    node { name: 'x' op: 'Placeholder'
           attr { key: 'dtype' value { type: DT_FLOAT } }
           attr { key: 'shape' value { shape { dim { size: -1 } dim { size: 3 } } } } }
    node { name: 'net/w' op: 'Const'
           attr { key: 'dtype' value { type: DT_FLOAT } }
           attr { key: 'value' value { tensor { dtype: DT_FLOAT
             tensor_shape { dim { size: 3 } dim { size: 2 } } float_val: 0.5 } } } }
    node { name: 'net/y' op: 'MatMul' input: 'x' input: 'net/w' device: '/gpu:0'
           attr { key: 'T' value { type: DT_FLOAT } } }
    node { name: 'probabilities' op: 'Softmax' input: 'net/y'
           attr { key: 'T' value { type: DT_FLOAT } } }
    node { name: 'odd' op: 'NobodyKnows' input: 'net/y' })");
}

bool Names(const Json& ends, const std::string& name) {
  return std::any_of(
      ends.array().begin(), ends.array().end(),
      [&](const Json& end) { return end["name"].string() == name; });
}

TEST(InspectTest, TellsWhatATrainingGraphIs) {
  const Json json = TrellisJson({"inspect", kMeta});
  EXPECT_EQ(json["kind"].string(), "meta_graph");
  EXPECT_EQ(json["ops"]["ResourceApplyAdam"].number(), 8);
  double nodes = 0;
  for (const auto& [op, count] : json["ops"].object()) nodes += count.number();
  EXPECT_EQ(json["nodes"].number(), nodes);
  EXPECT_TRUE(json["function_ops"].is_object());
  EXPECT_EQ(json["inputs"][0]["name"].string(), "x:0");
  EXPECT_EQ(json["inputs"][0]["dtype"].string(), "float32");
  EXPECT_TRUE(Names(json["inputs"], "labels:0"));
  EXPECT_FALSE(Names(json["inputs"], "save/filename:0"));
  EXPECT_TRUE(Names(json["outputs"], "accuracy:0"));
  EXPECT_TRUE(Names(json["outputs"], "logits/BiasAdd:0"));
  EXPECT_FALSE(Names(json["outputs"], "logits/MatMul:0"));
  EXPECT_TRUE(json["inputs"][0]["shape"][0].is_null());
  EXPECT_EQ(json["tensorflow_version"].string(), "1.15.5");
}

TEST(InspectTest, SortsParameters) {
  const Json parameters = TrellisJson({"inspect", kMeta})["parameters"];
  const Json& kinds = parameters["kinds"];
  // Kernels of three layers, a bias, and gamma and beta of two.
  EXPECT_EQ(kinds["trainable"]["count"].number(), 8);
  EXPECT_EQ(kinds["trainable"]["elements"].number(),
            20 * 16 + 16 * 8 + 8 * 4 + 4 + 2 * 16 + 2 * 8);
  EXPECT_EQ(kinds["batch_norm_statistic"]["count"].number(), 4);
  EXPECT_EQ(kinds["optimizer_slot"]["count"].number(), 2 * 8 + 2);
  EXPECT_EQ(kinds["other"]["count"].number(), 1);  // the global step
  const Json& dense = parameters["scopes"]["fc1/dense"];
  EXPECT_EQ(dense["trainable"]["elements"].number(), 320);
  EXPECT_EQ(dense["optimizer_slot"]["elements"].number(), 640);
}

TEST(InspectTest, FrozenGraphsHaveConstantsAndCosts) {
  const Json json = TrellisJson({"inspect", FrozenGraph(), "--batch=10"});
  EXPECT_EQ(json["kind"].string(), "graph_def_text");
  EXPECT_EQ(json["outputs"][0]["name"].string(), "probabilities:0");
  EXPECT_EQ(json["parameters"]["kinds"]["constant"]["elements"].number(), 6);
  EXPECT_EQ(json["costs"]["of"].string(), "probabilities:0");
  EXPECT_EQ(json["costs"]["batches"][0]["flops"].number(), 2 * 10 * 3 * 2);
  EXPECT_EQ(json["costs"]["batches"][0]["activation_bytes"].number(),
            2 * 10 * 2 * 4);
  EXPECT_EQ(json["missing"]["unknown_ops"]["NobodyKnows"].number(), 1);
}

TEST(InspectTest, CheckpointsWithoutGraphHaveParameters) {
  const std::string prefix = FreshDir("alone") + "/model.ckpt";
  ASSERT_EQ(RunTrellis({"run", kMeta, "--checkpoint", kPrefix, "--target",
                        "no_dropout", "--save", prefix})
                .status,
            0);
  const Json json = TrellisJson({"inspect", prefix});
  EXPECT_EQ(json["kind"].string(), "checkpoint");
  EXPECT_EQ(json["nodes"].number(), 0);
  EXPECT_EQ(
      json["parameters"]["kinds"]["batch_norm_statistic"]["count"].number(), 4);
}

TEST(InspectTest, SaysTheSameInText) {
  const ProgramResult result = RunTrellis({"inspect", kMeta});
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.out, HasSubstr("meta_graph"));
  EXPECT_THAT(result.out, HasSubstr("fc1/batch_norm"));
  EXPECT_THAT(result.out, HasSubstr("a placeholder"));
}

TEST(TreeTest, CountsNodesAndParametersOfScopes) {
  const Json json = TrellisJson({"tree", FrozenGraph()});
  EXPECT_EQ(json["nodes"].number(), 5);
  EXPECT_EQ(json["parameters"].number(), 6);
  ASSERT_EQ(json["scopes"].array().size(), 1);
  EXPECT_EQ(json["scopes"][0]["name"].string(), "net");
  EXPECT_EQ(json["scopes"][0]["nodes"].number(), 2);

  const Json inner =
      TrellisJson({"tree", kMeta, "--scope", "fc1", "--depth=1"});
  EXPECT_EQ(inner["name"].string(), "fc1");
  EXPECT_TRUE(Names(inner["scopes"], "batch_norm"));
  EXPECT_TRUE(inner["scopes"][0]["scopes"].array().empty());
  EXPECT_EQ(RunTrellis({"tree", kMeta, "--scope", "fc9"}).status, 2);
}

TEST(NodesTest, FindsByWhatNodesAre) {
  const std::string file = FrozenGraph();
  const auto found = [&](const std::string& flag) {
    std::string names;
    const Json json = TrellisJson({"nodes", file, flag});
    for (const Json& node : json["nodes"].array()) {
      names += node["name"].string() + " ";
    }
    return names;
  };
  EXPECT_EQ(found("--name=net"), "net/w net/y ");
  EXPECT_EQ(found("--name=n*y"), "net/y ");
  EXPECT_EQ(found("--op=Softmax"), "probabilities ");
  EXPECT_EQ(found("--shape=[?,2]"), "net/y probabilities ");
  EXPECT_EQ(found("--shape=[3,2]"), "net/w ");
  EXPECT_EQ(found("--attr=value"), "net/w ");
  EXPECT_EQ(found("--attr=transpose_a=false"), "net/y ");
  EXPECT_EQ(found("--device=/gpu:0"), "net/y ");
  EXPECT_EQ(found("--dtype=float32"), "x net/w net/y probabilities ");
}

TEST(NodesTest, StatusOneWhereNothingIsFound) {
  const ProgramResult result =
      RunTrellis({"nodes", FrozenGraph(), "--op=Conv2D"});
  EXPECT_EQ(result.status, 1);
  EXPECT_EQ(result.err, "");
}

TEST(ShowTest, PrintsANodeWhole) {
  const std::string file = FrozenGraph();
  const Json y = TrellisJson({"show", file, "net/y"});
  EXPECT_EQ(y["op"].string(), "MatMul");
  EXPECT_EQ(y["inputs"][0]["name"].string(), "x:0");
  EXPECT_TRUE(y["inputs"][0]["shape"][0].is_null());
  EXPECT_EQ(y["inputs"][0]["shape"][1].number(), 3);
  EXPECT_EQ(y["attrs"]["T"].string(), "float32");
  EXPECT_EQ(y["consumers"].array().size(), 2);
  const Json w = TrellisJson({"show", file, "net/w", "--limit=4"});
  EXPECT_EQ(w["value"].array().size(), 4);
  EXPECT_EQ(w["value"][3].number(), 0.5);
  EXPECT_THAT(RunTrellis({"show", file, "net/z"}).err,
              HasSubstr("did you mean net/"));
}

TEST(PlanTest, HasStepsAndArena) {
  const std::string file = FrozenGraph();
  const Json json = TrellisJson({"plan", file, "--batch=10"});
  bool matmul = false;
  for (const Json& step : json["steps"].array()) {
    matmul = matmul || step["op"].string() == "MatMul";
  }
  EXPECT_TRUE(matmul);
  EXPECT_EQ(json["dynamic_steps"].number(), 0);
  EXPECT_GT(TrellisJson({"plan", file})["dynamic_steps"].number(), 0);
  EXPECT_THAT(RunTrellis({"plan", file, "--stage=program"}).out,
              HasSubstr("Softmax"));
}

TEST(PlaceTest, SaysWhatWasAskedAndGiven) {
  const Json json = TrellisJson({"place", FrozenGraph()});
  for (const Json& node : json["nodes"].array()) {
    EXPECT_THAT(node["given"].string(), HasSubstr("CPU:0"));
    EXPECT_NE(node["why"].string(), "");
    if (node["name"].string() != "net/y") continue;
    EXPECT_EQ(node["asked"].string(), "/gpu:0");
  }
}

// Either it has GPUs, or it says why not.
TEST(DevicesTest, SaysWhatThereIs) {
  const Json json = TrellisJson({"devices"});
  EXPECT_EQ(json["devices"][0]["type"].string(), "CPU");
  EXPECT_EQ(json["gpus"].array().empty(),
            !json["gpus_missing"].string().empty());
  EXPECT_GT(json["kernels"].number(), 0);
}

TEST(DevicesTest, OnlyOfOneType) {
  const ProgramResult cpus = RunTrellis({"devices", "--type=CPU"});
  EXPECT_EQ(cpus.status, 0);
  EXPECT_THAT(cpus.out, ::testing::StartsWith(
                            "/job:localhost/replica:0/task:0/device:CPU:0: "));
  EXPECT_EQ(RunTrellis({"devices", "--type=TPU"}).status, 1);
  const Json none = TrellisJson({"devices", "--type=TPU"}, 1);
  EXPECT_TRUE(none["devices"].array().empty());
}

TEST(DevicesTest, SaysWhichCudaLibrariesAreMissingAndWhy) {
  const std::string empty = FreshDir("no_libraries");
  setenv("TRELLIS_CUDA_LIBRARY_PATH", empty.c_str(), 1);
  const Json json = TrellisJson({"devices"});
  const std::string text = RunTrellis({"devices"}).out;
  unsetenv("TRELLIS_CUDA_LIBRARY_PATH");
  EXPECT_EQ(json["cuda_libraries"].array().size(), 5);
  for (const Json& library : json["cuda_libraries"].array()) {
    const std::string why = library["file"].string() + " is not in " + empty;
    EXPECT_EQ(library["missing"].string(), why);
    EXPECT_EQ(library["version"].string(), "");
    EXPECT_THAT(text, HasSubstr(library["name"].string()));
    EXPECT_THAT(text, HasSubstr("missing: " + why));
  }
}

TEST(ProgramTest, EveryCommandHasHelp) {
  const ProgramResult all = RunTrellis({"--help"});
  EXPECT_EQ(all.status, 0);
  for (const char* command : {"inspect", "tree", "nodes", "show", "ckpt", "run",
                              "bench", "plan", "place", "devices"}) {
    EXPECT_THAT(all.out, HasSubstr(command));
    const ProgramResult help = RunTrellis({command, "--help"});
    EXPECT_EQ(help.status, 0) << command;
    EXPECT_THAT(help.out, HasSubstr("--format"));
  }
}

TEST(ProgramTest, BadUsageIsOneLineAndStatusTwo) {
  const std::vector<std::vector<std::string>> bad = {
      {"inspekt", "a.pb"},
      {"inspect"},
      {"inspect", "a.pb", "b.pb"},
      {"inspect", "no/such\nfile"},
      {"inspect", kMeta, "--fromat=json"},
      {"inspect", kMeta, "--format=xml"},
      {"inspect", kMeta, "--batch=0"},
      {"inspect", FileOf("text", "no model at all")},
      {"nodes", kMeta, "--dtype=floaty"},
      {"nodes", kMeta, "--shape=2,3"},
      {"plan", kMeta, "--shape=x=1,21"},
      {"plan", kMeta, "--stage=all"},
      {"ckpt", "no/such/prefix"}};
  for (const auto& args : bad) {
    const ProgramResult result = RunTrellis(args);
    EXPECT_EQ(result.status, 2) << args[0];
    EXPECT_EQ(result.out, "");
    EXPECT_THAT(result.err, MatchesRegex("trellis[^\n]*: [^\n]+\n"));
  }
}

}  // namespace
}  // namespace trellis
