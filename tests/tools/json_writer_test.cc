#include "trellis/tools/trellis/json_writer.h"

#include <limits>

#include "gtest/gtest.h"

namespace trellis {
namespace {

TEST(JsonWriterTest, SeparatesWhatIsInside) {
  JsonWriter json;
  json.BeginObject();
  json.Field("nodes", 7);
  json.Field("known", true);
  json.Key("inputs").BeginArray();
  json.String("x:0");
  json.BeginObject();
  json.EndObject();
  json.Int(-1);
  json.EndArray();
  json.Field("names", std::vector<std::string>{"a", "b"});
  json.EndObject();
  EXPECT_EQ(json.text(), R"({"nodes":7,"known":true,"inputs":["x:0",{},-1],)"
                         R"("names":["a","b"]})");
}

std::string Quoted(absl::string_view text) {
  JsonWriter json;
  json.String(text);
  return json.text();
}

TEST(JsonWriterTest, EscapesWhatJsonMustEscape) {
  EXPECT_EQ(Quoted("a\"b\\c\nd\te"), R"("a\"b\\c\nd\te")");
  EXPECT_EQ(Quoted(absl::string_view("\0\x1f", 2)), R"("\u0000\u001f")");
}

TEST(JsonWriterTest, IsAlwaysUtf8) {
  EXPECT_EQ(Quoted("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"),
            "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"");
  // Cut short, overlong, a surrogate, out of range.
  EXPECT_EQ(Quoted("\xc3"), R"("\ufffd")");
  EXPECT_EQ(Quoted("\xc0\x80"), R"("\ufffd\ufffd")");
  EXPECT_EQ(Quoted("\xed\xa0\x80"), R"("\ufffd\ufffd\ufffd")");
  EXPECT_EQ(Quoted("\xf4\x90\x80\x80"), R"("\ufffd\ufffd\ufffd\ufffd")");
}

TEST(JsonWriterTest, NumbersAreTheShortestThatReadBack) {
  JsonWriter json;
  json.BeginArray();
  json.Float(0.1f);
  json.Double(0.1);
  json.Double(1e300);
  json.Uint(std::numeric_limits<uint64_t>::max());
  json.Double(std::numeric_limits<double>::quiet_NaN());
  json.Float(-std::numeric_limits<float>::infinity());
  json.EndArray();
  EXPECT_EQ(json.text(), "[0.1,0.1,1e+300,18446744073709551615,null,null]");
}

TEST(JsonWriterTest, ShapesHaveNullWhereNothingIsKnown) {
  JsonWriter json;
  json.BeginArray();
  json.Dims(Shape({2, -1}));
  json.Dims(Shape::Scalar());
  json.Dims(Shape());
  json.EndArray();
  EXPECT_EQ(json.text(), "[[2,null],[],null]");
}

}  // namespace
}  // namespace trellis
