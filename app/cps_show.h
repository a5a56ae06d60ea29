// A measurement for people: the line of each second, and the table at the end.
#pragma once

#include <string>

#include <weir/run/cps_result.h>

namespace weir::app {

// To standard error; `done`: share of the whole that is over, for the progress bar.
void show_second(const run::CpsSecond& second, const load::GeneratorConfig& load, bool is_measured, double done);
void show_step(const run::CpsStep& step);

std::string table_of(const run::CpsResult& result, const std::vector<run::Outcome>& outcomes);

std::string grouped(double number);         // "1,234,568"
std::string human_time(Duration duration);  // "118 us", "4.2 ms"

}  // namespace weir::app
