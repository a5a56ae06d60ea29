#include <fmt/format.h>
#include <future>
#include <mutex>

#include "cookie_secrets.h"
#include "process_impl.h"

namespace weir::run {

// Everything is read and judged first. A worker takes what is new between two bursts.
std::string Process::Impl::reload() {
  const std::lock_guard lock(reload_mutex);
  if (!config.cookie_secrets) return "nothing to reload: syn_cookie_secrets names no file";
  try {
    const tcp::CookieSecrets loaded = load_cookie_secrets(config.cookie_secrets_file);
    require_rotation(*config.cookie_secrets, loaded);
    std::vector<std::future<void>> told;
    for (const auto& worker : workers) {
      auto change = worker->mailbox().post([&host = worker->host(), loaded] { host.change_cookie_secrets(loaded); });
      if (!change) return "a worker's mailbox is full: reload again";
      told.push_back(std::move(*change));
    }
    for (auto& change : told) change.get();
    config.cookie_secrets = loaded;
  } catch (const BadSecrets& bad) {
    return fmt::format("{}; {}", bad.what(), bad.remedy());
  } catch (const std::future_error&) {
    return "the process is ending";
  }
  return {};
}

}  // namespace weir::run
