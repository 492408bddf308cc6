#!/usr/bin/env bash
# What `make check` has no time for. Usage: tests/check-all.sh [quick | STEP...]   (quick: what fits the gate's 25 minutes)
# Each step prints ok, FAILED or skipped with its reason; the exit code is 1 if any failed.
set -u
cd "$(dirname "$0")/.."
quick=${1:-}
wanted=" $* "
build=${BUILD:-build}/check-all
mkdir -p "$build"
generator=$(command -v ninja >/dev/null && echo "-G Ninja")
failed=0

step() { # name, command...
  local name=$1 start=$SECONDS; shift
  [ "$wanted" = "  " ] || [ "$quick" = quick ] || [[ $wanted == *" $name "* ]] || return 0
  if "$@" >"$build/$name.log" 2>&1; then
    printf '%-28s ok       %4d s\n' "$name" $((SECONDS - start))
  else
    printf '%-28s FAILED   %4d s   (%s)\n' "$name" $((SECONDS - start)) "$build/$name.log"
    tail -30 "$build/$name.log"
    failed=1
  fi
}
skip() { [ "$wanted" != "  " ] && [ "$quick" != quick ] || printf '%-28s skipped: %s\n' "$1" "$2"; }

configure_in() { # folder, cmake arguments...
  local folder=$build/$1; shift
  cmake -S . -B "$folder" $generator "$@"
}
build_in() { configure_in "$@" && cmake --build "$build/$1" -j "$(nproc)"; }
test_in() { (cd "$build/$1" && shift && ctest --output-on-failure -j "$(nproc)" "$@"); }

sanitizers() { # folder, sanitizers, more cmake arguments...
  local folder=$1 list=$2; shift 2
  build_in "$folder" -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_FLAGS_DEBUG="-O1 -g" -DTORSH_SANITIZE="$list" -DTORSH_BENCH=OFF -DTORSH_EXAMPLES=OFF "$@"
}
asan() {
  sanitizers asan address,undefined && ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=1:max_allocation_size_mb=4096 test_in asan -LE install -E 'vmath_mpfr'
}
tsan() { # oneDNN's threads are not built for it
  sanitizers tsan thread -DTORSH_ONEDNN=OFF && TSAN_OPTIONS=allocator_may_return_null=1 TORSH_NUM_THREADS=3 test_in tsan -L 'core|autograd|data|nn|ops|oom' -E '_(baseline|avx2|avx512)$'
}
bare() {
  build_in bare -DTORSH_ONEDNN=OFF -DTORSH_JANSSON=OFF -DTORSH_ZLIB=OFF -DTORSH_WEBGPU=OFF -DTORSH_BENCH=OFF &&
    test_in bare -L 'core|backend|ops|autograd|nn|optim|data' -E 'vmath_mpfr|_(baseline|avx2|avx512)$'
}
isa() { # the whole suite once per instruction set
  for capability in baseline avx2 avx512 neon; do
    (cd "${BUILD:-build}" && TORSH_CPU_CAPABILITY=$capability ctest --output-on-failure -j "$(nproc)" -L 'core|backend|tensor|ops|autograd|nn|optim|data|oom' \
      -E '_mpfr|_(baseline|avx2|avx512|neon)$') || return 1
  done
}
clang_build() { build_in clang -DCMAKE_C_COMPILER=clang -DCMAKE_CXX_COMPILER=clang++ -DTORSH_WERROR=ON -DTORSH_BENCH=OFF && test_in clang -L 'core|backend|ops|autograd|nn|optim'; }
aarch64() { # the record-driven tests on a static library, as a 64-bit Arm would run them
  local cross=aarch64-linux-gnu-gcc sees="-iquote src/core -iquote src/ops/table -iquote src/backend -iquote src/tensor" name
  local math="-fno-math-errno -fno-trapping-math -ffp-contract=off -fwrapv"
  build_in aarch64 -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64 -DCMAKE_C_COMPILER=$cross -DTORSH_ONEDNN=OFF -DTORSH_JANSSON=OFF \
    -DTORSH_ZLIB=OFF -DTORSH_WEBGPU=OFF -DTORSH_BENCH=OFF -DTORSH_TESTS=OFF -DTORSH_EXAMPLES=OFF -DTORSH_WERROR=ON || return 1
  for name in golden edge gradcheck threads error; do
    $cross -std=c17 -O1 -D_GNU_SOURCE -DTORSH_GOLDEN_DIR="\"$PWD/tests/golden\"" -Iinclude -Itests/bare $sees tests/ops/${name}_test.c tests/ops/records.c \
      "$build/aarch64/src/libtorsh.a" -static -lm -lpthread -ldl -o "$build/aarch64/${name}_test" || return 1
  done
  # the math functions, compiled as kernels are, with libm as the only judge
  $cross -std=c17 -O3 $math -D_GNU_SOURCE -DVMATH_NO_MPFR -DTORSH_ISA=neon -D'VMATH_ISAS=ISA(neon)' -iquote src/backend/cpu -iquote src/core -Iinclude \
    tests/backend/vmath_mpfr.c tests/backend/vmath_loops.c -static -lm -o "$build/aarch64/vmath" && qemu-aarch64-static "$build/aarch64/vmath" -s 65537 -n 3000 || return 1
  for name in golden edge gradcheck error threads; do
    for capability in neon baseline; do
      TORSH_CPU_CAPABILITY=$capability qemu-aarch64-static "$build/aarch64/${name}_test" || return 1
      [[ $name = golden || $name = edge ]] || break
    done
  done
}
oom() { "${BUILD:-build}/tests/oom/oom_test" all; }
sources() { git ls-files 'src/core/*.c' 'src/tensor/*.c' 'src/ops/*.c' 'src/autograd/*.c' 'src/nn/*.c' 'src/optim/*.c' 'src/data/*.c'; }
tidy() {
  cmake -S . -B "$build/tidy" $generator -DTORSH_TESTS=OFF -DTORSH_BENCH=OFF -DCMAKE_C_COMPILER=clang &&
    sources | xargs -P "$(nproc)" -n 6 clang-tidy -p "$build/tidy" --quiet
}
cpp_check() { # uninitvar: it doesn't see that TORSH_OK means set; incorrectLogicOperator: it can't read hexadecimal floats
  sources | xargs cppcheck --std=c11 --quiet --error-exitcode=1 --inline-suppr --enable=warning,portability -j "$(nproc)" --suppress=missingInclude \
    --suppress=syntaxError --suppress=unknownMacro --suppress=internalAstError --suppress=uninitvar \
    --suppress=incorrectLogicOperator -D__x86_64__ -D__GNUC__ -I include -I src/core -I src/ops/table -I src/backend -I src/tensor -I src/ops -I src/autograd
}
in_parts() { # a program that takes -p, once per core; 77 means that this machine can't run it
  local part parts pids=() failed_parts=0
  parts=$(nproc)
  for ((part = 0; part < parts; part++)); do
    "$@" -p "$part/$parts" & pids+=($!)
  done
  for part in "${pids[@]}"; do wait "$part" || [ $? = 77 ] || failed_parts=1; done
  return $failed_parts
}
ulp() { # every f32 (hours; ULP_STRIDE=251 takes minutes, ULP_ISA=avx512 picks an instruction set); bounds hold on every point tried
  local tests="${BUILD:-build}/tests/backend"
  in_parts "$tests/vmath_mpfr" ${ULP_ISA:+-i "$ULP_ISA"} -s "${ULP_STRIDE:-1}" -n 1000000 &&
    in_parts "$tests/special_mpfr" ${ULP_ISA:+-i "$ULP_ISA"} -s "${ULP_STRIDE:-1}" -n 20000
}
fuzz() { # each parser from its corpus on
  local names name
  names=$(cd tests/fuzz && ls ./*_fuzz.c | sed 's|.*/||; s|\.c$||')
  configure_in fuzz -DCMAKE_C_COMPILER=clang -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_FLAGS_DEBUG="-O1 -g" -DTORSH_FUZZ=ON -DTORSH_SANITIZE=fuzzer-no-link,address,undefined \
    -DTORSH_ONEDNN=OFF -DTORSH_WEBGPU=OFF -DTORSH_BENCH=OFF -DTORSH_EXAMPLES=OFF &&
    cmake --build "$build/fuzz" -j "$(nproc)" --target $names || return 1
  for name in $names; do
    mkdir -p "$build/fuzz/found/$name"
    "$build/fuzz/tests/fuzz/$name" -max_total_time="${FUZZ_SECONDS:-30}" -rss_limit_mb=4096 "$build/fuzz/found/$name" "tests/fuzz/corpus/${name%_fuzz}" || return 1
  done
}

have() { command -v "$1" >/dev/null 2>&1; }

step asan-ubsan asan
if [ -x "${BUILD:-build}/tests/oom/oom_test" ]; then step allocation-failure oom; else skip allocation-failure "oom_test is not built"; fi
step no-library bare
step tsan tsan
if have cppcheck; then step cppcheck cpp_check; else skip cppcheck "not installed"; fi
if [ "$quick" = quick ]; then
  exit $failed
fi
step every-isa isa
if have clang; then step clang clang_build; else skip clang "clang is not installed"; fi
if have aarch64-linux-gnu-gcc && have qemu-aarch64-static; then step aarch64 aarch64; else skip aarch64 "no cross compiler or no qemu"; fi
if have clang; then step fuzz fuzz; else skip fuzz "clang is not installed"; fi
if [ -x "${BUILD:-build}/tests/backend/vmath_mpfr" ]; then step ulp ulp; else skip ulp "MPFR was missing at build time"; fi
if have clang-tidy; then step clang-tidy tidy; else skip clang-tidy "not installed"; fi
exit $failed
