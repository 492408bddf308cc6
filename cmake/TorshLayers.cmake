# A layer is a folder is an object library whose quoted includes see only its own folder and the layers below it.
#
#   torsh_layer(tensor SOURCES tensor.c call.c SEES core backend)
#   torsh_layer(ops SMALL ...)   # compiled for size: thousands of functions of which a call runs one or two
#   torsh_small(dual.c ...)   # the same for some files of a layer, which are no hot path
#   torsh_isa_kernels(cpu gemm_kernels.c pointwise_kernels.c)   # compiled once per instruction set

set(TORSH_LAYERS "" CACHE INTERNAL "")

function(torsh_layer name)
  cmake_parse_arguments(LAYER "SMALL" "" "SOURCES;SEES" ${ARGN})
  add_library(torsh_${name} OBJECT ${LAYER_SOURCES})
  if(LAYER_SMALL)
    target_compile_options(torsh_${name} PRIVATE $<$<CONFIG:Release>:-Os>)
  endif()
  target_link_libraries(torsh_${name} PRIVATE torsh_flags)
  torsh_sees(torsh_${name} ${LAYER_SEES})
  set_property(GLOBAL PROPERTY TORSH_DIR_${name} ${CMAKE_CURRENT_SOURCE_DIR})
  set_property(GLOBAL APPEND PROPERTY TORSH_OBJECTS torsh_${name})
endfunction()

function(torsh_small)
  set_source_files_properties(${ARGN} PROPERTIES COMPILE_OPTIONS $<$<CONFIG:Release>:-Os>)
endfunction()

# Lets a target include headers of the named layers (and of its own folder, as quoted includes do).
function(torsh_sees target)
  foreach(layer ${ARGN})
    get_property(dir GLOBAL PROPERTY TORSH_DIR_${layer})
    if(NOT dir)
      message(FATAL_ERROR "${target} sees ${layer}, which is not a layer below it")
    endif()
    target_compile_options(${target} PRIVATE "SHELL:-iquote ${dir}")
  endforeach()
endfunction()

if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  set(TORSH_ISAS baseline avx2 avx512)
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
  set(TORSH_ISAS baseline neon)
else()
  set(TORSH_ISAS baseline)
endif()
set(TORSH_ISA_FLAGS_baseline "")
set(TORSH_ISA_FLAGS_neon "")
set(TORSH_ISA_FLAGS_avx2 -mavx2 -mfma -mf16c -mbmi2)
set(TORSH_ISA_FLAGS_avx512 -mavx512f -mavx512dq -mavx512bw -mavx512vl -mavx512cd -mavx2 -mfma -mf16c -mbmi2 -mprefer-vector-width=512)

# Loops are vectorised but not duplicated: -O3's copies of loops (peeled, unswitched, vectorised remainders) double the library's
# size and gained nothing measurable.
set(TORSH_KERNEL_FLAGS -O2)
check_c_compiler_flag("-falign-jumps=1" HAVE_ALIGN_JUMPS) # loops stay aligned; the rest of the padding is 1 % of the library
if(HAVE_ALIGN_JUMPS AND CMAKE_C_COMPILER_ID STREQUAL GNU)
  list(APPEND TORSH_KERNEL_FLAGS -falign-jumps=1)
endif()
set(TORSH_VECTOR_FLAGS -ftree-vectorize)
check_c_compiler_flag("-fvect-cost-model=dynamic --param=vect-epilogues-nomask=0" HAVE_VECTORISER_FLAGS)
if(HAVE_VECTORISER_FLAGS)
  list(APPEND TORSH_VECTOR_FLAGS -fvect-cost-model=dynamic --param=vect-epilogues-nomask=0)
endif()

function(torsh_isa_kernels layer)
  foreach(isa ${TORSH_ISAS})
    set(target torsh_${layer}_${isa})
    add_library(${target} OBJECT ${ARGN})
    target_link_libraries(${target} PRIVATE torsh_flags)
    target_compile_definitions(${target} PRIVATE TORSH_ISA=${isa} TORSH_ISA_${isa})
    target_compile_options(${target} PRIVATE ${TORSH_KERNEL_FLAGS} ${TORSH_ISA_FLAGS_${isa}} -g0)
    if(isa STREQUAL baseline AND TORSH_ISAS MATCHES avx2)
      # Taken only by x86 processors from before 2013: small rather than fast.
      target_compile_options(${target} PRIVATE -Os -fno-tree-vectorize)
    else()
      target_compile_options(${target} PRIVATE ${TORSH_VECTOR_FLAGS})
    endif()
    get_target_property(options torsh_${layer} COMPILE_OPTIONS)
    target_compile_options(${target} PRIVATE ${options})
    set_property(GLOBAL APPEND PROPERTY TORSH_OBJECTS ${target})
  endforeach()
endfunction()
