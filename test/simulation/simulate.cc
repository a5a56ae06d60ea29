// Deterministic simulation from the command line; test/simulate is its front.
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <optional>

#include "batch.h"
#include "kinds.h"
#include "support/start_eal.h"
#include "tables.h"
#include "world.h"

namespace weir::testing {
namespace {

constexpr const char* kUsage =
    "usage: simulate SEED                 one seed: every packet, and the verdict\n"
    "       simulate --seeds N            N seeds from WEIR_SEED on, and those that failed once (--kept FILE)\n"
    "       simulate --steps N            as many seeds as it takes for N steps of the simulation\n"
    "       simulate --table goodput|fairness   how fast, and how fair\n"
    "  --processes N   side by side (2)\n"
    "  --quiet         with SEED: the verdict alone\n";

struct Options {
  std::optional<std::uint64_t> seed;
  std::uint64_t seeds = 0, steps = 0;
  unsigned processes = 2;
  bool is_quiet = false;
  const char* kept = nullptr;
  const char* table = nullptr;
};

std::uint64_t number(const char* text) {
  if (text == nullptr) std::fputs(kUsage, stderr), std::exit(2);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text, text + std::strlen(text), value);
  if (error != std::errc{} || *end != '\0') std::fputs(kUsage, stderr), std::exit(2);
  return value;
}

Options parse(char** argument) {
  Options options;
  for (; *argument != nullptr; ++argument) {
    const std::string_view word = *argument;
    if (word == "--seeds")
      options.seeds = number(*++argument);
    else if (word == "--steps")
      options.steps = number(*++argument);
    else if (word == "--processes")
      options.processes = static_cast<unsigned>(number(*++argument));
    else if (word == "--kept")
      options.kept = *++argument;
    else if (word == "--table")
      options.table = *++argument;
    else if (word == "--quiet")
      options.is_quiet = true;
    else
      options.seed = number(*argument);
  }
  if (options.table != nullptr) return options;
  if (!options.seed && options.seeds == 0 && options.steps == 0) number(nullptr);
  return options;
}

int replay(const Options& options) {
  start_eal();
  Pools pools;
  World world(*options.seed, pools);
  if (!options.is_quiet) world.simulation().on_trace = [](const std::string& line) { std::puts(line.c_str()); };
  const Verdict verdict = world.run();
  for (const auto& [name, n] : verdict.tally.all())
    if (n != 0) std::printf("%12llu  %s\n", static_cast<unsigned long long>(n), name.c_str());
  for (const std::string& fault : verdict.faults) std::printf("FAULT  %s\n", fault.c_str());
  std::puts(verdict.faults.empty() ? "every invariant held" : "FAILED");
  return verdict.faults.empty() ? 0 : 1;
}

std::uint64_t first_seed() {
  const char* text = std::getenv("WEIR_SEED");
  return text == nullptr ? 1 : std::strtoull(text, nullptr, 10) % 1'000'000'000'000 * 10'000;
}

// One number a line, and why it is kept after a '#'.
std::vector<std::uint64_t> kept_seeds(const char* file) {
  std::vector<std::uint64_t> seeds;
  if (file == nullptr) return seeds;
  std::ifstream lines(file);
  if (!lines) std::fprintf(stderr, "%s: cannot be read\n", file), std::exit(2);
  for (std::string line; std::getline(lines, line);)
    if (!line.empty() && line.front() != '#') seeds.push_back(std::strtoull(line.c_str(), nullptr, 10));
  return seeds;
}

void print_report(const BatchResult& result, std::size_t seeds, double seconds) {
  for (const auto& [name, n] : result.tally.all())
    std::printf("%12llu  %s\n", static_cast<unsigned long long>(n), name.c_str());
  for (const std::string& failure : result.failures) std::printf("FAILED seed %s\n", failure.c_str());
  for (const std::uint64_t seed : result.failed_seeds)
    std::printf("test/simulate %llu   # replays it; keep it in test/simulation/seeds.txt\n",
                static_cast<unsigned long long>(seed));
  std::printf("%zu seeds or more in %.1f s, %zu failed\n", seeds, seconds, result.failed_seeds.size());
}

int print_table(std::string_view name) {
  if (name != "goodput" && name != "fairness") number(nullptr);
  start_eal();
  std::fputs(name == "goodput" ? goodput_table().c_str() : fairness_table().c_str(), stdout);
  return 0;
}

int run_many(const Options& options) {
  Batch batch{.seeds = kept_seeds(options.kept), .steps_min = options.steps, .processes = options.processes};
  const std::uint64_t first = first_seed();
  std::printf("seeds from %llu on\n", static_cast<unsigned long long>(first));
  for (std::uint64_t i = 0; i < std::max<std::uint64_t>(options.seeds, 1); ++i) batch.seeds.push_back(first + i);
  std::fflush(stdout);
  const auto begun = std::chrono::steady_clock::now();
  BatchResult result = run_batch(batch);
  const bool is_large = options.seeds >= kSeedsForAllKinds;
  const auto missing = is_large ? kinds_that_never_happened(result.tally) : std::vector<std::string>{};
  print_report(result, batch.seeds.size(),
               std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count());
  for (const std::string& kind : missing) std::printf("FAILED never happened: %s\n", kind.c_str());
  return result.failures.empty() && missing.empty() ? 0 : 1;
}

}  // namespace
}  // namespace weir::testing

int main(int, char** argv) {
  const auto options = weir::testing::parse(argv + 1);
  if (options.table != nullptr) return weir::testing::print_table(options.table);
  return options.seed ? weir::testing::replay(options) : weir::testing::run_many(options);
}
