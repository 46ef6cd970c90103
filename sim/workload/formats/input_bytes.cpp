#include "sim/workload/formats/input_bytes.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace microdc {
namespace {

constexpr std::size_t head_bytes = 4096;
constexpr std::size_t raw_buffer_bytes = 256u << 10;

Diagnostic file_error(const std::string& file, std::string message, std::string fix) {
  return {.file = file, .message = std::move(message), .fix = std::move(fix)};
}

}  // namespace

struct InputBytes::Inflate {
  z_stream stream{};
  std::array<char, raw_buffer_bytes> raw;
  bool in_member = true;  ///< inside a gzip member: the end of the file here is a truncation
  bool ended = false;
  Inflate() { inflateInit2(&stream, 15 + 16); }
  ~Inflate() { inflateEnd(&stream); }
  Inflate(const Inflate&) = delete;
  Inflate& operator=(const Inflate&) = delete;
};

InputBytes::InputBytes() = default;
InputBytes::~InputBytes() = default;

Result<std::unique_ptr<InputBytes>> InputBytes::open(const std::filesystem::path& path) {
  std::unique_ptr<InputBytes> input(new InputBytes);
  input->name_ = path.string();
  std::error_code code;
  if (std::filesystem::is_directory(path, code)) {
    return file_error(input->name_, "this is a folder, not a trace file", "name a file in it");
  }
  input->file_.reset(std::fopen(path.c_str(), "rb"));
  if (!input->file_) {
    return file_error(input->name_, fmt::format("cannot open the file: {}", std::strerror(errno)),
                      "check the path; relative paths count from the scenario file's folder");
  }
  if (auto errors = input->start(); errors.has_errors()) return errors;
  return input;
}

Result<std::unique_ptr<InputBytes>> InputBytes::from_memory(std::string_view bytes,
                                                            const std::string& name) {
  std::unique_ptr<InputBytes> input(new InputBytes);
  input->name_ = name;
  input->memory_ = bytes;
  if (auto errors = input->start(); errors.has_errors()) return errors;
  return input;
}

Diagnostics InputBytes::start() {
  Diagnostics errors;
  head_.resize(head_bytes);
  head_.resize(read_raw(head_.data(), head_bytes));
  if (head_.empty() && !error_) {
    errors.add(file_error(name_, "the file is empty", "give a trace with at least one request"));
  } else if (head_.starts_with("\x1f\x8b")) {
    inflate_ = std::make_unique<Inflate>();
    std::copy(head_.begin(), head_.end(), inflate_->raw.begin());
    inflate_->stream.next_in = reinterpret_cast<Bytef*>(inflate_->raw.data());
    inflate_->stream.avail_in = static_cast<uInt>(head_.size());
    head_.resize(head_bytes);
    std::size_t filled = 0;
    while (filled < head_bytes) {
      const std::size_t got = read_inflated(head_.data() + filled, head_bytes - filled);
      if (got == 0) break;
      filled += got;
    }
    head_.resize(filled);
    if (filled == 0 && !error_) {
      errors.add(file_error(name_, "the compressed file holds no bytes",
                            "give a trace with at least one request"));
    }
  }
  if (error_ && head_.empty()) errors.add(*error_);
  return errors;
}

std::string_view InputBytes::peek() { return head_; }

std::size_t InputBytes::read(char* to, std::size_t size) {
  if (head_used_ < head_.size()) {
    const std::size_t count = std::min(size, head_.size() - head_used_);
    std::memcpy(to, head_.data() + head_used_, count);
    head_used_ += count;
    return count;
  }
  return inflate_ ? read_inflated(to, size) : read_raw(to, size);
}

std::size_t InputBytes::read_raw(char* to, std::size_t size) {
  if (error_) return 0;
  std::size_t count = 0;
  if (file_) {
    count = std::fread(to, 1, size, file_.get());
    if (count < size && std::ferror(file_.get()) != 0) {
      error_ = file_error(name_, fmt::format("read error after byte {}", raw_offset_ + count),
                          "check the disk, or copy the file again");
    }
  } else {
    count = memory_.copy(to, size, raw_offset_);
  }
  raw_offset_ += count;
  return count;
}

void InputBytes::fail_gzip(const std::string& message, const std::string& found) {
  const std::uint64_t offset = raw_offset_ - inflate_->stream.avail_in;
  error_ = Diagnostic{.file = name_,
                      .place = fmt::format("byte {}", offset),
                      .message = message,
                      .found = found,
                      .allowed = "a complete gzip file",
                      .fix = "download or copy the file again, and check it with gzip -t"};
}

std::size_t InputBytes::read_inflated(char* to, std::size_t size) {
  Inflate& state = *inflate_;
  z_stream& stream = state.stream;
  stream.next_out = reinterpret_cast<Bytef*>(to);
  stream.avail_out = static_cast<uInt>(std::min(size, std::size_t{1} << 30));
  const uInt wanted = stream.avail_out;
  while (stream.avail_out == wanted && !error_ && !state.ended) {
    if (stream.avail_in == 0) {
      const std::size_t got = read_raw(state.raw.data(), state.raw.size());
      stream.next_in = reinterpret_cast<Bytef*>(state.raw.data());
      stream.avail_in = static_cast<uInt>(got);
      if (got == 0) {
        if (state.in_member && !error_) {
          fail_gzip("the gzip file is truncated",
                    fmt::format("end of file after {} bytes", raw_offset_));
        }
        state.ended = true;
        break;
      }
    }
    if (!state.in_member) {
      inflateReset(&stream);
      state.in_member = true;
    }
    const int status = inflate(&stream, Z_NO_FLUSH);
    if (status == Z_STREAM_END) {
      state.in_member = false;
    } else if (status != Z_OK && status != Z_BUF_ERROR) {
      fail_gzip("the gzip file is damaged", stream.msg != nullptr ? stream.msg : "invalid data");
    }
  }
  return wanted - stream.avail_out;
}

}  // namespace microdc
