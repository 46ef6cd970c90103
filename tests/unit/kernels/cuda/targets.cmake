# Compiles every kernel file for every architecture that its target claims: PTX once, for the oldest
# of them, which the driver would translate too; then ptxas for each, whose report of registers and
# spills the tests read. Built by a test, not with the rest.
set(claimed_sm_80_up 80 86 89 90 100 120)
set(claimed_sm_89_up 89 90 100 120)
set(claimed_sm_90_up 90 100 120)
set(claimed_sm_90a 90a)

get_filename_component(cuda_tools ${CMAKE_CUDA_COMPILER} DIRECTORY)
find_program(MICRODC_PTXAS ptxas HINTS ${cuda_tools} ${CUDAToolkit_BIN_DIR} REQUIRED)
set(folder ${CMAKE_CURRENT_BINARY_DIR}/targets)
file(MAKE_DIRECTORY ${folder})

get_property(entries GLOBAL PROPERTY MICRODC_CUDA_FILES)
set(reports)
foreach(entry ${entries})
  string(REPLACE ":" ";" parts ${entry})
  list(GET parts 0 target)
  list(GET parts 1 file)
  get_filename_component(name ${file} NAME_WE)
  list(GET claimed_${target} 0 oldest)
  set(ptx ${folder}/${name}.ptx)
  add_custom_command(OUTPUT ${ptx}
    COMMAND ${CMAKE_CUDA_COMPILER} -std=c++20 -O3 -arch=compute_${oldest} --ptx -I${PROJECT_SOURCE_DIR}
      -MD -MF ${ptx}.d -o ${ptx} ${PROJECT_SOURCE_DIR}/kernels/cuda/${file}
    DEPENDS ${PROJECT_SOURCE_DIR}/kernels/cuda/${file}
    DEPFILE ${ptx}.d
    VERBATIM)
  foreach(architecture ${claimed_${target}})
    set(report ${folder}/${name}.sm_${architecture}.txt)
    add_custom_command(OUTPUT ${report}
      COMMAND ${MICRODC_PTXAS} -v -arch=sm_${architecture} -o ${report}.cubin ${ptx} > ${report}.part 2>&1
      COMMAND ${CMAKE_COMMAND} -E rename ${report}.part ${report}
      DEPENDS ${ptx})
    list(APPEND reports ${report})
  endforeach()
endforeach()
add_custom_target(cuda_targets DEPENDS ${reports})

add_test(NAME cuda_targets.compile COMMAND ${CMAKE_COMMAND} --build ${PROJECT_BINARY_DIR} --target cuda_targets)
# One build at a time in this folder.
set_tests_properties(cuda_targets.compile PROPERTIES FIXTURES_SETUP cuda_targets
  RESOURCE_LOCK build_folder)

add_executable(kernels_cuda_targets_test targets_test.cpp nvrtc_targets_test.cpp)
target_link_libraries(kernels_cuda_targets_test PRIVATE microdc_options microdc_kernels_cuda GTest::gtest_main)
target_compile_definitions(kernels_cuda_targets_test PRIVATE "MICRODC_CUDA_TARGETS=\"${folder}\"")
gtest_discover_tests(kernels_cuda_targets_test PROPERTIES FIXTURES_REQUIRED cuda_targets)
