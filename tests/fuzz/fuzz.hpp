// What the fuzz targets share: taking an input apart, and saying what has to be true.
//
// Each target is one .cpp with LLVMFuzzerTestOneInput. With libFuzzer it is a program of its own,
// with replay.cpp and the other targets a part of fuzz_tests, which runs the files of corpus/.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace fuzz {

// Ends the run of an input: libFuzzer takes an exception that nobody catches for a crash.
inline void check(bool is_true, const char* what) {
  if (!is_true) throw std::logic_error(what);
}

inline bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != text.npos;
}

inline bool has_control_character(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; });
}

// Reads an input from its front. All that is beyond its end is 0 or empty.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size)
      : rest_(reinterpret_cast<const char*>(data), size) {}

  unsigned byte() {
    if (rest_.empty()) return 0;
    const auto first = static_cast<unsigned char>(rest_[0]);
    rest_.remove_prefix(1);
    return first;
  }
  // One of so many, from 0: '0' means the first, so that an input can be written by hand.
  std::size_t choice(std::size_t count) { return (byte() + 256 - '0') % 256 % count; }
  // What comes before the next separator or, without one, the rest.
  std::string text(char separator) {
    const auto part = rest_.substr(0, rest_.find(separator));
    rest_.remove_prefix((std::min)(part.size() + 1, rest_.size()));
    return std::string(part);
  }
  bool empty() const { return rest_.empty(); }
  std::string rest() {
    std::string all(rest_);
    rest_ = {};
    return all;
  }

 private:
  std::string_view rest_;
};

}  // namespace fuzz
