#include "trellis/base/log.h"

#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace trellis {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::Pair;

class LogTest : public ::testing::Test {
 protected:
  ~LogTest() override { SetLogSink(nullptr); }

  // Collects into messages_ until the test ends.
  void Listen() {
    SetLogSink([this](const LogEntry& entry) {
      messages_.emplace_back(entry.level, entry.message);
    });
  }

  std::vector<std::pair<LogLevel, std::string>> messages_;
};

TEST_F(LogTest, EvaluatesNothingWithoutASink) {
  int evaluations = 0;
  TRELLIS_LOG(Warning) << ++evaluations;
  EXPECT_EQ(evaluations, 0);
}

TEST_F(LogTest, SendsLevelAndMessageToTheSink) {
  Listen();
  TRELLIS_LOG(Info) << "step " << 7;
  TRELLIS_LOG(Warning) << "loss is not finite";
  EXPECT_THAT(messages_,
              ElementsAre(Pair(LogLevel::kInfo, "step 7"),
                          Pair(LogLevel::kWarning, "loss is not finite")));
}

TEST_F(LogTest, TellsThePlace) {
  std::string file;
  int line = 0;
  SetLogSink([&](const LogEntry& entry) {
    file = std::string(entry.file);
    line = entry.line;
  });
  const int expected = __LINE__ + 1;
  TRELLIS_LOG(Info) << "here";
  EXPECT_THAT(file, EndsWith("log_test.cc"));
  EXPECT_EQ(line, expected);
}

TEST_F(LogTest, ASinkThatIsTakenAwayHearsNothing) {
  Listen();
  SetLogSink(nullptr);
  TRELLIS_LOG(Warning) << "unheard";
  EXPECT_THAT(messages_, ElementsAre());
}

TEST_F(LogTest, IsOneStatement) {
  Listen();
  bool otherwise = false;
  if (messages_.empty())
    TRELLIS_LOG(Info) << "taken";
  else
    otherwise = true;
  EXPECT_EQ(messages_.size(), 1);
  EXPECT_FALSE(otherwise);
}

TEST_F(LogTest, DropsWhatTheSinkItselfLogs) {
  int calls = 0;
  SetLogSink([&](const LogEntry&) {
    ++calls;
    TRELLIS_LOG(Warning) << "from within";
  });
  TRELLIS_LOG(Info) << "from outside";
  TRELLIS_LOG(Info) << "and again";
  EXPECT_EQ(calls, 2);
}

TEST_F(LogTest, ServesOneThreadAtATime) {
  constexpr int kThreads = 4, kMessages = 500;
  Listen();  // messages_ has no lock of its own
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([] {
      for (int i = 0; i < kMessages; ++i) TRELLIS_LOG(Info) << i;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(messages_.size(), kThreads * kMessages);
}

TEST_F(LogTest, StderrSinkPrintsOneLine) {
  testing::internal::CaptureStderr();
  LogToStderr({LogLevel::kWarning, "kernels/cpu/conv.cc", 42, "slow path"});
  LogToStderr({LogLevel::kInfo, "conv.cc", 7, ""});
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "W conv.cc:42] slow path\nI conv.cc:7] \n");
}

}  // namespace
}  // namespace trellis
