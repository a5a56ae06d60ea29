#include <weir/balance/sessions.h>

#include <algorithm>

namespace weir::balance {

Sessions::Sessions(std::uint32_t capacity, stack::Host& host, std::span<Service> services)
    : host_(host),
      services_(services),
      pool_(std::min(capacity, EventTag::kIndexMax), "proxied connections"),
      wheel_(Links{&pool_}, now()),
      live_(pool_.capacity(), false) {}

void Sessions::begin(Service& service, stack::ConnectionId client) {
  service.counts().total.add();
  const std::uint32_t index = pool_.allocate();
  if (index == kNoIndex) {
    service.counts().no_resources.add();
    host_.abort(client);
    return;
  }
  live_[index] = true;
  service.counts().open.add();
  Session& session = pool_[index];
  session.service = service.index();
  session.end(Side::kClient).id = client;
  session.connect_by = now() + static_cast<std::uint32_t>(service.config().timeouts.connect.count());
  host_.set_user(client, EventTag{TagKind::kSession, index, Side::kClient}.encode());
  try_next(index);
}

void Sessions::on_event(const stack::Event& event) {
  const EventTag tag = EventTag::decode(event.user);
  if (tag.index >= pool_.capacity() || !live_[tag.index]) return;
  const Session& session = pool_[tag.index];
  if (session.ends[static_cast<std::size_t>(tag.side)].id != event.connection) return;  // of an earlier session
  if (session.phase == Phase::kConnecting) {
    on_connecting(tag.index, tag.side, event.what);
  } else {
    on_open(tag.index, tag.side, event.what);
  }
}

bool Sessions::advance() {
  return wheel_.advance(now(), kExpiriesMax, [this](std::uint32_t index) { on_expired(index); }) == kExpiriesMax;
}

std::optional<Tick> Sessions::next_deadline() const {
  if (wheel_.armed() == 0) return {};
  return wheel_.next_expiry(now());
}

void Sessions::reset_all() {
  for (std::uint32_t index = 0; index < pool_.capacity(); ++index) {
    if (live_[index]) reset(index);
  }
}

}  // namespace weir::balance
