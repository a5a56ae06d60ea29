// Allow and deny lists, from the configuration itself and from files.
#include <fmt/format.h>
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "read_limits.h"

namespace weir::run {
namespace {

constexpr std::size_t kPrefixesMax = 1 << 20;  // of one service
constexpr std::size_t kProblemsOfLists = 16;   // that are told one by one
constexpr std::string_view kListForm = "a network or an address: \"192.0.2.0/24\", \"2001:db8::/32\" or \"192.0.2.1\"";

struct Listed {
  ListedPrefix listed;
  Place place;        // in the configuration
  std::string where;  // for people: "line 3", "\"deny.txt\" line 3"
};

std::string name_of(bool is_allowed) {
  return is_allowed ? "allow" : "deny";
}

class ListReader {
 public:
  explicit ListReader(TableReader& table) : table_(table) {}

  void read(bool is_allowed) {
    const std::string key = name_of(is_allowed);
    for (const auto& text : table_.texts(key))
      add(text.value, is_allowed, text.place, fmt::format("line {}", text.place.line));
    if (const auto file = table_.text(key + "_file")) read_file(*file, is_allowed);
  }

  std::shared_ptr<const PrefixList> finish() {
    check_size();
    check_overlaps();
    if (problems_ > kProblemsOfLists)
      table_.problems().add(table_.place(),
                            fmt::format("{} more like these in the lists", problems_ - kProblemsOfLists),
                            "mend those named first");
    if (problems_ != 0) return nullptr;
    std::vector<ListedPrefix> prefixes;
    for (const Listed& one : all_) prefixes.push_back(one.listed);
    return std::make_shared<PrefixList>(std::move(prefixes));
  }

 private:
  void problem(const Place& place, const std::string& message, const std::string& remedy) {
    if (++problems_ <= kProblemsOfLists) table_.problems().add(place, message, remedy);
  }

  // One a line; what follows # or ; is a comment.
  void read_file(const Placed<std::string>& file, bool is_allowed) {
    std::ifstream in(file.value);
    if (!in)
      return problem(file.place, fmt::format("\"{}\" cannot be read: {}", file.value, std::strerror(errno)),
                     "give the path of a file with one network a line");
    unsigned number = 0;
    for (std::string line; std::getline(in, line) && all_.size() <= kPrefixesMax;) {
      ++number;
      line.resize(std::min(line.size(), line.find_first_of("#;")));
      const auto first = line.find_first_not_of(" \t\r");
      if (first == std::string::npos) continue;
      const auto last = line.find_last_not_of(" \t\r");
      add(line.substr(first, last - first + 1), is_allowed, file.place,
          fmt::format("\"{}\" line {}", file.value, number));
    }
    if (in.bad()) problem(file.place, fmt::format("\"{}\" cannot be read to its end", file.value), "give a file");
  }

  void add(const std::string& text, bool is_allowed, const Place& place, const std::string& where) {
    auto prefix = Prefix::parse(text);
    if (const auto address = IpAddress::parse(text))
      prefix = Prefix{*address, static_cast<std::uint8_t>(address->is_v4() ? 32 : 128)};
    if (!prefix)
      return problem(place, fmt::format("{}: \"{}\" is not a network", where, text),
                     fmt::format("write {}", kListForm));
    if (prefix->network() != *prefix)
      return problem(place, fmt::format("{}: {} has bits beyond its length", where, text),
                     fmt::format("write {}", prefix->network().to_string()));
    all_.push_back({{*prefix, is_allowed}, place, where});
  }

  void check_size() {
    if (all_.size() <= kPrefixesMax) return;
    problem(table_.place(), "the lists are too long", fmt::format("list at most {} networks", kPrefixesMax));
  }

  // What is there twice contradicts itself or says nothing, and so does a network in another one of the same list,
  // unless the other list has one between.
  void check_overlaps() {
    std::ranges::stable_sort(all_, {}, [](const Listed& one) { return one.listed.prefix; });
    std::vector<const Listed*> around;
    for (const Listed& next : all_) {
      while (!around.empty() && !encloses(*around.back(), next)) around.pop_back();
      if (!around.empty()) check_within(*around.back(), next);
      around.push_back(&next);
    }
  }

  static bool encloses(const Listed& outer, const Listed& inner) {
    return outer.listed.prefix.length <= inner.listed.prefix.length &&
           outer.listed.prefix.contains(inner.listed.prefix.address);
  }

  void check_within(const Listed& outer, const Listed& inner) {
    const std::string shown = inner.listed.prefix.to_string();
    const bool is_same = outer.listed.prefix == inner.listed.prefix;
    if (is_same && outer.listed.is_allowed != inner.listed.is_allowed)
      return problem(inner.place, fmt::format("{}: {} is in both lists, see {}", inner.where, shown, outer.where),
                     "decide, and remove it from one of them");
    if (is_same)
      return problem(inner.place, fmt::format("{}: {} is there already, see {}", inner.where, shown, outer.where),
                     "write it once");
    if (outer.listed.is_allowed == inner.listed.is_allowed)
      problem(inner.place,
              fmt::format("{}: {} lies in {} of the same list, see {}", inner.where, shown,
                          outer.listed.prefix.to_string(), outer.where),
              "remove it: it changes nothing");
  }

  TableReader& table_;
  std::vector<Listed> all_;
  std::size_t problems_ = 0;
};

}  // namespace

std::shared_ptr<const PrefixList> read_lists(TableReader& table) {
  const bool has_any = table.has("allow") || table.has("allow_file") || table.has("deny") || table.has("deny_file");
  ListReader lists(table);
  lists.read(true);
  lists.read(false);
  return has_any ? lists.finish() : nullptr;
}

}  // namespace weir::run
