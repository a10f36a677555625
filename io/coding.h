// Numbers as the container formats write them: fixed-width little-endian, and
// varints (seven bits a byte, least significant first, high bit set on all but
// the last byte).
#ifndef TRELLIS_IO_CODING_H_
#define TRELLIS_IO_CODING_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace trellis {

void AppendFixed32(uint32_t v, std::string* out);
void AppendFixed64(uint64_t v, std::string* out);
void AppendVarint(uint64_t v, std::string* out);

// REQUIRES: 4 (or 8) readable bytes at p, of any alignment.
uint32_t DecodeFixed32(const char* p);
uint64_t DecodeFixed64(const char* p);

// Each takes a number off the front of `in`. False, with `in` unchanged, if
// there is no whole number or it does not fit; a varint of more than 10 bytes
// never fits.
bool ConsumeFixed32(absl::string_view* in, uint32_t* v);
bool ConsumeVarint32(absl::string_view* in, uint32_t* v);
bool ConsumeVarint64(absl::string_view* in, uint64_t* v);

}  // namespace trellis

#endif  // TRELLIS_IO_CODING_H_
