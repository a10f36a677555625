// Early returns for absl::Status and absl::StatusOr.
//
//   TRELLIS_RETURN_IF_ERROR(file->Close());
//   TRELLIS_ASSIGN_OR_RETURN(auto file, OpenFile(path));
#ifndef TRELLIS_BASE_STATUS_MACROS_H_
#define TRELLIS_BASE_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define TRELLIS_RETURN_IF_ERROR(expression)                                 \
  do {                                                                      \
    if (::absl::Status trellis_status = (expression); !trellis_status.ok()) \
      return trellis_status;                                                \
  } while (false)

#define TRELLIS_ASSIGN_OR_RETURN(target, expression) \
  TRELLIS_ASSIGN_OR_RETURN_IMPL_(                    \
      TRELLIS_STATUS_CONCAT_(trellis_statusor_, __LINE__), target, expression)

#define TRELLIS_STATUS_CONCAT_INNER_(a, b) a##b
#define TRELLIS_STATUS_CONCAT_(a, b) TRELLIS_STATUS_CONCAT_INNER_(a, b)
#define TRELLIS_ASSIGN_OR_RETURN_IMPL_(statusor, target, expression) \
  auto statusor = (expression);                                      \
  if (!statusor.ok()) return std::move(statusor).status();           \
  target = *std::move(statusor)

#endif  // TRELLIS_BASE_STATUS_MACROS_H_
