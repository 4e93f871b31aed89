using System.Text;

namespace DcosIsolation.Policy.Tests;

/// <summary>A desired state as ipset and iptables commands.</summary>
internal static class StateText
{
    public static string Of(DesiredState state)
    {
        var text = new StringBuilder();
        foreach (FamilyState family in state.Families)
        {
            foreach (SetSpec set in family.Sets)
            {
                Append(text, set);
            }

            string program = family.Family == Family.Inet ? "iptables" : "ip6tables";
            text.Append(program).Append(" -I FORWARD 1 ").Append(family.Jump).Append('\n');
            foreach (Rule rule in family.Chain)
            {
                text.Append(program).Append(" -A dcos-isolation ").Append(rule).Append('\n');
            }
        }

        return text.ToString().TrimEnd('\n');
    }

    public static void Append(StringBuilder text, SetSpec set)
    {
        text.Append("create ").Append(set.Name).Append(' ').Append(set.TypeName);
        text.Append(set.Family == Family.Inet6 && set is not ListSet ? " family inet6\n" : "\n");
        foreach (string entry in set.EntryTexts)
        {
            text.Append("add ").Append(set.Name).Append(' ').Append(entry).Append('\n');
        }
    }
}
