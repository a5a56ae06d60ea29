// weir-script FILE...: runs packet scripts (docs/testing.md) and says what failed. Exit code 1 when one did, 2 when
// one cannot be read.
#include <cstdio>

#include "runner.h"

int main(int argc, char** argv) {
  using namespace weir::scripts;
  int result = argc < 2 ? 2 : 0;
  if (argc < 2) std::fprintf(stderr, "weir-script FILE...\n");
  for (int i = 1; i < argc; ++i) {
    try {
      const Script script = load_script(argv[i]);
      const std::string failure = run_all(script);
      std::printf("%s %s\n", failure.empty() ? "passed" : "FAILED", failure.empty() ? argv[i] : failure.c_str());
      if (!failure.empty() && result == 0) result = 1;
    } catch (const ScriptError& error) {
      std::fprintf(stderr, "%s\n", error.what());
      result = 2;
    }
  }
  return result;
}
