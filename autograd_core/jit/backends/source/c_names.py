"""Names that no C function of ours can have: keywords, and what the C11 library has that compilers know unasked."""

from __future__ import annotations

__all__ = ["RESERVED"]


def _each(words: str, before: tuple[str, ...] = ("",), after: tuple[str, ...] = ("",)) -> set[str]:
    return {a + word + z for a in before for word in words.split() for z in after}


_KEYWORDS = (
    "auto break case char const continue default do double else enum extern float for goto if inline int long "
    "register restrict return short signed sizeof static struct switch typedef union unsigned void volatile while "
    "main"
)
_MATH = (
    "acos acosh asin asinh atan atan2 atanh cbrt ceil copysign cos cosh erf erfc exp exp2 expm1 fabs fdim floor fma "
    "fmax fmin fmod frexp hypot ilogb ldexp lgamma llrint llround log log10 log1p log2 logb lrint lround modf nan "
    "nearbyint nextafter nexttoward pow remainder remquo rint round scalbln scalbn sin sinh sqrt tan tanh tgamma "
    "trunc"
)
_MACROS_OF_MATH = (
    "float_t double_t HUGE_VAL HUGE_VALF HUGE_VALL INFINITY NAN FP_INFINITE FP_NAN FP_NORMAL FP_SUBNORMAL FP_ZERO "
    "FP_FAST_FMA FP_FAST_FMAF FP_FAST_FMAL FP_ILOGB0 FP_ILOGBNAN MATH_ERRNO MATH_ERREXCEPT math_errhandling "
    "fpclassify isfinite isgreater isgreaterequal isinf isless islessequal islessgreater isnan isnormal isunordered "
    "signbit"
)
_STDLIB = (
    "EXIT_FAILURE EXIT_SUCCESS MB_CUR_MAX NULL RAND_MAX abort abs aligned_alloc at_quick_exit atexit atof atoi atol "
    "atoll bsearch calloc div div_t exit free getenv labs ldiv ldiv_t llabs lldiv lldiv_t malloc mblen mbstowcs "
    "mbtowc qsort quick_exit rand realloc size_t srand strtod strtof strtol strtold strtoll strtoul strtoull system "
    "wchar_t wcstombs wctomb"
)
_COMPLEX = "abs acos acosh arg asin asinh atan atanh cos cosh exp imag log pow proj real sin sinh sqrt tan tanh"
_CLASSES = "alnum alpha blank cntrl digit graph lower print punct space upper xdigit"
_OTHERS = (
    "feclearexcept fegetenv fegetexceptflag fegetround feholdexcept feraiseexcept fesetenv fesetexceptflag fesetround "
    "fetestexcept feupdateenv fprintf fputc fputs fscanf fwrite imaxabs memchr memcmp memcpy memmove memset printf "
    "putc putchar puts scanf snprintf sprintf sscanf strcat strchr strcmp strcpy strcspn strftime strlen strncat "
    "strncmp strncpy strpbrk strrchr strspn strstr vfprintf vfscanf vprintf vscanf vsnprintf vsprintf vsscanf"
)

RESERVED = frozenset(
    _each(f"{_KEYWORDS} {_MACROS_OF_MATH} {_STDLIB} {_OTHERS}")
    | _each(f"{_MATH} conj", after=("", "f", "l"))
    | _each(_COMPLEX, before=("c",), after=("", "f", "l"))
    | _each(_CLASSES, before=("is", "isw"))
    | _each("lower upper", before=("to", "tow"))
)
"""All of them but those that begin with an underscore, none of which is a program's to take."""
