#include "trellis/io/npy.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "trellis/base/checked_int.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/dtype.h"
#include "trellis/graph/shape.h"
#include "trellis/io/coding.h"

namespace trellis {
namespace {

static_assert(std::endian::native == std::endian::little,
              "elements are copied as they lie in memory");

constexpr absl::string_view kMagic("\x93NUMPY", 6);
constexpr int64_t kAlignment = 64;  // of the elements in what is written
constexpr absl::string_view kDescr = "'descr': '";
constexpr absl::string_view kFortran = "', 'fortran_order': False, 'shape': (";

struct ElementType {
  char kind = 0;
  DType dtype = kInvalid;
  int64_t bytes = 0;  // of one element in the file
  bool swapped = false;
};

struct Header {
  ElementType type;
  bool fortran_order = false;
  Shape shape;
};

struct NumberType {
  DType dtype;
  char kind;
};

constexpr NumberType kNumbers[] = {
    {kBool, 'b'},      {kInt8, 'i'},      {kInt16, 'i'},   {kInt32, 'i'},
    {kInt64, 'i'},     {kUint8, 'u'},     {kUint16, 'u'},  {kUint32, 'u'},
    {kUint64, 'u'},    {kHalf, 'f'},      {kFloat32, 'f'}, {kFloat64, 'f'},
    {kComplex64, 'c'}, {kComplex128, 'c'}};

// '<f4', '|S12', '>i8'.
absl::StatusOr<ElementType> ParseElementType(absl::string_view descr) {
  const absl::Status bad = absl::InvalidArgumentError(
      absl::StrCat("elements of type '", descr, "' do not make a tensor"));
  ElementType type;
  int64_t number = 0;
  if (descr.size() < 3 || !absl::SimpleAtoi(descr.substr(2), &number) ||
      number < 0 || number > INT32_MAX) {
    return bad;
  }
  if (std::strchr("<>|=", descr[0]) == nullptr) return bad;
  type.swapped = descr[0] == '>';
  type.kind = descr[1];
  if (type.kind == 'S' || type.kind == 'U') {
    type.dtype = kString;
    type.bytes = type.kind == 'S' ? number : 4 * number;
    return type;
  }
  type.bytes = number;
  for (const NumberType& n : kNumbers) {
    if (n.kind == type.kind &&
        static_cast<int64_t>(DTypeSize(n.dtype)) == number) {
      type.dtype = n.dtype;
      return type;
    }
  }
  return bad;
}

// Reads the few Python literals that a header is made of.
class HeaderParser {
 public:
  explicit HeaderParser(absl::string_view text) : rest_(text) {}

  absl::StatusOr<Header> Parse() {
    Header header;
    bool have_type = false, have_order = false, have_shape = false;
    TRELLIS_RETURN_IF_ERROR(Expect('{'));
    while (!Consume('}')) {
      TRELLIS_ASSIGN_OR_RETURN(const std::string key, Text());
      TRELLIS_RETURN_IF_ERROR(Expect(':'));
      if (key == "descr") {
        TRELLIS_ASSIGN_OR_RETURN(const std::string descr, Text());
        TRELLIS_ASSIGN_OR_RETURN(header.type, ParseElementType(descr));
        have_type = true;
      } else if (key == "fortran_order") {
        TRELLIS_ASSIGN_OR_RETURN(header.fortran_order, Truth());
        have_order = true;
      } else if (key == "shape") {
        TRELLIS_ASSIGN_OR_RETURN(header.shape, Dimensions());
        have_shape = true;
      } else {
        return Error(absl::StrCat("unknown key '", key, "'"));
      }
      if (!Consume(',')) {
        TRELLIS_RETURN_IF_ERROR(Expect('}'));
        break;
      }
    }
    if (!have_type || !have_order || !have_shape) {
      return Error("a key is missing");
    }
    SkipSpace();
    if (!rest_.empty()) return Error("text follows the dictionary");
    return header;
  }

 private:
  static absl::Status Error(absl::string_view what) {
    return absl::InvalidArgumentError(absl::StrCat(".npy header: ", what));
  }

  void SkipSpace() { rest_ = absl::StripLeadingAsciiWhitespace(rest_); }

  bool Consume(char c) {
    SkipSpace();
    if (rest_.empty() || rest_[0] != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  absl::Status Expect(char c) {
    if (Consume(c)) return absl::OkStatus();
    return Error(absl::StrCat("expected '", absl::string_view(&c, 1), "' at \"",
                              rest_.substr(0, 20), "\""));
  }

  // A string without escapes.
  absl::StatusOr<std::string> Text() {
    SkipSpace();
    const char quote = rest_.empty() ? '\0' : rest_[0];
    if (quote != '\'' && quote != '"') return Error("expected a string");
    const size_t end = rest_.find(quote, 1);
    if (end == absl::string_view::npos) return Error("a string does not end");
    std::string text(rest_.substr(1, end - 1));
    rest_.remove_prefix(end + 1);
    return text;
  }

  absl::StatusOr<bool> Truth() {
    SkipSpace();
    for (const bool value : {false, true}) {
      const absl::string_view text = value ? "True" : "False";
      if (rest_.substr(0, text.size()) == text) {
        rest_.remove_prefix(text.size());
        return value;
      }
    }
    return Error("expected True or False");
  }

  // (), (3,), (2, 3); Python 2 wrote 3L.
  absl::StatusOr<Shape> Dimensions() {
    std::vector<int64_t> dims;
    TRELLIS_RETURN_IF_ERROR(Expect('('));
    while (!Consume(')')) {
      SkipSpace();
      const size_t digits =
          std::min(rest_.find_first_not_of("0123456789"), rest_.size());
      int64_t dim = 0;
      if (!absl::SimpleAtoi(rest_.substr(0, digits), &dim)) {
        return Error("a dimension is no number that fits");
      }
      rest_.remove_prefix(digits);
      Consume('L');
      dims.push_back(dim);
      if (!Consume(',')) {
        TRELLIS_RETURN_IF_ERROR(Expect(')'));
        break;
      }
    }
    return Shape::Make(dims);
  }

  absl::string_view rest_;
};

// Takes the header off the front of `bytes`, which are then the elements.
absl::StatusOr<Header> ConsumeHeader(absl::string_view* bytes) {
  if (bytes->substr(0, kMagic.size()) != kMagic ||
      bytes->size() < kMagic.size() + 4) {
    return absl::InvalidArgumentError("not a .npy file");
  }
  const int version = (*bytes)[kMagic.size()];
  if (version < 1 || version > 3) {
    return absl::InvalidArgumentError(
        absl::StrCat(".npy format version ", version, " is not known"));
  }
  bytes->remove_prefix(kMagic.size() + 2);
  const size_t width = version == 1 ? 2 : 4;
  if (bytes->size() < width) {
    return absl::DataLossError(".npy header is cut short");
  }
  uint32_t length = 0;
  std::memcpy(&length, bytes->data(), width);
  bytes->remove_prefix(width);
  if (bytes->size() < length) {
    return absl::DataLossError(".npy header is cut short");
  }
  const absl::string_view text = bytes->substr(0, length);
  bytes->remove_prefix(length);
  return HeaderParser(text).Parse();
}

void AppendUtf8(uint32_t c, std::string* out) {
  if (c < 0x80) {
    out->push_back(static_cast<char>(c));
    return;
  }
  const int trailing = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
  constexpr uint32_t kLead[] = {0, 0xC0, 0xE0, 0xF0};
  out->push_back(static_cast<char>(kLead[trailing] | (c >> (6 * trailing))));
  for (int i = trailing - 1; i >= 0; --i) {
    out->push_back(static_cast<char>(0x80 | ((c >> (6 * i)) & 0x3F)));
  }
}

absl::StatusOr<std::string> DecodeString(const ElementType& type,
                                         absl::string_view element) {
  std::string text;
  if (type.kind == 'S') {
    text = std::string(element);
  } else {
    for (size_t i = 0; i < element.size(); i += 4) {
      uint32_t c = DecodeFixed32(element.data() + i);
      if (type.swapped) c = __builtin_bswap32(c);
      if (c > 0x10FFFF) {
        return absl::InvalidArgumentError(
            absl::StrCat(c, " is no Unicode character"));
      }
      AppendUtf8(c, &text);
    }
  }
  text.erase(text.find_last_not_of('\0') + 1);
  return text;
}

// The parts of complex numbers are swapped each for itself.
void SwapBytes(const ElementType& type, char* elements, int64_t bytes) {
  const int64_t width = type.kind == 'c' ? type.bytes / 2 : type.bytes;
  for (int64_t i = 0; i < bytes; i += width) {
    std::reverse(elements + i, elements + i + width);
  }
}

// For each element in row-major order, its position in column-major order.
class ColumnMajor {
 public:
  explicit ColumnMajor(const Shape& shape)
      : shape_(shape), index_(shape.rank()), strides_(shape.rank()) {
    int64_t stride = 1;
    for (int i = 0; i < shape.rank(); ++i) {
      strides_[i] = stride;
      stride *= shape.dim(i);
    }
  }

  int64_t Next() {
    const int64_t position = position_;
    for (int i = shape_.rank() - 1; i >= 0; --i) {
      position_ += strides_[i];
      if (++index_[i] < shape_.dim(i)) break;
      position_ -= strides_[i] * shape_.dim(i);
      index_[i] = 0;
    }
    return position;
  }

 private:
  const Shape& shape_;
  std::vector<int64_t> index_;
  std::vector<int64_t> strides_;
  int64_t position_ = 0;
};

absl::Status CopyStrings(const Header& header, absl::string_view elements,
                         Tensor* tensor) {
  ColumnMajor column_major(header.shape);
  int64_t i = 0;
  for (std::string& text : tensor->flat<std::string>()) {
    const int64_t from = header.fortran_order ? column_major.Next() : i++;
    TRELLIS_ASSIGN_OR_RETURN(
        text,
        DecodeString(header.type, elements.substr(from * header.type.bytes,
                                                  header.type.bytes)));
  }
  return absl::OkStatus();
}

void CopyNumbers(const Header& header, absl::string_view elements,
                 Tensor* tensor) {
  char* to = static_cast<char*>(tensor->data());
  const int64_t width = header.type.bytes;
  if (!header.fortran_order) {
    std::copy(elements.begin(), elements.end(), to);
  } else {
    ColumnMajor column_major(header.shape);
    for (int64_t i = 0; i < tensor->num_elements(); ++i) {
      std::memcpy(to + i * width, elements.data() + column_major.Next() * width,
                  width);
    }
  }
  if (header.type.swapped) SwapBytes(header.type, to, elements.size());
  if (header.type.dtype == kBool) {
    // Any other byte would be no bool in C++.
    for (size_t i = 0; i < elements.size(); ++i) to[i] = to[i] != 0;
  }
}

absl::StatusOr<std::string> DescrOf(const Tensor& tensor) {
  if (tensor.dtype() == kString) {
    size_t longest = 1;  // NumPy has no type of empty strings
    for (const std::string& text : tensor.flat<std::string>()) {
      if (!text.empty() && text.back() == '\0') {
        return absl::InvalidArgumentError(
            "a string that ends with a zero byte cannot be kept in .npy");
      }
      longest = std::max(longest, text.size());
    }
    return absl::StrCat("|S", longest);
  }
  for (const NumberType& n : kNumbers) {
    if (n.dtype != tensor.dtype()) continue;
    const size_t size = DTypeSize(n.dtype);
    return absl::StrCat(size == 1 ? "|" : "<", absl::string_view(&n.kind, 1),
                        size);
  }
  return absl::InvalidArgumentError(
      absl::StrCat("NumPy has no type ", DTypeName(tensor.dtype())));
}

void AppendElements(const Tensor& tensor, absl::string_view descr,
                    std::string* out) {
  if (tensor.dtype() != kString) {
    out->append(static_cast<const char*>(tensor.data()), tensor.bytes());
    return;
  }
  size_t width = 0;
  TRELLIS_CHECK(absl::SimpleAtoi(descr.substr(2), &width));
  for (const std::string& text : tensor.flat<std::string>()) {
    out->append(text);
    out->append(width - text.size(), '\0');
  }
}

}  // namespace

absl::StatusOr<Tensor> ParseNpy(absl::string_view bytes) {
  TRELLIS_ASSIGN_OR_RETURN(const Header header, ConsumeHeader(&bytes));
  const int64_t count = header.shape.num_elements();
  const std::optional<int64_t> wanted = CheckedMul(count, header.type.bytes);
  if (!wanted || *wanted != static_cast<int64_t>(bytes.size())) {
    return absl::DataLossError(absl::StrCat(
        ".npy file has ", bytes.size(), " bytes of elements; ",
        header.shape.ToString(), " of ", header.type.bytes, " bytes each need ",
        wanted ? absl::StrCat(*wanted) : "more"));
  }
  if (header.type.bytes == 0 && count > 0) {
    return absl::InvalidArgumentError(".npy elements have no size");
  }
  TRELLIS_ASSIGN_OR_RETURN(Tensor tensor,
                           Tensor::Allocate(header.type.dtype, header.shape));
  if (header.type.dtype == kString) {
    TRELLIS_RETURN_IF_ERROR(CopyStrings(header, bytes, &tensor));
  } else {
    CopyNumbers(header, bytes, &tensor);
  }
  return tensor;
}

absl::StatusOr<std::string> SerializeNpy(const Tensor& tensor) {
  TRELLIS_ASSIGN_OR_RETURN(const std::string descr, DescrOf(tensor));
  std::string header = absl::StrCat(
      "{", kDescr, descr, kFortran, absl::StrJoin(tensor.shape().dims(), ", "),
      tensor.shape().rank() == 1 ? ",), }" : "), }");
  const int64_t before = kMagic.size() + 4;
  const int64_t end = *CheckedRoundUp(before + header.size() + 1, kAlignment);
  header.resize(end - before - 1, ' ');
  header += '\n';

  std::string out(kMagic);
  out.push_back(1);
  out.push_back(0);
  out.push_back(static_cast<char>(header.size() & 0xFF));
  out.push_back(static_cast<char>(header.size() >> 8));
  out += header;
  AppendElements(tensor, descr, &out);
  return out;
}

}  // namespace trellis
