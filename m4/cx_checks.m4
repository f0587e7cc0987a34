# SPDX-License-Identifier: MIT
# CX_APPEND_FLAG(variable, flag): adds a C compiler flag where the compiler takes it without a warning.
AC_DEFUN([CX_APPEND_FLAG], [
  cx_save_CFLAGS=$CFLAGS
  CFLAGS="$CFLAGS -Werror $2"
  AC_MSG_CHECKING([whether $CC accepts $2])
  AC_COMPILE_IFELSE([AC_LANG_SOURCE([int cx_flag;])],
    [AC_MSG_RESULT([yes]); $1="[$]$1 $2"], [AC_MSG_RESULT([no])])
  CFLAGS=$cx_save_CFLAGS])

# CX_STANDARDS: C17, and the flags that numbers and symbols depend on.
AC_DEFUN([CX_STANDARDS], [
  CX_CFLAGS=
  CX_APPEND_FLAG([CX_CFLAGS], [-std=gnu17])
  CX_APPEND_FLAG([CX_CFLAGS], [-fvisibility=hidden])
  CX_APPEND_FLAG([CX_CFLAGS], [-fno-math-errno])
  CX_APPEND_FLAG([CX_CFLAGS], [-ffp-contract=off])
  CX_APPEND_FLAG([CX_CFLAGS], [-fstack-protector-strong])
  AC_SUBST([CX_CFLAGS])
  AC_SUBST([CX_CXXFLAGS], ["-std=c++17 -fvisibility=hidden -fvisibility-inlines-hidden -fno-exceptions -fno-rtti"])])

# CX_WARNINGS: our warnings, and --enable-werror.
AC_DEFUN([CX_WARNINGS], [
  CX_WARN_CFLAGS=
  m4_foreach_w([cx_flag], [-Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wdouble-promotion -Wfloat-conversion
    -Wshadow -Wcast-qual -Wcast-align=strict -Wnull-dereference -Wstrict-prototypes -Wmissing-prototypes
    -Wold-style-definition -Wvla -Wformat=2 -Wundef -Wduplicated-cond -Wduplicated-branches -Wlogical-op -Wrestrict
    -Warith-conversion -Wswitch-enum -Wunused-macros -Wdate-time],
    [CX_APPEND_FLAG([CX_WARN_CFLAGS], cx_flag)])
  AC_ARG_ENABLE([werror], [AS_HELP_STRING([--enable-werror], [treat warnings as errors])])
  AS_IF([test "x$enable_werror" = xyes], [CX_WARN_CFLAGS="$CX_WARN_CFLAGS -Werror"])
  AC_SUBST([CX_WARN_CFLAGS])])

# CX_SANITIZERS: --with-sanitizers=address,undefined
AC_DEFUN([CX_SANITIZERS], [
  AC_ARG_WITH([sanitizers], [AS_HELP_STRING([--with-sanitizers=LIST], [build with -fsanitize=LIST])],
    [], [with_sanitizers=no])
  cx_sanitizers=$with_sanitizers
  AS_IF([test "x$with_sanitizers" != xno], [
    CX_SANITIZE="-fsanitize=$with_sanitizers -fno-sanitize-recover=all -fno-omit-frame-pointer"])
  AC_SUBST([CX_SANITIZE])])

# CX_COVERAGE: --enable-coverage
AC_DEFUN([CX_COVERAGE], [
  AC_ARG_ENABLE([coverage], [AS_HELP_STRING([--enable-coverage], [build for gcov])])
  AS_IF([test "x$enable_coverage" = xyes], [CX_GCOV="--coverage -O0"])
  AC_SUBST([CX_GCOV])])

# CX_AVX2: whether the compiler can build the AVX2 kernels.
AC_DEFUN([CX_AVX2], [
  cx_save_CFLAGS=$CFLAGS
  CFLAGS="$CFLAGS -mavx2 -mfma"
  AC_MSG_CHECKING([for AVX2 and FMA])
  AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[#include <immintrin.h>]],
    [[__m256 a = _mm256_setzero_ps(); a = _mm256_fmadd_ps(a, a, a); (void)a;
      return __builtin_cpu_supports("avx2");]])], [cx_have_avx2=yes], [cx_have_avx2=no])
  AC_MSG_RESULT([$cx_have_avx2])
  CFLAGS=$cx_save_CFLAGS
  AM_CONDITIONAL([HAVE_AVX2], [test "$cx_have_avx2" = yes])])

# CX_VERSION_SCRIPT: whether the linker takes a version script.
AC_DEFUN([CX_VERSION_SCRIPT], [
  cx_save_LDFLAGS=$LDFLAGS
  echo 'CX_TEST { local: *; };' > conftest.map
  LDFLAGS="$LDFLAGS -shared -fPIC -Wl,--version-script=conftest.map"
  AC_MSG_CHECKING([for version scripts])
  AC_LINK_IFELSE([AC_LANG_SOURCE([int cx_symbol;])], [cx_have_map=yes], [cx_have_map=no])
  AC_MSG_RESULT([$cx_have_map])
  LDFLAGS=$cx_save_LDFLAGS
  rm -f conftest.map
  AM_CONDITIONAL([HAVE_VERSION_SCRIPT], [test "$cx_have_map" = yes])])
