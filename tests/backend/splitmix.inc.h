/* Random bits for the tests of math functions: the same from the same random_state. */
static uint64_t random_state;

static uint64_t next_random(void) /* splitmix64, Steele, Lea and Flood 2014 */
{
    uint64_t z = random_state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}
