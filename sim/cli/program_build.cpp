#include "sim/cli/program_build.hpp"

#include <elf.h>
#include <fmt/format.h>
#include <link.h>

#include <cstring>
#include <span>

#include "sim/report/inputs_digest.hpp"

namespace microdc::cli {
namespace {

constexpr std::size_t note_alignment = 4;

std::size_t padded(std::size_t size) {
  return (size + note_alignment - 1) / note_alignment * note_alignment;
}

/// The build ID among the notes of a segment; empty if it is not there.
std::string build_id_of(std::span<const unsigned char> notes) {
  ElfW(Nhdr) header{};
  while (notes.size() >= sizeof header) {
    std::memcpy(&header, notes.data(), sizeof header);
    const std::size_t content = sizeof header + padded(header.n_namesz);
    const std::size_t end = content + padded(header.n_descsz);
    if (end > notes.size()) return "";
    const char* name = reinterpret_cast<const char*>(notes.data() + sizeof header);
    if (header.n_type == NT_GNU_BUILD_ID && header.n_namesz == sizeof ELF_NOTE_GNU &&
        std::memcmp(name, ELF_NOTE_GNU, sizeof ELF_NOTE_GNU) == 0) {
      std::string text;
      for (const unsigned char byte : notes.subspan(content, header.n_descsz)) {
        text += fmt::format("{:02x}", byte);
      }
      return text;
    }
    notes = notes.subspan(end);
  }
  return "";
}

/// Called for the program first: stops there.
int read_program(dl_phdr_info* info, std::size_t, void* found) {
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = info->dlpi_phdr[i];
    if (segment.p_type != PT_NOTE) continue;
    const auto* begin = reinterpret_cast<const unsigned char*>(info->dlpi_addr + segment.p_vaddr);
    const std::string id = build_id_of({begin, segment.p_memsz});
    if (!id.empty()) *static_cast<std::string*>(found) = id;
  }
  return 1;
}

}  // namespace

std::string program_build() {
  std::string id;
  dl_iterate_phdr(read_program, &id);
  return id.empty() ? MICRODC_VERSION : id;
}

std::string store_key(const std::string& digest, const std::string& build) {
  return sha256_of(digest + "\n" + build);
}

}  // namespace microdc::cli
