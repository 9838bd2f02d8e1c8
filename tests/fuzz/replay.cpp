// Runs every file of corpus/ through its target, without libFuzzer: of all targets, or of that which
// is named. The last line is "N passed, N failed".
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
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

int main(int argc, char** argv) {
  const std::pair<const char*, Target*> targets[] = {{"answers", fuzz_answers},
                                                     {"errors", fuzz_errors},
                                                     {"times", fuzz_times},
                                                     {"requests", fuzz_requests},
                                                     {"environment", fuzz_environment}};
  for (const auto& [name, target] : targets) {
    if (argc < 2 || std::string(argv[1]) == name) replay(target, name);
  }
  std::printf("%d passed, %d failed\n", passed, failed);
  return failed == 0 && passed > 0 ? 0 : 1;
}
