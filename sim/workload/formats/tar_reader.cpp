#include "sim/workload/formats/tar_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>

namespace microdc {
namespace {

constexpr std::uint64_t block_bytes = 512;
constexpr std::uint64_t longest_path = 4096;

/// A number in octal digits, ended by a blank or NUL; empty if it is none.
std::optional<std::uint64_t> octal(const char* text, std::size_t length) {
  std::uint64_t value = 0;
  bool any = false;
  for (std::size_t i = 0; i < length; ++i) {
    if (text[i] == ' ' && !any) continue;
    if (text[i] < '0' || text[i] > '7') break;
    value = value * 8 + static_cast<std::uint64_t>(text[i] - '0');
    any = true;
  }
  if (!any) return std::nullopt;
  return value;
}

std::string text_field(const char* text, std::size_t length) {
  return std::string(text, strnlen(text, length));
}

/// The sum of all header bytes, with blanks in place of the sum itself.
bool checksum_holds(const std::array<char, block_bytes>& header) {
  const auto stated = octal(header.data() + 148, 8);
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < header.size(); ++i) {
    sum += i >= 148 && i < 156 ? ' ' : static_cast<unsigned char>(header[i]);
  }
  return stated && *stated == sum;
}

}  // namespace

void TarReader::fail(std::string message, std::string found) {
  if (error_) return;
  if (input_.error()) {
    error_ = input_.error();
    return;
  }
  error_ = Diagnostic{.file = input_.name(),
                      .place = fmt::format("byte {} of the archive", offset_),
                      .message = std::move(message),
                      .found = std::move(found),
                      .allowed = "a complete tar archive",
                      .fix = "download or copy the file again, and check it with tar -t"};
}

bool TarReader::read_block(char* block) {
  std::uint64_t filled = 0;
  while (filled < block_bytes) {
    const std::size_t got = input_.read(block + filled, block_bytes - filled);
    if (got == 0) break;
    filled += got;
  }
  offset_ += filled;
  if (filled == block_bytes) return true;
  if (filled > 0 || input_.error()) fail("the archive is truncated", "an incomplete header");
  return false;
}

std::string TarReader::take(std::uint64_t size) {
  std::string bytes;
  std::array<char, 16384> buffer;
  while (bytes.size() < size) {
    const std::size_t got =
        input_.read(buffer.data(), std::min<std::uint64_t>(buffer.size(), size - bytes.size()));
    if (got == 0) {
      fail("the archive is truncated", fmt::format("{} of {} bytes of a file", bytes.size(), size));
      return {};
    }
    bytes.append(buffer.data(), got);
  }
  offset_ += size;
  unread_ -= std::min(unread_, size);
  return bytes;
}

void TarReader::skip(std::uint64_t size) {
  std::array<char, 16384> buffer;
  while (size > 0 && !error_) {
    const std::size_t got =
        input_.read(buffer.data(), std::min<std::uint64_t>(buffer.size(), size));
    if (got == 0) return fail("the archive is truncated", "the end inside a file");
    size -= got;
    offset_ += got;
  }
  unread_ = 0;
}

std::optional<std::string> TarReader::next() {
  std::string long_name;
  std::array<char, block_bytes> header;
  while (!error_) {
    skip(unread_);
    if (error_ || !read_block(header.data())) return std::nullopt;
    if (std::all_of(header.begin(), header.end(), [](char c) { return c == 0; }))
      return std::nullopt;
    const auto size = octal(header.data() + 124, 12);
    if (!checksum_holds(header) || !size || *size > (std::uint64_t{1} << 40)) {
      fail("the archive is damaged", "a header with a wrong checksum or size");
      return std::nullopt;
    }
    size_ = *size;
    unread_ = (size_ + block_bytes - 1) / block_bytes * block_bytes;
    const char kind = header[156];
    if (kind == 'L' && size_ <= longest_path) {
      const std::string bytes = take(size_);
      long_name = bytes.substr(0, bytes.find('\0'));
      continue;
    }
    if (kind != '0' && kind != '\0') continue;
    if (!long_name.empty()) return long_name;
    const std::string prefix = text_field(header.data() + 345, 155);
    const std::string name = text_field(header.data(), 100);
    return prefix.empty() ? name : prefix + "/" + name;
  }
  return std::nullopt;
}

std::string TarReader::content(std::uint64_t limit) {
  if (size_ > limit) {
    fail("a file in the archive is too large", fmt::format("{} bytes", size_));
    return {};
  }
  return take(size_);
}

}  // namespace microdc
