// Writer and reader together: what comes back, and what a failure leaves.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/graph/tensor.h"
#include "trellis/io/fault_file_system.h"
#include "trellis/io/memory_file_system.h"
#include "trellis/io/merge_bundles.h"
#include "trellis/io/tensor_bundle_reader.h"
#include "trellis/io/tensor_bundle_writer.h"
#include "trellis/io/whole_file.h"
#include "trellis/tests/status_matchers.h"

namespace trellis {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::IsOkAndHolds;
using testing::StatusIs;

constexpr absl::StatusCode kInvalidArgument =
    absl::StatusCode::kInvalidArgument;

using NamedTensors = std::vector<std::pair<std::string, Tensor>>;

std::unique_ptr<TensorBundleWriter> NewWriter(FileSystem& files,
                                              absl::string_view prefix) {
  return TensorBundleWriter::Create(files, prefix).value();
}

absl::Status Write(FileSystem& files, absl::string_view prefix,
                   const NamedTensors& tensors) {
  auto writer = TensorBundleWriter::Create(files, prefix);
  if (!writer.ok()) return writer.status();
  for (const auto& [name, tensor] : tensors) {
    const absl::Status added = (*writer)->Add(name, tensor);
    if (!added.ok()) return added;
  }
  return (*writer)->Finish();
}

absl::StatusOr<Tensor> ReadOne(FileSystem& files, absl::string_view prefix,
                               absl::string_view name) {
  auto reader = TensorBundleReader::Open(files, prefix);
  if (!reader.ok()) return reader.status();
  return (*reader)->Read(name);
}

void ExpectHolds(FileSystem& files, absl::string_view prefix,
                 const NamedTensors& tensors) {
  auto reader = TensorBundleReader::Open(files, prefix);
  ASSERT_THAT(reader, IsOk());
  EXPECT_EQ((*reader)->names().size(), tensors.size());
  for (const auto& [name, tensor] : tensors) {
    const auto read = (*reader)->Read(name);
    ASSERT_THAT(read, IsOk());
    EXPECT_TRUE(read->SameAs(tensor)) << name << ": " << read->ToString()
                                      << " instead of " << tensor.ToString();
  }
}

Tensor Counting(const Shape& shape, float first = 0) {
  Tensor t(kFloat32, shape);
  for (float& x : t.flat<float>()) x = first++;
  return t;
}

NamedTensors Assorted() {
  return {
      {"w", Counting({100, 70})},
      {"b", Tensor::Of<double>({1.5, -2})},
      {"step", Tensor::Scalar(int64_t{12})},
      {"flag", Tensor::Scalar(true)},
      {"none", Tensor(kFloat32, {0, 3})},
      {"names", Tensor::Of<std::string>({"", "abc", std::string(300, 'x')})},
      {"a/b/c", Tensor::Of<uint8_t>({1, 2, 3})}};
}

TEST(TensorBundleTest, TensorsComeBack) {
  MemoryFileSystem files;
  ASSERT_THAT(Write(files, "d/e/model", Assorted()), IsOk());
  ExpectHolds(files, "d/e/model", Assorted());
  EXPECT_THAT(
      files.List("d/e"),
      IsOkAndHolds(ElementsAre("model.data-00000-of-00001", "model.index")));
}

TEST(TensorBundleTest, ABundleSurvivesACrash) {
  MemoryFileSystem files;
  ASSERT_THAT(Write(files, "d/model", Assorted()), IsOk());
  files.Crash();
  ExpectHolds(files, "d/model", Assorted());
}

TEST(TensorBundleTest, TheSmallestBundleHasTensorFlowsBytes) {
  MemoryFileSystem files;
  ASSERT_THAT(Write(files, "m",
                    {{"b/c", Tensor::Of<float>({2, 3})},
                     {"a", Tensor::Of<std::string>({"", "abc"})}}),
              IsOk());
  EXPECT_THAT(ReadWholeFile(files, "m.data-00000-of-00001"),
              IsOkAndHolds(std::string("\0\0\0\x40\0\0\x40\x40"
                                       "\0\x03\xec\xc6\xea\x19"
                                       "abc",
                                       17)));
}

TEST(TensorBundleTest, NothingIsVisibleBeforeFinish) {
  MemoryFileSystem files;
  {
    auto writer = NewWriter(files, "m");
    ASSERT_THAT(writer->Add("x", Tensor::Scalar(1.0f)), IsOk());
    EXPECT_THAT(TensorBundleReader::Open(files, "m"),
                StatusIs(absl::StatusCode::kNotFound, HasSubstr("m.index")));
  }
  EXPECT_THAT(files.List("/"), IsOkAndHolds(ElementsAre()));
}

TEST(TensorBundleTest, AlignmentPadsWithZeros) {
  MemoryFileSystem files;
  auto writer =
      TensorBundleWriter::Create(files, "m", {.data_alignment = 8}).value();
  ASSERT_THAT(writer->Add("x", Tensor::Of<uint8_t>({1, 2, 3})), IsOk());
  ASSERT_THAT(writer->Add("y", Tensor::Of<uint8_t>({4})), IsOk());
  ASSERT_THAT(writer->Finish(), IsOk());
  EXPECT_THAT(
      ReadWholeFile(files, "m.data-00000-of-00001"),
      IsOkAndHolds(std::string("\1\2\3\0\0\0\0\0\4\0\0\0\0\0\0\0", 16)));
  ExpectHolds(
      files, "m",
      {{"x", Tensor::Of<uint8_t>({1, 2, 3})}, {"y", Tensor::Of<uint8_t>({4})}});
}

TEST(TensorBundleTest, WhatCannotBeWrittenIsRefusedAndTheErrorSticks) {
  MemoryFileSystem files;
  const Tensor x = Tensor::Scalar(1.0f);
  const auto refuses = [&](const absl::Status& status, absl::StatusCode code,
                           absl::string_view text) {
    EXPECT_THAT(status, StatusIs(code, HasSubstr(std::string(text))));
  };
  auto writer = NewWriter(files, "m");
  refuses(writer->Add("", x), kInvalidArgument, "m: a tensor needs a name");
  refuses(writer->Add("y", x), kInvalidArgument, "needs a name");
  refuses(writer->Finish(), kInvalidArgument, "needs a name");

  writer = NewWriter(files, "m");
  refuses(writer->Add(absl::string_view("\0a", 2), x), kInvalidArgument,
          "zero byte");
  writer = NewWriter(files, "m");
  ASSERT_THAT(writer->Add("x", x), IsOk());
  refuses(writer->Add("x", x), kInvalidArgument, "\"x\" is given twice");
  writer = NewWriter(files, "m");
  refuses(writer->Add("r", Tensor(kResource, Shape::Scalar())),
          absl::StatusCode::kUnimplemented, "resource");
  writer = NewWriter(files, "m");
  refuses(writer->Add("r", Tensor()), absl::StatusCode::kUnimplemented, "");
  writer.reset();
  EXPECT_THAT(files.List("/"), IsOkAndHolds(ElementsAre()));
}

TEST(TensorBundleTest, ImpossiblePrefixesAreRefused) {  // C22
  MemoryFileSystem files;
  ASSERT_THAT(files.CreateDirs("folder"), IsOk());
  ASSERT_THAT(WriteFileAtomically(files, "file", ""), IsOk());
  const auto create = [&](absl::string_view prefix) {
    return TensorBundleWriter::Create(files, prefix).status();
  };
  EXPECT_THAT(create(""), StatusIs(kInvalidArgument));
  EXPECT_THAT(create("folder/"), StatusIs(kInvalidArgument));
  EXPECT_THAT(create("folder"), StatusIs(absl::StatusCode::kFailedPrecondition,
                                         HasSubstr("folder")));
  EXPECT_THAT(
      create("file/model"),
      StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("file")));
}

TEST(TensorBundleTest, AMissingTensorIsNotFound) {  // C18
  MemoryFileSystem files;
  ASSERT_THAT(Write(files, "m", {{"x", Tensor::Scalar(1.0f)}}), IsOk());
  EXPECT_THAT(ReadOne(files, "m", "y"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("\"y\"")));
  EXPECT_THAT(ReadOne(files, "m", ""), StatusIs(absl::StatusCode::kNotFound));
}

TensorSlice Slice(absl::string_view text) {
  return TensorSlice::Parse(text).value();
}

// [5,6] in four tiles and its elements counting from 0.
void AddTiles(TensorBundleWriter& writer, const std::string& name) {
  for (const char* text : {"0,2:0,4", "2,3:0,4", "0,2:4,2", "2,3:4,2"}) {
    const TensorRegion region = RegionOf(Slice(text), {5, 6}).value();
    Tensor part(kFloat32, region.shape);
    for (int64_t i = 0, row = 0; row < region.shape.dim(0); ++row) {
      for (int64_t column = 0; column < region.shape.dim(1); ++column) {
        part.flat<float>()[i++] =
            (region.start[0] + row) * 6 + region.start[1] + column;
      }
    }
    ASSERT_THAT(writer.AddSlice(name, {5, 6}, Slice(text), part), IsOk());
  }
}

TEST(TensorBundleTest, SlicesAreReadWholeAndInAnyPart) {
  MemoryFileSystem files;
  auto writer = NewWriter(files, "m");
  AddTiles(*writer, "w");
  ASSERT_THAT(writer->Finish(), IsOk());

  auto reader = TensorBundleReader::Open(files, "m").value();
  EXPECT_THAT(reader->names(), ElementsAre("w"));
  EXPECT_EQ(reader->Find("w")->shape, (Shape{5, 6}));
  EXPECT_EQ(reader->Find("w")->slices.size(), 4);
  EXPECT_TRUE(reader->Read("w")->SameAs(Counting({5, 6})));
  const Tensor whole = Counting({5, 6});
  for (int64_t row = 0; row < 5; ++row) {
    for (int64_t rows = 1; row + rows <= 5; ++rows) {
      for (int64_t column = 0; column < 6; ++column) {
        for (int64_t columns = 1; column + columns <= 6; ++columns) {
          TensorSlice slice;
          slice.extents = {{row, rows}, {column, columns}};
          const auto part = reader->ReadSlice("w", slice);
          ASSERT_THAT(part, IsOk());
          ASSERT_EQ(part->shape(), (Shape{rows, columns}));
          for (int64_t i = 0; i < rows * columns; ++i) {
            ASSERT_EQ(part->flat<float>()[i],
                      (row + i / columns) * 6 + column + i % columns);
          }
        }
      }
    }
  }
  EXPECT_THAT(reader->ReadSlice("w", Slice("4,2:-")),
              StatusIs(kInvalidArgument, HasSubstr("\"w\"")));
}

TEST(TensorBundleTest, AWholeTensorIsReadInSlicesToo) {
  MemoryFileSystem files;
  ASSERT_THAT(Write(files, "m",
                    {{"s", Tensor::Of<std::string>({"a", "b", "c"})},
                     {"x", Tensor::Scalar(1.0f)}}),
              IsOk());
  auto reader = TensorBundleReader::Open(files, "m").value();
  EXPECT_TRUE(reader->ReadSlice("s", Slice("1,2"))
                  ->SameAs(Tensor::Of<std::string>({"b", "c"})));
  EXPECT_TRUE(reader->ReadSlice("x", Slice(""))->SameAs(Tensor::Scalar(1.0f)));
}

TEST(TensorBundleTest, AHoleIsDataLossOnlyWhereItIsWanted) {  // C10
  MemoryFileSystem files;
  auto writer = NewWriter(files, "m");
  ASSERT_THAT(writer->AddSlice("w", {10}, Slice("0,4"), Counting({4})), IsOk());
  ASSERT_THAT(writer->Finish(), IsOk());
  auto reader = TensorBundleReader::Open(files, "m").value();
  EXPECT_TRUE(reader->ReadSlice("w", Slice("1,3"))->SameAs(Counting({3}, 1)));
  EXPECT_THAT(reader->Read("w"),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("lack 6 of 10")));
}

TEST(TensorBundleTest, ASliceThatIsEverythingIsAPlainTensor) {
  MemoryFileSystem files;
  auto writer = NewWriter(files, "m");
  ASSERT_THAT(writer->AddSlice("w", {4}, Slice("0,4"), Counting({4})), IsOk());
  ASSERT_THAT(writer->Finish(), IsOk());
  auto reader = TensorBundleReader::Open(files, "m").value();
  EXPECT_TRUE(reader->Find("w")->slices.empty());
}

TEST(TensorBundleTest, SlicesThatDoNotFitTogetherAreRefused) {
  MemoryFileSystem files;
  const auto refused = [&](const Shape& full_shape, absl::string_view slice,
                           const Tensor& part, absl::string_view text) {
    auto writer = NewWriter(files, "m");
    ASSERT_THAT(writer->AddSlice("w", {10}, Slice("0,4"), Counting({4})),
                IsOk());
    EXPECT_THAT(writer->AddSlice("w", full_shape, Slice(slice), part),
                StatusIs(kInvalidArgument, HasSubstr(std::string(text))));
  };
  refused({10}, "3,2", Counting({2}), "overlap");
  refused({10}, "0,4", Counting({4}), "overlap");
  refused({11}, "4,2", Counting({2}), "float32[11]");
  refused({10}, "4,2", Tensor::Of<int32_t>({1, 2}), "int32[10]");
  refused({10}, "4,2", Counting({3}), "has the shape [2], given is [3]");
  refused({10}, "9,2", Counting({2}), "outside");
  refused({10}, "-", Counting({10}), "twice");
  refused({10, 1}, "4,2", Counting({2}), "dimensions");
  refused(Shape{-1}, "4,2", Counting({2}), "full shape");
}

TEST(TensorBundleTest, MergedBundlesAreOne) {
  MemoryFileSystem files;
  const Tensor a = Counting({4}), b = Counting({6}, 4);
  auto first = NewWriter(files, "t/part-0");
  ASSERT_THAT(first->Add("x", Tensor::Scalar(1.0f)), IsOk());
  ASSERT_THAT(first->AddSlice("w", {10}, Slice("0,4"), a), IsOk());
  ASSERT_THAT(first->Finish(), IsOk());
  auto second = NewWriter(files, "t/part-1");
  ASSERT_THAT(second->AddSlice("w", {10}, Slice("4,6"), b), IsOk());
  ASSERT_THAT(second->Finish(), IsOk());
  ASSERT_THAT(MergeBundles(files, {"t/part-0", "t/part-1"}, "m"), IsOk());
  EXPECT_THAT(files.List("/"),
              IsOkAndHolds(ElementsAre("m.data-00000-of-00002",
                                       "m.data-00001-of-00002", "m.index")));
  ExpectHolds(files, "m", {{"w", Counting({10})}, {"x", Tensor::Scalar(1.0f)}});
}

TEST(TensorBundleTest, BundlesThatDoNotFitTogetherAreRefused) {  // C25
  MemoryFileSystem files;
  EXPECT_THAT(MergeBundles(files, {}, "m"), StatusIs(kInvalidArgument));
  EXPECT_THAT(MergeBundles(files, {"no"}, "m"),
              StatusIs(absl::StatusCode::kNotFound));
  ASSERT_THAT(Write(files, "a", {{"x", Counting({1})}}), IsOk());
  ASSERT_THAT(Write(files, "b", {{"x", Counting({1})}}), IsOk());
  EXPECT_THAT(MergeBundles(files, {"a", "b"}, "m"),
              StatusIs(kInvalidArgument, HasSubstr("\"x\"")));
  auto writer = NewWriter(files, "c");
  ASSERT_THAT(writer->AddSlice("w", {10}, Slice("0,4"), Counting({4})), IsOk());
  ASSERT_THAT(writer->Finish(), IsOk());
  writer = NewWriter(files, "d");
  ASSERT_THAT(writer->AddSlice("w", {10}, Slice("3,4"), Counting({4})), IsOk());
  ASSERT_THAT(writer->Finish(), IsOk());
  EXPECT_THAT(MergeBundles(files, {"c", "d"}, "m"),
              StatusIs(kInvalidArgument, HasSubstr("overlap")));
  // The inputs are as they were.
  EXPECT_THAT(ReadOne(files, "a", "x"), IsOk());
}

// Saving again and again under one prefix alternates between two sets of names.
TEST(TensorBundleTest, ABundleReplacesAnother) {
  MemoryFileSystem files;
  for (int round = 0; round < 4; ++round) {
    const NamedTensors tensors = {{"x", Tensor::Scalar(round)}};
    ASSERT_THAT(Write(files, "m", tensors), IsOk());
    ExpectHolds(files, "m", tensors);
    EXPECT_THAT(files.List("/"), IsOkAndHolds(ElementsAre(
                                     round % 2 == 0 ? "m.data-00000-of-00001"
                                                    : "m.data-00000-of-00002",
                                     "m.index")));
  }
}

TEST(TensorBundleTest, OtherPrefixesAreLeftAlone) {
  MemoryFileSystem files;
  const NamedTensors tensors = {{"x", Tensor::Scalar(1)}};
  for (const char* prefix : {"m", "m-1", "m.data-00000-of-00001x", "am"}) {
    ASSERT_THAT(Write(files, prefix, tensors), IsOk());
  }
  ASSERT_THAT(Write(files, "m", tensors), IsOk());
  for (const char* prefix : {"m", "m-1", "m.data-00000-of-00001x", "am"}) {
    ExpectHolds(files, prefix, tensors);
  }
}

// Which of two bundles is at `prefix`; fails unless one of them is, whole.
void ExpectEither(FileSystem& files, absl::string_view prefix,
                  const NamedTensors& old_tensors,
                  const NamedTensors& new_tensors) {
  const auto first = ReadOne(files, prefix, old_tensors[0].first);
  ASSERT_THAT(first, IsOk());
  const bool is_old = first->SameAs(old_tensors[0].second);
  ExpectHolds(files, prefix, is_old ? old_tensors : new_tensors);
}

NamedTensors Version(float version) {
  return {{"w", Counting({50, 3}, version)},
          {"s", Tensor::Of<std::string>({"v", std::to_string(version)})},
          {"step", Tensor::Scalar(version)}};
}

TEST(TensorBundleTest, AFaultAtAnyOperationLeavesOneBundleWhole) {
  int64_t operations = 1;
  for (int64_t n = 0; n < operations; ++n) {
    for (uint64_t seed = 0; seed < 8; ++seed) {
      const bool dies = seed % 2 == 0;
      MemoryFileSystem memory;
      ASSERT_THAT(Write(memory, "d/m", Version(1)), IsOk());
      FaultFileSystem files(memory);
      files.FailAt(n, dies);
      const absl::Status status = Write(files, "d/m", Version(2));
      if (!dies) {
        // Removing what is superseded may fail without harm.
        ExpectEither(memory, "d/m", Version(1), Version(2));
      }
      memory.CrashRandomly(seed);
      ExpectEither(memory, "d/m", Version(1), Version(2));
      if (status.ok()) ExpectHolds(memory, "d/m", Version(2));
      // And the next save works.
      files.Heal();
      ASSERT_THAT(Write(files, "d/m", Version(3)), IsOk());
      operations = std::max(operations, files.operations());
      ExpectHolds(memory, "d/m", Version(3));
    }
  }
  EXPECT_GE(operations, 15);
}

TEST(TensorBundleTest, AThousandRandomFaultsLoseNothing) {
  MemoryFileSystem memory;
  FaultFileSystem files(memory);
  float version = 0, saved = 0;
  ASSERT_THAT(Write(memory, "d/m", Version(0)), IsOk());
  int64_t faults = 0;
  for (uint64_t seed = 0; faults < 1000; ++seed) {
    ASSERT_LT(seed, 5000) << "faults are too rare";
    files.FailRandomly(0.1, seed);
    ++version;
    const absl::Status status = Write(files, "d/m", Version(version));
    faults += files.faults();
    if (seed % 3 == 0) memory.CrashRandomly(seed);
    if (status.ok()) saved = version;
    // An attempt that reported an error may have become visible all the same.
    const auto step = ReadOne(memory, "d/m", "step");
    ASSERT_THAT(step, IsOk());
    const float found = step->scalar<float>();
    ASSERT_GE(found, saved);
    ASSERT_LE(found, version);
    ExpectHolds(memory, "d/m", Version(found));
  }
}

TEST(TensorBundleTest, AMergeThatFailsLeavesTheOldBundleWhole) {
  const NamedTensors next = Version(2);
  const auto prepare = [&](FileSystem& files) {
    ASSERT_THAT(Write(files, "m", Version(1)), IsOk());
    ASSERT_THAT(Write(files, "t/p0", {next[0]}), IsOk());
    ASSERT_THAT(Write(files, "t/p1", {next[1], next[2]}), IsOk());
  };
  // Counts the operations of a merge that works.
  MemoryFileSystem calm;
  prepare(calm);
  FaultFileSystem counter(calm);
  ASSERT_THAT(MergeBundles(counter, {"t/p0", "t/p1"}, "m"), IsOk());
  ExpectHolds(calm, "m", next);
  EXPECT_GE(counter.operations(), 15);

  for (int64_t n = 0; n < counter.operations(); ++n) {
    for (const bool dies : {false, true}) {
      MemoryFileSystem memory;
      prepare(memory);
      FaultFileSystem files(memory);
      files.FailAt(n, dies);
      MergeBundles(files, {"t/p0", "t/p1"}, "m").IgnoreError();
      memory.CrashRandomly(n);
      ExpectEither(memory, "m", Version(1), next);
    }
  }
}

}  // namespace
}  // namespace trellis
