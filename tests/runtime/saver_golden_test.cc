// Checkpoints against those of TensorFlow: read its files, write the same
// bytes, keep and delete the same ones.
#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "trellis/io/memory_file_system.h"
#include "trellis/io/whole_file.h"
#include "trellis/runtime/saver.h"
#include "trellis/tests/runtime/stateful_session.h"
#include "trellis/tests/saver_goldens.h"
#include "trellis/tests/status_matchers.h"

namespace trellis {
namespace {

using ::testing::ElementsAreArray;
using testing::IsOk;
using testing::IsOkAndHolds;
using testing::Json;
using testing::SaverGoldens;
using testing::StatefulSession;

std::vector<std::string> Strings(const Json& array) {
  std::vector<std::string> strings;
  for (const Json& element : array.array()) {
    strings.push_back(element.string());
  }
  return strings;
}

// What TensorFlow saved is restored, and saved again gives the same bytes.
TEST(SaverGoldenTest, ByteForByteTensorFlowsFiles) {
  const std::vector<Json> goldens = SaverGoldens("saver");
  if (goldens.empty()) GTEST_SKIP() << "no test data";
  int compared = 0;
  for (const Json& golden : goldens) {
    SCOPED_TRACE(golden["name"].string());
    // Sharded savers write several files, V1 ones another format.
    if (golden["options"]["sharded"].boolean() ||
        golden["options"]["write_version"].number() == 1 ||
        golden["bytes"].is_null()) {
      continue;
    }
    MemoryFileSystem files;
    ASSERT_THAT(files.CreateDir("tf"), IsOk());
    for (const auto& [name, base64] : golden["bytes"].object()) {
      std::string bytes;
      ASSERT_TRUE(absl::Base64Unescape(base64.string(), &bytes));
      ASSERT_THAT(WriteFileAtomically(files, "tf/" + name, bytes), IsOk());
    }
    const auto graph = testing::GraphBeforeSaver(golden);
    ASSERT_NE(graph, nullptr);
    VariableSelection variables = {.only = std::vector<std::string>()};
    for (const VariableToSave& v : testing::VariablesToSave(golden, *graph)) {
      variables.only->push_back(v.variable.name());
      if (!v.key.empty()) variables.renamed[v.variable.name()] = v.key;
    }
    StatefulSession session(*graph);
    Saver saver(files);
    const auto report =
        saver.Restore(session.session(), "tf/m", {.variables = variables});
    ASSERT_THAT(report, IsOk());
    EXPECT_TRUE(report->match.unused.empty());
    ASSERT_THAT(
        saver.Save(session.session(), "ours/m", {}, {.variables = variables}),
        IsOk());
    for (const auto& [name, base64] : golden["bytes"].object()) {
      const auto bytes = ReadWholeFile(files, "ours/" + name);
      ASSERT_THAT(bytes, IsOk());
      EXPECT_EQ(absl::Base64Escape(*bytes), base64.string()) << name;
    }
    ++compared;
  }
  EXPECT_EQ(compared, 17);
}

// The selection that is made where nothing is said is TensorFlow's, too.
TEST(SaverGoldenTest, TheDefaultIsAllGlobalVariables) {
  for (const Json& golden : SaverGoldens("saver")) {
    if (golden["name"].string() != "order and types") continue;
    const auto graph = testing::GraphBeforeSaver(golden);
    ASSERT_NE(graph, nullptr);
    const auto saveables = FindSaveables(*graph);
    ASSERT_THAT(saveables, IsOk());
    std::vector<std::string> names;
    for (const Saveable& s : *saveables) names.push_back(s.name);
    EXPECT_THAT(names, ::testing::ElementsAre("a", "m/a", "m/b", "z"));
    return;
  }
  GTEST_SKIP() << "no test data";
}

// ---- which are kept

SaverOptions OptionsOf(const Json& golden) {
  const Json& options = golden["options"];
  SaverOptions result = {
      .pad_step_number = options["pad_step_number"].boolean(),
      .save_relative_paths = options["save_relative_paths"].boolean(),
      // A second goes by between saves.
      .now = [now = absl::UnixEpoch()]() mutable {
        return now += absl::Seconds(1);
      }};
  for (const auto& [name, value] : options.object()) {
    if (name == "max_to_keep") {
      result.max_to_keep = static_cast<int>(value.number());
    }
    if (name == "keep_checkpoint_every_n_hours") {
      result.keep_checkpoint_every_n_hours = value.number();
    }
  }
  const Json& name = golden["saves"][0]["latest_filename"];
  if (name.is_string()) result.latest_filename = name.string();
  return result;
}

// Names of files below a folder.
std::vector<std::string> FilesBelow(FileSystem& files, const std::string& dir) {
  std::vector<std::string> found;
  const auto names = files.List(dir);
  EXPECT_THAT(names, IsOk());
  for (const std::string& name : *names) {
    const auto info = files.Info(dir + "/" + name);
    EXPECT_THAT(info, IsOk());
    if (!info->is_directory) {
      found.push_back(name);
      continue;
    }
    for (const std::string& below : FilesBelow(files, dir + "/" + name)) {
      found.push_back(name + "/" + below);
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

// Files of the golden that we write, too: no meta graphs, and a checkpoint that
// replaces one of the same name has its data in another file.
std::vector<std::string> CommonFiles(std::vector<std::string> names) {
  std::erase_if(names, [](const std::string& name) {
    return absl::EndsWith(name, ".meta") || absl::EndsWith(name, ".graph") ||
           absl::StrContains(name, ".data-");
  });
  return names;
}

// R9.10 - R9.15, E9.3
TEST(SaverGoldenTest, KeepsWhatTensorFlowKeeps) {
  const std::vector<Json> goldens = SaverGoldens("sequence");
  if (goldens.empty()) GTEST_SKIP() << "no test data";
  int compared = 0;
  for (const Json& golden : goldens) {
    const std::string& name = golden["name"].string();
    SCOPED_TRACE(name);
    if (name == "empty saver") continue;  // is not made, see Saver::Save
    MemoryFileSystem files;
    ASSERT_THAT(files.CreateDirs("/DIR/SUB"), IsOk());
    StatefulSession session("v = VarHandleOp() dtype=float32 shape=[1]");
    session.Set({{"v", "float32[1]:1"}});
    Saver saver(files, OptionsOf(golden));
    const bool relative = golden["saves"][0]["relative"].boolean();
    const std::string dir = relative ? "." : "/DIR/SUB";
    // Where TensorFlow wrote DIR, the test has /DIR.
    const auto ours = [](std::string text) {
      return absl::StrReplaceAll(text, {{"DIR/SUB", "/DIR/SUB"}});
    };
    for (size_t i = 0; i < golden["saves"].array().size(); ++i) {
      const Json& save = golden["saves"][i];
      const Json& after = golden["after"][i];
      std::string path =
          save["save_path"].is_string() ? save["save_path"].string() : "m";
      if (!relative) path = dir + "/" + path;
      std::optional<int64_t> step;
      if (!save["global_step"].is_null()) {
        step = static_cast<int64_t>(save["global_step"].number());
      }
      SaveOptions options;
      for (const auto& [key, value] : save.object()) {
        if (key == "write_state") options.write_state = value.boolean();
      }
      const auto saved = saver.Save(session.session(), path, step, options);
      if (!after["error"].is_null()) {
        EXPECT_FALSE(saved.ok());
        for (const Json& fact : after["error"][1].array()) {
          if (fact.string() == "save_path") continue;  // the path itself here
          EXPECT_THAT(std::string(saved.status().message()),
                      ::testing::HasSubstr(fact.string()));
        }
        continue;
      }
      EXPECT_THAT(saved, IsOkAndHolds(ours(after["returned"].string())));
      EXPECT_THAT(CommonFiles(FilesBelow(files, dir)),
                  ElementsAreArray(CommonFiles(Strings(after["files"]))));
      std::vector<std::string> kept = Strings(after["last_checkpoints"]);
      for (std::string& k : kept) k = ours(k);
      EXPECT_THAT(saver.last_checkpoints(), ElementsAreArray(kept));
      if (!after["state_file"].is_null()) {
        const std::string file = save["latest_filename"].is_string()
                                     ? save["latest_filename"].string()
                                     : "checkpoint";
        const auto text = ReadWholeFile(files, dir + "/" + file);
        ASSERT_THAT(text, IsOk());
        std::vector<std::string> lines = Strings(after["state_file"]);
        for (std::string& line : lines) line = ours(line) + "\n";
        EXPECT_EQ(*text, absl::StrJoin(lines, ""));
      }
    }
    ++compared;
  }
  EXPECT_EQ(compared, 18);
}

}  // namespace
}  // namespace trellis
