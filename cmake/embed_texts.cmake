# Writes a C++ source that holds text files as string literals, for programs that need them at run
# time where the files are not.
#   cmake -DOUTPUT=texts.cpp -DHEADER=declares.hpp -DFUNCTION=name "-DTEXTS=name=path|name=path…" -P embed_texts.cmake
# HEADER declares std::span<const microdc::kernels::cuda::SourceText> FUNCTION().
string(REPLACE "|" ";" entries "${TEXTS}")
list(LENGTH entries count)
set(part ${OUTPUT}.part)
file(WRITE ${part} "// Made by cmake/embed_texts.cmake.
#include \"${HEADER}\"

#include <array>

namespace microdc::kernels::cuda {

std::span<const SourceText> ${FUNCTION}() {
  static constexpr std::array<SourceText, ${count}> texts{{
")
foreach(entry ${entries})
  string(REGEX MATCH "^([^=]+)=(.+)$" matched "${entry}")
  set(name ${CMAKE_MATCH_1})
  file(READ ${CMAKE_MATCH_2} text)
  file(APPEND ${part} "      {\"${name}\", R\"microdc(${text})microdc\"},\n")
endforeach()
file(APPEND ${part} "  }};
  return texts;
}

}  // namespace microdc::kernels::cuda
")
file(RENAME ${part} ${OUTPUT})
