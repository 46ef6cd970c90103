# A room of the house: a static library whose sources are listed explicitly.
#   microdc_room(NAME SOURCES a.cpp … USES other_room … LIBRARIES Pkg::lib …)
# USES become public (headers may include them), LIBRARIES stay private.
function(microdc_room name)
  cmake_parse_arguments(ROOM "" "" "SOURCES;USES;LIBRARIES" ${ARGN})
  add_library(${name} STATIC ${ROOM_SOURCES})
  target_link_libraries(${name} PUBLIC ${ROOM_USES} PRIVATE microdc_options ${ROOM_LIBRARIES})
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
endfunction()

# Sources whose hidden types a public type holds: g++ warns of that in all but a file of its own.
#   microdc_compile_alone(a.cpp …), in the folder of their room
function(microdc_compile_alone)
  set_source_files_properties(${ARGN} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()

# A GoogleTest program: microdc_test(NAME SOURCES … USES rooms … LIBRARIES …)
function(microdc_test name)
  cmake_parse_arguments(TEST "" "" "SOURCES;USES;LIBRARIES" ${ARGN})
  add_executable(${name} ${TEST_SOURCES})
  target_link_libraries(${name} PRIVATE microdc_options ${TEST_USES} ${TEST_LIBRARIES} GTest::gtest_main)
  # -O3 makes a test a third dearer to compile, for code that runs once: what costs time when it runs
  # lies in the rooms, which keep -O3.
  target_compile_options(${name} PRIVATE $<$<CONFIG:Release>:-O1>)
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60)
endfunction()
