// Limits, lists and secrets, read again while the process runs.
#include <algorithm>
#include <future>
#include <mutex>

#include <fmt/format.h>

#include "cookie_secrets.h"
#include "process_impl.h"

namespace weir::run {

namespace {

// What a worker is told; nothing where nothing changes.
struct Change {
  std::optional<tcp::CookieSecrets> secrets;
  std::optional<std::vector<stack::Limits>> limits;

  void apply(stack::Host& host) const {
    if (secrets) host.change_cookie_secrets(*secrets);
    if (limits) host.change_limits(*limits);
  }
};

[[noreturn]] void refuse(const std::string& what, const std::string& remedy) {
  throw BadReload(fmt::format("{}; {}", what, remedy));
}

void require_same_services(const ProcessConfig& running, const ProcessConfig& fresh) {
  const auto has = [](const ProcessConfig& config, const std::string& name) {
    return std::ranges::find(config.limits, name, &LimitsConfig::name) != config.limits.end();
  };
  for (const LimitsConfig& one : fresh.limits)
    if (!has(running, one.name)) refuse(fmt::format("\"{}\" is not running", one.name), "restart to add it");
  for (const LimitsConfig& one : running.limits)
    if (!has(fresh, one.name))
      refuse(fmt::format("\"{}\" is running and not in the file", one.name), "restart to end it");
}

// In the order of the groups that run, whatever that of the file is now.
std::vector<LimitsConfig> in_order_of(const std::vector<LimitsConfig>& running,
                                      const std::vector<LimitsConfig>& fresh) {
  std::vector<LimitsConfig> ordered;
  for (const LimitsConfig& one : running) ordered.push_back(*std::ranges::find(fresh, one.name, &LimitsConfig::name));
  return ordered;
}

std::vector<stack::Limits> plain(const std::vector<LimitsConfig>& named) {
  std::vector<stack::Limits> limits;
  for (const LimitsConfig& one : named) limits.push_back(one.limits);
  return limits;
}

}  // namespace

// Without a file: the secrets alone, which have one of their own.
ProcessConfig Process::Impl::read_again() const {
  if (options.reread) return options.reread();
  ProcessConfig same = config;
  if (same.cookie_secrets) same.cookie_secrets = load_cookie_secrets(same.cookie_secrets_file);
  return same;
}

// Everything is read and judged first. A worker takes what is new between two bursts. The lists that go are held here
// until all have let go of them: no worker frees memory.
void Process::Impl::take_over(const ProcessConfig& fresh) {
  if (fresh.cookie_secrets.has_value() != config.cookie_secrets.has_value())
    refuse("syn_cookie_secrets came or went", "restart to change that");
  require_same_services(config, fresh);
  std::vector<LimitsConfig> limits = in_order_of(config.limits, fresh.limits);
  Change change;
  if (limits != config.limits) change.limits = plain(limits);
  if (fresh.cookie_secrets && (!change.limits || !are_equal(*fresh.cookie_secrets, *config.cookie_secrets))) {
    require_rotation(*config.cookie_secrets, *fresh.cookie_secrets);
    change.secrets = fresh.cookie_secrets;
  }
  if (!change.limits && !change.secrets) refuse("limits and lists are those in force", "change the file first");
  tell_workers([change](stack::Host& host) { change.apply(host); });
  config.limits = std::move(limits);
  config.cookie_secrets = fresh.cookie_secrets;
  say(fmt::format("reloaded:{}{}", change.limits ? " limits and lists" : "",
                  change.secrets ? " secrets of SYN cookies" : ""));
}

// All of them or, where one is too busy to be told, none.
void Process::Impl::tell_workers(const std::function<void(stack::Host&)>& change) {
  std::vector<Mailbox::Post> posts;
  for (const auto& worker : workers)
    posts.push_back({&worker->mailbox(), [&host = worker->host(), change] { change(host); }});
  auto told = Mailbox::post_to_all(std::move(posts));
  if (!told) throw BadReload("a worker's mailbox is full: reload again");
  for (auto& done : *told) done.get();
}

std::string Process::Impl::reload() {
  const std::lock_guard lock(reload_mutex);
  try {
    take_over(read_again());
  } catch (const BadSecrets& bad) {
    return fmt::format("{}; {}", bad.what(), bad.remedy());
  } catch (const std::future_error&) {
    return "the process is ending";
  } catch (const std::exception& wrong) {
    return wrong.what();
  }
  return {};
}

}  // namespace weir::run
