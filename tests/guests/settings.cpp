// One program of files with and without exceptions: each of them does as its own setting says.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>

#include "setting.hpp"

// What the function prints to stderr; "" unless it aborts.
template <class Function> static std::string aborts(const Function& function) {
  int ends[2];
  if (pipe(ends) != 0) return "no pipe";
  const pid_t child = fork();
  if (child == 0) {
    dup2(ends[1], 2);
    function();
    _exit(0);
  }
  close(ends[1]);
  char text[512] = "";
  const auto size = read(ends[0], text, sizeof text - 1);
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  const bool is_abort = WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
  return is_abort && size > 0 ? text : "";
}

static int failures = 0;
static void check(const char* what, const std::string& got, const std::string& wanted) {
  if (got == wanted) return;
  ++failures;
  std::printf("%s: got \"%s\", not \"%s\"\n", what, got.c_str(), wanted.c_str());
}

int main() {
  for (int way = 0; way < 4; ++way) {
    check("value(), exceptions", with_exceptions::of_value(way), "no such thing");
    check("value(), no exceptions", aborts([&] { without_exceptions::of_value(way); }),
          "transport error: no such thing (delivery unknown)\n");
  }
  const std::string thrown = "the transport threw an exception: of the test";
  const Client client = with_exceptions::client(with_exceptions::throwing());
  check("a transport that throws", with_exceptions::send(client), thrown);
  check("and in pages", with_exceptions::read_pages(client), thrown);
  check("and with a copy, in a file without exceptions", without_exceptions::send(Client(client)),
        thrown);
  check("and in its pages", without_exceptions::read_pages(client), thrown);
  const Client plain = without_exceptions::client([](const rtk::HttpRequest&) {
    return rtk::HttpResponse{404, {}, R"({"error":{"message":"lost"}})"};
  });
  check("a client of a file without exceptions", with_exceptions::send(plain), "lost");
  return failures;
}
