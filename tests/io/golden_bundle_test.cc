// TensorFlow's own bundles, read and written again. What they hold is in
// manifest.json beside them.
#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/graph/tensor.h"
#include "trellis/io/bundle_index.h"
#include "trellis/io/memory_file_system.h"
#include "trellis/io/merge_bundles.h"
#include "trellis/io/posix_file_system.h"
#include "trellis/io/tensor_bundle_reader.h"
#include "trellis/io/tensor_bundle_writer.h"
#include "trellis/io/tensor_slice.h"
#include "trellis/io/whole_file.h"
#include "trellis/tests/io/tensor_record.h"
#include "trellis/tests/manifest.h"
#include "trellis/tests/status_matchers.h"
#include "trellis/tests/test_data.h"

namespace trellis {
namespace {

using testing::Elements;
using testing::ExpectIs;
using testing::Field;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::Json;
using testing::ShapeOf;
using testing::StatusIs;

class GoldenBundleTest : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    root_ = testing::TestDataPath("tf_files");
    if (root_.empty()) GTEST_SKIP() << "TRELLIS_TEST_DATA is not set";
    const Json manifest = testing::ReadManifest(root_ + "/manifest.json");
    for (const Json& entry : Elements(Field(manifest, "entries"))) {
      if (Field(entry, "id").string_value() == GetParam()) record_ = entry;
    }
    prefix_ = absl::StrCat(root_, "/", Field(record_, "prefix").string_value());
    auto reader = TensorBundleReader::Open(disk_, prefix_);
    ASSERT_THAT(reader, IsOk());
    reader_ = *std::move(reader);
  }

  FileSystem& disk_ = PosixFileSystem::Get();
  std::string root_, prefix_;
  Json record_;
  std::unique_ptr<TensorBundleReader> reader_;
};

TEST_P(GoldenBundleTest, HoldsWhatTheManifestSays) {
  const auto& tensors = Elements(Field(record_, "tensors"));
  if (!tensors.empty()) {
    EXPECT_EQ(reader_->names().size(), tensors.size());
  }
  for (const Json& expected : tensors) {
    const std::string& name = Field(expected, "name").string_value();
    SCOPED_TRACE(name);
    const BundleEntry* entry = reader_->Find(name);
    ASSERT_NE(entry, nullptr);
    EXPECT_EQ(entry->slices.size(),
              Field(expected, "slices").list_value().values_size());
    const auto tensor = reader_->Read(name);
    const Json& full_shape = Field(expected, "full_shape");
    if (full_shape.has_list_value()) {
      // Only the slice that the record is about was saved.
      EXPECT_EQ(entry->shape, ShapeOf(full_shape));
      EXPECT_THAT(tensor, StatusIs(absl::StatusCode::kDataLoss,
                                   HasSubstr("slices lack")));
      const auto part = reader_->ReadSlice(name, entry->slices.at(0));
      ASSERT_THAT(part, IsOk());
      ExpectIs(*part, expected);
    } else {
      ASSERT_THAT(tensor, IsOk());
      ExpectIs(*tensor, expected);
    }
  }
}

TEST_P(GoldenBundleTest, SlicesAreWhatTheManifestSays) {
  for (const Json& read : Elements(Field(record_, "reads"))) {
    const std::string& name = Field(read, "name").string_value();
    const auto spec = ParseShapeAndSlice(Field(read, "spec").string_value());
    ASSERT_THAT(spec, IsOk());
    EXPECT_EQ(reader_->Find(name)->shape, spec->full_shape);
    const auto part = reader_->ReadSlice(name, spec->slice);
    ASSERT_THAT(part, IsOk());
    ExpectIs(*part, Field(read, "result"));
  }
}

// One write of a tensor or of a slice of one.
struct Piece {
  std::string name;
  const BundleEntry* stored;   // where the bytes are
  const BundleEntry* summary;  // of the partitioned tensor, or nullptr
  TensorSlice slice;
};

// The pieces of each shard in the order in which they were written.
std::map<int, std::vector<Piece>> PiecesOf(const BundleIndex& index) {
  std::map<int, std::vector<Piece>> pieces;
  for (const auto& [name, entry] : index.entries) {
    if (IsSliceKey(name)) continue;
    if (entry.slices.empty()) {
      pieces[entry.shard].push_back({name, &entry, nullptr, {}});
    }
    for (const TensorSlice& slice : entry.slices) {
      const BundleEntry& stored =
          index.entries.find(SliceKey(name, slice))->second;
      pieces[stored.shard].push_back({name, &stored, &entry, slice});
    }
  }
  for (auto& [shard, list] : pieces) {
    // Tensors without bytes share an offset with the one after them.
    std::sort(list.begin(), list.end(), [](const Piece& a, const Piece& b) {
      return std::make_tuple(a.stored->offset, a.stored->size) <
             std::make_tuple(b.stored->offset, b.stored->size);
    });
  }
  return pieces;
}

TEST_P(GoldenBundleTest, IsRewrittenByteForByte) {
  const BundleIndex index = ReadBundleIndex(disk_, prefix_).value();
  MemoryFileSystem memory;
  std::vector<std::string> parts;
  for (const auto& [shard, pieces] : PiecesOf(index)) {
    parts.push_back(index.num_shards == 1 ? "m" : absl::StrCat("t/", shard));
    auto writer = TensorBundleWriter::Create(memory, parts.back()).value();
    for (const Piece& piece : pieces) {
      if (piece.summary == nullptr) {
        ASSERT_THAT(writer->Add(piece.name, reader_->Read(piece.name).value()),
                    IsOk());
      } else {
        ASSERT_THAT(writer->AddSlice(
                        piece.name, piece.summary->shape, piece.slice,
                        reader_->ReadSlice(piece.name, piece.slice).value()),
                    IsOk());
      }
    }
    ASSERT_THAT(writer->Finish(), IsOk());
  }
  if (index.num_shards > 1) {
    ASSERT_THAT(MergeBundles(memory, parts, "m"), IsOk());
  }
  const auto expect_equal = [&](const std::string& ours,
                                const std::string& theirs) {
    const auto a = ReadWholeFile(memory, ours),
               b = ReadWholeFile(disk_, theirs);
    ASSERT_THAT(a, IsOk());
    ASSERT_THAT(b, IsOk());
    EXPECT_TRUE(*a == *b) << ours;
  };
  expect_equal(BundleIndexPath("m"), BundleIndexPath(prefix_));
  for (int shard = 0; shard < index.num_shards; ++shard) {
    expect_equal(BundleDataPath("m", shard, index.num_shards),
                 BundleDataPath(prefix_, shard, index.num_shards));
  }
}

INSTANTIATE_TEST_SUITE_P(
    TensorFlow, GoldenBundleTest,
    ::testing::Values("v2_all_dtypes", "v2_empty_name_edge", "v2_three_shards",
                      "v2_slices", "v2_many", "v2_object", "saver_v2_ref",
                      "saver_v2_resource_sharded"),
    [](const auto& info) { return std::string(info.param); });

// Checkpoints that others published: every index, some with Snappy blocks, and
// every tensor whose data file is there.
TEST(PublishedBundleTest, AllAreRead) {
  const std::string root = testing::TestDataPath("tf_models");
  if (root.empty()) GTEST_SKIP() << "TRELLIS_TEST_DATA is not set";
  FileSystem& disk = PosixFileSystem::Get();
  int indexes = 0, tensors = 0;
  const Json manifest = testing::ReadManifest(root + "/manifest.json");
  for (const Json& model : Elements(Field(manifest, "models"))) {
    for (const Json& file : Elements(Field(model, "files"))) {
      if (Field(file, "kind").string_value() != "checkpoint_v2_index") continue;
      std::string prefix = root + "/" + Field(file, "file").string_value();
      prefix.resize(prefix.size() - std::string(".index").size());
      SCOPED_TRACE(prefix);
      const auto reader = TensorBundleReader::Open(disk, prefix);
      ASSERT_THAT(reader, IsOk());
      ++indexes;
      for (const std::string& name : (*reader)->names()) {
        const auto tensor = (*reader)->Read(name);
        if (absl::IsNotFound(tensor.status())) continue;  // no data file
        EXPECT_THAT(tensor, IsOk());
        ++tensors;
      }
    }
  }
  EXPECT_GT(indexes, 30);
  EXPECT_GT(tensors, 300);
}

}  // namespace
}  // namespace trellis
