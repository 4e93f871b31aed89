# Writes n different random prefixes, half of them /24, the others /20 to /32, one a line, in no order; the same ones each time, and the
# first of a longer list are those of a shorter one.   awk -v n=1000000 -f bench/prefixes.awk
BEGIN {
  srand(7); split("24 24 24 24 24 20 22 28 30 32 32", lengths, " ")
  while (made < n) {
    p = lengths[1 + int(rand() * 11)]; size = 2 ^ (32 - p)
    a = int(rand() * 65536) * 65536 + int(rand() * 65536); a -= a % size
    if (a == 0 || (a, p) in seen) continue
    seen[a, p]; made++
    printf "%d.%d.%d.%d/%d\n", int(a / 16777216), int(a / 65536) % 256, int(a / 256) % 256, a % 256, p
  }
}
