#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <weir/doctor/finding.h>

namespace weir::doctor {

namespace {

using Json = nlohmann::ordered_json;

constexpr int kSchema = 1;

std::size_t count(const std::vector<Finding>& findings, Verdict verdict) {
  return static_cast<std::size_t>(
      std::ranges::count(findings, verdict, [](const Finding& finding) { return finding.judgement.verdict; }));
}

std::string block(const Finding& finding) {
  const Judgement& judged = finding.judgement;
  std::string text = fmt::format("  {:<13}  {:<17}  {}\n", to_string(judged.verdict), finding.title, judged.text);
  if (!judged.command.empty()) text += fmt::format("  {:<13}  {:<17}  > {}\n", "", "", judged.command);
  return text;
}

Json to_object(const Finding& finding) {
  const Judgement& judged = finding.judgement;
  return {{"check", finding.check},     {"title", finding.title},
          {"subject", finding.subject}, {"verdict", to_string(judged.verdict)},
          {"text", judged.text},        {"command", judged.command.empty() ? Json(nullptr) : Json(judged.command)}};
}

}  // namespace

std::string to_text(const std::vector<Finding>& findings) {
  std::string text, subject;
  for (const Finding& finding : findings) {
    if (finding.subject != subject) text += (text.empty() ? "" : "\n") + finding.subject + "\n";
    subject = finding.subject;
    text += block(finding);
  }
  return text + fmt::format("\n{} ok, {} cost speed, {} do not work\n", count(findings, Verdict::kOk),
                            count(findings, Verdict::kCostsSpeed), count(findings, Verdict::kDoesNotWork));
}

std::string to_json(const std::vector<Finding>& findings) {
  Json counts = Json::object();
  for (const Verdict verdict : {Verdict::kOk, Verdict::kCostsSpeed, Verdict::kDoesNotWork})
    counts[to_string(verdict)] = count(findings, verdict);
  Json list = Json::array();
  for (const Finding& finding : findings) list.push_back(to_object(finding));
  return Json{{"schema", kSchema}, {"verdict", to_string(worst(findings))}, {"counts", counts}, {"findings", list}}
             .dump(2) +
         "\n";
}

}  // namespace weir::doctor
