using System.Net;
using DcosIsolation.Netlink;
using DcosIsolation.Netlink.Ipset;
using DcosIsolation.Netlink.Xtables;

// A set of networks, filled in batches, not entry by entry.
IpsetEntry[] networks = [IpsetEntry.Net(IPNetwork.Parse("10.1.0.0/16")), IpsetEntry.Net(IPNetwork.Parse("10.9.8.0/24"))];
using IpsetClient ipset = IpsetClient.Open();
ipset.Create("blocked", IpsetType.HashNet, NetfilterFamily.Inet, IpsetCreateOptions.ForCount(networks.Length));
ipset.AddRange<IpsetEntry>("blocked", networks);
Console.WriteLine($"10.9.8.7 is blocked: {ipset.Test("blocked", IpsetEntry.Net(IPNetwork.Parse("10.9.8.7/32")))}");

// A chain that drops what comes from there, and the jump to it, in one commit; every other rule stays byte for byte.
ushort index = ipset.GetIndex("blocked") ?? throw new InvalidOperationException("someone took the set away");
var drop = new XtablesRule { Matches = [new SetMatch(index, SetDirections.Source)], Target = new VerdictTarget(XtablesVerdict.Drop) };
var jump = new XtablesRule { Target = new JumpTarget("blocked-sources") };
using XtablesLock heldLock = XtablesLock.Acquire(TimeSpan.FromSeconds(5));
XtablesTransaction.ReplaceChain(NetfilterFamily.Inet, heldLock, "blocked-sources", "FORWARD", jump, [new CountedRule(drop)]);
