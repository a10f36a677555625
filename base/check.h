// TRELLIS_CHECK(condition): stops the program when one of our own invariants is
// broken. Never for input, however wrong: that is an absl::Status.
//
//   TRELLIS_CHECK(slot < slots.size()) << "slot " << slot;
#ifndef TRELLIS_BASE_CHECK_H_
#define TRELLIS_BASE_CHECK_H_

#include <sstream>

namespace trellis::internal {

// Collects the message; its destructor prints it to stderr and aborts.
class CheckFailure {
 public:
  CheckFailure(const char* file, int line, const char* condition);
  [[noreturn]] ~CheckFailure();
  std::ostream& stream() { return stream_; }

 private:
  std::ostringstream stream_;
};

}  // namespace trellis::internal

#define TRELLIS_CHECK(condition)            \
  while (__builtin_expect(!(condition), 0)) \
  ::trellis::internal::CheckFailure(__FILE__, __LINE__, #condition).stream()

#ifdef NDEBUG
#define TRELLIS_DCHECK(condition) \
  while (false && (condition))    \
  ::trellis::internal::CheckFailure("", 0, "").stream()
#else
#define TRELLIS_DCHECK(condition) TRELLIS_CHECK(condition)
#endif

#endif  // TRELLIS_BASE_CHECK_H_
