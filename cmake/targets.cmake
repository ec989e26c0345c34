# One library per folder: skiff_library(name [DEPS targets...]) takes every *.cpp of the current folder.
# Links are PUBLIC: they tell the linker what a static library needs. They do not say who may include whom; that is
# tools/check_includes.py, run by `make lint` and .ci/run (ADR 0010).

# What every target of ours compiles with.
add_library(skiff_settings INTERFACE)
target_link_libraries(skiff_settings INTERFACE Boost::headers absl::statusor spdlog::spdlog OpenSSL::SSL Threads::Threads)
target_include_directories(skiff_settings INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_definitions(skiff_settings INTERFACE BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_ARRAY BOOST_ASIO_DISABLE_BOOST_REGEX)

# Headers compiled once (ADR 0009): what nearly everything includes, below Kubernetes' objects; with the objects and kube/,
# for what is above them; with GoogleTest, for tests.
foreach(level base objects tests)
  add_library(skiff_pch_${level} STATIC ${CMAKE_SOURCE_DIR}/cmake/pch.cpp)
  target_precompile_headers(skiff_pch_${level} PRIVATE ${CMAKE_SOURCE_DIR}/cmake/pch_${level}.h)
  target_link_libraries(skiff_pch_${level} PUBLIC skiff_settings)
endforeach()
target_link_libraries(skiff_pch_tests PUBLIC GTest::gmock)
# Tests run for moments: translating them twice as fast counts for more. What they test is optimised.
target_compile_options(skiff_pch_tests PRIVATE -O0)

# With those of SKIFF_PCH, which the folder sets.
function(skiff_use_pch target)
  target_link_libraries(${target} PRIVATE skiff_pch_${SKIFF_PCH})
  target_precompile_headers(${target} REUSE_FROM skiff_pch_${SKIFF_PCH})
  if(SKIFF_PCH STREQUAL tests)
    target_compile_options(${target} PRIVATE -O0)
  endif()
endfunction()

# Translates `files` sources of the target at a time, where most of the work is in the headers they share.
function(skiff_unite target files)
  if(SKIFF_UNITY AND files)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE ${files})
  endif()
endfunction()

function(skiff_library name)
  cmake_parse_arguments(ARG "" "UNITY" "DEPS;SOURCES" ${ARGN})
  if(NOT ARG_SOURCES)
    file(GLOB ARG_SOURCES CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  endif()
  if(NOT ARG_SOURCES)
    return()
  endif()
  add_library(${name} STATIC ${ARG_SOURCES})
  skiff_use_pch(${name})
  target_link_libraries(${name} PUBLIC skiff_settings ${ARG_DEPS})
  skiff_unite(${name} "${ARG_UNITY}")
endfunction()

function(skiff_executable name)
  cmake_parse_arguments(ARG "" "UNITY" "DEPS;SOURCES" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  skiff_use_pch(${name})
  target_link_options(${name} PRIVATE -pie)
  target_link_libraries(${name} PRIVATE ${ARG_DEPS})
  skiff_unite(${name} "${ARG_UNITY}")
endfunction()

# All unit test programs, for the sanitizer builds, which need nothing else.
add_custom_target(unit_tests)

# skiff_test(name LABEL unit|root DEPS ... [SOURCES ...]): a GoogleTest program over the *.cpp of the current folder. Unit tests run
# beside others: ports, directories, namespaces and control groups are their own. Those that need root run alone, or with BESIDE
# next to whatever does not measure.
function(skiff_test name)
  cmake_parse_arguments(ARG "BESIDE" "LABEL;UNITY" "DEPS;SOURCES" ${ARGN})
  if(NOT ARG_SOURCES)
    file(GLOB ARG_SOURCES CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  endif()
  if(NOT ARG_SOURCES)
    return()
  endif()
  add_executable(${name} ${ARG_SOURCES})
  skiff_use_pch(${name})
  target_link_options(${name} PRIVATE -pie)
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} skiff_test_main GTest::gmock)
  skiff_unite(${name} "${ARG_UNITY}")
  add_test(NAME ${name} COMMAND ${name} --gtest_brief=1)
  set_tests_properties(${name} PROPERTIES LABELS ${ARG_LABEL} TIMEOUT 300 SKIP_RETURN_CODE 77)
  if(ARG_LABEL STREQUAL unit)
    add_dependencies(unit_tests ${name})
  elseif(ARG_BESIDE)
    set_tests_properties(${name} PROPERTIES RESOURCE_LOCK quiet)
  else()
    set_tests_properties(${name} PROPERTIES RUN_SERIAL TRUE)  # they share the machine's namespaces, links and clock
  endif()
endfunction()
