#include "option_writer.h"

#include <algorithm>
#include <utility>

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
  if (options.sack_count == 0) return;
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
  const unsigned plain = length_without_sack(options);
  if (options.sack_count == 0) return static_cast<std::uint16_t>(plain);
  const unsigned blocks = sack_blocks_that_fit(options);
  return static_cast<std::uint16_t>(plain + (blocks == 0 ? 0 : 4 + blocks * kSackBlock));
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

namespace {

class LayoutWriter {
 public:
  explicit LayoutWriter(const TcpOptions& options) : options_(options) {}

  void add(OptionKind kind) {
    if (kind == OptionKind::kNop) {
      ++nops_;
      return;
    }
    // NOPs before an option that is not there go with it.
    if (const unsigned pending = std::exchange(nops_, 0U); kind == OptionKind::kEnd || has(kind)) put_nops(pending);
    put(kind);
  }
  LaidOut finish() {
    put_nops(nops_);
    result_.length = static_cast<std::uint16_t>((result_.length + 3U) / 4 * 4);
    return result_;
  }
  bool is_done(OptionKind kind) const { return !has(kind) || (done_ & 1U << static_cast<unsigned>(kind)) != 0; }

 private:
  bool has(OptionKind kind) const {
    switch (kind) {
      case OptionKind::kMss:
        return options_.mss.has_value();
      case OptionKind::kWindowScale:
        return options_.window_scale.has_value();
      case OptionKind::kSackPermitted:
        return options_.sack_permitted;
      case OptionKind::kTimestamps:
        return options_.timestamps.has_value();
      default:
        return false;
    }
  }
  void put(OptionKind kind) {
    if (kind != OptionKind::kEnd && !has(kind)) return;
    done_ |= 1U << static_cast<unsigned>(kind);
    byte(static_cast<unsigned>(kind));
    switch (kind) {
      case OptionKind::kMss:
        return byte(4), number(*options_.mss, 2);
      case OptionKind::kWindowScale:
        return byte(3), byte(options_.window_scale->shift());
      case OptionKind::kSackPermitted:
        return byte(2);
      case OptionKind::kTimestamps:
        return byte(10), number(options_.timestamps->value, 4), number(options_.timestamps->echo, 4);
      default:
        return;
    }
  }
  void put_nops(unsigned count) {
    while (count-- > 0) byte(static_cast<unsigned>(OptionKind::kNop));
  }
  void number(std::uint32_t value, unsigned bytes) {
    while (bytes-- > 0) byte(value >> (8 * bytes) & 0xff);
  }
  void byte(unsigned value) { result_.bytes[result_.length++] = static_cast<std::uint8_t>(value); }

  const TcpOptions& options_;
  LaidOut result_;
  unsigned nops_ = 0;
  unsigned done_ = 0;  // a bit for each kind
};

}  // namespace

LaidOut lay_out(const TcpOptions& options, const OptionLayout& layout) {
  LayoutWriter writer{options};
  bool has_end = false;
  for (unsigned i = 0; i < layout.count; ++i) {
    if (layout.kinds[i] == OptionKind::kEnd) {
      has_end = true;
    } else {
      writer.add(layout.kinds[i]);
    }
  }
  for (const OptionKind kind :
       {OptionKind::kMss, OptionKind::kSackPermitted, OptionKind::kTimestamps, OptionKind::kWindowScale})
    if (!writer.is_done(kind)) writer.add(kind);
  if (has_end) writer.add(OptionKind::kEnd);
  return writer.finish();
}

}  // namespace weir::wire
