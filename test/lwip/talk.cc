#include "talk.h"

#include <algorithm>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <vector>

#include <lwip/api.h>

namespace weir::lwip {
namespace {

// Byte n of every stream; its period is no power of two, nor of the segment size.
char pattern(std::size_t n) {
  return static_cast<char>(n % 251 + n / 251 % 7);
}

std::vector<char> pattern_of(std::size_t bytes) {
  std::vector<char> text(bytes);
  for (std::size_t n = 0; n < bytes; ++n) text[n] = pattern(n);
  return text;
}

void check(err_t error, const char* what) {
  if (error != ERR_OK) throw std::runtime_error(std::string(what) + ": lwIP's error " + std::to_string(error));
}

// A connection, or a listener; closed with the object.
class Connection {
 public:
  explicit Connection(netconn* connection) : connection_(connection) {
    if (connection_ == nullptr) throw std::runtime_error("no memory for a connection");
  }
  ~Connection() { netconn_delete(connection_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  netconn* get() const { return connection_; }
  void write(std::string_view text) {
    for (std::size_t done = 0; done < text.size();) {
      std::size_t written = 0;
      check(netconn_write_partly(connection_, text.data() + done, text.size() - done, NETCONN_COPY, &written), "write");
      done += written;
    }
  }
  void close_direction() { check(netconn_shutdown(connection_, 0, 1), "shutdown"); }
  // Hands what has come to `take`; false when the peer has closed.
  template <typename Take>
  bool read(Take take) {
    pbuf* piece = nullptr;
    const err_t error = netconn_recv_tcp_pbuf(connection_, &piece);
    if (error == ERR_CLSD) return false;
    check(error, "read");
    for (const pbuf* part = piece; part != nullptr; part = part->next) {
      take(std::string_view(static_cast<const char*>(part->payload), part->len));
    }
    pbuf_free(piece);
    return true;
  }
  template <typename Take>
  void read_to_the_end(Take take) {
    while (read(take)) continue;
  }

 private:
  netconn* connection_;
};

void connect(Connection& connection, const std::string& address, std::uint16_t port) {
  ip_addr_t to{};
  if (ipaddr_aton(address.c_str(), &to) == 0) throw std::runtime_error("not an address: " + address);
  check(netconn_connect(connection.get(), &to, port), "connect");
}

netconn* new_connection() {
  return netconn_new(NETCONN_TCP_IPV6);
}  // of either family, as the address says

// Runs a conversation; what it throws is its outcome.
template <typename Conversation>
Outcome outcome_of(Conversation conversation) {
  Outcome outcome;
  try {
    conversation(outcome);
  } catch (const std::exception& error) {
    outcome.error = error.what();
  }
  return outcome;
}

template <typename Answer>
[[noreturn]] void serve(std::uint16_t port, Answer answer) {
  Connection listener(new_connection());
  check(netconn_bind(listener.get(), IP_ANY_TYPE, port), "bind");
  check(netconn_listen(listener.get()), "listen");
  while (true) {
    netconn* accepted = nullptr;
    if (netconn_accept(listener.get(), &accepted) != ERR_OK) continue;
    std::thread([accepted, answer] {
      Connection connection(accepted);
      outcome_of([&](Outcome&) { answer(connection); });  // a peer that resets is no concern of the server's
    }).detach();
  }
}

}  // namespace

Outcome echo(const std::string& address, std::uint16_t port, std::size_t bytes) {
  return outcome_of([&](Outcome& outcome) {
    const auto text = pattern_of(bytes);
    Connection connection(new_connection());
    connect(connection, address, port);
    Outcome sending;
    std::thread sender([&] {
      sending = outcome_of([&](Outcome& sent) {
        connection.write({text.data(), text.size()});
        connection.close_direction();
        sent.sent = text.size();
      });
    });
    outcome.as_expected = true;
    connection.read_to_the_end([&](std::string_view piece) {
      const bool fits = outcome.received + piece.size() <= text.size();
      outcome.as_expected &=
          fits && std::equal(piece.begin(), piece.end(), text.begin() + static_cast<std::ptrdiff_t>(outcome.received));
      outcome.received += piece.size();
    });
    sender.join();
    outcome.sent = sending.sent;
    outcome.error = sending.error;
    outcome.as_expected &= outcome.received == bytes;
  });
}

Outcome fetch(const std::string& address, std::uint16_t port, const std::string& request, std::size_t bytes) {
  return outcome_of([&](Outcome& outcome) {
    Connection connection(new_connection());
    connect(connection, address, port);
    connection.write(request);
    outcome.sent = request.size();
    connection.read_to_the_end([&](std::string_view piece) { outcome.received += piece.size(); });
    outcome.as_expected = outcome.received >= bytes;
  });
}

void serve_echo(std::uint16_t port) {
  serve(port, [](Connection& connection) {
    connection.read_to_the_end([&](std::string_view piece) { connection.write(piece); });
  });
}

void serve_source(std::uint16_t port, std::size_t bytes) {
  serve(port, [bytes](Connection& connection) {
    const auto text = pattern_of(bytes);
    connection.write({text.data(), text.size()});
    connection.close_direction();
    connection.read_to_the_end([](std::string_view) {});
  });
}

void serve_http(std::uint16_t port, std::size_t bytes) {
  const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(bytes) +
                             "\r\nConnection: close\r\n\r\n" + std::string(bytes, 'x');
  serve(port, [answer](Connection& connection) {
    std::string request;
    const auto keep = [&](std::string_view piece) { request += piece; };
    while (request.find("\r\n\r\n") == request.npos && connection.read(keep)) continue;
    connection.write(answer);
    connection.close_direction();
    connection.read_to_the_end([](std::string_view) {});
  });
}

}  // namespace weir::lwip
