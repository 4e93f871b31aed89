namespace DcosIsolation.Netlink.Xtables;

/// <summary>What names a match or target to the kernel, and the size of its data before alignment.</summary>
internal readonly record struct Extension(string Name, byte Revision, int DataSize);
