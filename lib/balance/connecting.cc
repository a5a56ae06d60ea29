// Sessions from the accepted client to the open back end.
#include <weir/balance/proxy_protocol.h>
#include <weir/balance/sessions.h>

#include <algorithm>

namespace weir::balance {

using stack::CallError;
using tcp::CloseReason;

// What a client sends before the back end is open stays unread in its connection, its end too.
void Sessions::on_connecting(std::uint32_t index, Side side, std::uint8_t what) {
  if (side == Side::kClient) {
    if ((what & tcp::kClosed) != 0) on_closed(index, side);
    return;
  }
  if ((what & tcp::kOpened) != 0) {
    on_backend_open(index);
    if (live_[index]) on_open(index, side, what);
  } else if ((what & tcp::kClosed) != 0) {
    const auto info = host_.info(pool_[index].end(Side::kBackend).id);
    on_try_failed(index, info ? info->reason : CloseReason::kTimeout);
  }
}

void Sessions::try_next(std::uint32_t index) {
  Session& session = pool_[index];
  Service& service = service_of(session);
  const auto client = host_.info(session.end(Side::kClient).id);
  if (!client || client->state == tcp::State::kClosed) return on_closed(index, Side::kClient);

  CallError error = CallError::kNoPorts;
  while (error == CallError::kNoPorts) {
    if (session.tries > service.config().retries || !now().before(session.connect_by)) {
      return give_up(index, &ServiceCounts::out_of_tries);
    }
    const auto backend = service.scheduler().choose({client->remote.address, session.tried_so_far()});
    if (!backend) return give_up(index, session.tries == 0 ? &ServiceCounts::no_backend : &ServiceCounts::out_of_tries);
    error = open_backend(index, *backend);
  }
  if (error != CallError::kNone) return give_up(index, &ServiceCounts::no_resources);
  arm_try(index);
}

CallError Sessions::open_backend(std::uint32_t index, std::uint16_t backend) {
  Session& session = pool_[index];
  Service& service = service_of(session);
  if (session.tries != 0) service.counts().retries.add();
  session.tried[session.tries++] = backend;
  service.counts_of(backend).total.add();
  const std::uint32_t user = EventTag{TagKind::kSession, index, Side::kBackend}.encode();
  const CallError error = service.connect(host_, backend, user, session.end(Side::kBackend).id);
  if (error == CallError::kNone) {
    service.shared(backend).opened();
  } else {
    session.end(Side::kBackend).id = {};
  }
  return error;
}

// Each try gets an equal share of the time that is left, so that a silent back end leaves time for the others.
void Sessions::arm_try(std::uint32_t index) {
  const Session& session = pool_[index];
  const Service& service = service_of(session);
  const unsigned retries_left = service.config().retries + 1u - session.tries;
  const unsigned shares = 1 + std::min(retries_left, service.usable_beside(session.tried_so_far()));
  wheel_.arm(index, now() + session.connect_by.since(now()) / shares);
}

void Sessions::on_try_failed(std::uint32_t index, CloseReason reason) {
  Session& session = pool_[index];
  Service& service = service_of(session);
  const std::uint16_t backend = session.backend();
  const bool refused = reason == CloseReason::kRefused || reason == CloseReason::kUnreachable;
  BackendCounts& counts = service.counts_of(backend);
  (refused ? counts.refused : counts.timeout).add();
  service.connect_failed(backend, host_.now());
  service.shared(backend).closed();
  host_.abort(std::exchange(session.end(Side::kBackend).id, {}));
  try_next(index);
}

void Sessions::on_backend_open(std::uint32_t index) {
  Session& session = pool_[index];
  service_of(session).shared(session.backend()).connect_succeeded();
  session.phase = Phase::kOpen;
  session.last_moved = now();
  if (!send_header(session)) return give_up(index, &ServiceCounts::no_resources);
  arm_quiet(index);
  pump(index, Side::kClient);
  if (live_[index]) pump(index, Side::kBackend);
}

bool Sessions::send_header(Session& session) {
  const ProxyProtocol version = service_of(session).config().proxy_protocol;
  if (version == ProxyProtocol::kNone) return true;
  const auto client = host_.info(session.end(Side::kClient).id);
  if (!client) return false;
  const ProxyHeader header{version, client->remote, client->local};
  return host_.send(session.end(Side::kBackend).id, header.bytes()) == header.bytes().size();
}

void Sessions::give_up(std::uint32_t index, Reason reason) {
  (service_of(pool_[index]).counts().*reason).add();
  reset(index);
}

}  // namespace weir::balance
