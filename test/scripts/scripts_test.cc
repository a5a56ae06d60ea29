// One test for each script and each way to run it: Script.NAME/ipv4_isn_...
#include <filesystem>

#include <gtest/gtest.h>

#include "runner.h"

namespace weir::scripts {
namespace {

struct Case {
  std::string path;
  Variant variant;
};

class ScriptTest : public ::testing::Test {
 public:
  explicit ScriptTest(Case wanted) : case_(std::move(wanted)) {}
  void TestBody() override {
    try {
      run(load_script(case_.path), case_.variant);
    } catch (const ScriptError& error) {
      FAIL() << case_.path << " (" << case_.variant.name << ")" << error.what();
    }
  }

 private:
  Case case_;
};

class Unreadable : public ::testing::Test {
 public:
  explicit Unreadable(std::string why) : why_(std::move(why)) {}
  void TestBody() override { FAIL() << why_; }

 private:
  std::string why_;
};

void add(const std::filesystem::path& path) {
  const std::string name = path.stem().string();
  try {
    for (const Variant& variant : variants_of(load_script(path.string()))) {
      std::string full = name + "/" + variant.name;
      for (char& letter : full)
        if (letter == ' ') letter = '_';
      ::testing::RegisterTest("Script", full.c_str(), nullptr, nullptr, __FILE__, __LINE__, [=]() -> ::testing::Test* {
        return new ScriptTest({path.string(), variant});
      });
    }
  } catch (const ScriptError& error) {
    const std::string why = error.what();
    ::testing::RegisterTest("Script", name.c_str(), nullptr, nullptr, __FILE__, __LINE__,
                            [=]() -> ::testing::Test* { return new Unreadable(why); });
  }
}

}  // namespace

int add_all(const std::filesystem::path& folder) {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() == ".trace") add(entry.path()), ++count;
  return count;
}

TEST(Scripts, ThereAreMany) {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(WEIR_SCRIPTS))
    count += entry.path().extension() == ".trace" ? 1 : 0;
  EXPECT_GE(count, 150);
}

}  // namespace weir::scripts

int main(int argc, char** argv) {
  weir::scripts::add_all(WEIR_SCRIPTS);
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
