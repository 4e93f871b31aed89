# The lines of extensions/*.t as a plan, tab-separated: family, name, expected, table, chains, the rule before it or -, rule. Read as the
# package's iptables-test.py reads them for iptables-legacy. A command that a file runs (@) has the family "run" and is its own last field.
#   awk -v family=4 -f iptables-plan.awk FILE...
BEGIN { FS = ";"; OFS = "\t" }
FNR == 1 { file = FILENAME; sub(/.*\//, "", file); table = "filter"; chains = 0; before = "-" }
/^#/ || /^[ \t]*$/ { next }
/^\*/ { table = substr($0, 2); next }
/^:/ { all = substr($0, 2); chains = split(all, chain, ","); next }
# A rule that others refer to by a name in it. A restored table has no rules of before, so that it is restored with each that follows.
/^%iptables -I / { sub(/^%iptables -I/, "-A"); before = before == "-" ? $0 : before "\\n" $0; next }
/^%iptables -D / { before = "-"; next }
/^[@%]/ { print "run", file ":" FNR, "-", "-", "-", "-", substr($0, 2); next }
{
  expected = $3
  # The results under nf_tables are not those under legacy: OK and FAIL change places, or a fifth field has the other result.
  if ($4 == "NFT") expected = NF > 4 ? $5 : $3 == "OK" ? "FAIL" : "OK"
  name = "IPv" family " " file ":" FNR
  # Programs take long to start: what should be accepted is restored to all chains at once.
  if (expected == "OK" && chains > 1) print family, name, expected, table, all, before, $1
  else for (i = 1; i <= chains; i++) print family, name " " chain[i], expected, table, chain[i], before, $1
}
