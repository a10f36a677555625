// What the library has to say beside its results. It is silent until a program
// asks to hear it: there is one sink, and at first there is none.
//
//   TRELLIS_LOG(Warning) << "UPDATE_OPS of " << names << " are not run";
//
// Where there is no sink a statement costs one load and a branch, and what
// stands right of << is not evaluated. Errors are never logged: they are
// returned.
#ifndef TRELLIS_BASE_LOG_H_
#define TRELLIS_BASE_LOG_H_

#include <functional>
#include <sstream>

#include "absl/strings/string_view.h"

namespace trellis {

enum class LogLevel { kInfo, kWarning };

// What a sink is given; valid during the call.
struct LogEntry {
  LogLevel level;
  absl::string_view file;
  int line;
  absl::string_view message;  // without a line break at its end
};

using LogSink = std::function<void(const LogEntry&)>;

// Sends all later messages to `sink`; an empty function makes the library
// silent again. Any thread may call it. The sink is called by one thread at a
// time, and no more once a call that replaced it has returned. It must not
// call SetLogSink; what it logs itself is dropped.
void SetLogSink(LogSink sink);

// Writes "W conv.cc:42] message" to stderr: a sink for programs.
void LogToStderr(const LogEntry& entry);

namespace internal {

bool LogEnabled();

// Collects a message and hands it to the sink when destroyed.
class LogMessage {
 public:
  LogMessage(LogLevel level, const char* file, int line)
      : level_(level), file_(file), line_(line) {}
  LogMessage(const LogMessage&) = delete;
  LogMessage& operator=(const LogMessage&) = delete;
  ~LogMessage();

  std::ostream& stream() { return stream_; }

 private:
  const LogLevel level_;
  const char* const file_;
  const int line_;
  std::ostringstream stream_;
};

}  // namespace internal
}  // namespace trellis

// `level` is Info or Warning. A loop, so that no `else` can attach itself.
#define TRELLIS_LOG(level)                                                 \
  for (bool trellis_log_on = ::trellis::internal::LogEnabled();            \
       trellis_log_on; trellis_log_on = false)                             \
  ::trellis::internal::LogMessage(::trellis::LogLevel::k##level, __FILE__, \
                                  __LINE__)                                \
      .stream()

#endif  // TRELLIS_BASE_LOG_H_
