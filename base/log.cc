#include "trellis/base/log.h"

#include <atomic>
#include <cstdio>
#include <string>
#include <utility>

#include "trellis/base/mutex.h"

namespace trellis {
namespace {

struct SinkSlot {
  Mutex mutex;
  LogSink sink;  // guarded by mutex
};

// Never destroyed, so that threads may log until the process ends.
SinkSlot& Slot() {
  static SinkSlot& slot = *new SinkSlot;
  return slot;
}

std::atomic<bool> enabled{false};

// True while this thread is inside the sink, and so holds the slot's mutex.
thread_local bool in_sink = false;

}  // namespace

void SetLogSink(LogSink sink) {
  SinkSlot& slot = Slot();
  {
    MutexLock lock(slot.mutex);
    std::swap(slot.sink, sink);
    enabled.store(slot.sink != nullptr, std::memory_order_relaxed);
  }
  // The old sink is destroyed here, outside of the lock.
}

void LogToStderr(const LogEntry& entry) {
  absl::string_view file = entry.file;
  file.remove_prefix(file.rfind('/') + 1);  // npos + 1 is 0
  std::fprintf(stderr, "%c %.*s:%d] %.*s\n",
               entry.level == LogLevel::kWarning ? 'W' : 'I',
               static_cast<int>(file.size()), file.data(), entry.line,
               static_cast<int>(entry.message.size()), entry.message.data());
}

namespace internal {

bool LogEnabled() {
  return enabled.load(std::memory_order_relaxed) && !in_sink;
}

LogMessage::~LogMessage() {
  const std::string message = stream_.str();
  SinkSlot& slot = Slot();
  MutexLock lock(slot.mutex);
  if (!slot.sink) return;  // taken away since the message was begun
  in_sink = true;
  slot.sink({level_, file_, line_, message});
  in_sink = false;
}

}  // namespace internal
}  // namespace trellis
