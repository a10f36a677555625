// A trainer that saves every step is killed again and again, at random moments
// and in the midst of writing files. Whenever it dies, the newest checkpoint is
// whole, holds what the trainer meant to save, and is no older than the last
// save that was reported done; and the trainer, started again, goes on from
// there as if nothing had happened.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "trellis/io/checkpoint_state.h"
#include "trellis/io/path.h"
#include "trellis/io/posix_file_system.h"
#include "trellis/io/whole_file.h"
#include "trellis/runtime/saver.h"
#include "trellis/tests/e2e/position.h"
#include "trellis/tests/e2e/small_network.h"
#include "trellis/tests/e2e/subprocess.h"
#include "trellis/tests/status_matchers.h"
#include "trellis/trellis.h"

namespace trellis {
namespace {

using testing::IsOk;
using testing::Subprocess;

constexpr int kKills = 50;
constexpr int kSeed = 9;

// What the trainer's log says.
struct Records {
  std::map<int64_t, std::string> hashes;  // by step
  int64_t saved = 0;                      // the last step
};

class SigkillTest : public ::testing::Test {
 protected:
  SigkillTest()
      : directory_(JoinPath(::testing::TempDir(), "run")),
        log_(JoinPath(::testing::TempDir(), "hashes")) {}

  std::unique_ptr<Subprocess> StartTrainer() {
    auto trainer = Subprocess::Start({"tests/e2e/trainer", "--steps=1000000",
                                      "--save_every=1",
                                      absl::StrCat("--directory=", directory_),
                                      absl::StrCat("--hash_log=", log_)});
    EXPECT_THAT(trainer, IsOk());
    return trainer.ok() ? *std::move(trainer) : nullptr;
  }

  // What the temporary files that exist would become: "data", "index",
  // "state".
  std::vector<std::string> Temporaries() {
    std::vector<std::string> kinds;
    for (const std::string& name :
         files_.List(directory_).value_or(std::vector<std::string>())) {
      if (!absl::StrContains(name, ".tempstate")) continue;
      kinds.push_back(absl::StrContains(name, ".data-")    ? "data"
                      : absl::StrContains(name, ".index.") ? "index"
                                                           : "state");
    }
    return kinds;
  }

  // Everything that was recorded. A step that was made twice, because the
  // first time was lost, must have had the same values both times.
  Records ReadRecords() {
    Records records;
    const auto text = ReadWholeFile(files_, log_);
    EXPECT_THAT(text, IsOk());
    for (absl::string_view line :
         absl::StrSplit(text.value_or(""), '\n', absl::SkipEmpty())) {
      const std::vector<std::string> words = absl::StrSplit(line, ' ');
      int64_t step = 0;
      EXPECT_TRUE(words.size() >= 2 && absl::SimpleAtoi(words[1], &step))
          << line;
      if (words[0] == "saved") {
        records.saved = step;
      } else {
        const auto [at, added] = records.hashes.emplace(step, words.back());
        EXPECT_TRUE(added || at->second == words.back()) << line;
      }
    }
    return records;
  }

  // Restores the newest checkpoint and compares it with the records.
  void ExpectNewestIsWhole() {
    const auto latest = LatestCheckpoint(files_, directory_);
    ASSERT_THAT(latest, IsOk());
    if (!latest->has_value()) {
      EXPECT_EQ(ReadRecords().saved, 0);
      return;
    }
    const auto session = NewSession(graph_, {.threads = 0});
    ASSERT_THAT(session, IsOk());
    const auto report = Saver(files_).Restore(**session, **latest,
                                              {.extra = {testing::kPosition}});
    ASSERT_THAT(report, IsOk());

    auto values = (*session)->resources().Snapshot(
        [](absl::string_view) { return true; });
    ASSERT_THAT(values, IsOk());
    const int64_t step = values->at("global_step").scalar<int64_t>();
    values->emplace(testing::kPosition, report->extra.at(testing::kPosition));
    const Records records = ReadRecords();
    EXPECT_GE(step, records.saved);
    ASSERT_TRUE(records.hashes.contains(step));
    EXPECT_EQ(testing::HashOf(*values), records.hashes.at(step));
    EXPECT_EQ(**latest, absl::StrCat(directory_, "/model-", step));
  }

  // Kills it in the midst of a save.
  void KillLater(Subprocess& trainer) {
    const int64_t before = LogSize();
    ASSERT_TRUE(WaitUntil([&] { return LogSize() > before; }));
    std::this_thread::sleep_for(std::chrono::microseconds(random_() % 150000));
    ASSERT_THAT(trainer.Kill(), IsOk());
  }

  // Kills it while there is a temporary file of this kind. What is there while
  // the trainer stands still is there when it dies.
  void KillWhileWriting(Subprocess& trainer, const std::string& kind) {
    const auto writing = [&] {
      const std::vector<std::string> kinds = Temporaries();
      return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
    };
    const auto stopped = [&] {
      if (!writing() || !trainer.Stop().ok()) return false;
      if (writing()) return true;
      trainer.Continue();
      return false;
    };
    ASSERT_TRUE(WaitUntil(stopped));
    ASSERT_THAT(trainer.Kill(), IsOk());
  }

  // False if it takes too long.
  static bool WaitUntil(const std::function<bool()>& condition) {
    const auto deadline =
        std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!condition()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::yield();
    }
    return true;
  }

  int64_t LogSize() {
    const auto info = files_.Info(log_);
    return info.ok() ? info->size : 0;
  }

  FileSystem& files_ = PosixFileSystem::Get();
  const std::string directory_, log_;
  std::minstd_rand random_{kSeed};
  Graph graph_ = NewGraph({.seed = 7});
  const testing::SmallNetwork network_ =
      testing::BuildSmallNetwork(graph_.root());
};

TEST_F(SigkillTest, NothingIsLost) {
  constexpr std::array<const char*, 3> kKinds = {"data", "index", "state"};
  std::map<std::string, int> leftovers;
  int with_leftovers = 0;
  for (int kill = 0; kill < kKills; ++kill) {
    SCOPED_TRACE(absl::StrCat("kill ", kill));
    const std::unique_ptr<Subprocess> trainer = StartTrainer();
    ASSERT_NE(trainer, nullptr);
    // Those that earlier kills left are removed by the trainer's first save.
    if (kill % 2 == 0) {
      ASSERT_NO_FATAL_FAILURE(KillLater(*trainer));
    } else {
      ASSERT_NO_FATAL_FAILURE(
          KillWhileWriting(*trainer, kKinds[kill / 2 % kKinds.size()]));
    }
    const std::vector<std::string> temporaries = Temporaries();
    if (!temporaries.empty()) ++with_leftovers;
    for (const std::string& kind : temporaries) ++leftovers[kind];
    ASSERT_NO_FATAL_FAILURE(ExpectNewestIsWhole());
  }
  EXPECT_GE(with_leftovers, 20);
  std::cout << kKills << " kills (seed " << kSeed << "), " << with_leftovers
            << " of them while a temporary file existed:";
  for (const auto& [kind, count] : leftovers) {
    std::cout << " " << count << " " << kind;
  }
  std::cout << "; " << ReadRecords().saved << " steps were saved\n";
}

}  // namespace
}  // namespace trellis
