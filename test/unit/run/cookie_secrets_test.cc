#include "cookie_secrets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <fstream>

#include <unistd.h>

#include <weir/run/config.h>

#include "small_configs.h"

namespace weir::run {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kOne = "00112233445566778899aabbccddeeff";
constexpr const char* kTwo = "ffeeddccbbaa99887766554433221100";

class CookieSecrets : public ::testing::Test {
 protected:
  CookieSecrets() : file_(fs::temp_directory_path() / ("weir-secrets-" + std::to_string(::getpid()))) {}
  ~CookieSecrets() override { fs::remove(file_); }

  void write(const std::string& text, fs::perms mode = fs::perms::owner_read | fs::perms::owner_write) {
    fs::remove(file_);
    std::ofstream(file_) << text;
    fs::permissions(file_, mode);
  }
  std::string complaint() {
    try {
      load_cookie_secrets(file_);
    } catch (const BadSecrets& bad) {
      return std::string(bad.what()) + "; " + bad.remedy();
    }
    return "none";
  }

  fs::path file_;
};

TEST_F(CookieSecrets, AreOneOrTwoLines) {
  write(std::string(kOne) + "\n");
  const auto one = load_cookie_secrets(file_);
  EXPECT_EQ(one.making.k0, 0x0011'2233'4455'6677U);
  EXPECT_EQ(one.making.k1, 0x8899'aabb'ccdd'eeffU);
  EXPECT_FALSE(one.accepted);
  write(std::string("# since Monday\n") + kTwo + "\n\n# before\n" + kOne + "\n");
  const auto two = load_cookie_secrets(file_);
  EXPECT_EQ(two.making.k0, 0xffee'ddcc'bbaa'9988U);
  EXPECT_EQ(two.accepted->k0, one.making.k0);
}

TEST_F(CookieSecrets, MissingFileIsRefused) {
  EXPECT_THAT(complaint(), HasSubstr("cannot be read: No such file or directory"));
}

TEST_F(CookieSecrets, ShortOnesAndWhatIsNoneAreRefusedWithTheirLine) {
  for (const char* bad : {"0011", "00112233445566778899aabbccddeef", "00112233445566778899aabbccddeeff0",
                          "00112233445566778899aabbccddeefg", "0x112233445566778899aabbccddeeff", " "}) {
    write(std::string(kOne) + "\n" + bad + "\n");
    EXPECT_THAT(complaint(), HasSubstr("line 2 is not a secret of 128 bits; write what `openssl rand -hex 16`")) << bad;
  }
  write("# nothing yet\n");
  EXPECT_THAT(complaint(), HasSubstr("holds no secret"));
}

TEST_F(CookieSecrets, MoreThanTwoAndTheSameTwiceAreRefused) {
  write(std::string(kOne) + "\n" + kTwo + "\n" + kOne + "\n");
  EXPECT_THAT(complaint(), HasSubstr("line 3 is a third secret"));
  write(std::string(kOne) + "\n" + kOne + "\n");
  EXPECT_THAT(complaint(), HasSubstr("the same secret twice"));
}

TEST_F(CookieSecrets, FileThatOthersMayReadOrChangeIsRefused) {
  using enum fs::perms;
  for (const fs::perms others : {others_read, others_write, group_write}) {
    write(std::string(kOne) + "\n", owner_read | owner_write | others);
    EXPECT_THAT(complaint(), HasSubstr("is open to others; type: chmod 600 " + file_.string()));
  }
  write(std::string(kOne) + "\n", owner_read | group_read);
  EXPECT_EQ(complaint(), "none");
}

TEST_F(CookieSecrets, FolderIsRefused) {
  EXPECT_THROW(load_cookie_secrets(fs::temp_directory_path()), BadSecrets);
}

TEST_F(CookieSecrets, UnchangedOnesAreNoRotation) {
  const tcp::CookieSecrets old{.making = {1, 2}};
  EXPECT_THROW(require_rotation(old, old), BadSecrets);
  EXPECT_NO_THROW(require_rotation(old, {.making = {3, 4}, .accepted = SipKey{1, 2}}));
  EXPECT_NO_THROW(require_rotation({.making = {3, 4}, .accepted = SipKey{1, 2}}, {.making = {3, 4}}));
  EXPECT_NO_THROW(require_rotation(old, {.making = {1, 3}}));
}

TEST_F(CookieSecrets, ConfigurationNamesTheLineThatNamesTheFile) {
  write("0011\n");
  const std::string text = std::string(kSmallestServe) + "[process]\nsyn_cookie_secrets = \"" + file_.string() + "\"\n";
  try {
    parse_serve_config(text, "f.toml");
    ADD_FAILURE() << "was taken";
  } catch (const ConfigError& error) {
    EXPECT_THAT(error.what(), HasSubstr("process.syn_cookie_secrets: \"" + file_.string() + "\" line 1 is not"));
  }
  write(std::string(kOne) + "\n");
  EXPECT_EQ(parse_serve_config(text, "f.toml").process.cookie_secrets->making.k0, 0x0011'2233'4455'6677U);
}

}  // namespace
}  // namespace weir::run
