#include <weir/load/report.h>

#include "report_template.h"

namespace weir::load {
namespace {

// Inside a script element nothing but "<" can end it or open a comment, and in JSON it stands in strings only.
std::string without_markup(std::string_view json) {
  std::string text;
  text.reserve(json.size() + json.size() / 16);
  for (const char letter : json) letter == '<' ? text += "\\u003c" : text += letter;
  return text;
}

}  // namespace

std::string report_page(std::string_view result) {
  std::string page{kBeforeResult};
  page += without_markup(result);
  page += kAfterResult;
  return page;
}

}  // namespace weir::load
