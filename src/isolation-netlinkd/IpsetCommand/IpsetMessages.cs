using System.Runtime.InteropServices;

namespace DcosIsolation.Daemon.IpsetCommand;

/// <summary>What the ipset program says when the kernel refuses: scripts look for these words.</summary>
internal static class IpsetMessages
{
    private const int ENOENT = 2, EEXIST = 17, ERANGE = 34, EMSGSIZE = 90;

    // linux/netfilter/ipset/ip_set.h: errnos are below IPSET_ERR_PRIVATE; from IPSET_ERR_TYPE_SPECIFIC on, codes are the set type's own.
    private const int Private = 4096, TypeSpecific = 4352;

    /// <summary>The message for an error.</summary>
    /// <param name="verb">The command that was refused.</param>
    /// <param name="error">The error number of the kernel's answer.</param>
    /// <param name="isList">Whether the set is a list:set; else it is of a hash type.</param>
    public static string For(IpsetVerb verb, int error, bool isList) =>
        (error >= TypeSpecific ? isList ? OfList(error) : OfHash(error) : OfVerb(verb, error) ?? OfAll(error))
        ?? (error < Private
            ? $"Kernel error received: {Marshal.GetPInvokeErrorMessage(error)}"
            : $"Undecoded error {error} received from kernel");

    private static string? OfVerb(IpsetVerb verb, int error) => (verb, error) switch
    {
        (IpsetVerb.Create, EEXIST) => "Set cannot be created: set with the same name already exists",
        (IpsetVerb.Destroy, 4100) => "Set cannot be destroyed: it is in use by a kernel component",
        (IpsetVerb.Rename, 4101) => "Set cannot be renamed: a set with the new name already exists",
        (IpsetVerb.Rename, 4108) => "Set cannot be renamed: it is in use by another system",
        (IpsetVerb.Swap, 4101) => "Sets cannot be swapped: the second set does not exist",
        (IpsetVerb.Swap, 4102) => "The sets cannot be swapped: their type does not match",
        (IpsetVerb.Add, 4103) => "Element cannot be added to the set: it's already added",
        (IpsetVerb.Delete, 4103) => "Element cannot be deleted from the set: it's not added",
        _ => null,
    };

    private static string? OfAll(int error) => error switch
    {
        ENOENT => "The set with the given name does not exist",
        ERANGE => "The specified range is too large, split it up into smaller ranges",
        EMSGSIZE => "Kernel error received: message could not be created",
        4097 => "Kernel error received: ipset protocol error",
        4098 => "Kernel error received: set type not supported",
        4099 => "Kernel error received: maximal number of sets reached, cannot create more.",
        4104 => "The value of the CIDR parameter of the IP address is invalid",
        4105 => "The value of the netmask parameter is invalid",
        4106 => "Protocol family not supported by the set type",
        4107 => "Timeout cannot be used: set was created without timeout support",
        4109 => "An IPv4 address is expected, but not received",
        4110 => "An IPv6 address is expected, but not received",
        4111 => "Packet/byte counters cannot be used: set was created without counter support",
        4112 => "Comment cannot be used: set was created without comment support",
        4113 => "The value of the markmask parameter is invalid",
        4114 => "Skbinfo mapping cannot be used: set was created without skbinfo support",
        4115 => "netmask and bitmask options are mutually exclusive, provide only one",
        _ => null,
    };

    private static string? OfHash(int error) => error switch
    {
        4352 => "Hash is full, cannot add more elements",
        4353 => "Null-valued element, cannot be stored in a hash type of set",
        4354 => "Invalid protocol specified",
        4355 => "Protocol missing, but must be specified",
        4356 => "Range is not supported in the \"net\" component of the element",
        4357 => "Invalid range, covers the whole address space",
        _ => null,
    };

    private static string? OfList(int error) => error switch
    {
        4352 => "Set to be added/deleted/tested as element does not exist.",
        4353 => "Sets with list:set type cannot be added to the set.",
        4354 => "No reference set specified.",
        4355 => "The set to which you referred with 'before' or 'after' does not exist.",
        4356 => "The set is full, more elements cannot be added.",
        4357 => "The set to which you referred with 'before' or 'after' is not added to the set.",
        _ => null,
    };
}
