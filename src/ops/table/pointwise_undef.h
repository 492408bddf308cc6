/* Ends one expansion of pointwise.def. */
#undef UNARY
#undef UNARY1
#undef UNARY2
#undef UNARY3
#undef BINARY
#undef TERNARY
#undef TERNARY1
#undef MASKED
#undef INTERNAL_BINARY
#undef INTERNAL_TERNARY
