// The file that SYN cookies' secrets come from: one or two lines of 32 hex digits. Cookies are made with the first;
// those made with the second are accepted too. Empty lines and those that begin with # do not count.
#pragma once

#include <filesystem>
#include <stdexcept>

#include <weir/tcp/syn_cookie.h>

namespace weir::run {

class BadSecrets : public std::runtime_error {
 public:
  BadSecrets(const std::string& what, std::string remedy) : std::runtime_error(what), remedy_(std::move(remedy)) {}
  const std::string& remedy() const { return remedy_; }

 private:
  std::string remedy_;
};

// Throws BadSecrets: it cannot be read, others may read or change it, or it holds something else.
tcp::CookieSecrets load_cookie_secrets(const std::filesystem::path& file);

bool are_equal(const tcp::CookieSecrets& a, const tcp::CookieSecrets& b);
// Throws BadSecrets when nothing would change.
void require_rotation(const tcp::CookieSecrets& in_force, const tcp::CookieSecrets& loaded);

}  // namespace weir::run
