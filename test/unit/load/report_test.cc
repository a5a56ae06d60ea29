#include <gtest/gtest.h>

#include <weir/load/report.h>

namespace weir::load {
namespace {

std::size_t count(std::string_view text, std::string_view piece) {
  std::size_t found = 0;
  for (std::size_t at = text.find(piece); at != text.npos; at = text.find(piece, at + 1)) ++found;
  return found;
}

TEST(Report, CarriesTheResultAsItIs) {
  EXPECT_NE(report_page(R"({"schema": "weir-cps/1", "runs": []})").find(R"({"schema": "weir-cps/1", "runs": []})"),
            std::string::npos);
}

TEST(Report, WhatAResultNamesCannotEndTheScriptThatHoldsIt) {
  const std::string page = report_page(R"json({"targets": ["</script><!--<script>alert(1)"]})json");
  EXPECT_NE(page.find(R"json(\u003c/script>\u003c!--\u003cscript>alert(1))json"), std::string::npos);
  const std::string plain = report_page("{}");
  for (const char* markup : {"<script", "</script", "<!--"}) EXPECT_EQ(count(page, markup), count(plain, markup));
}

// Its policy forbids every request; nothing in it would make one.
TEST(Report, AsksNobodyForAnything) {
  const std::string page = report_page("{}");
  EXPECT_EQ(count(page, "default-src 'none'"), 1U);
  EXPECT_EQ(count(page, "://"), count(page, "\"http://www.w3.org/2000/svg\""));
  for (const char* call : {"fetch(", "XMLHttpRequest", "import(", "@import", "innerHTML", "document.write"})
    EXPECT_EQ(count(page, call), 0U) << call;
}

}  // namespace
}  // namespace weir::load
