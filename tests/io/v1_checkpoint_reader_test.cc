#include "trellis/io/v1_checkpoint_reader.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/graph/tensor.h"
#include "trellis/io/memory_file_system.h"
#include "trellis/io/open_checkpoint.h"
#include "trellis/io/posix_file_system.h"
#include "trellis/io/sorted_table.h"
#include "trellis/io/tensor_slice.h"
#include "trellis/io/whole_file.h"
#include "trellis/proto/saved_tensor_slice.pb.h"
#include "trellis/tests/io/tensor_record.h"
#include "trellis/tests/manifest.h"
#include "trellis/tests/status_matchers.h"
#include "trellis/tests/test_data.h"

namespace trellis {
namespace {

using ::testing::AllOf;
using testing::Elements;
using ::testing::ElementsAre;
using testing::Field;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::Json;
using testing::StatusIs;

constexpr absl::StatusCode kDataLoss = absl::StatusCode::kDataLoss;

void WriteTable(FileSystem& files, absl::string_view path,
                const std::map<std::string, proto::SavedTensorSlices>& table) {
  auto file = files.NewWritableFile(path, WriteMode::kReplace).value();
  SortedTableBuilder builder(file.get());
  for (const auto& [key, record] : table) {
    ASSERT_THAT(builder.Add(key, record.SerializeAsString()), IsOk());
  }
  ASSERT_THAT(builder.Finish(), IsOk());
  ASSERT_THAT(file->Close(), IsOk());
}

// One file under construction: w = [0 1 2 3] in the slices [0,1) and [1,4), and
// s = ["a", "b"].
class V1CheckpointTest : public ::testing::Test {
 protected:
  V1CheckpointTest() {
    meta().mutable_versions()->set_producer(1);
    AddMeta("w", proto::DT_FLOAT, 4);
    AddMeta("s", proto::DT_STRING, 2);
    w().add_slice()->add_extent()->set_length(1);
    auto* second = w().add_slice()->add_extent();
    second->set_start(1);
    second->set_length(3);
    meta().mutable_tensor(1)->add_slice()->add_extent();
    Values("w", "0,1").add_float_val(0);
    for (const float v : {1, 2, 3}) Values("w", "1,3").add_float_val(v);
    Values("s", "-").add_string_val("a");
    Values("s", "-").add_string_val("b");
  }

  proto::SavedTensorSliceMeta& meta() { return *table_[""].mutable_meta(); }
  proto::SavedSliceMeta& w() { return *meta().mutable_tensor(0); }
  void AddMeta(const std::string& name, proto::DataType type, int64_t size) {
    auto* tensor = meta().add_tensor();
    tensor->set_name(name);
    tensor->set_type(type);
    tensor->mutable_shape()->add_dim()->set_size(size);
  }
  proto::TensorProto& Values(absl::string_view name, absl::string_view slice) {
    return *table_[SliceKey(name, TensorSlice::Parse(slice).value())]
                .mutable_data()
                ->mutable_data();
  }

  absl::StatusOr<std::unique_ptr<V1CheckpointReader>> Open() {
    WriteTable(files_, "m", table_);
    return V1CheckpointReader::Open(files_, "m");
  }
  absl::StatusOr<Tensor> Read(absl::string_view name) {
    auto reader = Open();
    if (!reader.ok()) return reader.status();
    return (*reader)->Read(name);
  }

  MemoryFileSystem files_;
  std::map<std::string, proto::SavedTensorSlices> table_;
};

TEST_F(V1CheckpointTest, TensorsAreRead) {
  auto reader = Open();
  ASSERT_THAT(reader, IsOk());
  EXPECT_THAT((*reader)->names(), ElementsAre("s", "w"));
  EXPECT_EQ((*reader)->Find("w")->slices.size(), 2);
  EXPECT_TRUE((*reader)->Find("s")->slices.empty());
  EXPECT_TRUE((*reader)->Read("w")->SameAs(Tensor::Of<float>({0, 1, 2, 3})));
  EXPECT_TRUE(
      (*reader)->Read("s")->SameAs(Tensor::Of<std::string>({"a", "b"})));
  const auto part =
      (*reader)->ReadSlice("w", TensorSlice::Parse("0,3").value());
  EXPECT_TRUE(part->SameAs(Tensor::Of<float>({0, 1, 2})));
  EXPECT_THAT((*reader)->Read("x"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("\"x\"")));
}

TEST_F(V1CheckpointTest, BothFormatsOpenThroughOneDoor) {
  WriteTable(files_, "m", table_);
  EXPECT_THAT(OpenCheckpoint(files_, "m"), IsOk());
  EXPECT_THAT(OpenCheckpoint(files_, "no"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("no")));
  EXPECT_THAT(OpenCheckpoint(files_, "no-\?\?"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("no-\?\?")));
}

TEST_F(V1CheckpointTest, MetaDataThatIsWrong) {
  const auto broken = [&](absl::string_view text) {
    EXPECT_THAT(Open(),
                StatusIs(kDataLoss, AllOf(HasSubstr("\"w\""),
                                          HasSubstr(std::string(text)))));
  };
  const proto::SavedSliceMeta good = w();
  w().set_type(proto::DT_INVALID);
  broken("number 0");
  w() = good;
  w().mutable_shape()->mutable_dim(0)->set_size(-1);
  broken("not fully defined");
  w() = good;
  w().mutable_shape()->mutable_dim(0)->set_size(3);
  broken("outside");
  w() = good;
  w().mutable_slice(1)->mutable_extent(0)->set_start(0);
  broken("overlap");
  w() = good;
  w().clear_slice();
  broken("no slice");
  w() = good;
  *meta().add_tensor() = good;
  broken("overlap");
  meta().mutable_tensor()->RemoveLast();
  meta().mutable_versions()->set_min_consumer(2);
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kUnimplemented));
  meta().mutable_versions()->clear_min_consumer();
  for (int i = 0; i < 5000; ++i) w().add_slice();
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kResourceExhausted));
}

TEST_F(V1CheckpointTest, ValuesThatAreWrong) {
  const auto broken = [&](absl::string_view text) {
    EXPECT_THAT(Read("w"),
                StatusIs(kDataLoss, AllOf(HasSubstr("\"w\""),
                                          HasSubstr(std::string(text)))));
  };
  Values("w", "1,3").add_float_val(4);
  broken("4 numbers for 3 elements");
  Values("w", "1,3").clear_float_val();
  broken("0 values for 3 elements");
  for (int i = 0; i < 3; ++i) Values("w", "1,3").add_int_val(i);
  broken("0 numbers for 3 elements");
  table_.erase(SliceKey("w", TensorSlice::Parse("1,3").value()));
  broken("slice 1,3 are missing");
  w().mutable_slice()->RemoveLast();
  broken("lack 3 of 4");
}

TEST_F(V1CheckpointTest, AHugeShapeWithoutValuesAllocatesNothing) {
  w().mutable_shape()->mutable_dim(0)->set_size(int64_t{1} << 46);
  w().clear_slice();
  w().add_slice()->add_extent();
  Values("w", "-").add_float_val(1);
  EXPECT_THAT(Read("w"), StatusIs(kDataLoss, HasSubstr("1 values for")));
}

TEST_F(V1CheckpointTest, EveryFlippedBitIsNoticed) {
  WriteTable(files_, "m", table_);
  const std::string bytes = ReadWholeFile(files_, "m").value();
  for (size_t i = 0; i + 48 < bytes.size(); ++i) {
    std::string changed = bytes;
    changed[i] ^= 1 << (i % 8);
    ASSERT_THAT(WriteFileAtomically(files_, "m", changed), IsOk());
    EXPECT_THAT(V1CheckpointReader::Open(files_, "m"), StatusIs(kDataLoss));
  }
}

class GoldenV1CheckpointTest : public ::testing::TestWithParam<const char*> {};

TEST_P(GoldenV1CheckpointTest, HoldsWhatTheManifestSays) {
  const std::string root = testing::TestDataPath("tf_files");
  if (root.empty()) GTEST_SKIP() << "TRELLIS_TEST_DATA is not set";
  const Json manifest = testing::ReadManifest(root + "/manifest.json");
  for (const Json& record : Elements(Field(manifest, "entries"))) {
    if (Field(record, "id").string_value() != GetParam()) continue;
    auto reader = OpenCheckpoint(
        PosixFileSystem::Get(),
        absl::StrCat(root, "/", Field(record, "prefix").string_value()));
    ASSERT_THAT(reader, IsOk());
    const auto& tensors = Elements(Field(record, "tensors"));
    EXPECT_EQ((*reader)->names().size(), tensors.size());
    for (const Json& expected : tensors) {
      const std::string& name = Field(expected, "name").string_value();
      SCOPED_TRACE(name);
      const auto tensor = (*reader)->Read(name);
      ASSERT_THAT(tensor, IsOk());
      testing::ExpectIs(*tensor, expected);
      EXPECT_EQ((*reader)->Find(name)->slices.size(),
                Field(expected, "slices").list_value().values_size());
    }
  }
}

INSTANTIATE_TEST_SUITE_P(TensorFlow, GoldenV1CheckpointTest,
                         ::testing::Values("v1_plain", "v1_sharded"),
                         [](const auto& info) {
                           return std::string(info.param);
                         });

TEST(PublishedV1CheckpointTest, AllAreRead) {
  const std::string root = testing::TestDataPath("tf_models");
  if (root.empty()) GTEST_SKIP() << "TRELLIS_TEST_DATA is not set";
  int checkpoints = 0, tensors = 0;
  const Json manifest = testing::ReadManifest(root + "/manifest.json");
  for (const Json& model : Elements(Field(manifest, "models"))) {
    for (const Json& file : Elements(Field(model, "files"))) {
      if (Field(file, "kind").string_value() != "checkpoint_v1") continue;
      const std::string path = root + "/" + Field(file, "file").string_value();
      SCOPED_TRACE(path);
      const auto reader =
          V1CheckpointReader::Open(PosixFileSystem::Get(), path);
      ASSERT_THAT(reader, IsOk());
      ++checkpoints;
      for (const std::string& name : (*reader)->names()) {
        EXPECT_THAT((*reader)->Read(name), IsOk());
        ++tensors;
      }
    }
  }
  EXPECT_GE(checkpoints, 3);
  EXPECT_GT(tensors, 10);
}

}  // namespace
}  // namespace trellis
