# Compiler options of our own code, on an interface target: never global, never on dependencies.
add_library(microdc_options INTERFACE)
# Runs that are kept are those of one program (sim/cli/program_build.hpp).
target_link_options(microdc_options INTERFACE -Wl,--build-id=sha1)
target_include_directories(microdc_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(microdc_options INTERFACE "$<$<COMPILE_LANGUAGE:CXX>:-Wall;-Wextra;-Wpedantic;\
-Wshadow;-Wnon-virtual-dtor;-Woverloaded-virtual;-Wconversion;-Wno-sign-conversion;\
-Wno-missing-field-initializers;-Werror>")
# nvcc's generated host code is not clean under the rest.
target_compile_options(microdc_options INTERFACE
  "$<$<COMPILE_LANGUAGE:CUDA>:--Werror=all-warnings;-Xcompiler=-Wall,-Wextra,-Wno-missing-field-initializers,-Werror>")
if(MICRODC_SANITIZE)
  # With checks between them g++ loses sight of what is initialised.
  target_compile_options(microdc_options INTERFACE
    "$<$<AND:$<COMPILE_LANGUAGE:CXX>,$<CXX_COMPILER_ID:GNU>>:-Wno-maybe-uninitialized>")
  target_compile_options(microdc_options INTERFACE
    "$<$<COMPILE_LANGUAGE:CXX>:-fsanitize=address,undefined;-fno-sanitize-recover=all;-fno-omit-frame-pointer>")
  target_link_options(microdc_options INTERFACE -fsanitize=address,undefined)
endif()
