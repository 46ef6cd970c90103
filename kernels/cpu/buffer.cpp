#include "kernels/cpu/buffer.hpp"

#include <charconv>
#include <fstream>
#include <string>

namespace microdc::kernels {

std::int64_t available_memory() {
  std::ifstream info("/proc/meminfo");
  for (std::string line; std::getline(info, line);) {
    if (!line.starts_with("MemAvailable:")) continue;
    const std::size_t digit = line.find_first_of("0123456789");
    if (digit == std::string::npos) break;
    std::int64_t kibibytes = 0;
    std::from_chars(line.data() + digit, line.data() + line.size(), kibibytes);
    return kibibytes * 1024;
  }
  return 0;
}

float normal_like(std::uint64_t seed, std::uint64_t index) {
  // SplitMix64 (Steele, Lea, Flood 2014).
  std::uint64_t bits = seed * 0xd1342543de82ef95u + (index + 1) * 0x9e3779b97f4a7c15u;
  bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9u;
  bits = (bits ^ (bits >> 27)) * 0x94d049bb133111ebu;
  bits ^= bits >> 31;
  float sum = 0;
  for (int part = 0; part < 4; ++part) {
    sum += static_cast<float>((bits >> (16 * part)) & 0xffffu) / 65536.0f - 0.5f;
  }
  return sum * 1.7320508f;  // each has variance 1/12
}

RandomMatrix::RandomMatrix(std::uint64_t seed, std::int64_t columns) : table_(starts + columns) {
  for (std::int64_t i = 0; i < table_.size(); ++i) {
    table_[i] = normal_like(seed, static_cast<std::uint64_t>(i));
  }
}

}  // namespace microdc::kernels
