// The control socket: who gets it, what it answers, and what clients cannot do to it.
#include <weir/run/control_server.h>

#include <atomic>
#include <fstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace weir::run {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

class ControlServerTest : public ::testing::Test {
 protected:
  ControlServerTest() {
    char name[] = "/tmp/weir-control-XXXXXX";
    folder_ = ::mkdtemp(name);
  }
  ~ControlServerTest() override { std::filesystem::remove_all(folder_); }

  static std::string echo(std::string_view request) { return "you said " + std::string(request); }
  std::string path() const { return folder_ / "deep" / "x.sock"; }

  // A client that speaks the bytes it likes.
  int raw_client() const {
    const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path().copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    return fd;
  }

  std::filesystem::path folder_;
};

std::string failure(auto&& call) {
  try {
    call();
  } catch (const std::exception& error) {
    return error.what();
  }
  return "no failure";
}

TEST_F(ControlServerTest, AnswersOneLineWithOneLine) {
  ControlServer server(path(), echo);
  ControlClient client(path());
  EXPECT_EQ(client.ask("one"), "you said one");
  EXPECT_EQ(client.ask("two"), "you said two");
}

TEST_F(ControlServerTest, IsTheOwnersOnly) {
  ControlServer server(path(), echo);
  struct stat found {};
  ASSERT_EQ(::stat(path().c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600u);
}

TEST_F(ControlServerTest, RemovesItsSocketAtTheEnd) {
  { ControlServer server(path(), echo); }
  EXPECT_FALSE(std::filesystem::exists(path()));
  EXPECT_THAT(failure([&] { ControlClient client(path()); }), HasSubstr("no such process runs: start it"));
}

TEST_F(ControlServerTest, ReplacesTheSocketOfADeadProcess) {
  std::filesystem::create_directories(folder_ / "deep");
  const int dead = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path().copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(dead, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ::close(dead);
  ControlServer server(path(), echo);
  EXPECT_EQ(ControlClient(path()).ask("x"), "you said x");
}

TEST_F(ControlServerTest, LeavesTheSocketOfALiveProcessAlone) {
  ControlServer first(path(), echo);
  EXPECT_THAT(failure([&] { ControlServer second(path(), echo); }),
              HasSubstr("another process holds it; stop that one"));
  EXPECT_EQ(ControlClient(path()).ask("x"), "you said x");
}

TEST_F(ControlServerTest, RemovesNothingThatIsNotASocket) {
  std::filesystem::create_directories(folder_ / "deep");
  std::ofstream(path()) << "precious";
  EXPECT_THAT(failure([&] { ControlServer server(path(), echo); }), HasSubstr("something else lies there"));
  EXPECT_TRUE(std::filesystem::exists(path()));
}

TEST_F(ControlServerTest, LetsGoOfAClientThatAsksWithoutEnd) {
  ControlServer server(path(), echo);
  const int client = raw_client();
  const std::string endless(4 * kRequestBytesMax, 'x');
  [[maybe_unused]] const auto sent = ::send(client, endless.data(), endless.size(), MSG_NOSIGNAL);
  char byte;
  EXPECT_LE(::recv(client, &byte, 1, 0), 0);
  ::close(client);
  EXPECT_EQ(ControlClient(path()).ask("x"), "you said x");
}

TEST_F(ControlServerTest, SilentClientsDoNotKeepOthersFromTheirAnswers) {
  ControlServer server(path(), echo);
  std::vector<int> silent;
  for (std::size_t i = 0; i + 1 < kControlClientsMax; ++i) silent.push_back(raw_client());
  EXPECT_EQ(ControlClient(path()).ask("x"), "you said x");
  for (const int fd : silent) ::close(fd);
}

TEST_F(ControlServerTest, AClientThatTakesNoAnswerDoesNotKeepOthersFromTheirs) {
  const std::string large(8 << 20, 'y');
  ControlServer server(path(), [&](std::string_view request) { return request == "much" ? large : "little"; });
  const int stuck = raw_client();
  ASSERT_EQ(::send(stuck, "much\nmuch\n", 10, MSG_NOSIGNAL), 10);
  ControlClient client(path());
  EXPECT_EQ(client.ask("x"), "little");
  EXPECT_EQ(client.ask("much"), large);
  ::close(stuck);
  EXPECT_EQ(client.ask("x"), "little");
}

TEST_F(ControlServerTest, AClientGivesUpOnAProcessThatDoesNotAnswer) {
  std::atomic<bool> go_on{false};
  ControlServer server(path(), [&](std::string_view) {
    while (!go_on) std::this_thread::sleep_for(1ms);
    return std::string("late");
  });
  ControlClient client(path(), 50ms);
  EXPECT_THAT(failure([&] { client.ask("x"); }), HasSubstr("the process does not answer"));
  go_on = true;
}

}  // namespace
}  // namespace weir::run
