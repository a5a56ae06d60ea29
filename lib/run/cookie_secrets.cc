#include "cookie_secrets.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <vector>

#include "secret.h"

namespace weir::run {
namespace {

constexpr std::size_t kSecretsMax = 2;
constexpr const char* kWriteIt = "write what `openssl rand -hex 16` prints, one secret a line";

[[noreturn]] void fail(const std::filesystem::path& file, const std::string& what, const std::string& remedy) {
  throw BadSecrets(fmt::format("\"{}\" {}", file.string(), what), remedy);
}

void require_private(const std::filesystem::path& file) {
  struct stat found {};
  if (::stat(file.c_str(), &found) != 0)
    fail(file, fmt::format("cannot be read: {}", std::strerror(errno)), "give the path of a file with the secrets");
  if (!S_ISREG(found.st_mode)) fail(file, "is not a file", "give the path of a file with the secrets");
  if ((found.st_mode & (S_IRWXO | S_IWGRP)) != 0)
    fail(file, "is open to others", fmt::format("type: chmod 600 {}", file.string()));
}

bool are_equal(const SipKey& a, const SipKey& b) {
  return a.k0 == b.k0 && a.k1 == b.k1;
}

bool is_comment(const std::string& line) {
  return line.empty() || line.front() == '#';
}

}  // namespace

bool are_equal(const tcp::CookieSecrets& a, const tcp::CookieSecrets& b) {
  if (a.accepted.has_value() != b.accepted.has_value() || !are_equal(a.making, b.making)) return false;
  return !a.accepted || are_equal(*a.accepted, *b.accepted);
}

tcp::CookieSecrets load_cookie_secrets(const std::filesystem::path& file) {
  require_private(file);
  std::ifstream in(file);
  if (!in) fail(file, fmt::format("cannot be read: {}", std::strerror(errno)), "let weir's user read it");
  std::vector<SipKey> secrets;
  unsigned number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (is_comment(line)) continue;
    const auto secret = parse_secret(line);
    if (!secret) fail(file, fmt::format("line {} is not a secret of 128 bits", number), kWriteIt);
    secrets.push_back(*secret);
    if (secrets.size() > kSecretsMax)
      fail(file, fmt::format("line {} is a third secret", number), "leave the newest and the one before");
  }
  if (secrets.empty()) fail(file, "holds no secret", kWriteIt);
  tcp::CookieSecrets loaded{.making = secrets[0]};
  if (secrets.size() > 1) loaded.accepted = secrets[1];
  if (secrets.size() > 1 && are_equal(secrets[0], secrets[1]))
    fail(file, "holds the same secret twice", "remove one of them");
  return loaded;
}

void require_rotation(const tcp::CookieSecrets& in_force, const tcp::CookieSecrets& loaded) {
  if (are_equal(in_force, loaded))
    throw BadSecrets("the file holds the secrets that are in force", "rotate them first");
}

}  // namespace weir::run
