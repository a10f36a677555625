#include "trellis/io/model_file.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/io/bundle_index.h"
#include "trellis/io/memory_file_system.h"
#include "trellis/io/posix_file_system.h"
#include "trellis/io/whole_file.h"
#include "trellis/tests/manifest.h"
#include "trellis/tests/status_matchers.h"
#include "trellis/tests/test_data.h"

namespace trellis {
namespace {

using testing::Elements;
using testing::Field;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::Json;
using testing::StatusIs;

class ModelFileTest : public ::testing::Test {
 protected:
  void Put(absl::string_view path, absl::string_view contents) {
    ASSERT_THAT(WriteFileAtomically(files_, path, contents), IsOk());
  }
  // "kind path", or the error.
  std::string Find(absl::string_view path) {
    const auto found = FindModelFile(files_, path);
    if (!found.ok()) return found.status().ToString();
    return absl::StrCat(ModelKindName(found->kind), " ", found->path);
  }
  std::string Find(absl::string_view path, absl::string_view contents) {
    Put(path, contents);
    return Find(path);
  }

  MemoryFileSystem files_;
};

TEST_F(ModelFileTest, BinaryMessages) {
  const auto find = [&](absl::string_view bytes) { return Find("f", bytes); };
  // node {name: "x" op: "NoOp"}
  EXPECT_EQ(find("\x0a\x09\x0a\x01x\x12\x04NoOp"), "graph_def f");
  // versions {producer: 27}
  EXPECT_EQ(find("\x22\x02\x08\x1b"), "graph_def f");
  // version: 8
  EXPECT_EQ(find("\x18\x08"), "graph_def f");
  // library {function {signature {name: "f"}}}
  EXPECT_EQ(find("\x12\x07\x0a\x05\x0a\x03\x0a\x01"
                 "f"),
            "graph_def f");
  // meta_info_def {tensorflow_version: "1.15"}
  EXPECT_EQ(find("\x0a\x06\x2a\x04"
                 "1.15"),
            "meta_graph f");
  // meta_info_def {} graph_def {node {name: "x" op: "NoOp"}}
  EXPECT_EQ(find(absl::string_view(
                "\x0a\x00\x12\x0b\x0a\x09\x0a\x01x\x12\x04NoOp", 15)),
            "meta_graph f");
  // saver_def {version: 2}
  EXPECT_EQ(find("\x1a\x02\x38\x02"), "meta_graph f");
  // collection_def {key: "a"}
  EXPECT_EQ(find("\x22\x03\x0a\x01"
                 "a"),
            "meta_graph f");
  // saved_model_schema_version: 1
  EXPECT_EQ(find("\x08\x01"), "saved_model f");
}

TEST_F(ModelFileTest, Text) {
  EXPECT_EQ(Find("f", "node {\n name: \"x\" }"), "graph_def_text f");
  EXPECT_EQ(Find("f", "# a comment\n\n# more\nversions: <producer: 1>"),
            "graph_def_text f");
  EXPECT_EQ(Find("f", "graph_def { }"), "meta_graph_text f");
  EXPECT_EQ(Find("f", "saved_model_schema_version: 1"), "saved_model_text f");
}

TEST_F(ModelFileTest, WhatIsNoModelIsRefused) {
  for (const std::string& contents :
       {std::string(), std::string("hello"), std::string("node"),
        std::string("nodes {}"), std::string("# only a comment"),
        std::string(100, '\0'), std::string(100, '\xff'),
        std::string("\x0a\x7f"
                    "short"),
        std::string("\x0b\x01"),
        std::string("\x42\x01"
                    "a"),
        std::string("\x89PNG\r\n\x1a\n"), std::string("PK\x03\x04")}) {
    Put("f", contents);
    EXPECT_THAT(FindModelFile(files_, "f"),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         HasSubstr("f: is no GraphDef")))
        << contents;
  }
}

TEST_F(ModelFileTest, Folders) {
  ASSERT_THAT(files_.CreateDirs("d"), IsOk());
  EXPECT_THAT(Find("d"), HasSubstr("has no saved_model.pb"));
  Put("d/saved_model.cpb", "");
  EXPECT_THAT(Find("d"), HasSubstr("UNIMPLEMENTED"));
  Put("d/saved_model.pbtxt", "saved_model_schema_version: 1");
  EXPECT_EQ(Find("d"), "saved_model_text d/saved_model.pbtxt");
  Put("d/saved_model.pb", "\x08\x01");
  EXPECT_EQ(Find("d"), "saved_model d/saved_model.pb");
}

TEST_F(ModelFileTest, Checkpoints) {
  ASSERT_THAT(files_.CreateDirs("d"), IsOk());
  auto index = files_.NewWritableFile("d/m.index", WriteMode::kReplace).value();
  ASSERT_THAT(WriteBundleIndex({}, *index), IsOk());
  ASSERT_THAT(index->Close(), IsOk());
  Put("d/m.data-00000-of-00001", "node {}");
  for (const char* path : {"d/m", "d/m.index", "d/m.data-00000-of-00001"}) {
    EXPECT_EQ(Find(path), "checkpoint d/m");
  }
  Put("d/checkpoint", "model_checkpoint_path: \"m\"");
  EXPECT_EQ(Find("d"), "checkpoint d/m");
  Put("d/s-00000-of-00001", "");
  EXPECT_EQ(Find("d/s-????\?-of-00001"), "checkpoint_v1 d/s-????\?-of-00001");
  ASSERT_THAT(files_.Rename("d/m.index", "d/other"), IsOk());
  EXPECT_THAT(Find("d/other"), HasSubstr("must be named .index"));
  EXPECT_THAT(Find("d/none"), HasSubstr("NOT_FOUND: d/none"));
}

// Every file of a collection of published models.
TEST(PublishedModelFileTest, AllAreTold) {
  const std::string root = testing::TestDataPath("tf_models");
  if (root.empty()) GTEST_SKIP() << "TRELLIS_TEST_DATA is not set";
  int known = 0;
  const Json manifest = testing::ReadManifest(root + "/manifest.json");
  for (const Json& model : Elements(Field(manifest, "models"))) {
    for (const Json& file : Elements(Field(model, "files"))) {
      std::string kind = Field(file, "kind").string_value();
      if (kind == "asset" || kind == "checkpoint_state_text" ||
          kind == "other") {
        continue;
      }
      if (kind == "checkpoint_v2_index" || kind == "checkpoint_v2_data") {
        kind = "checkpoint";
      }
      const std::string path = root + "/" + Field(file, "file").string_value();
      SCOPED_TRACE(path);
      const auto found = FindModelFile(PosixFileSystem::Get(), path);
      ASSERT_THAT(found, IsOk());
      EXPECT_EQ(ModelKindName(found->kind), kind);
      ++known;
    }
  }
  EXPECT_GT(known, 150);
}

TEST(GoldenModelFileTest, TensorFlowsFilesAreTold) {
  const std::string root = testing::TestDataPath("tf_files");
  if (root.empty()) GTEST_SKIP() << "TRELLIS_TEST_DATA is not set";
  const std::vector<std::pair<std::string, std::string>> table = {
      {"graphs/attrs.pb", "graph_def"},
      {"graphs/attrs.pbtxt", "graph_def_text"},
      {"graphs/train.meta", "meta_graph"},
      {"graphs/train.meta.pbtxt", "meta_graph_text"},
      {"saved_model_tf1", "saved_model"},
      {"saved_model_tf1_fields", "saved_model_text"},
      {"saved_model_tf2", "saved_model"},
      {"saver_v2_ref", "checkpoint"},
      {"saver_v2_ref/model.ckpt-5", "checkpoint"},
      {"saver_v2_ref/model.ckpt-5.meta", "meta_graph"},
      {"v1_plain", "checkpoint_v1"},
      {"v1_plain/model.ckpt-5", "checkpoint_v1"},
      {"v1_sharded", "checkpoint_v1"},
      {"v1_sharded/model.ckpt-5-00001-of-00002", "checkpoint_v1"}};
  for (const auto& [name, kind] : table) {
    SCOPED_TRACE(name);
    const auto found =
        FindModelFile(PosixFileSystem::Get(), absl::StrCat(root, "/", name));
    ASSERT_THAT(found, IsOk());
    EXPECT_EQ(ModelKindName(found->kind), kind);
  }
}

}  // namespace
}  // namespace trellis
