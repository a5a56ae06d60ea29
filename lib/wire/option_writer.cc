#include "option_writer.h"

#include <algorithm>

#include <weir/wire/build.h>
#include <weir/wire/headers.h>

namespace weir::wire {

namespace {

constexpr unsigned kOptionsMax = 40;
constexpr unsigned kSackBlock = 8;

constexpr std::uint32_t word(unsigned a, unsigned b, unsigned c, unsigned d) {
  return a << 24 | b << 16 | c << 8 | d;
}

unsigned length_without_sack(const TcpOptions& options) {
  const unsigned middle = options.timestamps ? 12 : options.sack_permitted ? 4 : 0;
  return (options.mss ? 4U : 0U) + middle + (options.window_scale ? 4U : 0U);
}

unsigned sack_blocks_that_fit(const TcpOptions& options) {
  const unsigned room = (kOptionsMax - length_without_sack(options) - 4) / kSackBlock;
  return std::min<unsigned>({options.sack_count, TcpOptions::kSackBlocksMax, room});
}

class Cursor {
 public:
  explicit Cursor(std::uint8_t* at) : at_(at) {}
  void put(std::uint32_t word) {
    store(at_, be32{word});
    at_ += 4;
  }

 private:
  std::uint8_t* at_;
};

void put_timestamps(Cursor& cursor, const Timestamps& timestamps, bool sack_permitted) {
  cursor.put(sack_permitted ? word(4, 2, 8, 10) : word(1, 1, 8, 10));
  cursor.put(timestamps.value);
  cursor.put(timestamps.echo);
}

void put_sack(Cursor& cursor, const TcpOptions& options) {
  const unsigned count = sack_blocks_that_fit(options);
  if (count == 0) return;
  cursor.put(word(1, 1, 5, 2 + count * kSackBlock));
  for (unsigned i = 0; i < count; ++i) {
    cursor.put(options.sack[i].left.value());
    cursor.put(options.sack[i].right.value());
  }
}

}  // namespace

std::uint16_t tcp_options_length(const TcpOptions& options) {
  const unsigned blocks = sack_blocks_that_fit(options);
  return static_cast<std::uint16_t>(length_without_sack(options) + (blocks == 0 ? 0 : 4 + blocks * kSackBlock));
}

void write_tcp_options(std::uint8_t* to, const TcpOptions& options) {
  Cursor cursor{to};
  if (options.mss) cursor.put(word(2, 4, 0, 0) | *options.mss);
  if (options.timestamps) {
    put_timestamps(cursor, *options.timestamps, options.sack_permitted);
  } else if (options.sack_permitted) {
    cursor.put(word(1, 1, 4, 2));
  }
  if (options.window_scale) cursor.put(word(1, 3, 3, options.window_scale->shift()));
  put_sack(cursor, options);
}

}  // namespace weir::wire
