# Fails if an object of kernels/cpu/simd defines a weak symbol (kernels/cpu/simd/kernel_table.hpp
# says why), or one of Eigen's builds one that does not bear its name. NM: the tool, OBJECTS: all
# objects of the room.
set(checked 0)
foreach(object IN LISTS OBJECTS)
  if(object MATCHES "/simd/")
    set(allowed "^$")
  elseif(object MATCHES "/libraries/(eigen_[a-z0-9]+)")
    # Beside its own: the compiler's pointer to the handler of exceptions, which is no code.
    string(REPLACE "eigen_" "eigen_for_" allowed "${CMAKE_MATCH_1}[0-9]|DW.ref.__gxx_personality_v0$")
  else()
    continue()
  endif()
  execute_process(COMMAND ${NM} --defined-only ${object} OUTPUT_VARIABLE symbols
    RESULT_VARIABLE failed)
  if(failed)
    message(FATAL_ERROR "${NM} cannot read ${object}")
  endif()
  string(REGEX MATCHALL " [WwVvu] [^\n]*" weak "${symbols}")
  list(FILTER weak EXCLUDE REGEX "${allowed}")
  if(weak)
    message(FATAL_ERROR "${object} defines weak symbols:${weak}")
  endif()
  math(EXPR checked "${checked} + 1")
endforeach()
if(checked LESS 1)
  message(FATAL_ERROR "no objects of instruction sets among ${OBJECTS}")
endif()
