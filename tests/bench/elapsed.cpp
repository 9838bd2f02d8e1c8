// elapsed COMMAND...: prints the milliseconds that a process takes and the KiB of memory that it
// has at its peak. What the process prints is thrown away.
#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <chrono>
#include <iostream>

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  pid_t process = 0;
  int status = 0;
  rusage usage{};
  const auto begin = std::chrono::steady_clock::now();
  if (posix_spawnp(&process, argv[1], &actions, nullptr, argv + 1, environ) != 0) return 2;
  if (wait4(process, &status, 0, &usage) != process || status != 0) return 1;
  const std::chrono::duration<double, std::milli> spent = std::chrono::steady_clock::now() - begin;
  std::cout << spent.count() << ' ' << usage.ru_maxrss << '\n';
}
