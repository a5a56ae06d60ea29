#include "batch.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <sstream>
#include <stdexcept>

#include "support/start_eal.h"
#include "world.h"

namespace weir::testing {
namespace {

// What a process says: "fault SEED TEXT" and "count N NAME" lines, "done" at its end.
void run_seed(std::uint64_t seed, Pools& pools, Tally& tally, std::ostream& out) {
  const Verdict verdict = World(seed, pools).run();
  tally += verdict.tally;
  if (!verdict.faults.empty()) out << "fault " << seed << ' ' << verdict.faults.front() << std::endl;
}

void run_share(const Batch& batch, unsigned share, std::ostream& out) {
  start_eal();
  Pools pools;
  Tally tally;
  for (std::size_t i = share; i < batch.seeds.size(); i += batch.processes) run_seed(batch.seeds[i], pools, tally, out);
  std::uint64_t next = (batch.seeds.empty() ? 0 : batch.seeds.back()) + 1 + share;
  for (; tally["run: steps"] * batch.processes < batch.steps_min; next += batch.processes)
    run_seed(next, pools, tally, out);
  for (const auto& [name, n] : tally.all()) out << "count " << n << ' ' << name << '\n';
  out << "done" << std::endl;
}

struct Child {
  pid_t pid;
  FILE* output;
};

Child start_share(const Batch& batch, unsigned share) {
  int ends[2];
  if (pipe(ends) != 0) throw std::runtime_error("pipe");
  const pid_t pid = fork();
  if (pid < 0) throw std::runtime_error("fork");
  if (pid > 0) return close(ends[1]), Child{pid, fdopen(ends[0], "r")};
  dup2(ends[1], STDOUT_FILENO);
  run_share(batch, share, std::cout);
  std::_Exit(0);
}

bool read_line(const std::string& line, BatchResult& result) {
  std::istringstream words(line);
  std::string kind, rest;
  std::uint64_t number = 0;
  words >> kind >> number;
  std::getline(words >> std::ws, rest);
  if (kind == "count") result.tally.add(rest, number);
  if (kind == "fault") {
    result.failed_seeds.push_back(number);
    result.failures.push_back(std::to_string(number) + ": " + rest);
  }
  return kind == "done";
}

void read_share(const Child& child, BatchResult& result) {
  bool is_done = false;
  char* line = nullptr;
  std::size_t size = 0;
  while (getline(&line, &size, child.output) > 0) is_done = read_line(line, result) || is_done;
  std::free(line);
  std::fclose(child.output);
  int status = 0;
  waitpid(child.pid, &status, 0);
  if (!is_done || status != 0) result.failures.push_back("a process died before its end");
}

}  // namespace

BatchResult run_batch(const Batch& batch) {
  std::vector<Child> children;
  for (unsigned share = 0; share < batch.processes; ++share) children.push_back(start_share(batch, share));
  BatchResult result;
  for (const Child& child : children) read_share(child, result);
  return result;
}

}  // namespace weir::testing
