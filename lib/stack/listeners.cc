#include "listeners.h"

namespace weir::stack {

Listeners::Listeners(std::uint32_t listeners, std::uint32_t shared, const tcp::Settings& defaults)
    : first_shared_(std::min<std::uint32_t>(listeners + 1, kNoListener)),
      slots_(std::min<std::size_t>(first_shared_ + shared, kNoListener)),
      settings_(slots_.size(), defaults),
      by_port_(65536, kNoListener) {
  slots_[0].use = Listener::Use::kProfile;
}

ListenerId Listeners::free_slot() const {
  for (std::size_t i = 1; i < first_shared_; ++i) {
    const Listener& slot = slots_[i];
    const bool reusable = slot.use == Listener::Use::kFree || slot.use == Listener::Use::kStopped;
    if (reusable && slot.references == 0) return static_cast<ListenerId>(i);
  }
  return kNoListener;
}

ListenerId Listeners::add_profile(const tcp::Settings& settings) {
  const ListenerId id = free_slot();
  if (id == kNoListener) return id;
  slots_[id] = Listener();
  slots_[id].use = Listener::Use::kProfile;
  settings_[id] = settings;
  return id;
}

ListenerId Listeners::add(const Listener& listener, const tcp::Settings& settings) {
  const ListenerId id = free_slot();
  if (id == kNoListener) return id;
  slots_[id] = listener;
  slots_[id].use = Listener::Use::kListening;
  slots_[id].next_on_port = by_port_[listener.port];
  by_port_[listener.port] = id;
  settings_[id] = settings;
  return id;
}

ListenerId Listeners::share(const tcp::Settings& settings) {
  ListenerId free = kNoListener;
  for (std::size_t i = first_shared_; i < slots_.size(); ++i) {
    const bool is_used = slots_[i].references > 0;
    if (is_used && settings_[i] == settings) return static_cast<ListenerId>(i);
    if (!is_used && free == kNoListener) free = static_cast<ListenerId>(i);
  }
  if (free == kNoListener) return free;
  slots_[free].use = Listener::Use::kShared;
  settings_[free] = settings;
  return free;
}

void Listeners::stop(ListenerId id) {
  Listener& listener = slots_[id];
  ListenerId* link = &by_port_[listener.port];
  while (*link != id) link = &slots_[*link].next_on_port;
  *link = listener.next_on_port;
  listener.use = Listener::Use::kStopped;
}

ListenerId Listeners::find(std::uint16_t address, Family family, std::uint16_t port) const {
  ListenerId any = kNoListener;
  for (ListenerId id = by_port_[port]; id != kNoListener; id = slots_[id].next_on_port) {
    const Listener& listener = slots_[id];
    if (listener.any_address ? listener.family == family : listener.address == address) {
      if (!listener.any_address) return id;
      any = id;
    }
  }
  return any;
}

bool Listeners::is_taken(const Listener& wanted) const {
  for (ListenerId id = by_port_[wanted.port]; id != kNoListener; id = slots_[id].next_on_port) {
    const Listener& other = slots_[id];
    if (other.any_address != wanted.any_address) continue;
    if (wanted.any_address ? other.family == wanted.family : other.address == wanted.address) return true;
  }
  return false;
}

}  // namespace weir::stack
