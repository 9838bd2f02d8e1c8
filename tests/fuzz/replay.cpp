// Runs every file of corpus/ through its target, without libFuzzer. The last line is "N passed, N
// failed".
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" {
using Target = int(const std::uint8_t* data, std::size_t size);
Target fuzz_answers, fuzz_errors, fuzz_times, fuzz_requests, fuzz_environment;
}

namespace {

int passed = 0, failed = 0;

bool run(Target* target, const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
  try {
    return target(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()) == 0;
  } catch (const std::exception& exception) {
    std::printf("  %s\n", exception.what());
  }
  return false;
}

void replay(Target* target, const char* name) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(std::string(CORPUS_DIR "/") + name))
    files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  for (const auto& file : files) {
    std::printf("%s/%s\n", name, file.filename().c_str());
    std::fflush(stdout);  // should it crash
    ++(run(target, file) ? passed : failed);
  }
  if (files.empty()) ++failed;
}

}  // namespace

int main() {
  replay(fuzz_answers, "answers");
  replay(fuzz_errors, "errors");
  replay(fuzz_times, "times");
  replay(fuzz_requests, "requests");
  replay(fuzz_environment, "environment");
  std::printf("%d passed, %d failed\n", passed, failed);
  return failed == 0 ? 0 : 1;
}
