#include "trellis/runtime/resource_store.h"

#include <atomic>
#include <thread>

#include "trellis/tests/fake_device/fake_device.h"
#include "trellis/tests/status_matchers.h"

namespace trellis {
namespace {

using ::testing::HasSubstr;
using testing::IsOk;
using testing::StatusIs;

bool All(absl::string_view) { return true; }

class ResourceStoreTest : public ::testing::Test {
 protected:
  ResourceStoreTest() {
    DeviceRegistry registry;
    RegisterCpuDevices(registry);
    RegisterFakeDevices(registry);
    auto made = DeviceSet::Make(registry, {{"CPU", 2}});
    EXPECT_THAT(made, IsOk());
    devices_ = std::make_unique<DeviceSet>(*std::move(made));
  }
  Device& cpu() { return devices_->device(0); }
  Device& other_cpu() { return devices_->device(1); }
  Device& fake() { return devices_->device(2); }

  // The value of a key, "" if it has none.
  std::string ValueOf(absl::string_view key) {
    auto values = store_.Snapshot(All);
    EXPECT_THAT(values, IsOk());
    const auto found = values->find(key);
    return found == values->end() ? "" : found->second.ToString();
  }

  std::unique_ptr<DeviceSet> devices_;
  ResourceStore store_;
};

TEST_F(ResourceStoreTest, AResourceIsFoundAgainWhereItIs) {
  auto v = store_.FindOrAdd("v", kFloat32, {2}, cpu());
  ASSERT_THAT(v, IsOk());
  EXPECT_FALSE((*v)->state.initialized);
  EXPECT_EQ(*store_.FindOrAdd("v", kFloat32, {kUnknownDim}, cpu()), *v);
  EXPECT_THAT(store_.FindOrAdd("v", kFloat64, {2}, cpu()),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("float64[2] here")));
  EXPECT_THAT(store_.FindOrAdd("v", kFloat32, {3}, cpu()),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(store_.FindOrAdd("v", kFloat32, {2}, other_cpu()),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("CPU:1")));
}

TEST_F(ResourceStoreTest, AValueWaitsForItsResource) {
  ASSERT_THAT(store_.Replace({{"v", Tensor::Of<float>({1, 2})}}), IsOk());
  EXPECT_EQ(store_.Find("v"), nullptr);
  EXPECT_EQ(ValueOf("v"), "float32[2]: 1 2");
  for (Device* device : {&cpu(), &fake()}) {
    ResourceStore store;
    ASSERT_THAT(store.Replace({{"v", Tensor::Of<float>({1, 2})}}), IsOk());
    auto v = store.FindOrAdd("v", kFloat32, {2}, *device);
    ASSERT_THAT(v, IsOk());
    EXPECT_TRUE((*v)->state.initialized);
    EXPECT_EQ((*v)->state.version, 1);
    auto values = store.Snapshot(All);
    ASSERT_THAT(values, IsOk());
    EXPECT_EQ(values->at("v").ToString(), "float32[2]: 1 2");
  }
}

TEST_F(ResourceStoreTest, AWaitingValueOfAnotherShapeIsAnError) {
  ASSERT_THAT(store_.Replace({{"v", Tensor::Of<float>({1, 2})}}), IsOk());
  EXPECT_THAT(
      store_.FindOrAdd("v", kFloat32, {3}, cpu()),
      StatusIs(absl::StatusCode::kInvalidArgument,
               HasSubstr("is float32[3], its new value is float32[2]")));
  EXPECT_EQ(store_.Find("v"), nullptr);
  EXPECT_THAT(store_.FindOrAdd("v", kFloat32, {2}, cpu()), IsOk());
}

TEST_F(ResourceStoreTest, ReplacesValuesWhereverTheyAre) {
  ASSERT_THAT(store_.FindOrAdd("c", kFloat32, {1}, cpu()), IsOk());
  ASSERT_THAT(store_.FindOrAdd("f", kInt64, Shape::Unknown(), fake()), IsOk());
  ASSERT_THAT(store_.FindOrAdd("s", kString, {}, cpu()), IsOk());
  for (int i = 0; i < 3; ++i) {
    ASSERT_THAT(store_.Replace({{"c", Tensor::Of<float>({1.0f * i})},
                                {"f", Tensor::Of<int64_t>({i, i})},
                                {"s", Tensor::Scalar(std::to_string(i))}}),
                IsOk());
  }
  EXPECT_EQ(ValueOf("c"), "float32[1]: 2");
  EXPECT_EQ(ValueOf("f"), "int64[2]: 2 2");
  EXPECT_THAT(ValueOf("s"), HasSubstr("2"));
  EXPECT_EQ(store_.Find("f")->state.version, 3);
}

TEST_F(ResourceStoreTest, ReplaceChangesNothingOnFailure) {
  ASSERT_THAT(store_.FindOrAdd("a", kFloat32, {1}, cpu()), IsOk());
  ASSERT_THAT(store_.FindOrAdd("b", kFloat32, {1}, cpu()), IsOk());
  ASSERT_THAT(store_.Replace({{"a", Tensor::Of<float>({1})}}), IsOk());
  EXPECT_THAT(store_.Replace({{"a", Tensor::Of<float>({2})},
                              {"b", Tensor::Of<float>({2, 2})},
                              {"new", Tensor::Of<float>({2})}}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("variable b is float32[1]")));
  EXPECT_EQ(ValueOf("a"), "float32[1]: 1");
  EXPECT_EQ(ValueOf("b"), "");
  EXPECT_EQ(ValueOf("new"), "");
}

TEST_F(ResourceStoreTest, ASnapshotIsACopy) {
  auto v = store_.FindOrAdd("v", kFloat32, {1}, cpu());
  ASSERT_THAT(store_.Replace({{"v", Tensor::Of<float>({1})}}), IsOk());
  auto values = store_.Snapshot(All);
  ASSERT_THAT(values, IsOk());
  (*v)->state.value.flat<float>()[0] = 9;
  EXPECT_EQ(values->at("v").ToString(), "float32[1]: 1");
}

TEST_F(ResourceStoreTest, ASnapshotOfAWaitingValueIsNotWrittenByRuns) {
  ASSERT_THAT(store_.Replace({{"v", Tensor::Of<float>({1})}}), IsOk());
  auto values = store_.Snapshot(All);
  ASSERT_THAT(values, IsOk());
  auto v = store_.FindOrAdd("v", kFloat32, {1}, cpu());
  (*v)->state.value.flat<float>()[0] = 9;
  EXPECT_EQ(values->at("v").ToString(), "float32[1]: 1");
}

// Four threads that always write the same number to all variables, as a train
// op does; one that makes resources; snapshots and replacements in between.
TEST_F(ResourceStoreTest, SnapshotsAndReplacementsAreOfOneMoment) {
  constexpr int kVariables = 4;
  const auto key = [](int i) { return "v" + std::to_string(i); };
  const auto all_equal = [&](float value) {
    StoredValues values;
    for (int i = 0; i < kVariables; ++i) {
      values[key(i)] = Tensor::Of<float>({value});
    }
    return values;
  };
  ASSERT_THAT(store_.Replace(all_equal(0)), IsOk());
  std::atomic<bool> stop = false;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int n = 0; !stop; ++n) {
        std::vector<Resource*> mine;
        for (int i = 0; i < kVariables; ++i) {
          // The last ones stay without a resource for a while.
          if (i >= 2 && n < 50) continue;
          mine.push_back(*store_.FindOrAdd(key(i), kFloat32, {1}, cpu()));
        }
        std::sort(mine.begin(), mine.end(),
                  [](Resource* a, Resource* b) { return a->id < b->id; });
        for (Resource* r : mine) r->admission.Enter(true);
        if (mine.size() == kVariables) {
          for (Resource* r : mine) {
            r->state.value.flat<float>()[0] = static_cast<float>(4 * n + t);
          }
        }
        for (Resource* r : mine) r->admission.Leave(true);
        std::this_thread::yield();
      }
    });
  }
  for (int n = 0; n < 300; ++n) {
    if (n % 3 == 0) {
      ASSERT_THAT(store_.Replace(all_equal(-1.0f * n)), IsOk());
    }
    auto values = store_.Snapshot(All);
    ASSERT_THAT(values, IsOk());
    ASSERT_EQ(values->size(), kVariables);
    for (const auto& [k, value] : *values) {
      EXPECT_EQ(value.flat<float>()[0], values->at("v0").flat<float>()[0]);
    }
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace trellis
